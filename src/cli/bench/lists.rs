//! `stoa bench lists`: whether a page of a list costs the same, however much there is behind it.

mod filling;

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use serde_json::Value;

use super::{
    api::Place,
    compare::Rounds,
    console, listen,
    load::{self, Asked},
};
use crate::{
    access::workspace::ReadWorkspace,
    features::records::server::{self as records, Listing, Place as After},
    server::{
        Stoa, modules,
        rest::cursor,
        scope::{Intent, WorkspaceScope},
    },
};
use filling::{Filling, middle};

const CONNECTIONS: u16 = 32;
/// Of a page at the end, how many times its 99th percentile at the beginning may be.
const TIMES_AT_MOST: f64 = 2.0;
/// So many workspaces share what is not the one's.
const OTHERS: u32 = 20;

/// How many tasks, and how they are asked for.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Lists {
    #[command(flatten)]
    rounds: Rounds,

    /// In the workspace at first.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1000..))]
    few: u32,

    /// In the workspace in the end.
    #[arg(long, default_value_t = 5_000_000, value_parser = clap::value_parser!(u32).range(1000..))]
    many: u32,

    /// In other workspaces, in the end.
    #[arg(long, default_value_t = 5_000_000)]
    beside: u32,
}

/// A list, by what its address says behind the `?`; and whether its page is one from the middle.
const LISTS: [(&str, &str, bool); 6] = [
    ("newest", "limit=25", false),
    ("in the middle", "limit=25", true),
    ("by state", "limit=25&status=completed", false),
    ("by day", "limit=25&due=2026-03-04", false),
    ("by title", "limit=25&sort=title", false),
    ("open, by day", "limit=25&sort=-due&status=open", false),
];

/// Whether every page stays within its bound.
pub async fn run(lists: &Lists, stoa: Stoa) -> anyhow::Result<bool> {
    let rounds = lists.rounds.wide(CONNECTIONS);
    let at = listen(console(&stoa)).await?;
    let place = Place::make(&stoa).await?;
    rounds.introduce("lists", &stoa).await?;
    let mut filling = Filling::start(&stoa).await?;
    filling.fill(&place, 0..lists.few).await?;
    filling.settle().await?;
    println!("{} tasks in the workspace, and none elsewhere", lists.few);
    let few = measure(&rounds, &place, at, lists.few).await?;

    filling.fill(&place, lists.few..lists.many).await?;
    for _ in 0..OTHERS {
        filling.fill(&Place::make(&stoa).await?, 0..lists.beside / OTHERS).await?;
    }
    filling.settle().await?;
    println!("{} tasks in the workspace, and {} in {OTHERS} others; {}", lists.many, lists.beside, filling.room().await?);
    let many = measure(&rounds, &place, at, lists.many).await?;

    let mut all_hold = true;
    for ((name, ..), (few, many)) in LISTS.iter().zip(few.iter().zip(&many)) {
        let holds = *many <= few * TIMES_AT_MOST;
        let verdict = if holds { "PASS" } else { "past the bound" };
        println!("{name}: p99 {many:.2} ms after {few:.2} ms, {:.2} times, at most {TIMES_AT_MOST:.2}: {verdict}", many / few);
        all_hold &= holds;
    }
    for (name, query, is_middle) in LISTS {
        explain(&place, name, query, is_middle.then(|| middle(lists.many))).await?;
    }
    Ok(all_hold)
}

/// The 99th percentile of each list, in milliseconds.
async fn measure(rounds: &Rounds, place: &Place, at: SocketAddr, tasks: u32) -> anyhow::Result<Vec<f64>> {
    let mut measured = Vec::new();
    for (name, query, is_middle) in LISTS {
        let mut path = format!("/api/v1/tasks?{query}");
        if is_middle {
            path = format!("{path}&cursor={}", cursor_of(place, at, &path, tasks).await?);
        }
        let asked = Asked::get(path, place.headers.clone(), 200);
        let page: Value = serde_json::from_str(&load::fetch(at, &asked).await?)?;
        ensure!(page["data"].as_array().is_some_and(|rows| rows.len() == 25), "{name}: no whole page: {page}");
        ensure!(page["next_cursor"].is_string(), "{name}: nothing comes behind it");
        measured.push(rounds.slowest(name, at, &asked).await?);
    }
    Ok(measured)
}

/// One as the list gives it, for behind the task in the middle.
async fn cursor_of(place: &Place, at: SocketAddr, path: &str, tasks: u32) -> anyhow::Result<String> {
    let page: Value = serde_json::from_str(&load::fetch(at, &Asked::get(path.to_owned(), place.headers.clone(), 200)).await?)?;
    let given = page["next_cursor"].as_str().context("a next page")?;
    let last = page["data"][24]["id"].as_str().context("a last row")?.parse()?;
    // The list marks its cursors in front.
    let mark = given.strip_suffix(&cursor(&After { id: last, value: None }.to_string())).context("a cursor is a place behind a mark")?;
    Ok(format!("{mark}{}", cursor(&After { id: middle(tasks), value: None }.to_string())))
}

/// Prints how Postgres finds the page as the application's role.
async fn explain(place: &Place, name: &str, query: &str, after: Option<crate::ids::RecordId>) -> anyhow::Result<()> {
    let resource = modules::resources().find(|resource| resource.name == "task").context("tasks are shipped")?;
    let asked = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let (mut listing, _) = Listing::read(resource, asked)?;
    listing.after = after.map(|id| After { id, value: None });
    let slug = Some(place.slug.as_str());
    let mut scope = WorkspaceScope::<ReadWorkspace>::open(&place.stoa, &place.visit, slug, Intent::Read, false).await?;
    println!("\nEXPLAIN of {name} (GET /api/v1/tasks?{query}), as stoa_app:");
    for line in records::explain(&mut scope, resource, &listing).await? {
        println!("  {line}");
    }
    scope.close().await?;
    Ok(())
}
