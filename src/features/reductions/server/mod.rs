//! The server's half of reductions.

mod asked;
mod exporting;
mod preview;
pub mod rest;
mod starting;
mod store;
mod working;

pub use asked::{Act, Asked, Basis, Reducible, reducible, resources};
pub use exporting::{CONTENT_TYPE, export};
pub use preview::{Preview, phrase, preview};
pub use starting::{By, begin, start, stop};
pub use working::{REDUCE, reduce_later, resume_stalled};

use chrono::{DateTime, Utc};

use crate::{
    access::{AskWorkspace, Extent, WorkspacePermission},
    error::AppError,
    ids::{ApiKeyId, ReductionId, RetentionRuleId, UserId},
    server::{events::Target, scope::WorkspaceScope},
};

/// So many are listed.
const RECENT: i64 = 20;

/// One reduction, running or over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reduction {
    pub id: ReductionId,
    pub act: String,
    pub module: String,
    pub resource: String,
    pub basis: String,
    pub before: DateTime<Utc>,
    /// As counted when it began.
    pub expected: i64,
    pub done: i64,
    /// What its module's own rules refused.
    pub kept: i64,
    pub parts: i64,
    pub freed_bytes: i64,
    /// The last record that was looked at.
    pub cursor: Option<uuid::Uuid>,
    pub status: String,
    pub reason: Option<String>,
    /// Whose role is asked before each batch; of a rule, who had set it.
    pub user: UserId,
    pub key: Option<ApiKeyId>,
    /// What began it where nobody did, and as which it has to stand still before each batch.
    pub rule: Option<RetentionRuleId>,
    pub rule_version: Option<i64>,
    pub asked_by: String,
    pub started_at: DateTime<Utc>,
    pub touched_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Reduction {
    pub fn is_running(&self) -> bool {
        self.status == "running"
    }

    fn target(&self) -> Target {
        target(self.id, &self.resource)
    }
}

fn target(id: ReductionId, resource: &str) -> Target {
    Target { kind: "reduction", id: id.to_string(), name: Some(resource.to_owned()) }
}

/// Whether one of the resource runs: another one waits until it is over.
pub async fn is_running<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, resource: &str) -> Result<bool, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::is_running(scope, tenant, workspace, resource).await
}

/// The newest first.
pub async fn recent<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Vec<Reduction>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let recent = store::recent(scope, tenant, workspace, RECENT).await?;
    Ok(recent.into_iter().map(|reduction| named(scope, reduction)).collect())
}

/// A key's name is for those who read keys, and for whoever answers for it; others are given its id.
fn named<P: AskWorkspace>(scope: &WorkspaceScope<P>, reduction: Reduction) -> Reduction {
    let reads = scope.reach().extent_of(WorkspacePermission::ReadCredentials) == Extent::Everything;
    match reduction.key.filter(|_| !reads && reduction.user != scope.person().id) {
        Some(key) => Reduction { asked_by: key.to_string(), ..reduction },
        None => reduction,
    }
}

/// # Errors
/// `NotFound` where the workspace has no such.
pub async fn find<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: ReductionId) -> Result<Reduction, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let found = store::find(scope, tenant, workspace, id).await?.ok_or(AppError::NotFound)?;
    Ok(named(scope, found))
}
