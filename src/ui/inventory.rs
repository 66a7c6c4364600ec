//! What an act does, counted before it is done: what stops, what stays, and what comes back on restore.

use leptos::prelude::*;

use super::{Glyph, Tone};
use crate::numbers::grouped;

/// One kind of thing, how many there are, and what happens to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryLine {
    fate: Fate,
    count: i64,
    what: String,
}

/// In the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Stops,
    Stays,
    Returns,
}

impl Fate {
    fn heading(self) -> &'static str {
        match self {
            Self::Stops => "Stops",
            Self::Stays => "Stays",
            Self::Returns => "Comes back on restore",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Stops => Tone::Danger,
            Self::Stays => Tone::Success,
            Self::Returns => Tone::Info,
        }
    }
}

impl InventoryLine {
    /// `what` follows the number and agrees with it: "API keys", or "API key" for one.
    pub fn stops(count: i64, what: impl Into<String>) -> Self {
        Self { fate: Fate::Stops, count, what: what.into() }
    }

    pub fn stays(count: i64, what: impl Into<String>) -> Self {
        Self { fate: Fate::Stays, count, what: what.into() }
    }

    pub fn returns(count: i64, what: impl Into<String>) -> Self {
        Self { fate: Fate::Returns, count, what: what.into() }
    }
}

/// What there is none of is left out, and so is a group without lines.
#[component]
pub fn Inventory(mut lines: Vec<InventoryLine>) -> impl IntoView {
    lines.retain(|line| line.count > 0);
    lines.sort_by_key(|line| line.fate);
    let groups = lines
        .chunk_by(|line, next| line.fate == next.fate)
        .map(|lines| view! { <Group fate=lines[0].fate lines=lines.to_vec()/> })
        .collect_view();
    view! { <dl class="inventory">{groups}</dl> }
}

#[component]
fn Group(fate: Fate, lines: Vec<InventoryLine>) -> impl IntoView {
    let lines = lines
        .into_iter()
        .map(|InventoryLine { count, what, .. }| view! { <dd><strong class="inventory-count">{grouped(count)}</strong>" "{what}</dd> })
        .collect_view();
    view! {
        <div class=format!("inventory-group {}", fate.tone().class())>
            <dt>
                <Glyph icon=fate.tone().icon()/>
                <span>{fate.heading()}</span>
            </dt>
            {lines}
        </div>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn groups_come_in_their_order_and_only_with_lines() {
        let lines = vec![InventoryLine::returns(1, "webhook"), InventoryLine::stops(3, "API keys")];
        let html = view! { <Inventory lines=lines/> }.to_html();
        let place = |text| html.find(text);
        assert!(place("Stops") < place("Comes back on restore"), "{html}");
        assert_eq!(place("Stays"), None);
    }

    #[test]
    fn more_than_one_is_spelt_as_people_do() {
        let spelt = [(1, "activity"), (0, "activity"), (2, "journal entry"), (2, "API key"), (2, "day"), (1, "lead"), (3, "lead")];
        let spelt = spelt.map(|(count, one)| plural(count, one));
        assert_eq!(spelt, ["activity", "activities", "journal entries", "API keys", "days", "lead", "leads"]);
    }
}

/// "workspace" or "workspaces", to follow a number.
pub fn plural(count: i64, one: &str) -> String {
    let vowels = ['a', 'e', 'i', 'o', 'u'];
    match one.strip_suffix('y').filter(|stem| !stem.ends_with(vowels)) {
        _ if count == 1 => one.to_owned(),
        // Activities, and keys.
        Some(stem) => format!("{stem}ies"),
        None => format!("{one}s"),
    }
}
