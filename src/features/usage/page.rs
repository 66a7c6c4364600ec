//! Usage's doors: the figures with their chart, the events behind them, and both as tables to save. The same for a live
//! and an archived workspace.

mod drawing;
mod events;
mod filters;
mod live;
mod overview;
mod pauses;
mod table;

pub use live::tell;

use chrono::TimeDelta;
use http::StatusCode;
use leptos::prelude::*;

use pauses::PauseShown;

use super::server::{
    self, Asked, Choices, EVENTS_MAX, EventsAsked, Figures, Filter, Metered, Source, Times, Total, cursor, day_start, month_start,
};
use crate::{
    error::AppError,
    features::{
        audit_log::{self, server::Refusing},
        billing,
    },
    ids::ApiKeyId,
    money::Nanos,
    paths,
    server::{
        Reader,
        http::{
            Cursor, Download, Page, Visit,
            cursor::{PAGE_ROWS, page_of},
        },
        scope::Scope,
    },
    ui::Tabs,
};

/// What the page of figures shows.
struct Shown {
    source: Source,
    asked: Asked,
    figures: Figures,
    /// Of as long a time before.
    before: Total,
    /// Of the calendar month (UTC), of the same filters.
    month: Total,
    /// How that month ends, and the pace that says so; where nothing narrows it down.
    forecast: Option<(billing::server::Pace, Nanos)>,
    choices: Choices,
    pauses: Vec<PauseShown>,
    caps: Vec<billing::server::SpendCap>,
    reader: Reader,
}

pub async fn show<R: Metered>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let (source, reader) = (R::source(&visit.scope), visit.reader());
    let asked = Asked::read(&visit.query, &reader.zone, reader.now);
    let shown = load(&mut visit.scope, source, asked, reader).await?;
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let status = status_of(shown.asked.problems.is_empty());
    Ok(Page::framed("Usage", surroundings, move || shown.view()).with_status(status))
}

async fn load<R: Metered>(scope: &mut Scope<R>, source: Source, asked: Asked, reader: Reader) -> Result<Shown, AppError> {
    let figures = server::figures(scope, &source, &asked).await?;
    let before = match figures.before {
        Some(before) => before,
        None => server::total_of(scope, &source, &asked.before(), &asked.filter).await?,
    };
    let month = server::total_of(scope, &source, &this_month(&reader), &asked.filter).await?;
    let forecast = forecast(scope, &source, &asked, month, &reader).await?;
    let choices = server::choices(scope, &source, &asked.times).await?;
    let pauses = pauses(scope, &source, &asked, &choices).await?;
    // The account's cap is not one of this workspace's bars.
    let caps = if source.sees_money { billing::server::caps_of(scope, source.tenant, source.workspace, false).await? } else { Vec::new() };
    Ok(Shown { source, asked, figures, before, month, forecast, choices, pauses, caps, reader })
}

async fn forecast<R: Metered>(
    scope: &mut Scope<R>,
    source: &Source,
    asked: &Asked,
    month: Total,
    reader: &Reader,
) -> Result<Option<(billing::server::Pace, Nanos)>, AppError> {
    if !source.sees_money || !source.is_live || asked.filter != Filter::default() {
        return Ok(None);
    }
    let lately = billing::server::Lately::load(scope, source.tenant, Some(source.workspace.0)).await?;
    let ends = billing::server::Month::of(reader.now).ends;
    Ok(lately.pace(Some(source.workspace.0), None).map(|pace| (pace, lately.by(pace, Nanos(month.nanos), ends))))
}

/// How often each refused is for those who read the audit log.
async fn pauses<R: Metered>(scope: &mut Scope<R>, source: &Source, asked: &Asked, choices: &Choices) -> Result<Vec<PauseShown>, AppError> {
    let mut windows = billing::server::pauses_in(scope, source.tenant, source.workspace, &asked.times).await?;
    if source.own_keys.is_some() {
        windows.retain(|window| window.credential.is_none_or(|key| choices.credentials.iter().any(|(own, _)| own.0 == key)));
    }
    if source.audit_log.is_none() || windows.is_empty() {
        return Ok(windows.into_iter().map(|window| PauseShown { window, refused: None }).collect());
    }
    let asked: Vec<Refusing> = windows
        .iter()
        .map(|window| Refusing {
            reason: window.reason.says(),
            credential: window.credential.map(ApiKeyId),
            since: window.since,
            ended_at: window.ended_at,
        })
        .collect();
    let refused = audit_log::server::refused_while(scope, source.tenant, source.workspace, &asked).await?;
    Ok(windows.into_iter().zip(refused).map(|(window, times)| PauseShown { window, refused: Some(times) }).collect())
}

