//! The log as a table (RFC 4180): one line a row, below a head.

use crate::{
    error::AppError,
    features::audit_log::server::Entry,
    server::http::{Cells, Sheet},
};

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

/// The rows as lines of the table; its head stands above the first of them alone.
pub fn written(entries: &[Entry], is_first: bool) -> Result<Vec<u8>, AppError> {
    let mut sheet = if is_first { Sheet::new(&COLUMNS)? } else { Sheet::going_on() };
    for entry in entries {
        sheet.add(cells(entry))?;
    }
    sheet.into_bytes()
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
