//! The SQL behind archiving and restoring, and the receipts that stay of it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    access::AskTenant,
    error::AppError,
    features::workspaces::server::{
        archive::Place,
        inventory::{Inventory, Stopped},
    },
    ids::{ReceiptId, TenantId, UserId, WorkspaceId},
    server::scope::{Person, Reach, Scope, TenantScope},
};

/// What an archiving stopped, as it was.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub id: ReceiptId,
    pub archived_at: DateTime<Utc>,
    /// Who archived it, as they were called then.
    pub archived_by: String,
    /// Until when it can be restored.
    pub purge_at: DateTime<Utc>,
    pub inventory: Inventory,
}

impl Receipt {
    /// Says so where the time to restore is over.
    pub fn is_over(&self, now: DateTime<Utc>) -> Option<String> {
        let until = self.purge_at.format("%-d %B %Y, %H:%M UTC");
        (now >= self.purge_at).then(|| format!("The time to restore this workspace ended on {until}. It cannot be brought back any more."))
    }
}

/// A receipt's `contents`.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    archived_by: String,
    stopped: Vec<Stopped>,
}

/// Every live workspace of a tenant, in the order in which they are locked.
pub async fn live_places<P: AskTenant>(scope: &mut TenantScope<P>, tenant: TenantId) -> Result<Vec<Place>, AppError> {
    let places = sqlx::query_as!(
        Place,
        r#"
        select tenant_id as "tenant: TenantId", workspace_id as "id: WorkspaceId", slug, name
        from workspace
        where tenant_id = $1 and status = 'active'
        order by workspace_id
        "#,
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(places)
}

/// Waits for what refers to the workspace and is not committed yet. False where it is not live (any more).
pub async fn lock_live<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, id: WorkspaceId) -> Result<bool, AppError> {
    let locked = sqlx::query_scalar!(
        "select workspace_id from workspace where tenant_id = $1 and workspace_id = $2 and status = 'active' for update",
        tenant.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(locked.is_some())
}

pub async fn archive<R: Reach>(
    scope: &mut Scope<R>,
    place: &Place,
    person: UserId,
    now: DateTime<Utc>,
    purge_at: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update workspace
         set status = 'archived', archived_at = $4, archived_by = $3, purge_at = $5, version = version + 1, updated_at = $4
         where tenant_id = $1 and workspace_id = $2 and status = 'active'",
        place.tenant.0,
        place.id.0,
        person.0,
        now,
        purge_at,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// False where it is not archived any more, or purged.
pub async fn restore<R: Reach>(scope: &mut Scope<R>, place: &Place, now: DateTime<Utc>) -> Result<bool, AppError> {
    let restored = sqlx::query!(
        "update workspace
         set status = 'active', archived_at = null, archived_by = null, purge_at = null, version = version + 1, updated_at = $3
         where tenant_id = $1 and workspace_id = $2 and status = 'archived' and purged_at is null",
        place.tenant.0,
        place.id.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(restored.rows_affected() == 1)
}

pub async fn insert_receipt<R: Reach>(
    scope: &mut Scope<R>,
    place: &Place,
    id: ReceiptId,
    person: &Person,
    now: DateTime<Utc>,
    purge_at: DateTime<Utc>,
    inventory: &Inventory,
) -> Result<(), AppError> {
    let contents = Contents { archived_by: person.name.clone(), stopped: inventory.0.clone() };
    let contents = serde_json::to_value(&contents).map_err(|_| AppError::Internal)?;
    sqlx::query!(
        "insert into archive_receipt (tenant_id, workspace_id, id, archived_at, archived_by, purge_at, contents)
         values ($1, $2, $3, $4, $5, $6, $7)",
        place.tenant.0,
        place.id.0,
        id.0,
        now,
        person.id.0,
        purge_at,
        contents,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn close_receipt<R: Reach>(scope: &mut Scope<R>, place: &Place, id: ReceiptId, now: DateTime<Utc>) -> Result<(), AppError> {
    sqlx::query!(
        "update archive_receipt set restored_at = $4 where tenant_id = $1 and workspace_id = $2 and id = $3",
        place.tenant.0,
        place.id.0,
        id.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// The receipt of the archiving that still holds.
pub async fn find_receipt<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Option<Receipt>, AppError> {
    let found = sqlx::query!(
        r#"
        select id as "id: ReceiptId", archived_at, purge_at, contents
        from archive_receipt
        where tenant_id = $1 and workspace_id = $2 and restored_at is null
        order by archived_at desc
        limit 1
        "#,
        tenant.0,
        workspace.0,
    )
    .fetch_optional(scope.read())
    .await?;
    let Some(found) = found else { return Ok(None) };
    let contents: Contents = serde_json::from_value(found.contents).map_err(|error| {
        tracing::error!(receipt = %found.id, %error, "a receipt cannot be read");
        AppError::Internal
    })?;
    Ok(Some(Receipt {
        id: found.id,
        archived_at: found.archived_at,
        archived_by: contents.archived_by,
        purge_at: found.purge_at,
        inventory: Inventory(contents.stopped),
    }))
}
