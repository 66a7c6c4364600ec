//! What the books say, to those who may read the account's billing.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    Balances, Funds, Kind,
    invoices::Issued,
    store::reading::{self as store, accrued, balances},
};
use crate::{
    access::AskTenant,
    error::AppError,
    money::{Micros, Nanos},
    server::{
        plans,
        scope::{Reach, Scope, TenantScope},
    },
};

/// Entries on one page.
pub const ENTRIES: usize = 50;
/// Invoices that the Billing page lists: ten years of them.
const INVOICES: i64 = 120;

/// What is left, owed, and used since the last charge.
#[derive(Clone, Debug)]
pub struct Books {
    /// Of what is included, also before the month has its grant.
    pub included_left: Option<Micros>,
    pub balances: Balances,
    pub accrued: Nanos,
    /// From when on nothing is charged yet.
    pub since: DateTime<Utc>,
    pub invoices: Vec<Issued>,
}

/// One entry of the ledger, with what was left and owed after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub number: i64,
    pub key: String,
    pub kind: String,
    pub period: NaiveDate,
    pub posted_at: DateTime<Utc>,
    pub made_by: String,
    pub reason: Option<String>,
    pub charge_id: Option<Uuid>,
    /// Of a charge: the hours that it covers.
    pub from_hour: Option<DateTime<Utc>>,
    pub until_hour: Option<DateTime<Utc>>,
    /// How much it moves.
    pub micros: i64,
    pub included: i64,
    pub prepaid: i64,
    pub owed: i64,
}

impl Entry {
    pub fn kind(&self) -> Option<Kind> {
        Kind::named(&self.kind)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    pub account: String,
    pub micros: i64,
}

/// A line of a charge: what was used of one dimension in one workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    pub workspace: Uuid,
    pub month: NaiveDate,
    pub dimension: String,
    pub rate_version: NaiveDate,
    pub events: i64,
    pub quantity: i64,
    pub nanos: i64,
    pub micros: i64,
}

#[derive(Clone, Debug)]
pub struct Page {
    pub entries: Vec<Entry>,
    /// The number before which the next page begins.
    pub next: Option<i64>,
}

pub async fn books<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Books, AppError> {
    let tenant = scope.tenant().clone();
    let plan = plans::find(&tenant.plan, scope.now());
    let funds = Funds::of(scope, tenant.id).await?;
    let (since, accrued) = accrued(scope, tenant.id).await?;
    Ok(Books {
        included_left: plan.and_then(|plan| plan.included).map(|_| funds.included_left(plan)),
        balances: balances(scope, tenant.id).await?,
        accrued,
        // What was charged at once is charged to the end of its hour, which is still to come.
        since: since.min(scope.now()),
        invoices: store::invoices(scope, tenant.id, INVOICES).await?,
    })
}

/// Also for the operator's command line.
pub async fn entries<R: Reach>(scope: &mut Scope<R>, tenant: crate::ids::TenantId, before: Option<i64>) -> Result<Page, AppError> {
    let most = i64::try_from(ENTRIES + 1).unwrap_or(i64::MAX);
    let mut entries = store::entries(scope, tenant, before.unwrap_or(i64::MAX), most).await?;
    let has_more = entries.len() > ENTRIES;
    entries.truncate(ENTRIES);
    let next = if has_more { entries.last().map(|entry| entry.number) } else { None };
    Ok(Page { entries, next })
}

/// One entry, what it posts, and what a charge covers.
///
/// # Errors
/// `NotFound` where there is none of that number.
pub async fn entry<P: AskTenant>(scope: &mut TenantScope<P>, number: i64) -> Result<(Entry, Vec<Posting>, Vec<Covered>), AppError> {
    let tenant = scope.tenant().id;
    let before = number.checked_add(1).ok_or(AppError::NotFound)?;
    let found = store::entries(scope, tenant, before, 1).await?;
    let entry = found.into_iter().find(|entry| entry.number == number).ok_or(AppError::NotFound)?;
    let postings = store::postings(scope, tenant, number).await?;
    let covered = match entry.charge_id {
        Some(charge) => store::covered(scope, tenant, charge).await?,
        None => Vec::new(),
    };
    Ok((entry, postings, covered))
}
