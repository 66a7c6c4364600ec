//! The gallery's search: its field, what it found, and the shortcuts.

use leptos::prelude::*;

use crate::{
    paths,
    ui::{Found, FoundGroup, FoundList, Icon, SearchForm, Section, Shortcut, Shortcuts},
};

#[component]
pub fn Finding() -> impl IntoView {
    let shortcuts = vec![Shortcut { letter: 'k', label: "API Keys", href: paths::GALLERY.to_owned() }];
    view! {
        <Section heading="Search">
            <SearchForm action=paths::SEARCH key="" place=None value="key" help="@ finds members alone, # API keys."/>
        </Section>
        <FoundList groups=groups()/>
        <Section heading="Shortcuts">
            <Shortcuts is_apple=true shortcuts=shortcuts/>
        </Section>
    }
}

fn groups() -> Vec<FoundGroup> {
    let found = |label: &str, detail: &str, icon, letter| Found {
        label: label.to_owned(),
        detail: detail.to_owned(),
        icon,
        href: paths::GALLERY.to_owned(),
        letter,
        is_recorded: false,
    };
    vec![
        FoundGroup { heading: "This workspace", found: vec![found("API Keys", "", Icon::Key, Some('k'))] },
        FoundGroup { heading: "Members", found: vec![found("Ada Lovelace", "ada@example.com · admin", Icon::Members, None)] },
    ]
}
