//! Whatever a person can change or take away in the console, the API can, or a reason says why not.

use std::collections::{BTreeMap, BTreeSet};

use stoa::app::{self, OVER_API, OverApi};

use crate::support::golden;

#[test]
fn what_only_the_console_can_do_is_this() {
    let operations: BTreeSet<&str> = app::operations().iter().map(|operation| operation.id).collect();
    let table: BTreeMap<(&str, &str), OverApi> = OVER_API.iter().map(|(method, path, over)| ((*method, *path), *over)).collect();
    assert_eq!(table.len(), OVER_API.len(), "a door stands in the table twice");
    let doors = app::doors();
    let acts: BTreeSet<(&str, &str)> = doors.iter().filter(|door| door.is_act()).map(|door| (door.method.as_str(), door.path)).collect();
    let known: BTreeSet<(&str, &str)> = table.keys().copied().collect();
    let missing: Vec<_> = acts.difference(&known).collect();
    assert!(missing.is_empty(), "say in src/app/console_only.rs what does the same over the API, or why nothing does: {missing:?}");
    let gone: Vec<_> = known.difference(&acts).collect();
    assert!(gone.is_empty(), "src/app/console_only.rs names what is no act any more: {gone:?}");
    for ((method, path), over) in &table {
        match over {
            OverApi::As(operation) => assert!(operations.contains(operation), "{method} {path}: there is no operation {operation}"),
            OverApi::Never(reason) => assert!(reason.ends_with('.') && reason.contains(' '), "{method} {path}: {reason} is no reason"),
        }
    }
    let lines: Vec<String> = table
        .iter()
        .map(|((method, path), over)| match over {
            OverApi::As(operation) => format!("{method:<4} {path:<64} API: {operation}"),
            OverApi::Never(reason) => format!("{method:<4} {path:<64} console: {reason}"),
        })
        .collect();
    golden::check("console_only.txt", &(lines.join("\n") + "\n"));
}
