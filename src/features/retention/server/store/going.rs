//! The SQL behind what goes, through functions that decide by themselves which rows these are.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use crate::{
    error::AppError,
    ids::{LogId, TenantId, WorkspaceId},
    server::scope::ServiceScope,
};

/// What one removal took.
#[derive(Clone, Debug)]
pub struct Removal {
    pub origin: String,
    pub rows: String,
    pub removed: i64,
    pub days: i32,
    pub before: DateTime<Utc>,
    pub decided_by: String,
}

/// A log of which rows are due to go.
#[derive(Clone, Copy, Debug)]
pub struct Due {
    pub tenant: TenantId,
    pub log: LogId,
    pub workspace: Option<WorkspaceId>,
}

/// What one look at leaves of a log found of a person, or erased.
#[derive(Clone, Debug)]
pub struct Looked {
    pub origin: String,
    pub rows: Option<String>,
    pub fields: Option<String>,
    pub touched: i64,
    pub erased: i64,
    pub next: Option<i64>,
}

/// How many tenants are allowed something else now.
pub async fn note_allowances(db: &PgPool, plans: &[String], days: &[Option<i32>], now: DateTime<Utc>) -> Result<i64, AppError> {
    let noted = sqlx::query_scalar!(r#"select note_audit_allowances($1, $2, $3) as "noted!""#, plans, days as _, now).fetch_one(db).await?;
    Ok(noted)
}

/// Behind `after`, in the order of their ids.
pub async fn due(db: &PgPool, now: DateTime<Utc>, after: LogId, most: i32) -> Result<Vec<Due>, AppError> {
    let due = sqlx::query_as!(
        Due,
        r#"select tenant_id as "tenant!: TenantId", log_id as "log!: LogId", workspace_id as "workspace: WorkspaceId"
           from audit_logs_to_trim($1, $2, $3)"#,
        now,
        after.0,
        most,
    )
    .fetch_all(db)
    .await?;
    Ok(due)
}

/// None where nothing is due (any more), or somebody else is at it.
pub async fn remove(scope: &mut ServiceScope, log: LogId, most: i32) -> Result<Option<Removal>, AppError> {
    let (tenant, now) = (scope.reach().tenant.0, scope.now());
    let removed = sqlx::query_as!(
        Removal,
        r#"select origin as "origin!", rows as "rows!", removed as "removed!", days as "days!", before as "before!",
               decided_by as "decided_by!"
           from remove_audit_rows($1, $2, $3, $4)"#,
        tenant,
        log.0,
        most,
        now,
    )
    .fetch_optional(scope.write())
    .await?;
    Ok(removed)
}

/// Of so many leaves from a number on; `is_look` changes nothing.
pub async fn erase(
    scope: &mut ServiceScope,
    log: LogId,
    (user, values): (&str, &[String]),
    (from, most): (i64, i32),
    is_look: bool,
) -> Result<Looked, AppError> {
    let (tenant, now) = (scope.reach().tenant.0, scope.now());
    let looked = sqlx::query_as!(
        Looked,
        r#"select origin as "origin!", rows, fields, touched as "touched!", erased as "erased!", next
           from erase_audit_values($1, $2, $3, $4, $5, $6, $7, $8)"#,
        tenant,
        log.0,
        user,
        values,
        from,
        most,
        is_look,
        now,
    )
    .fetch_one(if is_look { scope.read() } else { scope.write() })
    .await?;
    Ok(looked)
}

/// In small letters.
pub async fn names_of(scope: &mut ServiceScope, log: LogId, user: &str) -> Result<Vec<String>, AppError> {
    let tenant = scope.reach().tenant.0;
    let names = sqlx::query_scalar!(r#"select audit_names_of($1, $2, $3) as "name!""#, tenant, log.0, user).fetch_all(scope.read()).await?;
    Ok(names)
}

/// Id, name and address of those who are meant.
pub async fn people(scope: &mut ServiceScope, id: Option<Uuid>, email: Option<&str>) -> Result<Vec<(Uuid, String, String)>, AppError> {
    let people = sqlx::query!(r#"select id as "id!", name as "name!", email as "email!" from audit_person($1, $2)"#, id, email)
        .fetch_all(scope.read())
        .await?;
    Ok(people.into_iter().map(|person| (person.id, person.name, person.email)).collect())
}
