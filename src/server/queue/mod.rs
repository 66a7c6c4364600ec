//! Work that is done later, by whichever node has a hand free: put down in the transaction that wants it done.

mod store;

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    ids::{JobId, TenantId},
    server::scope::{Reach, Scope},
};

/// Puts a job down for `tenant`, due at `run_at`. It is there when the scope commits, and not before.
///
/// `payload` names things by their ids and never holds a secret.
pub async fn enqueue<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    kind: &'static str,
    payload: &serde_json::Value,
    run_at: DateTime<Utc>,
) -> Result<JobId, AppError> {
    let id = JobId(scope.new_id());
    store::insert(scope, tenant, id, kind, payload, run_at).await?;
    Ok(id)
}
