//! The audit log's doors: the list, one row of it, and the table to save. The same for every log.

mod changes;
mod filters;
mod list;
mod proof;
mod row;
mod tail;
pub mod views;

pub use proof::{keys, save_bundle, save_proof};

use list::List;
use row::Fact;
pub use tail::tail;

use super::server::{self, Again, Asked, Cursor, Format, Logged};
use crate::{
    error::AppError,
    ids::AuditId,
    paths,
    server::{
        Stoa,
        http::{Download, FormAnswer, Page, Submission, Visit, request::RequestContext},
        scope::{Intent, Scope},
    },
};

/// The list. A search is written down after it was made and before anybody sees what it found.
pub async fn show<R: Logged>(mut visit: Visit<R>) -> Result<Page, AppError> {
    let source = R::source(&mut visit.scope).await?;
    let reader = visit.reader();
    // From a form that was refused, what it asked for.
    let sent = visit.refused.as_ref().map(|refused| server::leading_to(&refused.fields));
    let query = sent.map(|sent| sent.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
    let asked = Asked::read(query.as_ref().unwrap_or(&visit.query), &reader.zone, reader.now);
    let after = Cursor::read(visit.asked("after"))?;
    let listed = server::list(&mut visit.scope, &source, &asked.filter, after).await?;
    let sealing = server::sealing(&mut visit.scope, &source, &listed.entries).await?;
    let kept = server::kept(&mut visit.scope).await?;
    let (surroundings, form_key) = (visit.surroundings(), visit.form_key());
    let says = visit.refused.as_ref().map(|refused| refused.error.to_string());
    let (stoa, is_support) = (visit.scope.stoa().clone(), visit.scope.reach().is_support());
    visit.scope.close().await?;
    server::record_search::<R>(&stoa, &visit.request, &source, &asked.filter).await?;
    let status = if asked.problems.is_empty() { http::StatusCode::OK } else { http::StatusCode::UNPROCESSABLE_ENTITY };
    let list = List { source, asked, listed, sealing, kept, reader, is_first: after.is_none(), form_key, says, is_support };
    Ok(Page::framed(list.source.title, surroundings, move || list.view()).with_status(status))
}

/// Leads to the address of what was asked, in which no secret stands.
pub async fn ask<R: Logged>(mut submission: Submission<R>) -> Result<FormAnswer, AppError> {
    let source = R::source(&mut submission.scope).await?;
    submission.scope.close().await?;
    let parts = server::leading_to(&submission.fields);
    let query: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Ok(FormAnswer::to(paths::asking(&source.address, &query)))
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

/// Exactly what the list's filters let through, in one kind of file.
///
/// # Errors
/// `Malformed` where a filter cannot be understood: a file must not hold more than was asked for.
pub async fn save<R: Logged>(mut visit: Visit<R>, format: Format) -> Result<Download, AppError> {
    let source = R::source(&mut visit.scope).await?;
    let asked = Asked::read(&visit.query, &visit.scope.person().time_zone, visit.scope.now());
    if !asked.problems.is_empty() {
        return Err(AppError::Malformed("one of its filters cannot be understood; the list's page names it"));
    }
    let export = server::export(&mut visit.scope, &source, &asked.filter, format).await?;
    let name = format!("audit-log-{}-{}.{}", source.slug, visit.scope.now().format("%Y-%m-%d"), format.ending());
    let stoa = visit.scope.stoa().clone();
    visit.scope.commit().await?;
    Ok(Download::of(name, format.content_type(), export.into_body(again(stoa, visit.request, source.slug))))
}

/// As the door opens it.
fn again<R: Logged>(stoa: Stoa, request: RequestContext, slug: String) -> Again<R> {
    Box::new(move || {
        let (stoa, request, slug) = (stoa.clone(), request.clone(), slug.clone());
        Box::pin(async move { Scope::<R>::open(&stoa, &request, Some(&slug), Intent::Read, false).await })
    })
}
