//! The SQL behind legal holds.

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    features::retention::server::Place,
    ids::{AuditHoldId, LogId, TenantId},
    server::scope::{Reach, Scope, ServiceScope},
};

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

/// On the log, then lifted ones; each the latest first.
pub async fn of_log<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<Vec<Hold>, AppError> {
    let holds = sqlx::query_as!(
        Hold,
        r#"select tenant_id as "tenant: TenantId", log_id as "log: LogId", id as "id: AuditHoldId", name, reason, by_operator,
               placed_by, placed_at, lifted_at
           from audit_hold
           where tenant_id = $1 and log_id = $2
           order by lifted_at is not null, id desc
           limit 200"#,
        place.tenant.0,
        place.id.0,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(holds)
}

/// Those that are on, of every log of a tenant, the latest first.
pub async fn of_tenant<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<Hold>, AppError> {
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
pub async fn all(scope: &mut ServiceScope) -> Result<Vec<Hold>, AppError> {
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

pub async fn insert<R: Reach>(scope: &mut Scope<R>, place: &Place, hold: &Hold) -> Result<(), AppError> {
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
