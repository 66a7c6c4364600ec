//! The days as a table to take away, resource by resource, and in the log that it was taken.

use super::{asked::Asked, figures::Figures};
use crate::{
    access::AskWorkspace,
    error::AppError,
    server::{
        events::{Event, EventKind, Target},
        http::{Cells, Sheet},
        scope::WorkspaceScope,
    },
};

const COLUMNS: [&str; 10] = [
    "day",
    "module",
    "resource",
    "records",
    "record_bytes",
    "archived_records",
    "archived_record_bytes",
    "files",
    "file_bytes",
    "archived_file_bytes",
];

/// The days that the page draws for the same address.
pub fn export<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, asked: &Asked, figures: &Figures) -> Result<Vec<u8>, AppError> {
    let mut sheet = Sheet::new(&COLUMNS)?;
    for day in &figures.days {
        let held = &day.held;
        sheet.add(
            Cells::new()
                .text(&day.day.to_string())
                .text(&held.module)
                .text(&held.resource)
                .number(held.records)
                .number(held.record_bytes)
                .number(held.archived)
                .number(held.archived_bytes)
                .number(held.files)
                .number(held.file_bytes)
                .number(held.archived_file_bytes),
        )?;
    }
    let workspace = scope.workspace();
    let target = Target { kind: "workspace", id: workspace.id.to_string(), name: Some(workspace.name.clone()) };
    let event = Event::new(EventKind::UsageExported, target)
        .changing("from", None, Some(&asked.first.to_string()))
        .changing("to", None, Some(&asked.last.to_string()))
        .changing("rows", None, Some(&figures.days.len().to_string()))
        .changing("what", None, Some("storage"));
    scope.record(event);
    sheet.into_bytes()
}