/// As it is billed and capped.
fn this_month(reader: &Reader) -> Times {
    let first = day_start(month_start(reader.now.date_naive()), chrono_tz::Tz::UTC);
    first..first + TimeDelta::days(32)
}

/// Exactly what the page shows for the same address.
///
/// # Errors
/// `Malformed` where something of it cannot be understood: a file must not hold more than was asked for.
pub async fn save<R: Metered>(mut visit: Visit<R>) -> Result<Download, AppError> {
    let (source, reader) = (R::source(&visit.scope), visit.reader());
    let asked = Asked::read(&visit.query, &reader.zone, reader.now);
    refuse_problems(asked.problems.is_empty())?;
    let csv = server::export(&mut visit.scope, &source, &asked).await?;
    visit.scope.commit().await?;
    Ok(Download::csv(format!("usage-{}-{}.csv", source.slug, reader.now.format("%Y-%m-%d")), csv))
}

pub async fn show_events<R: Metered>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let (source, reader) = (R::source(&visit.scope), visit.reader());
    let asked = EventsAsked::read(&visit.query, zone_of(&reader), reader.now);
    let after: Option<Cursor> = visit.asked("after").parse().ok();
    let used = server::list(&mut visit.scope, &source, &asked.times, &asked.filter, after.as_ref(), PAGE_ROWS + 1).await?;
    let (used, next) = page_of(used, cursor);
    let names = server::names_of(&mut visit.scope, &source, &used).await?;
    let people = server::people_of(&mut visit.scope, &source, &used).await?;
    let choices = server::choices(&mut visit.scope, &source, &asked.times).await?;
    let surroundings = visit.surroundings();
    visit.scope.close().await?;
    let status = status_of(asked.problems.is_empty());
    let list = events::List { source, asked, used, names, people, choices, is_first: after.is_none(), next, reader };
    Ok(Page::framed("Usage events", surroundings, move || list.view()).with_status(status))
}

/// # Errors
/// As [`save`].
pub async fn save_events<R: Metered>(mut visit: Visit<R>) -> Result<Download, AppError> {
    let (source, reader) = (R::source(&visit.scope), visit.reader());
    let asked = EventsAsked::read(&visit.query, zone_of(&reader), reader.now);
    refuse_problems(asked.problems.is_empty())?;
    let (csv, is_truncated) = server::export_events(&mut visit.scope, &source, &asked).await?;
    visit.scope.commit().await?;
    let part = if is_truncated { format!("-first-{EVENTS_MAX}") } else { String::new() };
    let file = Download::csv(format!("usage-events-{}-{}{part}.csv", source.slug, reader.now.format("%Y-%m-%d")), csv);
    Ok(if is_truncated { file.with_header("x-stoa-truncated", "true") } else { file })
}

fn zone_of(reader: &Reader) -> chrono_tz::Tz {
    reader.zone.parse().unwrap_or(chrono_tz::Tz::UTC)
}

fn status_of(is_understood: bool) -> StatusCode {
    if is_understood { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

fn refuse_problems(is_understood: bool) -> Result<(), AppError> {
    if is_understood { Ok(()) } else { Err(AppError::Malformed("something of what it asks for cannot be understood; the page names it")) }
}

/// The two parts of the page. `events` is where the one about events leads.
fn tabs(source: &Source, events: String, current: &str) -> impl IntoView + use<> {
    let entries = vec![("Figures".to_owned(), source.address.clone()), ("Events".to_owned(), events)];
    let current = current.to_owned();
    view! { <Tabs label="Usage" entries=entries current=current/> }
}

/// The list of events of these times, of what the filter lets through.
fn events_address(source: &Source, times: &Times, filter: &Filter) -> String {
    let bounds = [("from", server::spelt(times.start)), ("to", server::spelt(times.end))];
    let parts: Vec<(&str, String)> = bounds.into_iter().chain(filter.parts()).collect();
    let query: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    paths::asking(&paths::usage_events(&source.address), &query)
}
