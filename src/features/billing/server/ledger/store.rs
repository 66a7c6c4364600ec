//! The SQL that keeps the books. What writes is a function of the database, which holds the tenant's head.

pub mod reading;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::{New, closing::end_of};
use crate::{
    error::AppError,
    ids::TenantId,
    server::{
        plans::{self, Plan},
        scope::ServiceScope,
        standing::month_of,
    },
};

/// A tenant, held to the end of the transaction: nobody else keeps its books or changes its plan meanwhile.
#[derive(Clone, Debug)]
pub struct Held {
    pub plan_key: String,
    pub is_live: bool,
    /// The month in which it was deleted: its last one.
    pub last_month: Option<NaiveDate>,
    /// The open month.
    pub period: NaiveDate,
    /// Up to when everything is charged.
    pub open_hour: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl Held {
    /// The plan as it is in force in the open month; none where the file does not say it any more.
    pub fn plan(&self) -> Option<&'static Plan> {
        self.plan_in(self.period)
    }

    /// As it was when a month ended: a price of the next one is none of its own.
    pub fn plan_in(&self, period: NaiveDate) -> Option<&'static Plan> {
        plans::find(&self.plan_key, self.now.min(end_of(period) - TimeDelta::seconds(1)))
    }
}

/// What was charged.
#[derive(Clone, Copy, Debug)]
pub struct Charged {
    pub from_hour: DateTime<Utc>,
    pub micros: i64,
}

/// What a plan granted in the open period.
#[derive(Clone, Copy, Debug)]
pub struct Granted {
    pub period: NaiveDate,
    pub micros: i64,
    pub entries: i64,
}

/// An invoice, just issued.
#[derive(Clone, Copy, Debug)]
pub struct Closed {
    pub number: i64,
    pub due: i64,
}

/// Whose books are behind that moment, behind `after` in the order of their ids.
pub async fn to_settle(db: &PgPool, due: DateTime<Utc>, after: TenantId, most: i32) -> Result<Vec<TenantId>, AppError> {
    let tenants =
        sqlx::query_scalar!(r#"select tenants_to_settle($1, $2, $3) as "tenant!: TenantId""#, due, after.0, most).fetch_all(db).await?;
    Ok(tenants)
}

/// Also of a tenant that was deleted.
///
/// # Errors
/// `NotFound` where there is none.
pub async fn hold(scope: &mut ServiceScope, tenant: TenantId) -> Result<Held, AppError> {
    let now = scope.now();
    let held = sqlx::query!(
        r#"select plan, status = 'active' as "is_live!", deleted_at from tenant where tenant_id = $1 for no key update"#,
        tenant.0,
    )
    .fetch_optional(scope.read())
    .await?
    .ok_or(AppError::NotFound)?;
    // After the lock, so that it is what whoever held it before has left.
    let books = sqlx::query!("select period, open_hour from ledger_head where tenant_id = $1", tenant.0).fetch_one(scope.read()).await?;
    let last_month = held.deleted_at.map(month_of);
    Ok(Held { plan_key: held.plan, is_live: held.is_live, last_month, period: books.period, open_hour: books.open_hour, now })
}

/// A note where it comes to nothing, and otherwise part of an entry that is posted.
pub async fn charge(
    scope: &mut ServiceScope,
    tenant: TenantId,
    id: Uuid,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Option<Charged>, AppError> {
    let charged = sqlx::query_as!(
        Charged,
        r#"select from_hour as "from_hour!", micros as "micros!" from charge_usage($1, $2, $3, $4)"#,
        tenant.0,
        id,
        until,
        now,
    )
    .fetch_optional(scope.note())
    .await?;
    Ok(charged)
}

/// The number of the entry; none where its key is taken.
pub async fn post(scope: &mut ServiceScope, tenant: TenantId, new: &New<'_>) -> Result<Option<i64>, AppError> {
    let now = scope.now();
    post_through(scope.write(), tenant, new, now).await
}

/// The same of what the clock brings about.
pub async fn post_as_note(scope: &mut ServiceScope, tenant: TenantId, new: &New<'_>) -> Result<Option<i64>, AppError> {
    let now = scope.now();
    post_through(scope.note(), tenant, new, now).await
}

async fn post_through(connection: &mut PgConnection, tenant: TenantId, new: &New<'_>, now: DateTime<Utc>) -> Result<Option<i64>, AppError> {
    let made_by = if new.reason.is_some() { "operator" } else { "system" };
    let (accounts, micros): (Vec<String>, Vec<i64>) =
        new.postings.iter().map(|(account, micros)| (account.name().to_owned(), *micros)).unzip();
    let number = sqlx::query_scalar!(
        "select post_ledger_entry($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant.0,
        new.key,
        new.kind.name(),
        made_by,
        new.reason,
        new.charge,
        now,
        &accounts,
        &micros,
    )
    .fetch_one(connection)
    .await?;
    Ok(number)
}

/// By the plan: what the operator granted is not in it.
pub async fn granted(scope: &mut ServiceScope, tenant: TenantId) -> Result<Granted, AppError> {
    let granted = sqlx::query_as!(
        Granted,
        r#"
        select head.period, coalesce(-sum(posted.micros), 0)::bigint as "micros!", count(posted.micros) as "entries!"
        from ledger_head as head
        left join ledger_entry as entry
          on entry.tenant_id = head.tenant_id and entry.period = head.period and entry.kind in ('grant', 'expiry') and entry.made_by = 'system'
        left join ledger_posting as posted
          on posted.tenant_id = entry.tenant_id and posted.entry_number = entry.number and posted.account = 'included'
        where head.tenant_id = $1
        group by head.period
        "#,
        tenant.0,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(granted)
}

/// That it was decided what the open period includes.
pub async fn note_granted(scope: &mut ServiceScope, tenant: TenantId) -> Result<(), AppError> {
    sqlx::query!("update ledger_head set granted_for = period where tenant_id = $1 and granted_for is distinct from period", tenant.0,)
        .execute(scope.note())
        .await?;
    Ok(())
}

/// None where there was nothing to put on an invoice.
pub async fn close(
    scope: &mut ServiceScope,
    tenant: TenantId,
    period: NaiveDate,
    (plan, plan_name): (&str, &str),
) -> Result<Option<Closed>, AppError> {
    let now = scope.now();
    let closed = sqlx::query_as!(
        Closed,
        r#"select number as "number!", due as "due!" from close_period($1, $2, $3, $4, $5)"#,
        tenant.0,
        period,
        plan,
        plan_name,
        now,
    )
    .fetch_optional(scope.note())
    .await?;
    Ok(closed)
}

/// The entry of that key, where there is one: its kind, and what it posted to which account.
pub async fn find_key(scope: &mut ServiceScope, tenant: TenantId, key: &str) -> Result<Option<(String, Vec<(String, i64)>)>, AppError> {
    let rows = sqlx::query!(
        "select entry.kind, posted.account, posted.micros
         from ledger_entry as entry
         join ledger_posting as posted on posted.tenant_id = entry.tenant_id and posted.entry_number = entry.number
         where entry.tenant_id = $1 and entry.key = $2",
        tenant.0,
        key,
    )
    .fetch_all(scope.read())
    .await?;
    let Some(kind) = rows.first().map(|row| row.kind.clone()) else { return Ok(None) };
    Ok(Some((kind, rows.into_iter().map(|row| (row.account, row.micros)).collect())))
}
