//! Settling: months that are over are closed, each with its invoice, and hours that are over are charged.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    Account, Kind, New, balances,
    charging::{charge, charge_until_now, grant, hour_of},
    post,
    store::{self, Held},
};
use crate::{
    error::AppError,
    ids::TenantId,
    server::{
        Stoa,
        events::{Actor, ActorType, Event, EventKind, Log, Target},
        http::request::RequestContext,
        scope::ServiceScope,
        standing::month_of,
    },
};

const JOB: &str = "billing.settle";
/// What was used in an hour has so long to arrive before it is charged. What comes later goes into a later charge.
pub(super) const GRACE: TimeDelta = TimeDelta::minutes(5);
/// Tenants that are listed at a time.
const TENANTS: i32 = 100;
/// Months that one tenant's turn closes, at most.
const MONTHS: usize = 24;

/// Settles every tenant whose books are behind. To be run every few minutes; by several nodes at once it is harmless. A tenant
/// that fails keeps no other.
///
/// # Errors
/// The database's, where it cannot say who is behind.
pub async fn settle_due(stoa: Stoa) -> Result<(), AppError> {
    let due = stoa.clock.now() - GRACE;
    let mut after = TenantId(Uuid::nil());
    loop {
        let tenants = store::to_settle(&stoa.db, due, after, TENANTS).await?;
        let Some(last) = tenants.last() else { return Ok(()) };
        after = *last;
        for tenant in tenants {
            if let Err(error) = settle(&stoa, tenant, &Actor::system(JOB), due).await {
                tracing::error!(%tenant, %error, "the books of a tenant could not be settled; the next turn tries again");
            }
        }
    }
}

/// Closes the months that were over at `due`, one transaction each, and charges the hours that were. What is done stays done,
/// and is not done again.
///
/// # Errors
/// The database's.
pub async fn settle(stoa: &Stoa, tenant: TenantId, actor: &Actor, due: DateTime<Utc>) -> Result<(), AppError> {
    for _ in 0..MONTHS {
        let mut scope = open(stoa, tenant, actor).await?;
        let held = store::hold(&mut scope, tenant).await?;
        let period = held.period;
        let is_last = held.last_month.is_some_and(|last| period > last);
        if month_of(due) > period && !is_last {
            close(&mut scope, tenant, &held).await?;
            scope.commit().await?;
            continue;
        }
        charge(&mut scope, tenant, held.plan(), hour_of(due)).await?;
        if held.is_live {
            grant(&mut scope, tenant, held.plan()).await?;
        }
        return scope.commit().await;
    }
    Ok(())
}

/// Called before a tenant gets another plan: what was used until now is charged under the one that it has, and months that are
/// over are closed under it.
///
/// # Errors
/// The database's; `NotFound` where there is no such tenant.
pub async fn before_plan_changes(scope: &mut ServiceScope, tenant: TenantId) -> Result<(), AppError> {
    let now = scope.now();
    loop {
        let held = store::hold(scope, tenant).await?;
        if month_of(now) <= held.period {
            return charge_until_now(scope, tenant, &held).await;
        }
        close(scope, tenant, &held).await?;
    }
}

pub(super) async fn open(stoa: &Stoa, tenant: TenantId, actor: &Actor) -> Result<ServiceScope, AppError> {
    let request = RequestContext::internal(&stoa.clock, if actor.kind == ActorType::Operator { "cli" } else { "system" }, JOB);
    ServiceScope::open_service(stoa, &request, actor.clone(), tenant, JOB).await
}

/// Charges a month to its end, adds what the plan costs, lets what is left of what was included go, and issues the invoice.
async fn close(scope: &mut ServiceScope, tenant: TenantId, held: &Held) -> Result<(), AppError> {
    let (period, plan) = (held.period, held.plan());
    let name = period.format("%Y-%m");
    charge(scope, tenant, plan, end_of(period)).await?;
    if let Some(price) = plan.and_then(|plan| plan.price).filter(|price| *price > 0) {
        post(scope, &New::of(format!("price:{name}"), Kind::Price, Account::Receivable, Account::Plans, price)).await?;
    }
    let left = balances(scope, tenant).await?.included.0;
    if left > 0 {
        post(scope, &New::of(format!("expiry:{name}"), Kind::Expiry, Account::Included, Account::Granted, left)).await?;
    }
    let plan_name = plan.map_or(held.plan_key.as_str(), |plan| plan.name.as_str());
    if let Some(issued) = store::close(scope, tenant, period, (&held.plan_key, plan_name)).await? {
        let target = Target { kind: "invoice", id: issued.number.to_string(), name: None };
        let event = Event::new(EventKind::InvoiceIssued, target).changing("period", None, Some(&name.to_string())).changing(
            "due_micros",
            None,
            Some(&issued.due.to_string()),
        );
        scope.record_in(Log::Tenant(tenant), event);
    }
    let next = end_of(period).date_naive();
    if held.is_live { grant(scope, tenant, held.plan_in(next)).await } else { Ok(()) }
}

/// When the month that begins on that day is over.
pub fn end_of(period: NaiveDate) -> DateTime<Utc> {
    let next = period.checked_add_months(Months::new(1)).or_else(|| period.checked_add_days(Days::new(31)));
    next.unwrap_or(period).and_time(NaiveTime::MIN).and_utc()
}
