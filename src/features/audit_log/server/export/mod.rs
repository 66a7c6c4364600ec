//! The log as a file to take away: exactly what the filter lets through, however much that is, in the memory of three pages.
//!
//! What fits one page is read and written down in the scope that it was asked in. What is longer is read page by page,
//! each in a scope of its own, so that no transaction is held for as long as somebody takes, and whoever may no longer
//! read the log gets no more of it. That it begins is written down before its first byte goes out, and how it ended after
//! the last one.

mod json_lines;
mod ocsf;
mod sending;
mod table;

use axum::body::Body;
use futures_util::future::BoxFuture;

use super::{Cursor, Entry, Filter, LOOKED_AT, Listed, Logged, Reading, Source, list_of, target};
use crate::{
    error::AppError,
    ids::LogId,
    server::{
        events::{Event, EventKind},
        scope::Scope,
        seats::Seat,
    },
};
use sending::Sending;

/// Rows that are read at once.
pub const EXPORT_PAGE: usize = 2_000;

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    JsonLines,
    Ocsf,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Csv, Self::JsonLines, Self::Ocsf];

    /// As the API spells it, and as the log says what was taken.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Ocsf => "ocsf",
        }
    }

    /// Of a file's name.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Ocsf => "ocsf.jsonl",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines | Self::Ocsf => "application/x-ndjson",
        }
    }

    fn written(self, entries: Vec<Entry>, is_first: bool) -> Result<Vec<u8>, AppError> {
        match self {
            Self::Csv => table::written(&entries, is_first),
            Self::JsonLines => json_lines::written(entries),
            Self::Ocsf => ocsf::written(&entries),
        }
    }
}

/// Opens the log again for one more page, and asks again whether it may be read.
pub type Again<R> = Box<dyn Fn() -> BoxFuture<'static, Result<Scope<R>, AppError>> + Send + Sync>;

/// An export whose beginning is read, and written down in the scope that is still to be committed.
pub struct Export<R> {
    first: Vec<u8>,
    rest: Option<Sending<R>>,
}

/// Reads the first page and records what is taken: all of it, or that more of it begins to go out.
///
/// # Errors
/// `Conflict` where enough long exports run already.
pub async fn export<R: Logged>(scope: &mut Scope<R>, source: &Source, filter: &Filter, format: Format) -> Result<Export<R>, AppError> {
    let Listed { entries, next, .. } = page(scope, source, filter, None).await?;
    let rows = entries.len();
    let first = format.written(entries, true)?;
    let Some(next) = next else {
        scope.record(taken(EventKind::AuditLogExported, source, filter, format).changing("rows", None, Some(&rows.to_string())));
        return Ok(Export { first, rest: None });
    };
    let running = scope.stoa().exports().take(source.log).ok_or_else(|| {
        AppError::Conflict("Enough long exports run already. Wait until one of them has ended, then ask again.".to_owned())
    })?;
    scope.record(taken(EventKind::AuditLogExportBegun, source, filter, format));
    let rest = Sending::of(scope, source.clone(), filter.clone(), format, (rows, next), running);
    Ok(Export { first, rest: Some(rest) })
}

impl<R: Logged> Export<R> {
    /// The file. To be called when the scope is committed; `again` is asked for each page but the first.
    pub fn into_body(self, again: Again<R>) -> Body {
        match self.rest {
            None => self.first.into(),
            Some(rest) => rest.into_body(self.first, again),
        }
    }
}

async fn page<R: Logged>(scope: &mut Scope<R>, source: &Source, filter: &Filter, after: Option<Cursor>) -> Result<Listed, AppError> {
    list_of(scope, source, filter, after, Reading { most: EXPORT_PAGE, looked_at: LOOKED_AT }).await
}

fn taken(kind: EventKind, source: &Source, filter: &Filter, format: Format) -> Event {
    filter
        .parts()
        .into_iter()
        .fold(Event::new(kind, target(source)), |event, (field, value)| event.changing(field, None, Some(&value)))
        .changing("format", None, Some(format.name()))
}
