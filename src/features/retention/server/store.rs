//! The SQL behind retention: what is allowed and what is chosen.

pub mod going;
pub mod holds;

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::Place;
use crate::{
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
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

/// For how many days rows are kept at that moment (none for ever), and whether a hold is on.
pub async fn kept<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<(Option<i32>, bool), AppError> {
    let now = scope.now();
    let kept = sqlx::query!(
        r#"select min(case when said.next_from <= $3 then said.next_days else said.days end) as days,
               exists (
                   select from audit_hold as hold
                   where hold.tenant_id = $1 and hold.log_id = $2 and hold.lifted_at is null) as "is_held!"
           from (
               select allowed.days, allowed.next_days, allowed.next_from
               from audit_allowance as allowed
               where allowed.tenant_id = $1
               union all
               select chosen.days, chosen.next_days, chosen.next_from
               from audit_retention as chosen
               where chosen.tenant_id = $1 and chosen.log_id = $2) as said"#,
        place.tenant.0,
        place.id.0,
        now,
    )
    .fetch_one(scope.read())
    .await?;
    Ok((kept.days, kept.is_held))
}

/// From here to the end of the transaction nobody else decides over this log, and nothing of it goes.
pub async fn one_at_a_time<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<(), AppError> {
    let name = format!("keeps {}", place.id.0);
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", name).fetch_one(scope.read()).await?;
    Ok(())
}

/// Returns from when it is so; none for at once.
pub async fn choose<R: Reach>(scope: &mut Scope<R>, place: &Place, days: Option<i32>, by: &str) -> Result<Option<DateTime<Utc>>, AppError> {
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

pub async fn place_of(db: &PgPool, log: Uuid) -> Result<Option<(TenantId, Option<WorkspaceId>)>, AppError> {
    let place =
        sqlx::query!(r#"select tenant_id as "tenant!: TenantId", workspace_id as "workspace: WorkspaceId" from audit_log_place($1)"#, log)
            .fetch_optional(db)
            .await?;
    Ok(place.map(|place| (place.tenant, place.workspace)))
}
