//! The audit log's doors: the list, one row of it, and the table to save. The same for every log.

mod changes;
mod filters;
mod list;
mod proof;
mod row;

pub use proof::{keys, save_bundle, save_proof};

use list::List;
use row::Fact;

use super::server::{self, Asked, Cursor, Logged};
use crate::{
    error::AppError,
    ids::AuditId,
    server::http::{Download, Page, Visit},
};

/// The list. A search is written down after it was made and before anybody sees what it found.
pub async fn show<R: Logged>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let source = R::source(&mut visit.scope).await?;
    let reader = visit.reader();
    let asked = Asked::read(&visit.query, &reader.zone);
    let after = Cursor::read(visit.asked("after"))?;
    let listed = server::list(&mut visit.scope, &source, &asked.filter, after).await?;
    let sealing = server::sealing(&mut visit.scope, &source, &listed.entries).await?;
    let surroundings = visit.surroundings();
    let stoa = visit.scope.stoa().clone();
    visit.scope.close().await?;
    server::record_search::<R>(&stoa, &visit.request, &source, &asked.filter).await?;
    let status = if asked.problems.is_empty() { http::StatusCode::OK } else { http::StatusCode::UNPROCESSABLE_ENTITY };
    let list = List { source, asked, listed, sealing, reader, is_first: after.is_none() };
    Ok(Page::framed(list.source.title, surroundings, move || list.view()).with_status(status))
}

/// One row, whole.
pub async fn show_row<R: Logged>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let id: AuditId = visit.named("row")?;
    let source = R::source(&mut visit.scope).await?;
    let entry = server::find(&mut visit.scope, &source, id).await?;
    let proven = server::proven(&mut visit.scope, &source, id).await?;
    let (surroundings, reader) = (visit.surroundings(), visit.reader());
    visit.scope.close().await?;
    let title = format!("{} · {}", entry.action, source.title);
    let row = row::Row { address: source.address, facts: Fact::of(&entry), entry, proven, reader };
    Ok(Page::framed(title, surroundings, move || row.view()))
}

/// Exactly what the list's filters let through.
///
/// # Errors
/// `Malformed` where a filter cannot be understood: a file must not hold more than was asked for.
pub async fn save<R: Logged>(mut visit: Visit<R>) -> Result<Download, AppError> {
    let source = R::source(&mut visit.scope).await?;
    let asked = Asked::read(&visit.query, &visit.scope.person().time_zone);
    if !asked.problems.is_empty() {
        return Err(AppError::Malformed("one of its filters cannot be understood; the list's page names it"));
    }
    let export = server::export(&mut visit.scope, &source, &asked.filter).await?;
    let day = visit.scope.now().format("%Y-%m-%d");
    visit.scope.commit().await?;
    let part = if export.truncated { format!("-first-{}", server::EXPORT_ROWS_MAX) } else { String::new() };
    let file = Download::csv(format!("audit-log-{}-{day}{part}.csv", source.slug), export.csv);
    Ok(if export.truncated { file.with_header("x-stoa-truncated", "true") } else { file })
}
