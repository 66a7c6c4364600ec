//! The SQL behind retention. What goes, goes through functions that decide by themselves which rows these are.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::Place;
use crate::{
    error::AppError,
    ids::{AuditHoldId, LogId, TenantId, WorkspaceId},
    server::scope::{Reach, Scope, ServiceScope},
};

/// For how long, and what will be so: none of the days is for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub days: Option<i32>,
    pub next_days: Option<i32>,
    pub next_from: Option<DateTime<Utc>>,
}

impl Span {
    pub fn days_at(&self, moment: DateTime<Utc>) -> Option<i32> {
        if self.next_from.is_some_and(|from| from <= moment) { self.next_days } else { self.days }
    }

    pub fn coming(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.next_from.filter(|from| *from > now)
    }

    pub fn wanted(&self) -> Option<i32> {
        if self.next_from.is_some() { self.next_days } else { self.days }
    }
}

/// What is chosen for a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub days: Option<i32>,
    pub next_days: Option<i32>,
    pub next_from: Option<DateTime<Utc>>,
    pub decided_by: String,
    pub decided_at: DateTime<Utc>,
    pub version: i64,
}

impl Choice {
    pub fn span(&self) -> Span {
        Span { days: self.days, next_days: self.next_days, next_from: self.next_from }
    }
}

/// A hold on a log, on or lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub tenant: TenantId,
    pub log: LogId,
    pub id: AuditHoldId,
    pub name: String,
    pub reason: String,
    pub by_operator: bool,
    pub placed_by: String,
    pub placed_at: DateTime<Utc>,
    pub lifted_at: Option<DateTime<Utc>>,
}

/// What one removal took.
#[derive(Clone, Debug)]
pub struct Removed {
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

pub async fn allowance<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<Option<Span>, AppError> {
    let span = sqlx::query_as!(Span, "select days, next_days, next_from from audit_allowance where tenant_id = $1", place.tenant.0)
        .fetch_optional(scope.read())
        .await?;
    Ok(span)
}

pub async fn choice<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<Option<Choice>, AppError> {
    let choice = sqlx::query_as!(
        Choice,
        "select days, next_days, next_from, decided_by, decided_at, version
         from audit_retention
         where tenant_id = $1 and log_id = $2",
        place.tenant.0,
        place.id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(choice)
}

/// From here to the end of the transaction nobody else decides over this log, and nothing of it goes.
pub async fn one_at_a_time<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<(), AppError> {
    let name = format!("keeps {}", place.id.0);
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).fetch_one(scope.read()).await?;
    Ok(())
}

/// Returns from when it is so; none for at once.
pub async fn choose<R: Reach>(
    scope: &mut Scope<R>,
    place: &Place,
    days: Option<i32>,
    by: &str,
) -> Result<Option<DateTime<Utc>>, AppError> {
    let now = scope.now();
    let from = sqlx::query_scalar!(
        "select choose_audit_retention($1, $2, $3, $4, $5, $6)",
        place.tenant.0,
        place.id.0,
        place.workspace.map(|workspace| workspace.0),
        days,
        by,
        now,
    )
    .fetch_one(scope.write())
    .await?;
    Ok(from)
}

/// On the log or lifted, the latest first.
pub async fn holds<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<Vec<Hold>, AppError> {
    let holds = sqlx::query_as!(
        Hold,
        r#"select tenant_id as "tenant: TenantId", log_id as "log: LogId", id as "id: AuditHoldId", name, reason, by_operator,
               placed_by, placed_at, lifted_at
           from audit_hold
           where tenant_id = $1 and log_id = $2
           order by id desc
           limit 200"#,
        place.tenant.0,
        place.id.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(holds)
}

/// Those that are on, of every log of a tenant, the latest first.
pub async fn holds_of<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<Hold>, AppError> {
    let holds = sqlx::query_as!(
        Hold,
        r#"select tenant_id as "tenant: TenantId", log_id as "log: LogId", id as "id: AuditHoldId", name, reason, by_operator,
               placed_by, placed_at, lifted_at
           from audit_hold
           where tenant_id = $1 and lifted_at is null
           order by id desc
           limit 500"#,
        tenant.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(holds)
}

/// Of whichever tenant; for a scope of the installation.
pub async fn all_holds(scope: &mut ServiceScope) -> Result<Vec<Hold>, AppError> {
    let holds = sqlx::query_as!(
        Hold,
        r#"select tenant_id as "tenant!: TenantId", log_id as "log!: LogId", id as "id!: AuditHoldId", name as "name!",
               reason as "reason!", by_operator as "by_operator!", placed_by as "placed_by!", placed_at as "placed_at!", lifted_at
           from audit_holds()"#,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(holds)
}

pub async fn insert_hold<R: Reach>(scope: &mut Scope<R>, place: &Place, hold: &Hold) -> Result<(), AppError> {
    sqlx::query!(
        "insert into audit_hold (tenant_id, log_id, workspace_id, id, name, reason, by_operator, placed_by, placed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        place.tenant.0,
        place.id.0,
        place.workspace.map(|workspace| workspace.0),
        hold.id.0,
        hold.name,
        hold.reason,
        hold.by_operator,
        hold.placed_by,
        hold.placed_at,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// False where it is lifted already.
pub async fn lift<R: Reach>(scope: &mut Scope<R>, hold: &Hold, by: &str, because: &str) -> Result<bool, AppError> {
    let now = scope.now();
    let lifted = sqlx::query!(
        "update audit_hold set lifted_by = $4, lifted_at = $5, lifted_because = $6
         where tenant_id = $1 and log_id = $2 and id = $3 and lifted_at is null",
        hold.tenant.0,
        hold.log.0,
        hold.id.0,
        by,
        now,
        because,
    )
    .execute(scope.write())
    .await?;
    Ok(lifted.rows_affected() > 0)
}

pub async fn place_of(db: &PgPool, log: Uuid) -> Result<Option<(TenantId, Option<WorkspaceId>)>, AppError> {
    let place = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", workspace_id as "workspace: WorkspaceId" from audit_log_place($1)"#,
        log
    )
    .fetch_optional(db)
    .await?;
    Ok(place.map(|place| (place.tenant, place.workspace)))
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
pub async fn remove(scope: &mut ServiceScope, log: LogId, most: i32) -> Result<Option<Removed>, AppError> {
    let (tenant, now) = (scope.reach().tenant.0, scope.now());
    let removed = sqlx::query_as!(
        Removed,
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
    let names =
        sqlx::query_scalar!(r#"select audit_names_of($1, $2, $3) as "name!""#, tenant, log.0, user).fetch_all(scope.read()).await?;
    Ok(names)
}

/// Id, name and address of those who are meant.
pub async fn people(scope: &mut ServiceScope, id: Option<Uuid>, email: Option<&str>) -> Result<Vec<(Uuid, String, String)>, AppError> {
    let people = sqlx::query!(r#"select id as "id!", name as "name!", email as "email!" from audit_person($1, $2)"#, id, email)
        .fetch_all(scope.read())
        .await?;
    Ok(people.into_iter().map(|person| (person.id, person.name, person.email)).collect())
}
