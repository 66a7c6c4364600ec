//! The page where all agents are paused, and what the list of MCP clients says of it.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::server::{pause, paused_since};
use crate::{
    access::workspace::ManageCredentials,
    error::AppError,
    features::api_keys::server::{Filter, list},
    paths,
    server::{
        Reader,
        credentials::Kind,
        http::{FormAnswer, Page, Submission, Visit},
        scope::InWorkspace,
    },
    ui::{Actions, Button, ButtonKind, Form, Inventory, InventoryLine, LinkButton, Notice, PageHeader, Time, Tone, plural},
};

pub async fn show(mut visit: Visit<InWorkspace<ManageCredentials>>) -> Result<Page, AppError> {
    let since = paused_since(&mut visit.scope).await?;
    let filter = Filter { kind: Some(Kind::Mcp), status: "active".to_owned(), limit: i64::MAX, ..Filter::default() };
    let tokens = list(&mut visit.scope, &filter).await?.len();
    let shown = Shown {
        slug: visit.scope.workspace().slug.clone(),
        since,
        tokens: i64::try_from(tokens).unwrap_or(i64::MAX),
        key: visit.form_key(),
        reader: visit.reader(),
    };
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let title = if since.is_some() { "Let agents in again" } else { "Pause all agents" };
    Ok(Page::framed(title, surroundings, move || view! { <Pausing title=title shown=shown/> }))
}

pub async fn set_paused(mut submission: Submission<InWorkspace<ManageCredentials>>) -> Result<FormAnswer, AppError> {
    let paused = match submission.fields.get("paused") {
        "yes" => true,
        "no" => false,
        _ => return Err(AppError::Malformed("it does not say whether agents are paused; open the page again")),
    };
    pause(&mut submission.scope, paused).await?;
    let location = paths::mcp_clients(&submission.scope.workspace().slug);
    submission.scope.answer_form(submission.form, &location);
    let says = match (submission.scope.pending().is_empty(), paused) {
        (true, _) => "Nothing to change.",
        (false, true) => "All agents are paused, from their next call on.",
        (false, false) => "Agents are let in again.",
    };
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location).saying(says))
}

/// What the page shows.
struct Shown {
    slug: String,
    since: Option<DateTime<Utc>>,
    /// How many work, or would.
    tokens: i64,
    key: String,
    reader: Reader,
}

#[component]
fn Pausing(title: &'static str, shown: Shown) -> impl IntoView {
    let Shown { slug, since, tokens, key, reader } = shown;
    let (back, action) = (paths::mcp_clients(&slug), paths::pause_agents(&slug));
    let calls = format!("{} work", plural(tokens, "MCP token"));
    let (purpose, lines, paused, kind) = match since {
        None => (
            "For when something is wrong with one of them and nobody knows yet with which.",
            vec![
                InventoryLine::stops(
                    tokens,
                    format!("{}: every call of theirs is refused, from the next one on", plural(tokens, "MCP token")),
                ),
                InventoryLine::stays(1, "set of tokens with its scopes, limits and ends, as it is now"),
                InventoryLine::stays(1, "set of API keys and everybody in the console, which go on"),
            ],
            "yes",
            ButtonKind::Danger,
        ),
        Some(_) => ("", Vec::new(), "no", ButtonKind::Primary),
    };
    let paused_line = since.map(|since| {
        let since = reader.shown(since);
        view! {
            <p>
                "All agents are paused since " <Time rfc3339=since.rfc3339 absolute=since.absolute shown=since.relative/> ". "
                {calls} " from the next call on when they are let in again."
            </p>
        }
    });
    let inventory = (!lines.is_empty()).then(|| view! { <Inventory lines=lines/> });
    view! {
        <PageHeader title=title purpose=purpose/>
        {paused_line}
        {inventory}
        <Form action=action key=key place=slug>
            <input type="hidden" name="paused" value=paused/>
            <Actions>
                <Button kind=kind>{title}</Button>
                <LinkButton href=back kind=ButtonKind::Quiet>"Cancel"</LinkButton>
            </Actions>
        </Form>
    }
}

/// Above the list of agents, while none of them is let in.
#[expect(clippy::needless_pass_by_value, reason = "components take what they show")]
#[component]
pub fn PausedNotice(since: DateTime<Utc>, reader: Reader) -> impl IntoView {
    let since = reader.shown(since);
    view! {
        <Notice tone=Tone::Warning>
            "All agents are paused since " <Time rfc3339=since.rfc3339 absolute=since.absolute shown=since.relative/>
            ". Every call of theirs is refused."
        </Notice>
    }
}
