//! The bar above a list that narrows it down; what it says is the address's query, so that a link keeps it.

use leptos::prelude::*;

use super::{Button, ButtonKind, Choice, LinkButton, Notice, Tone};
use crate::error::FieldError;

/// Its children are `FilterField`s and `FilterSelect`s.
#[component]
pub fn FilterBar(
    /// The list's own address, without a query.
    #[prop(into)]
    action: String,
    /// Where the list is whole; none while it is.
    #[prop(optional_no_strip)]
    clear: Option<String>,
    /// The form's key and the place it is rendered for, where it is sent as a form: what may be a secret gets into no
    /// address then, and the answer leads to the address of what was asked.
    #[prop(optional_no_strip)]
    form: Option<(String, String)>,
    children: Children,
) -> impl IntoView {
    let method = if form.is_some() { "post" } else { "get" };
    let hidden = form.map(|(key, place)| {
        view! {
            <input type="hidden" name="form" value=key/>
            <input type="hidden" name="place" value=place/>
        }
    });
    let clear = clear.map(|href| view! { <LinkButton href=href kind=ButtonKind::Quiet>"Clear"</LinkButton> });
    view! {
        <form class="filter-bar" method=method role="search" aria-label="Filter" action=action>
            {hidden}
            {children()}
            <div class="filter-actions">
                <Button>"Apply"</Button>
                {clear}
            </div>
        </form>
    }
}

/// What of the bar's fields could not be understood, each with a way to its field.
#[component]
pub fn FilterProblems(says: &'static str, problems: Vec<FieldError>) -> impl IntoView {
    if problems.is_empty() {
        return ().into_any();
    }
    let lines = problems
        .into_iter()
        .map(|FieldError { field, message }| view! { <li><a href=format!("#{}", control_id(field))>{message}</a></li> })
        .collect_view();
    view! {
        <Notice tone=Tone::Danger>
            <p class="notice-title">{says}</p>
            <ul class="notice-list">{lines}</ul>
        </Notice>
    }
    .into_any()
}

#[component]
pub fn FilterField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    /// `search`, `date` or `number`. The first `search` of a page has the focus after a `/`.
    #[prop(default = "search")]
    kind: &'static str,
) -> impl IntoView {
    let id = control_id(&name);
    let is_search = kind == "search";
    view! {
        <div class="filter-field" class:filter-search=is_search>
            <label for=id.clone()>{label}</label>
            <input
                class="input"
                id=id
                name=name
                type=kind
                value=value
                autocomplete="off"
                spellcheck="false"
                data-filter=is_search.then_some("")
            />
        </div>
    }
}

/// A filter of many words, as wide as the bar; the focus goes here after a `/`.
#[component]
pub fn FilterLine(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] value: String,
    /// What can be written into it.
    #[prop(into)]
    help: String,
    maxlength: usize,
) -> impl IntoView {
    let id = control_id(&name);
    let help_id = format!("{id}-help");
    view! {
        <div class="filter-line">
            <label for=id.clone()>{label}</label>
            <input
                class="input"
                id=id
                name=name
                type="search"
                value=value
                maxlength=maxlength
                autocomplete="off"
                spellcheck="false"
                aria-describedby=help_id.clone()
                data-filter=""
            />
            <p class="field-help" id=help_id>{help}</p>
        </div>
    }
}

/// A filter of few values; the choice for all of them is one of `choices`, with an empty value.
#[component]
pub fn FilterSelect(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    choices: Vec<Choice>,
    #[prop(optional, into)] value: String,
) -> impl IntoView {
    let id = control_id(&name);
    let options = choices
        .into_iter()
        .map(move |choice| {
            let selected = choice.value == value;
            view! { <option value=choice.value selected=selected>{choice.label}</option> }
        })
        .collect_view();
    view! {
        <div class="filter-field">
            <label for=id.clone()>{label}</label>
            <select class="input" id=id name=name>{options}</select>
        </div>
    }
}

/// Apart from the ids of a form's fields: a page may have both.
fn control_id(name: &str) -> String {
    format!("filter-{name}")
}
