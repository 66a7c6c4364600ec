//! The SQL behind top-ups. Whatever changes one but its making is what the payment provider told: what that means is an event, or
//! an entry of the ledger, in the same transaction.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::{
    error::AppError,
    features::billing::server::top_ups::{Known, Row},
    ids::{TenantId, TopUpId, UserId},
    money::Micros,
    server::{
        payment::{Happened, Opened},
        scope::{Reach, Scope, ServiceScope},
    },
};

/// A top-up to be.
pub struct New<'a> {
    pub id: TopUpId,
    pub provider: &'a str,
    pub is_live: bool,
    pub amount: Micros,
    pub asked_by: UserId,
}

pub async fn insert<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, new: &New<'_>) -> Result<(), AppError> {
    let now = scope.now();
    sqlx::query!(
        "insert into top_up (tenant_id, id, provider, is_live, micros, asked_by, asked_at, state)
         values ($1, $2, $3, $4, $5, $6, $7, 'asked')",
        tenant.0,
        new.id.0,
        new.provider,
        new.is_live,
        new.amount.0,
        new.asked_by.0,
        now,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// Those that were asked for since that moment and can still be paid, as far as is known.
pub async fn count_unpaid<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, since: DateTime<Utc>) -> Result<i64, AppError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from top_up where tenant_id = $1 and asked_at > $2 and state in ('asked', 'open')"#,
        tenant.0,
        since,
    )
    .fetch_one(scope.read())
    .await?;
    Ok(count)
}

/// The latest first.
pub async fn list<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, most: i64) -> Result<Vec<Row>, AppError> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id: TopUpId", is_live, micros, asked_at, state, because, pay_at, pay_until, payment_ref, paid_at, paid_micros,
                  refunded_micros, credited_micros, returned_micros, dispute_state
           from top_up
           where tenant_id = $1
           order by asked_at desc, id desc
           limit $2"#,
        tenant.0,
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows)
}

pub async fn find<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, id: TopUpId) -> Result<Option<Row>, AppError> {
    let row = sqlx::query_as!(
        Row,
        r#"select id as "id: TopUpId", is_live, micros, asked_at, state, because, pay_at, pay_until, payment_ref, paid_at, paid_micros,
                  refunded_micros, credited_micros, returned_micros, dispute_state
           from top_up
           where tenant_id = $1 and id = $2"#,
        tenant.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(row)
}

/// Who the tenant is at the provider; none where it never paid there.
pub async fn customer<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    (provider, is_live): (&str, bool),
) -> Result<Option<String>, AppError> {
    let customer = sqlx::query_scalar!(
        "select customer_ref from payment_customer where tenant_id = $1 and provider = $2 and is_live = $3",
        tenant.0,
        provider,
        is_live,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(customer)
}

/// Keeps who the tenant is there, in place of who it was; where somebody was quicker, theirs stays. Returns who it is.
pub async fn keep_customer(
    scope: &mut ServiceScope,
    tenant: TenantId,
    (provider, is_live): (&str, bool),
    (former, customer): (Option<&str>, &str),
) -> Result<String, AppError> {
    let now = scope.now();
    sqlx::query!(
        "insert into payment_customer (tenant_id, provider, is_live, customer_ref, created_at) values ($1, $2, $3, $4, $5)
         on conflict on constraint payment_customer_pkey do update
         set customer_ref = excluded.customer_ref, created_at = excluded.created_at
         where payment_customer.customer_ref = $6",
        tenant.0,
        provider,
        is_live,
        customer,
        now,
        former,
    )
    .execute(scope.note())
    .await?;
    self::customer(scope, tenant, (provider, is_live)).await?.ok_or(AppError::Internal)
}

pub async fn note_opened(scope: &mut ServiceScope, tenant: TenantId, id: TopUpId, customer: &str, opened: &Opened) -> Result<(), AppError> {
    sqlx::query!(
        "update top_up set state = 'open', customer_ref = $3, session_ref = $4, pay_at = $5, pay_until = $6
         where tenant_id = $1 and id = $2 and state = 'asked'",
        tenant.0,
        id.0,
        customer,
        opened.session,
        opened.pay_at.as_str(),
        opened.until,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

/// Where the provider did not open one.
pub async fn fail(scope: &mut ServiceScope, tenant: TenantId, id: TopUpId, because: &str) -> Result<(), AppError> {
    sqlx::query!(
        "update top_up set state = 'failed', because = $3 where tenant_id = $1 and id = $2 and state = 'asked'",
        tenant.0,
        id.0,
        because,
    )
    .execute(scope.write())
    .await?;
    Ok(())
}

/// Asked before any scope: the provider names no tenant. By everything that it does name; two where that leads to two.
pub async fn find_by_reference(
    db: &PgPool,
    (provider, is_live): (&str, bool),
    happened: &Happened,
) -> Result<Vec<(TenantId, TopUpId)>, AppError> {
    let found = sqlx::query!(
        r#"select tenant_id as "tenant!: TenantId", id as "id!: TopUpId" from find_top_up($1, $2, $3, $4, $5)"#,
        provider,
        is_live,
        happened.session.as_deref(),
        happened.top_up.map(|id| id.0),
        happened.payment.as_deref(),
    )
    .fetch_all(db)
    .await?;
    Ok(found.into_iter().map(|found| (found.tenant, found.id)).collect())
}

/// As it is known, held to the end of the transaction.
pub async fn hold(scope: &mut ServiceScope, tenant: TenantId, id: TopUpId) -> Result<Known, AppError> {
    let known = sqlx::query_as!(
        Known,
        r#"select state, because, customer_ref as customer, session_ref as session, payment_ref as payment, paid_at,
                  paid_micros as paid, refunded_micros as refunded, credited_micros as credited, returned_micros as returned,
                  dispute_ref as dispute_name, dispute_state as dispute
           from top_up where tenant_id = $1 and id = $2 for no key update"#,
        tenant.0,
        id.0,
    )
    .fetch_optional(scope.read())
    .await?;
    known.ok_or(AppError::NotFound)
}

pub async fn keep(scope: &mut ServiceScope, tenant: TenantId, id: TopUpId, known: &Known) -> Result<(), AppError> {
    sqlx::query!(
        "update top_up
         set state = $3, because = $4, payment_ref = $5, paid_at = $6, paid_micros = $7, refunded_micros = $8, credited_micros = $9,
             returned_micros = $10, dispute_ref = $11, dispute_state = $12,
             -- What can be paid no more leads nowhere.
             pay_at = case when $3 = 'open' then pay_at end
         where tenant_id = $1 and id = $2",
        tenant.0,
        id.0,
        known.state,
        known.because,
        known.payment,
        known.paid_at,
        known.paid,
        known.refunded,
        known.credited,
        known.returned,
        known.dispute_name,
        known.dispute,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

/// False where the event was applied before.
pub async fn note_event(
    scope: &mut ServiceScope,
    tenant: TenantId,
    provider: &str,
    (event, kind): (&str, &str),
    id: TopUpId,
) -> Result<bool, AppError> {
    let now = scope.now();
    let noted = sqlx::query!(
        "insert into payment_event (tenant_id, provider, event_ref, kind, top_up_id, applied_at) values ($1, $2, $3, $4, $5, $6)
         on conflict on constraint payment_event_pkey do nothing",
        tenant.0,
        provider,
        event,
        kind,
        id.0,
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(noted.rows_affected() == 1)
}
