//! When billable calls of a workspace were refused, and what caps it has: for those who look at what it used.

use std::ops::Range;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    error::{AppError, PauseReason},
    ids::{TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// A pause of the tenant, of the workspace, or of one of its credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseWindow {
    pub reason: PauseReason,
    pub credential: Option<Uuid>,
    pub since: DateTime<Utc>,
    /// None while it lasts.
    pub ended_at: Option<DateTime<Utc>>,
}

/// A cap on the spend of a calendar month (UTC).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpendCap {
    /// None where it is the whole tenant's.
    pub workspace: Option<WorkspaceId>,
    pub credential: Option<Uuid>,
    pub micros: i64,
    /// A hard cap refuses; a soft one tells.
    pub hard: bool,
}

/// The pauses that held in the workspace at any time of these, the earliest first.
pub async fn pauses_in<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    times: &Range<DateTime<Utc>>,
) -> Result<Vec<PauseWindow>, AppError> {
    let rows = sqlx::query!(
        "select reason, credential_id, since, ended_at
         from billing_pause
         where tenant_id = $1 and (workspace_id is null or workspace_id = $2)
           and since < $4 and (ended_at is null or ended_at > $3)
         order by since, id
         limit 200",
        tenant.0,
        workspace.0,
        times.start,
        times.end,
    )
    .fetch_all(scope.read())
    .await?;
    let windows = rows.into_iter().filter_map(|row| {
        let reason = PauseReason::named(&row.reason)?;
        Some(PauseWindow { reason, credential: row.credential_id, since: row.since, ended_at: row.ended_at })
    });
    Ok(windows.collect())
}

/// The caps of the workspace and of its credentials, and the account's own where it is for those who pay.
pub async fn caps_of<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    pays: bool,
) -> Result<Vec<SpendCap>, AppError> {
    let caps = sqlx::query_as!(
        SpendCap,
        r#"select workspace_id as "workspace: WorkspaceId", credential_id as credential, micros, hard
           from spend_cap
           where tenant_id = $1 and (workspace_id = $2 or ($3 and workspace_id is null))
           order by workspace_id nulls first, credential_id nulls first
           limit 200"#,
        tenant.0,
        workspace.0,
        pays,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(caps)
}
