//! The gallery's lists: what narrows them, pages them, and stands beside them.

use leptos::prelude::*;

use crate::{
    paths,
    ui::{
        ChangeRow, Changes, Choice, Concern, Concerns, Entries, Entry, FilterBar, FilterField, FilterLine, FilterSelect, Pager, Remedy,
        Section, Tabs, Tone,
    },
};

#[component]
pub fn Lists() -> impl IntoView {
    view! {
        <Section heading="Tabs">
            <Tabs label="Parts of a page" entries=tabs() current=paths::GALLERY/>
        </Section>
        <Section heading="Filters" purpose="State is the address's query; / goes to the first search field.">
            <FilterBar action=paths::GALLERY clear=Some(paths::GALLERY.to_owned())>
                <FilterLine name="line" label="Line" value="outcome:denied -actor:ada" help="Words, and qualifiers with a value behind." maxlength=500/>
                <FilterField name="q" label="Search" value="ada@"/>
                <FilterSelect name="role" label="Role" choices=roles() value="admin"/>
                <FilterField name="from" label="From" kind="date" value="2026-01-31"/>
                <FilterField name="to" label="To" kind="date"/>
            </FilterBar>
        </Section>
        <Section heading="Pages of a list" purpose="The first page has no way to itself, the last none on.">
            <Pager first=Some(paths::GALLERY.to_owned()) next=Some(paths::GALLERY.to_owned())/>
        </Section>
        <Section heading="Entries">
            <Entries label="Messages">
                <Entry title="You are in Northwind" paragraphs=vec!["Ada made you a member.".to_owned()] href=Some(paths::GALLERY.to_owned()) is_new=true time=("2026-01-31T12:00:00Z".to_owned(), "31 Jan 2026, 12:00:00 UTC".to_owned(), "1 hour ago".to_owned())/>
                <Entry title="Your role changed" paragraphs=vec!["It is admin now.".to_owned(), "Ask an owner why.".to_owned()] href=None is_new=false time=("2026-01-30T12:00:00Z".to_owned(), "30 Jan 2026, 12:00:00 UTC".to_owned(), "1 day ago".to_owned())/>
            </Entries>
        </Section>
        <Section heading="Concerns">
            <Concerns label="What needs you">{concerns()}</Concerns>
        </Section>
        <Section heading="Changes">
            <Changes rows=changes()/>
        </Section>
    }
}

fn tabs() -> Vec<(String, String)> {
    let entry = |label: &str, href: String| (label.to_owned(), href);
    vec![
        entry("Members", paths::GALLERY.to_owned()),
        entry("Invitations", format!("{}?tab=invitations", paths::GALLERY)),
        entry("Access review", format!("{}?tab=review", paths::GALLERY)),
    ]
}

fn roles() -> Vec<Choice> {
    vec![Choice::new("", "Any"), Choice::new("owner", "Owner"), Choice::new("admin", "Admin")]
}

fn concerns() -> impl IntoView {
    let remedy = Remedy { href: paths::GALLERY.to_owned(), says: "API Keys", is_fetched_ahead: true };
    view! {
        <Concern tone=Tone::Danger remedy=Some(remedy)>"The key “Worker” is quarantined: calls with it are refused."</Concern>
        <Concern tone=Tone::Warning remedy=None>"The key “Reports” expires in 4 days."</Concern>
        <Concern tone=Tone::Info remedy=None>"Two invitations wait for an answer."</Concern>
    }
}

fn changes() -> Vec<ChangeRow> {
    let row = |field: &str, before: Option<&str>, after: Option<&str>| ChangeRow {
        field: field.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    vec![
        row("Role", Some("readonly"), Some("admin")),
        row("End date", None, Some("31 Mar 2026")),
        row("Allowed addresses", Some("192.0.2.0/24, 2001:db8:0123:4567:89ab:cdef:0123:4567/128"), None),
    ]
}
