//! `/docs/api/{noun}`: the operations of a noun, each in a section of its own.

use axum::{
    extract::{Extension, Path, State},
    response::Response,
};
use leptos::prelude::*;

use super::{Noun, Row, Shown};
use crate::{
    error::AppError,
    paths,
    server::{
        Stoa,
        http::{Page, Problem, page, request::RequestContext},
        rest::{BASE, ErrorCode},
    },
    ui::{Column, Description, DescriptionList, PageHeader, Table},
};

pub async fn show_noun(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, Path(name): Path<String>) -> Response {
    let Some(place) = stoa.reference().nouns.iter().position(|noun| noun.name == name) else {
        return Problem::answer(AppError::NotFound);
    };
    let known = stoa.clone();
    let shown = Page::reading(format!("{name} · API reference"), move || whole(&known.reference().nouns[place]));
    page::render(&stoa, &context, shown).await
}

fn whole(noun: &Noun) -> impl IntoView + use<> {
    let contents = noun
        .operations
        .iter()
        .map(|shown| view! { <li><a class="link" href=format!("#{}", shown.id)>{shown.id}</a>" "<span class="muted">{shown.says}</span></li> })
        .collect_view();
    view! {
        <PageHeader title=noun.name purpose=purpose(noun)/>
        <p><a class="link" href=paths::API_DOCS>"All operations"</a></p>
        <ul class="operations">{contents}</ul>
        {noun.operations.iter().map(|shown| operation(noun, shown)).collect_view()}
    }
}

fn purpose(noun: &Noun) -> String {
    let module = noun.operations.iter().find_map(|shown| shown.gate.module);
    module.map_or_else(
        || "Of the control plane: every workspace has it.".to_owned(),
        |module| format!("Of the module {}: {}", module.manifest.name, module.manifest.description),
    )
}

fn operation(noun: &Noun, shown: &Shown) -> impl IntoView + use<> {
    view! {
        <section class="section operation" id=shown.id>
            <h2 class="section-heading"><a href=format!("#{}", shown.id)><code>{shown.id}</code></a></h2>
            <p>{shown.says}</p>
            <p class="call"><code><strong>{shown.method.to_string()}</strong>" "{BASE}{shown.path}</code></p>
            {held(shown)}
            {fields("Query", shown.id, &shown.query, Of::Query)}
            {shown.body.as_ref().map(|rows| fields("Body", shown.id, rows, Of::Body))}
            {answer(noun, shown)}
            <h3 class="operation-heading">"Example"</h3>
            <pre class="example" role="region" tabindex="0" aria-label=format!("A call of {}", shown.id)><code>{shown.example.clone()}</code></pre>
            <h3 class="operation-heading">"Refused with"</h3>
            <p class="codes">{shown.errors.iter().map(|code| link(*code)).collect_view()}</p>
        </section>
    }
}

/// What a call is held to, and what it is counted as.
fn held(shown: &Shown) -> impl IntoView + use<> {
    let gate = shown.gate;
    let module = gate.module.map_or("control plane", |module| module.manifest.name.as_str());
    let meter = gate.meter.map_or("not counted", |meter| meter.name());
    let paused = if gate.while_paused { "goes on" } else { "refused" };
    let scope = scope(shown);
    let asks = if shown.is_open() { "none".to_owned() } else { shown.asks.to_string().replace("workspace: ", "") };
    view! {
        <DescriptionList>
            <Description term="Scope">{scope}</Description>
            <Description term="Module">{module}</Description>
            <Description term="Permission of the steward">{asks}</Description>
            <Description term="Counted as">{meter}</Description>
            <Description term="While billable calls are paused">{paused}</Description>
        </DescriptionList>
    }
}

pub(super) fn scope(shown: &Shown) -> impl IntoView + use<> {
    match shown.gate.scope {
        Some(scope) => view! { <code>{scope}</code> }.into_any(),
        None if shown.is_open() => "no key".into_any(),
        None => "any key".into_any(),
    }
}

/// What the noun's first operations answer is not written out again for the next.
fn answer(noun: &Noun, shown: &Shown) -> impl IntoView + use<> {
    if let Some(kinds) = shown.file {
        let kinds = kinds.iter().map(|kind| view! { " "<code>{*kind}</code> }).collect_view();
        return view! {
            <h3 class="operation-heading">{format!("Answer: a file ({})", shown.status.as_u16())}</h3>
            <p>"In no envelope, written in one of:"{kinds}</p>
        }
        .into_any();
    }
    let says = if shown.is_list { "Answer: a list, each with" } else { "Answer" };
    let heading = format!("{says} ({})", shown.status.as_u16());
    let before = noun.operations.iter().take_while(|other| other.id != shown.id);
    match before.into_iter().find(|other| other.answer == shown.answer) {
        None => fields(&heading, shown.id, &shown.answer, Of::Answer).into_any(),
        Some(same) => view! {
            <h3 class="operation-heading">{heading}</h3>
            <p>"The same as of "<a class="link" href=format!("#{}", same.id)>{same.id}</a>"."</p>
        }
        .into_any(),
    }
}

/// What is sent says what must be there; what is answered is always there. A query holds no null.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Query,
    Body,
    Answer,
}

/// Nothing where there are none.
fn fields(heading: &str, operation: &str, rows: &[Row], of: Of) -> Option<impl IntoView + use<>> {
    if rows.is_empty() {
        return None;
    }
    let caption = format!("{heading} of {operation}");
    let columns = vec![Column::text("Field"), Column::text("Holds"), Column::text("Held to"), Column::text("What it is")];
    let rows = rows.iter().map(|row| field(row, of)).collect_view();
    Some(view! {
        <h3 class="operation-heading">{heading.to_owned()}</h3>
        <Table caption=caption columns=columns>{rows}</Table>
    })
}

fn field(row: &Row, of: Of) -> impl IntoView + use<> {
    let nullable = (row.nullable && of != Of::Query).then_some("can be null");
    let rules =
        [row.rules.as_str(), nullable.unwrap_or_default()].into_iter().filter(|rule| !rule.is_empty()).collect::<Vec<_>>().join("; ");
    let required = (of != Of::Answer && row.required).then(|| view! { " "<strong class="required">"required"</strong> });
    view! {
        <tr>
            <th scope="row"><code>{row.name.clone()}</code>{required}</th>
            <td>{row.kind.clone()}</td>
            <td>{rules}</td>
            <td>{with_code(&row.says)}</td>
        </tr>
    }
}

/// What stands between backquotes is code.
fn with_code(text: &str) -> impl IntoView + use<> {
    let part = |(place, part): (usize, &str)| {
        let part = part.to_owned();
        if place % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
    };
    text.split('`').enumerate().map(part).collect_view()
}

fn link(code: ErrorCode) -> impl IntoView + use<> {
    view! { <a class="link" href=paths::error_docs(code.name())>{code.name()}</a>" " }
}
