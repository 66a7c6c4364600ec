//! The Search page, and what it finds alone, for the palette. The same from a workspace, an account and one's own pages.

use leptos::prelude::*;

use super::server::{self, Asked, Searched, Wants};
use crate::{
    error::AppError,
    paths,
    server::http::{FormAnswer, Page, Submission, Visit},
    ui::{
        EmptyState, FoundGroup, FoundList, FoundOptions, Icon, Notice, PageHeader, SearchForm, Section, Shortcut, Shortcuts, Tone, plural,
    },
};

pub async fn show<R: Searched>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let asked = Asked::read(&visit.value("q", visit.asked("q")));
    let standing = visit.standing();
    let groups = server::find(&mut visit.scope, &standing, &asked).await?;
    let surroundings = visit.surroundings();
    let says = visit.refused.as_ref().map(|refused| refused.error.to_string());
    let form_key = visit.form_key();
    visit.scope.close().await?;
    let finding = surroundings.finding.clone();
    let shown = Shown {
        address: finding.address,
        place: finding.place,
        form_key,
        has_things: R::HAS_THINGS,
        says,
        groups,
        sheet: (asked.wants == Wants::Everything).then_some((finding.is_apple, finding.shortcuts)),
        asked,
    };
    Ok(Page::framed("Search", surroundings, move || view! { <Search shown=shown/> }))
}

/// What is found as somebody writes.
pub async fn show_results<R: Searched>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let asked = Asked::read(visit.asked("q"));
    let standing = visit.standing();
    let groups = server::find(&mut visit.scope, &standing, &asked).await?;
    visit.scope.close().await?;
    let says = if groups.is_empty() { nothing(&asked.wants, R::HAS_THINGS).to_owned() } else { counted(&groups) };
    Ok(Page::part(move || view! { <FoundOptions groups=groups says=says/> }))
}

/// Leads to the address of what was asked, in which no secret stands.
pub async fn ask<R: Searched>(submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let asked = Asked::read(submission.fields.get("q"));
    let (search, _) = submission.scope.reach().search();
    submission.scope.close().await?;
    Ok(FormAnswer::to(paths::asking(&search, &[("q", &asked.text)])))
}

/// What the page shows.
struct Shown {
    address: String,
    place: Option<String>,
    form_key: String,
    has_things: bool,
    says: Option<String>,
    groups: Vec<FoundGroup>,
    /// The shortcuts, while nothing is asked.
    sheet: Option<(bool, Vec<Shortcut>)>,
    asked: Asked,
}

#[component]
fn Search(shown: Shown) -> impl IntoView {
    let help = if shown.has_things {
        "A page, a name, an address. @ finds members alone, # API keys and MCP tokens. An id, a key or a token that is pasted whole finds what it names."
    } else {
        "A page, or a workspace to switch to. Members, API keys and ids are found from the workspace that they are in."
    };
    let value = if shown.asked.wants == Wants::Secret { String::new() } else { shown.asked.text.clone() };
    let count = (!shown.groups.is_empty()).then(|| view! { <p class="muted">{counted(&shown.groups)}</p> });
    let none = shown.groups.is_empty().then(|| {
        view! { <EmptyState icon=Icon::Search title="Nothing found" explanation=nothing(&shown.asked.wants, shown.has_things)/> }
    });
    let sheet = shown.sheet.map(|(is_apple, shortcuts)| view! { <Sheet is_apple=is_apple shortcuts=shortcuts/> });
    view! {
        <PageHeader title="Search" purpose="Pages, people, keys and ids, as far as you can see them from here."/>
        {shown.says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
        <SearchForm action=shown.address key=shown.form_key place=shown.place value=value help=help/>
        {count}
        {none}
        <FoundList groups=shown.groups/>
        {sheet}
    }
}

#[component]
fn Sheet(is_apple: bool, shortcuts: Vec<Shortcut>) -> impl IntoView {
    view! {
        <div id="shortcuts">
            <Section heading="Keyboard shortcuts" purpose="One key after the other, wherever you are not writing. They need scripting; links lead to the same pages.">
                <Shortcuts is_apple=is_apple shortcuts=shortcuts/>
            </Section>
        </div>
    }
}

fn counted(groups: &[FoundGroup]) -> String {
    let found = groups.iter().map(|group| group.found.len()).sum::<usize>();
    if found >= server::MOST {
        return format!("The first {found} results. Write more of what you look for.");
    }
    format!("{found} {}", plural(i64::try_from(found).unwrap_or(i64::MAX), "result"))
}

/// Why nothing was found, and what would find more.
fn nothing(wants: &Wants, has_things: bool) -> &'static str {
    match wants {
        Wants::Secret => {
            "This is a secret, or a part of one, and it was not kept. Paste an API key or MCP token whole, or look for its id."
        }
        Wants::Members(_) | Wants::Keys(_) | Wants::Named(_) if !has_things => {
            "Members, API keys and ids are found from the workspace that they are in. Open it first."
        }
        Wants::Members(_) => "No member has this in their name or address.",
        Wants::Keys(_) => "No API key or MCP token that you can see has this as its name, its last four characters or its id.",
        Wants::Named(_) => "This id names nothing that you can see in this workspace.",
        Wants::Everything | Wants::Anything(_) => "No page, person or key that you can see has this in its name. Write less of it.",
    }
}
