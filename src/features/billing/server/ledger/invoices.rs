//! Invoices: what a month came to. They are made when it is closed, and never changed.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::store::reading as store;
use crate::{
    access::AskTenant,
    error::AppError,
    ids::TenantId,
    server::{
        events::{Event, EventKind, Target},
        scope::{Reach, Scope, TenantScope},
    },
};

/// An invoice as lists show it; amounts in micro-dollars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub number: i64,
    pub period: NaiveDate,
    pub issued_at: DateTime<Utc>,
    pub price: i64,
    pub used: i64,
    pub due: i64,
}

/// Amounts in micro-dollars: `due` is `price` and `used`, less the four between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    pub number: i64,
    pub period: NaiveDate,
    pub issued_at: DateTime<Utc>,
    pub tenant_name: String,
    pub plan: String,
    pub plan_name: String,
    pub price: i64,
    pub used: i64,
    pub included: i64,
    pub prepaid: i64,
    pub waived: i64,
    pub adjusted: i64,
    pub due: i64,
    /// The entries of the ledger that it is made of.
    pub first_entry: i64,
    pub last_entry: i64,
}

/// What was used of one dimension in one workspace, at one rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceLine {
    pub workspace: Uuid,
    /// As it was called when the invoice was issued.
    pub name: String,
    /// When it was used: another month than the invoice's where it came late.
    pub month: NaiveDate,
    pub dimension: String,
    pub rate_version: NaiveDate,
    pub events: i64,
    pub quantity: i64,
    pub nanos: i64,
    pub micros: i64,
}

impl Invoice {
    /// As it is called: an account's own numbers begin with its slug, which no other account has.
    pub fn called(&self, slug: &str) -> String {
        called(slug, self.number)
    }
}

pub fn called(slug: &str, number: i64) -> String {
    format!("{slug}-{number:04}")
}

/// The latest first.
pub async fn invoices<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, most: i64) -> Result<Vec<Issued>, AppError> {
    store::invoices(scope, tenant, most).await
}

/// # Errors
/// `NotFound` where there is none of that number.
pub async fn invoice<P: AskTenant>(scope: &mut TenantScope<P>, number: i64) -> Result<(Invoice, Vec<InvoiceLine>), AppError> {
    let tenant = scope.tenant().id;
    let invoice = store::invoice(scope, tenant, number).await?.ok_or(AppError::NotFound)?;
    let lines = store::invoice_lines(scope, tenant, number).await?;
    Ok((invoice, lines))
}

/// The same, and in the account's log that it was taken as a file.
///
/// # Errors
/// `NotFound` where there is none of that number.
pub async fn take_invoice<P: AskTenant>(
    scope: &mut TenantScope<P>,
    number: i64,
    format: &'static str,
) -> Result<(Invoice, Vec<InvoiceLine>), AppError> {
    let taken = invoice(scope, number).await?;
    let target = Target { kind: "invoice", id: number.to_string(), name: Some(taken.0.called(&scope.tenant().slug)) };
    scope.record(Event::new(EventKind::InvoiceExported, target).changing("format", None, Some(format)));
    Ok(taken)
}
