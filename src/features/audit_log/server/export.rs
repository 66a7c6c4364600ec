//! The log as a table to take away: exactly what the filter lets through, in bounded memory.

use super::{Entry, Filter, Logged, Source, list_of, target};
use crate::{
    error::AppError,
    server::{
        events::{Event, EventKind},
        http::{Cells, Sheet},
        scope::Scope,
    },
};

/// Rows in one file at most.
pub const EXPORT_ROWS_MAX: usize = 10_000;
/// Rows that are asked for at once.
const BATCH: usize = 1_000;

const COLUMNS: [&str; 24] = [
    "time",
    "id",
    "action",
    "outcome",
    "reason",
    "actor_type",
    "actor_id",
    "actor_name",
    "on_behalf_of_id",
    "on_behalf_of_name",
    "credential_id",
    "client",
    "channel",
    "route",
    "target_type",
    "target_id",
    "target_name",
    "changes",
    "request_id",
    "client_request_id",
    "ip",
    "user_agent",
    "leaf_version",
    "leaf_hash",
];

#[derive(Clone, Debug)]
pub struct Export {
    pub csv: Vec<u8>,
    /// More rows match than one file holds.
    pub truncated: bool,
}

/// Writes the table, and that it was taken.
pub async fn export<R: Logged>(scope: &mut Scope<R>, source: &Source, filter: &Filter) -> Result<Export, AppError> {
    let mut sheet = Sheet::new(&COLUMNS)?;
    let (mut rows, mut after) = (0, None);
    let truncated = loop {
        let batch = list_of(scope, source, filter, after, BATCH).await?;
        rows += batch.entries.len();
        for entry in batch.entries {
            sheet.add(cells(&entry))?;
        }
        match batch.next {
            None => break false,
            Some(_) if rows >= EXPORT_ROWS_MAX => break true,
            next => after = next,
        }
    };
    let event = filter
        .parts()
        .into_iter()
        .fold(Event::new(EventKind::AuditLogExported, target(source)), |event, (field, value)| event.changing(field, None, Some(&value)))
        .changing("rows", None, Some(&rows.to_string()));
    let event = if truncated { event.because("More rows matched; the file holds the newest of them.") } else { event };
    scope.record(event);
    Ok(Export { csv: sheet.into_bytes()?, truncated })
}

fn cells(entry: &Entry) -> Cells {
    fn said(text: Option<&String>) -> &str {
        text.map_or("", String::as_str)
    }
    Cells::new()
        .time(entry.occurred_at)
        .text(&entry.id.to_string())
        .text(&entry.action)
        .text(&entry.outcome)
        .text(said(entry.reason.as_ref()))
        .text(&entry.actor_type)
        .text(&entry.actor_id)
        .text(&entry.actor_name)
        .text(said(entry.on_behalf_of_id.as_ref()))
        .text(said(entry.on_behalf_of_name.as_ref()))
        .text(said(entry.credential_id.as_ref()))
        .text(said(entry.client.as_ref()))
        .text(&entry.channel)
        .text(said(entry.route.as_ref()))
        .text(&entry.target_type)
        .text(&entry.target_id)
        .text(said(entry.target_name.as_ref()))
        .text(said(entry.changes.as_ref()))
        .text(said(entry.request_id.as_ref()))
        .text(said(entry.client_request_id.as_ref()))
        .text(said(entry.ip.as_ref()))
        .text(said(entry.user_agent.as_ref()))
        .number(entry.leaf_version)
        .text(&entry.leaf())
}
