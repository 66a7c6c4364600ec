//! The server's half of the audit log.

mod bound;
mod cursor;
mod export;
mod filter;
mod proof;
pub mod proof_rest;
mod recent;
pub mod rest;
mod search;
mod source;
mod store;

pub use cursor::Cursor;
pub use export::{EXPORT_ROWS_MAX, Export, export};
pub use filter::{Asked, Filter};
pub use proof::{BUNDLE_ROWS_MAX, Bundle, Proven, Sealing, bundle, proof_of, proven, sealing};
pub use recent::{Recent, recent};
pub use search::{record_search, search};
pub use source::{Logged, Source};
pub use store::{Entry, Refusals};

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

/// One page of a log.
#[derive(Clone, Debug)]
pub struct Listed {
    pub entries: Vec<Entry>,
    /// Where the next page begins; none on the last.
    pub next: Option<Cursor>,
}

/// The rows that the filter lets through, newest first, from after the cursor on.
pub async fn list<R: Logged>(scope: &mut Scope<R>, source: &Source, filter: &Filter, after: Option<Cursor>) -> Result<Listed, AppError> {
    list_of(scope, source, filter, after, PAGE).await
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

async fn list_of<R: Logged>(
    scope: &mut Scope<R>,
    source: &Source,
    filter: &Filter,
    after: Option<Cursor>,
    most: usize,
) -> Result<Listed, AppError> {
    // One more than is shown says whether there is more.
    let mut entries = store::list(scope, source, filter, after, most + 1).await?;
    let more = entries.len() > most;
    entries.truncate(most);
    let next = entries.last().filter(|_| more).map(|last| Cursor { occurred_at: last.occurred_at, id: last.id.0 });
    Ok(Listed { entries, next })
}

fn target(source: &Source) -> Target {
    Target { kind: "audit_log", id: source.log.to_string(), name: Some(source.name.clone()) }
}
