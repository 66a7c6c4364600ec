//! The SQL behind changes of plan.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::{
    error::AppError,
    features::billing::server::changing::{Became, Slot, Waiting},
    ids::{PlanChangeId, TenantId, UserId},
    server::scope::{Reach, Scope},
};

pub async fn waiting<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Option<Waiting>, AppError> {
    let waiting = sqlx::query_as!(
        Waiting,
        r#"select id as "id: PlanChangeId", from_plan as "from", to_plan as "to", asked_by as "asked_by: UserId", asked_at, takes_effect_at
           from plan_change
           where tenant_id = $1 and ended_at is null"#,
        tenant.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(waiting)
}

pub async fn insert<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, new: &Waiting) -> Result<(), AppError> {
    sqlx::query!(
        "insert into plan_change (tenant_id, id, from_plan, to_plan, asked_by, asked_at, takes_effect_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        tenant.0,
        new.id.0,
        new.from,
        new.to,
        new.asked_by.0,
        new.asked_at,
        new.takes_effect_at,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

pub async fn end<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    id: PlanChangeId,
    became: Became,
    now: DateTime<Utc>,
) -> Result<(), AppError> {
    sqlx::query!(
        "update plan_change set ended_at = $3, became = $4 where tenant_id = $1 and id = $2 and ended_at is null",
        tenant.0,
        id.0,
        now,
        became.name(),
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// The live tenants whose change is due.
pub async fn due(db: &PgPool, now: DateTime<Utc>, most: i32) -> Result<Vec<TenantId>, AppError> {
    let due = sqlx::query_scalar!(r#"select due_plan_changes($1, $2) as "tenant!: TenantId""#, now, most).fetch_all(db).await?;
    Ok(due)
}

pub async fn note_over_plan<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, is_over: bool) -> Result<(), AppError> {
    sqlx::query!("update tenant set over_plan = $2 where tenant_id = $1 and over_plan <> $2", tenant.0, is_over)
        .execute(scope.write())
        .await?;
    Ok(())
}

/// What was used between two moments, by time; what is not added up yet, too.
pub async fn slots<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Slot>, AppError> {
    let slots = sqlx::query_as!(
        Slot,
        r#"select used.starts_at as "starts_at!", used.dimension as "dimension!", used.module, sum(used.quantity)::bigint as "quantity!",
               sum(used.events)::bigint as "events!"
           from (
               select starts_at, dimension, module, quantity, events
               from usage_rollup
               where tenant_id = $1 and starts_at >= $2 and starts_at < $3
               union all
               select date_bin('15 minutes', occurred_at, timestamptz '2000-01-01 00:00:00+00'), dimension, module, quantity, 1
               from usage_pending
               where tenant_id = $1 and occurred_at >= $2 and occurred_at < $3) as used
           group by used.starts_at, used.dimension, used.module
           order by used.starts_at, used.dimension, used.module"#,
        tenant.0,
        from,
        until,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(slots)
}
