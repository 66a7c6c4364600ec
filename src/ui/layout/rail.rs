//! The left rail: where a person can go from here, and where they are.

use leptos::prelude::*;

use super::{RailEntry, RailGroup};
use crate::ui::{Glyph, Icon};

/// A column on wide screens, and a popover on narrow ones, with the same markup and no script.
#[component]
pub fn Rail(groups: Vec<RailGroup>, here: Option<String>) -> impl IntoView {
    let groups = groups
        .into_iter()
        .filter(|group| !group.entries.is_empty())
        .enumerate()
        .map(move |(index, group)| view! { <Group index=index group=group here=here.clone()/> })
        .collect_view();
    view! {
        <nav id="rail" class="rail" aria-label="Main" popover="auto">
            <button
                class="icon-button rail-close"
                type="button"
                popovertarget="rail"
                popovertargetaction="hide"
                aria-label="Close navigation"
            >
                <Glyph icon=Icon::Close/>
            </button>
            {groups}
        </nav>
    }
}

#[component]
fn Group(index: usize, group: RailGroup, here: Option<String>) -> impl IntoView {
    let RailGroup { heading, entries } = group;
    let heading_id = format!("rail-group-{index}");
    let labelled_by = heading.is_some().then(|| heading_id.clone());
    let heading = heading.map(|heading| view! { <p id=heading_id class="rail-heading">{heading}</p> });
    let entries = entries
        .into_iter()
        .map(move |RailEntry { label, icon, href }| {
            let current = (here.as_deref() == Some(href.as_str())).then_some("page");
            view! {
                <li>
                    <a class="rail-entry" href=href aria-current=current>
                        <Glyph icon=icon/>
                        <span>{label}</span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="rail-group">
            {heading}
            <ul class="rail-list" aria-labelledby=labelled_by>
                {entries}
            </ul>
        </div>
    }
}

/// The address of the entry that the page belongs to: its own, or the longest that it lies below.
/// An entry above other entries, as an overview is, stands for its own page only.
pub fn current_entry<'a>(groups: &'a [RailGroup], current: &str) -> Option<&'a str> {
    let hrefs = || groups.iter().flat_map(|group| &group.entries).map(|entry| entry.href.as_str());
    hrefs().find(|href| *href == current).or_else(|| {
        hrefs().filter(|href| is_below(current, href) && !hrefs().any(|other| is_below(other, href))).max_by_key(|href| href.len())
    })
}

fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(current: &str) -> Option<String> {
        let entry = |label, href: &str| RailEntry { label, icon: Icon::Dot, href: href.to_owned() };
        let groups = [RailGroup {
            heading: None,
            entries: vec![entry("Overview", "/w/a"), entry("Settings", "/w/a/settings"), entry("Teams", "/t/b/teams")],
        }];
        current_entry(&groups, current).map(str::to_owned)
    }

    #[test]
    fn a_page_marks_its_own_entry_or_the_one_it_lies_below() {
        assert_eq!(marked("/w/a").as_deref(), Some("/w/a"));
        assert_eq!(marked("/w/a/settings").as_deref(), Some("/w/a/settings"));
        assert_eq!(marked("/t/b/teams/new").as_deref(), Some("/t/b/teams"));
    }

    #[test]
    fn nothing_is_marked_for_a_page_without_an_entry() {
        assert_eq!(marked("/w/a/elsewhere"), None);
        assert_eq!(marked("/t/b/teams-of-others"), None);
        assert_eq!(marked("/profile"), None);
    }
}
