//! The server's half of the audit log.

mod bound;
mod cursor;
mod export;
mod filter;
mod line;
mod pasted;
mod proof;
pub mod proof_rest;
mod recent;
mod refusing;
pub mod rest;
mod sealed;
mod search;
mod source;
mod store;
pub mod views;

pub use bound::Within;
pub use cursor::Cursor;
pub use export::{Again, EXPORT_PAGE, Export, Format, export};
pub use filter::{Asked, Filter, LINE, PARAMETERS};
pub use line::{LINE_MAX, Line, Qualifier, Term, Wants, Who, spelt};
pub use pasted::leading_to;
pub use proof::{BUNDLE_ROWS_MAX, Bundle, Kept, Proven, Sealing, bundle, kept, proof_of, proven, sealing};
pub use recent::{Recent, recent};
pub use refusing::{Refusing, refused_while};
pub use sealed::{SealedRow, sealed_rows};
pub use search::{record_search, search};
pub use source::{Logged, Source};
pub use store::{EXPLAINED, Entry, Reading, Refusals, explain, statement};

use chrono::{DateTime, Utc};

use crate::{
    access::{AskWorkspace, Extent, WorkspacePermission},
    error::AppError,
    ids::AuditId,
    server::{
        events::Target,
        scope::{Scope, WorkspaceScope},
    },
};

/// Rows on a page.
const PAGE: usize = 50;
/// Rows that one look at what is new finds.
const NEW_MOST: usize = 100;
/// Rows that are looked at for one page, where what is asked for has no index.
pub const LOOKED_AT: usize = 50_000;

/// One page of a log.
#[derive(Clone, Debug)]
pub struct Listed {
    pub entries: Vec<Entry>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
    /// Where the page is not full because enough rows were looked at: when the last of these happened.
    pub looked_back_to: Option<DateTime<Utc>>,
}

/// The rows that the filter lets through, newest first, from after the cursor on.
pub async fn list<R: Logged>(scope: &mut Scope<R>, source: &Source, filter: &Filter, after: Option<Cursor>) -> Result<Listed, AppError> {
    list_of(scope, source, filter, after, Reading { most: PAGE, looked_at: LOOKED_AT }).await
}

/// The newest of the rows that the filter lets through and that happened since.
pub async fn newer<R: Logged>(scope: &mut Scope<R>, source: &Source, filter: &Filter, since: DateTime<Utc>) -> Result<Listed, AppError> {
    list_of(scope, source, &filter.since(since), None, Reading { most: NEW_MOST, looked_at: LOOKED_AT }).await
}

/// # Errors
/// `NotFound` also for a row of another log.
pub async fn find<R: Logged>(scope: &mut Scope<R>, source: &Source, row: AuditId) -> Result<Entry, AppError> {
    store::find(scope, source, row).await?.ok_or(AppError::NotFound)
}

/// A row of the workspace's log, for a scope that was opened for something else. None where there is no such row, and
/// none for whoever may not read the log.
pub async fn seen_of_workspace<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, row: AuditId) -> Result<Option<Entry>, AppError> {
    if scope.reach().extent_of(WorkspacePermission::ReadAudit) != Extent::Everything {
        return Ok(None);
    }
    let (tenant, workspace) = (scope.tenant().clone(), scope.workspace().clone());
    let source = source::of_workspace(scope, &tenant, &workspace).await?;
    store::find(scope, &source, row).await
}

/// The same, as many rows of it as are asked for.
pub async fn list_of<R: Logged>(
    scope: &mut Scope<R>,
    source: &Source,
    filter: &Filter,
    after: Option<Cursor>,
    reading: Reading,
) -> Result<Listed, AppError> {
    // One more than is shown says whether there is more.
    let store::Found { mut entries, stopped_at } =
        store::list(scope, source, filter, after, Reading { most: reading.most + 1, ..reading }).await?;
    if entries.len() > reading.most {
        entries.truncate(reading.most);
        let next = entries.last().map(Cursor::of);
        return Ok(Listed { entries, next, looked_back_to: None });
    }
    Ok(Listed { entries, next: stopped_at, looked_back_to: stopped_at.map(|cursor| cursor.occurred_at) })
}

fn target(source: &Source) -> Target {
    Target { kind: "audit_log", id: source.log.to_string(), name: Some(source.name.clone()) }
}
