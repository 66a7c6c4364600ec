//! How often a module was called in a workspace.

mod store;

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// Answered calls of a module from that moment on, to the quarter of an hour, by whatever credential and door.
pub async fn calls_of_module<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    module: &str,
    since: DateTime<Utc>,
) -> Result<i64, AppError> {
    store::calls(scope, tenant, workspace, module, since).await
}
