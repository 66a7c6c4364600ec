//! The ledger of each tenant: what was granted, used, paid and is owed, in entries that come to nothing and are never changed.
//! `docs/decisions/0022-a-charge-is-an-hour.md` says why charges are made as they are.

mod billed;
mod charging;
mod closing;
mod funds;
mod invoices;
mod manual;
mod paid;
mod reading;
mod store;

pub use billed::{Billed, Place, billed};
pub use charging::{after_plan_changed, charge_now};
pub use closing::{before_plan_changes, end_of, settle, settle_due};
pub use funds::Funds;
pub use invoices::{Invoice, InvoiceLine, Issued, called, invoice, invoices, take_invoice};
pub use manual::{Act, Posted, by_hand};
pub use paid::Paying;
pub use reading::{Books, Covered, Entry, Page, Posting, books, entries, entry};

use crate::{
    error::AppError,
    ids::TenantId,
    money::Micros,
    server::{
        events::{ActorType, Event, EventKind, Log, Target},
        scope::ServiceScope,
    },
};

/// Why an entry was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Grant,
    Charge,
    TopUp,
    Refund,
    Adjustment,
    Expiry,
    Price,
    Payment,
}

impl Kind {
    pub const ALL: [Self; 8] =
        [Self::Grant, Self::Charge, Self::TopUp, Self::Refund, Self::Adjustment, Self::Expiry, Self::Price, Self::Payment];

    /// As stored, and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Charge => "charge",
            Self::TopUp => "top_up",
            Self::Refund => "refund",
            Self::Adjustment => "adjustment",
            Self::Expiry => "expiry",
            Self::Price => "price",
            Self::Payment => "payment",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// As people read it.
    pub fn says(self) -> &'static str {
        match self {
            Self::Grant => "Included usage",
            Self::Charge => "Usage charged",
            Self::TopUp => "Top-up",
            Self::Refund => "Refund",
            Self::Adjustment => "Adjustment",
            Self::Expiry => "Included usage ended",
            Self::Price => "Price of the plan",
            Self::Payment => "Payment",
        }
    }

    fn event(self) -> EventKind {
        match self {
            Self::Grant => EventKind::CreditGranted,
            Self::Charge => EventKind::UsageCharged,
            Self::TopUp => EventKind::CreditToppedUp,
            Self::Refund => EventKind::CreditRefunded,
            Self::Adjustment => EventKind::LedgerAdjusted,
            Self::Expiry => EventKind::CreditExpired,
            Self::Price => EventKind::PlanCharged,
            Self::Payment => EventKind::PaymentReceived,
        }
    }
}

/// What is posted to. `Included` and `Prepaid` are the tenant's to use, `Receivable` is what it owes, `Cash` came in from
/// outside; the others say what was earned, and what was given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    Included,
    Prepaid,
    Receivable,
    Cash,
    Usage,
    Plans,
    Granted,
    Adjusted,
    Waived,
}

impl Account {
    fn name(self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::Prepaid => "prepaid",
            Self::Receivable => "receivable",
            Self::Cash => "cash",
            Self::Usage => "usage",
            Self::Plans => "plans",
            Self::Granted => "granted",
            Self::Adjusted => "adjusted",
            Self::Waived => "waived",
        }
    }
}

/// What is left and what is owed, after an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balances {
    pub included: Micros,
    pub prepaid: Micros,
    /// Below zero where it is the other way round.
    pub owed: Micros,
}

/// An entry to be made. What is debited is above zero, what is credited below.
struct New<'a> {
    /// What it is for: one entry for each.
    key: String,
    kind: Kind,
    /// Of what was done by hand.
    reason: Option<&'a str>,
    charge: Option<uuid::Uuid>,
    postings: Vec<(Account, i64)>,
}

impl New<'_> {
    fn of(key: String, kind: Kind, debit: Account, credit: Account, micros: i64) -> Self {
        Self { key, kind, reason: None, charge: None, postings: vec![(debit, micros), (credit, -micros)] }
    }

    /// How much it moves.
    fn micros(&self) -> i64 {
        self.postings.iter().map(|(_, micros)| micros.max(&0)).sum()
    }
}

/// Makes an entry in the scope's tenant's ledger, and in its log. None where its key is taken: nothing is made then. What is
/// charged by the hour is in the ledger alone, which is as unchangeable as the log: there it would hide what people did.
async fn post(scope: &mut ServiceScope, new: &New<'_>) -> Result<Option<i64>, AppError> {
    let tenant = scope.reach().tenant;
    if new.kind == Kind::Charge && scope.actor().kind == ActorType::System {
        return store::post_as_note(scope, tenant, new).await;
    }
    let Some(number) = store::post(scope, tenant, new).await? else { return Ok(None) };
    let event = Event::new(new.kind.event(), Target { kind: "ledger_entry", id: number.to_string(), name: None })
        .changing("amount_micros", None, Some(&new.micros().to_string()))
        .changing("key", None, Some(&new.key));
    let event = match new.reason {
        Some(reason) => event.because(reason),
        None => event,
    };
    scope.record_in(Log::Tenant(tenant), event);
    Ok(Some(number))
}

/// What is left and what is owed now.
pub async fn balances(scope: &mut ServiceScope, tenant: TenantId) -> Result<Balances, AppError> {
    store::reading::balances(scope, tenant).await
}
