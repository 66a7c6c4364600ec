//! What a search found: links in groups, for its page, and the same as the palette's options.

use leptos::prelude::*;

use super::{Glyph, Icon, Section, shortcuts::keys};

/// Things of one kind that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundGroup {
    pub heading: &'static str,
    pub found: Vec<Found>,
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub label: String,
    /// What tells it from others of the same name.
    pub detail: String,
    pub icon: Icon,
    pub href: String,
    /// What leads there after a `g`.
    pub letter: Option<char>,
    /// Its page writes down that it was looked at: no browser may fetch it ahead.
    pub is_recorded: bool,
}

/// In groups, each under a heading.
#[component]
pub fn FoundList(groups: Vec<FoundGroup>) -> impl IntoView {
    groups
        .into_iter()
        .map(|FoundGroup { heading, found }| {
            let links = found.into_iter().map(|found| view! { <li>{link(found, None)}</li> }).collect_view();
            view! { <Section heading=heading><ul class="found-list">{links}</ul></Section> }
        })
        .collect_view()
}

/// The palette's options, to be put into its list box, and what to say of them.
#[component]
pub fn FoundOptions(groups: Vec<FoundGroup>, says: String) -> impl IntoView {
    let groups = groups
        .into_iter()
        .enumerate()
        .map(|(place, FoundGroup { heading, found })| {
            let (id, heading_id) = (format!("found-{place}"), format!("found-{place}"));
            let options =
                found.into_iter().enumerate().map(|(number, found)| link(found, Some(format!("found-{place}-{number}")))).collect_view();
            view! {
                <div role="group" aria-labelledby=heading_id>
                    <div id=id class="found-heading">{heading}</div>
                    {options}
                </div>
            }
        })
        .collect_view();
    view! { <div data-found=says>{groups}</div> }
}

/// An option where it is given an id: chosen by the arrow keys, and no stop of Tab.
fn link(found: Found, option: Option<String>) -> impl IntoView {
    let Found { label, detail, icon, href, letter, is_recorded } = found;
    let role = option.is_some().then_some("option");
    let selected = option.is_some().then_some("false");
    let tabindex = option.is_some().then_some("-1");
    let chord = letter.map(|letter| view! { <span aria-hidden="true">{keys(&format!("g {letter}"))}</span> });
    view! {
        <a
            class="found"
            href=href
            id=option
            role=role
            aria-selected=selected
            tabindex=tabindex
            data-no-prefetch=is_recorded.then_some("")
        >
            <Glyph icon=icon/>
            <span class="found-text">
                <span class="found-label">{label}</span>
                <span class="found-detail">{detail}</span>
            </span>
            {chord}
        </a>
    }
}
