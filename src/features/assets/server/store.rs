//! The SQL behind what lies in the store of files. It is the server's book of what it put where; what the asset itself holds is
//! its record's, and has its event.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

use super::Place;
use crate::{
    access::workspace::WriteRecords,
    error::AppError,
    ids::{RecordId, TenantId, WorkspaceId},
    server::{
        database::IfViolates as _,
        scope::{ServiceScope, WorkspaceScope},
    },
};

/// What an address leads to, with what holds there now.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Whether the workspace is.
    pub is_live: bool,
    pub plan: String,
    /// As `Standing::read` takes it.
    pub standing: Value,
    pub status: Option<String>,
    pub is_archived: bool,
    pub data: Json<Map<String, Value>>,
    /// Of what the asset was completed with.
    pub object: Option<Uuid>,
    pub sha256: Option<Vec<u8>>,
    /// How many there are of the asset, whatever became of them.
    pub uploads: i64,
}

/// None where there is no such asset.
pub async fn open(scope: &mut ServiceScope, place: Place) -> Result<Option<Opened>, AppError> {
    let now = scope.now();
    let opened = sqlx::query_as!(
        Opened,
        r#"
        select is_live as "is_live!", plan as "plan!", standing as "standing!", status, is_archived as "is_archived!",
               data as "data!: Json<Map<String, Value>>", object_id as object, object_sha256 as sha256, uploads as "uploads!"
        from open_asset($1, $2, $3, $4)
        "#,
        place.tenant.0,
        place.workspace.0,
        place.asset.0,
        now,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(opened)
}

/// Before the first byte goes to the store.
///
/// # Errors
/// `NotFound` where the workspace is not live any more.
pub async fn insert(scope: &mut ServiceScope, place: Place, object: Uuid, bytes: i64) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "insert into asset_object (tenant_id, workspace_id, asset_id, id, bytes, created_at) values ($1, $2, $3, $4, $5, $6)",
        place.tenant.0,
        place.workspace.0,
        place.asset.0,
        object,
        bytes,
        now,
    )
    .execute(scope.note())
    .await
    .if_violates("only_in_a_live_workspace", || AppError::NotFound)?;
    Ok(())
}

/// After the last byte: it lies there whole. False where the asset was completed meanwhile.
pub async fn arrive(scope: &mut ServiceScope, place: Place, object: Uuid, sha256: &[u8]) -> Result<bool, AppError> {
    let arrived = sqlx::query!(
        "update asset_object
         set sha256 = $5
         where tenant_id = $1 and workspace_id = $2 and asset_id = $3 and id = $4 and leaving_at is null
           and not exists (
               select from asset_object as held
               where held.tenant_id = $1 and held.workspace_id = $2 and held.asset_id = $3 and held.kept_at is not null)",
        place.tenant.0,
        place.workspace.0,
        place.asset.0,
        object,
        sha256,
    )
    .execute(scope.note())
    .await?;
    Ok(arrived.rows_affected() == 1)
}

/// Earlier whole ones of the asset that nobody completed it with are to go.
pub async fn supersede(scope: &mut ServiceScope, place: Place, by: Uuid) -> Result<Vec<Uuid>, AppError> {
    let now = scope.now();
    let superseded = sqlx::query_scalar!(
        "update asset_object
         set leaving_at = $5
         where tenant_id = $1 and workspace_id = $2 and asset_id = $3 and id <> $4
           and sha256 is not null and kept_at is null and leaving_at is null
         returning id",
        place.tenant.0,
        place.workspace.0,
        place.asset.0,
        by,
        now,
    )
    .fetch_all(scope.note())
    .await?;
    Ok(superseded)
}

/// What came last of an asset, whole, and still waits to be completed.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub object: Uuid,
    pub bytes: i64,
    pub sha256: Vec<u8>,
}

/// Held until the scope ends, so that it is not swept meanwhile.
pub async fn hold_arrived(scope: &mut WorkspaceScope<WriteRecords>, place: Place) -> Result<Option<Arrived>, AppError> {
    let arrived = sqlx::query_as!(
        Arrived,
        r#"
        select id as object, bytes, sha256 as "sha256!"
        from asset_object
        where tenant_id = $1 and workspace_id = $2 and asset_id = $3
          and sha256 is not null and kept_at is null and leaving_at is null
        order by id desc
        limit 1
        for no key update
        "#,
        place.tenant.0,
        place.workspace.0,
        place.asset.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(arrived)
}

pub async fn keep(scope: &mut WorkspaceScope<WriteRecords>, place: Place, object: Uuid) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "update asset_object
         set kept_at = $5
         where tenant_id = $1 and workspace_id = $2 and asset_id = $3 and id = $4",
        place.tenant.0,
        place.workspace.0,
        place.asset.0,
        object,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// From here on nobody completes an asset with it. False where that happened already.
pub async fn leave(scope: &mut ServiceScope, place: Place, object: Uuid) -> Result<bool, AppError> {
    let now = scope.now();
    let left = sqlx::query!(
        "update asset_object
         set leaving_at = coalesce(leaving_at, $5)
         where tenant_id = $1 and workspace_id = $2 and asset_id = $3 and id = $4 and (kept_at is null or leaving_at is not null)",
        place.tenant.0,
        place.workspace.0,
        place.asset.0,
        object,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(left.rows_affected() == 1)
}

/// Once the store has it no more.
pub async fn delete(scope: &mut ServiceScope, place: Place, object: Uuid) -> Result<(), AppError> {
    sqlx::query!(
        "delete from asset_object where tenant_id = $1 and workspace_id = $2 and asset_id = $3 and id = $4 and leaving_at is not null",
        place.tenant.0,
        place.workspace.0,
        place.asset.0,
        object,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

/// Everything of a workspace that is to be purged by now is to go, whatever it is; so many of it. Of one that was restored
/// meanwhile nothing is.
pub async fn leave_all(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    most: i64,
) -> Result<Vec<(Place, Uuid)>, AppError> {
    let now = scope.now();
    let left = sqlx::query!(
        r#"
        update asset_object as leaving
        set leaving_at = coalesce(leaving.leaving_at, $3)
        where leaving.tenant_id = $1 and leaving.workspace_id = $2 and (select hold_due_workspace($1, $2, $3)) and (leaving.asset_id, leaving.id) in (
            select first.asset_id, first.id from asset_object as first
            where first.tenant_id = $1 and first.workspace_id = $2
            order by first.asset_id, first.id
            limit $4)
        returning leaving.asset_id as "asset: RecordId", leaving.id
        "#,
        tenant.0,
        workspace.0,
        now,
        most,
    )
    .fetch_all(scope.note())
    .await?;
    Ok(left.into_iter().map(|row| (Place { tenant, workspace, asset: row.asset }, row.id)).collect())
}

/// What nobody keeps, of whichever tenant.
pub async fn strays(db: &PgPool, before: DateTime<Utc>, most: i32) -> Result<Vec<(Place, Uuid)>, AppError> {
    let strays = sqlx::query!(
        r#"
        select tenant_id as "tenant!: TenantId", workspace_id as "workspace!: WorkspaceId", asset_id as "asset!: RecordId", id as "id!"
        from stray_asset_objects($1, $2)
        "#,
        before,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(strays.into_iter().map(|row| (Place { tenant: row.tenant, workspace: row.workspace, asset: row.asset }, row.id)).collect())
}
