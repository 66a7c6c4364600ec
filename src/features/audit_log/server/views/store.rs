//! The SQL behind saved views. One statement a function; tenant and workspace first.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{Shelf, Wanted};
use crate::{
    error::AppError,
    ids::{AuditViewId, UserId},
    server::{
        database::IfViolates as _,
        scope::{Reach, Scope},
    },
};

/// A view as it is kept.
#[derive(Clone, Debug)]
pub struct View {
    pub id: AuditViewId,
    pub user_id: Option<Uuid>,
    pub name: String,
    pub line: String,
    pub within: Option<String>,
    pub from_day: Option<NaiveDate>,
    pub to_day: Option<NaiveDate>,
    pub version: i64,
    pub updated_at: DateTime<Utc>,
}

fn name_is_taken() -> AppError {
    AppError::invalid("name", "There is a view of this name already. Choose another name.")
}

/// Everybody's, and this person's own where one is named; by name.
pub async fn list<R: Reach>(scope: &mut Scope<R>, shelf: &Shelf, own_of: Option<UserId>) -> Result<Vec<View>, AppError> {
    let views = sqlx::query_as!(
        View,
        r#"select id as "id: AuditViewId", user_id, name, line, within, from_day, to_day, version, updated_at
           from audit_view
           where tenant_id = $1 and workspace_id is not distinct from $2 and (user_id is null or user_id = $3)
           order by lower(name), id"#,
        shelf.tenant.0,
        shelf.workspace.map(|workspace| workspace.0),
        own_of.map(|user| user.0),
    )
    .fetch_all(scope.read())
    .await?;
    Ok(views)
}

/// Of this owner: a person, or everybody.
pub async fn find<R: Reach>(scope: &mut Scope<R>, shelf: &Shelf, owner: Option<UserId>, id: AuditViewId) -> Result<Option<View>, AppError> {
    let view = sqlx::query_as!(
        View,
        r#"select id as "id: AuditViewId", user_id, name, line, within, from_day, to_day, version, updated_at
           from audit_view
           where tenant_id = $1 and workspace_id is not distinct from $2 and user_id is not distinct from $3 and id = $4"#,
        shelf.tenant.0,
        shelf.workspace.map(|workspace| workspace.0),
        owner.map(|user| user.0),
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(view)
}

/// From here to the end of the transaction nobody else makes one for this owner.
pub async fn one_at_a_time<R: Reach>(scope: &mut Scope<R>, shelf: &Shelf, owner: Option<UserId>) -> Result<(), AppError> {
    let name = format!("audit views {} {}", shelf.log, owner.map(|user| user.to_string()).unwrap_or_default());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).fetch_one(scope.read()).await?;
    Ok(())
}

pub async fn count<R: Reach>(scope: &mut Scope<R>, shelf: &Shelf, owner: Option<UserId>) -> Result<i64, AppError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from audit_view
           where tenant_id = $1 and workspace_id is not distinct from $2 and user_id is not distinct from $3"#,
        shelf.tenant.0,
        shelf.workspace.map(|workspace| workspace.0),
        owner.map(|user| user.0),
    )
    .fetch_one(scope.read())
    .await?;
    Ok(count)
}

pub async fn insert<R: Reach>(
    scope: &mut Scope<R>,
    shelf: &Shelf,
    owner: Option<UserId>,
    id: AuditViewId,
    wanted: &Wanted,
) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "insert into audit_view (tenant_id, workspace_id, id, user_id, name, line, within, from_day, to_day, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)",
        shelf.tenant.0,
        shelf.workspace.map(|workspace| workspace.0),
        id.0,
        owner.map(|user| user.0),
        wanted.name,
        wanted.line,
        wanted.within,
        wanted.from_day,
        wanted.to_day,
        now,
    )
    .execute(scope.write())
    .await
    .if_violates("audit_view_name", name_is_taken)?;
    Ok(())
}

/// False where the version has moved on.
pub async fn update<R: Reach>(
    scope: &mut Scope<R>,
    shelf: &Shelf,
    owner: Option<UserId>,
    id: AuditViewId,
    wanted: &Wanted,
    version: i64,
) -> Result<bool, AppError> {
    let now = scope.now();
    let updated = sqlx::query!(
        "update audit_view
         set name = $5, line = $6, within = $7, from_day = $8, to_day = $9, version = version + 1, updated_at = $10
         where tenant_id = $1 and workspace_id is not distinct from $2 and user_id is not distinct from $3 and id = $4 and version = $11",
        shelf.tenant.0,
        shelf.workspace.map(|workspace| workspace.0),
        owner.map(|user| user.0),
        id.0,
        wanted.name,
        wanted.line,
        wanted.within,
        wanted.from_day,
        wanted.to_day,
        now,
        version,
    )
    .execute(scope.write())
    .await
    .if_violates("audit_view_name", name_is_taken)?;
    Ok(updated.rows_affected() > 0)
}

/// False where the version has moved on.
pub async fn delete<R: Reach>(
    scope: &mut Scope<R>,
    shelf: &Shelf,
    owner: Option<UserId>,
    id: AuditViewId,
    version: i64,
) -> Result<bool, AppError> {
    let deleted = sqlx::query!(
        "delete from audit_view
         where tenant_id = $1 and workspace_id is not distinct from $2 and user_id is not distinct from $3 and id = $4 and version = $5",
        shelf.tenant.0,
        shelf.workspace.map(|workspace| workspace.0),
        owner.map(|user| user.0),
        id.0,
        version,
    )
    .execute(scope.write())
    .await?;
    Ok(deleted.rows_affected() > 0)
}
