//! Top-ups through a payment provider: asked for here, paid there, and credited when the provider's signed word says so.
//! `docs/decisions/0024-money-is-there-when-the-provider-says-so.md`.

mod going;
mod hearing;
mod merging;
mod telling;

pub use going::{Going, go, portal};
pub use hearing::hear;
pub use merging::Known;

use chrono::{DateTime, TimeDelta, Utc};

use super::store::top_ups as store;
use crate::{
    access::{AskTenant, tenant::ManageBilling},
    error::AppError,
    ids::TopUpId,
    money::Micros,
    server::{
        config,
        events::{Event, EventKind, Target},
        scope::TenantScope,
    },
};

const CENT: i64 = 10_000;
/// Those that one account may have asked for in a day and not paid.
const UNPAID_MOST: i64 = 20;
/// The provider is asked within this; what is not open by then was not opened.
const OPENING: TimeDelta = TimeDelta::seconds(30);
/// How many the page lists.
const LISTED: i64 = 50;

/// A row of `top_up`, as far as it is shown.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: TopUpId,
    pub is_live: bool,
    pub micros: i64,
    pub asked_at: DateTime<Utc>,
    pub state: String,
    pub because: Option<String>,
    pub pay_at: Option<String>,
    pub pay_until: Option<DateTime<Utc>>,
    pub payment_ref: Option<String>,
    pub paid_at: Option<DateTime<Utc>>,
    pub paid_micros: Option<i64>,
    pub refunded_micros: i64,
    pub credited_micros: i64,
    pub returned_micros: i64,
    pub dispute_state: Option<String>,
}

/// What can truly be said of a top-up now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The provider is being asked.
    Opening,
    /// It can be paid; nothing has arrived.
    Waiting,
    /// The provider says that it is on its way.
    Announced,
    Paid,
    /// What was paid went back, in part or whole.
    Refunded,
    /// No place to pay at was opened.
    NotOpened,
    /// Its time to be paid is over, and no word of it has come.
    Silent,
    /// The provider says that nobody paid in time.
    Expired,
    Declined,
}

impl Row {
    pub fn state_at(&self, now: DateTime<Utc>) -> State {
        match (self.state.as_str(), self.because.as_deref()) {
            ("paid", _) if self.returned_micros > 0 => State::Refunded,
            ("paid", _) => State::Paid,
            ("announced", _) => State::Announced,
            ("open", _) if self.pay_until.is_some_and(|until| until <= now) => State::Silent,
            ("open", _) => State::Waiting,
            ("asked", _) if now - self.asked_at < OPENING => State::Opening,
            ("failed", Some("expired")) => State::Expired,
            ("failed", Some("declined")) => State::Declined,
            _ => State::NotOpened,
        }
    }
}

/// What the page of top-ups knows.
#[derive(Clone, Debug)]
pub struct TopUps {
    pub rows: Vec<Row>,
    /// Whether the provider has pages for this account.
    pub is_known: bool,
}

pub async fn list<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<TopUps, AppError> {
    let tenant = scope.tenant().id;
    let rows = store::list(scope, tenant, LISTED).await?;
    let provider = scope.stoa().payments().map(|payments| (payments.name(), payments.is_live()));
    let is_known = match provider {
        Some(provider) => store::customer(scope, tenant, provider).await?.is_some(),
        None => false,
    };
    Ok(TopUps { rows, is_known })
}

/// # Errors
/// `NotFound` where the account has none of that name.
pub async fn find<P: AskTenant>(scope: &mut TenantScope<P>, id: TopUpId) -> Result<Row, AppError> {
    let tenant = scope.tenant().id;
    store::find(scope, tenant, id).await?.ok_or(AppError::NotFound)
}

/// Writes down that somebody goes to pay so much. Nothing was asked of the provider yet: that is [`go`], after this has
/// committed.
///
/// # Errors
/// `Invalid` on `amount`; `Conflict` where the console takes no payments, or too many of the account's wait.
pub async fn start(scope: &mut TenantScope<ManageBilling>, amount: &str) -> Result<(TopUpId, Micros), AppError> {
    let Some(payments) = scope.stoa().payments().cloned() else { return Err(takes_none()) };
    let amount = read(amount, &scope.stoa().config.payment)?;
    let (tenant, asked_by, now) = (scope.tenant().id, scope.person().id, scope.now());
    if store::count_unpaid(scope, tenant, now - TimeDelta::days(1)).await? >= UNPAID_MOST {
        return Err(AppError::Conflict(format!(
            "{UNPAID_MOST} top-ups of the last 24 hours wait to be paid. Pay one of those that wait, or try again tomorrow."
        )));
    }
    let id = TopUpId(scope.new_id());
    let new = store::New { id, provider: payments.name(), is_live: payments.is_live(), amount, asked_by };
    store::insert(scope, tenant, &new).await?;
    scope.record(Event::new(EventKind::TopUpStarted, target(id)).changing("amount_micros", None, Some(&amount.0.to_string())).changing(
        "provider",
        None,
        Some(payments.name()),
    ));
    Ok((id, amount))
}

fn target(id: TopUpId) -> Target {
    Target { kind: "top_up", id: id.to_string(), name: None }
}

fn takes_none() -> AppError {
    AppError::Conflict("This console takes no payments. Whoever runs it enters credit; ask them.".to_owned())
}

fn read(text: &str, config: &config::Payment) -> Result<Micros, AppError> {
    let (min, max) = (config.min(), config.max());
    let amount = Micros::parse(text).filter(|amount| amount.0 % CENT == 0);
    let amount = amount.ok_or_else(|| {
        AppError::invalid("amount", format!("Enter US dollars in whole cents, such as {}.", Micros(25_500_000).entered()))
    })?;
    if amount < min || amount > max {
        return Err(AppError::invalid("amount", format!("Enter at least {min} and at most {max}.")));
    }
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: &str, because: Option<&str>) -> Row {
        let at = DateTime::UNIX_EPOCH;
        Row {
            id: TopUpId(uuid::Uuid::nil()),
            is_live: false,
            micros: 1,
            asked_at: at,
            state: state.to_owned(),
            because: because.map(str::to_owned),
            pay_at: None,
            pay_until: Some(at + TimeDelta::hours(24)),
            payment_ref: None,
            paid_at: None,
            paid_micros: None,
            refunded_micros: 0,
            credited_micros: 0,
            returned_micros: 0,
            dispute_state: None,
        }
    }

    #[test]
    fn an_amount_is_whole_cents_within_bounds() {
        let config = config::Payment::default();
        for (text, micros) in [("5", 5_000_000), ("$25.50", 25_500_000), ("10000", 10_000_000_000), ("7.010", 7_010_000)] {
            assert_eq!(read(text, &config), Ok(Micros(micros)), "{text}");
        }
        for text in ["", "4.99", "10000.01", "7.001", "-5", "1e3", "five"] {
            assert!(matches!(read(text, &config), Err(AppError::Invalid(_))), "{text}");
        }
    }

    #[test]
    fn what_was_not_opened_or_is_past_its_time_says_so_by_itself() {
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert_eq!(row("asked", None).state_at(at(5)), State::Opening);
        assert_eq!(row("asked", None).state_at(at(30)), State::NotOpened);
        assert_eq!(row("open", None).state_at(at(86_399)), State::Waiting);
        assert_eq!(row("open", None).state_at(at(86_400)), State::Silent);
        assert_eq!(row("failed", Some("expired")).state_at(at(1)), State::Expired);
        assert_eq!(row("announced", None).state_at(at(864_000)), State::Announced);
        assert_eq!(row("failed", Some("declined")).state_at(at(1)), State::Declined);
        assert_eq!(row("failed", Some("unreached")).state_at(at(1)), State::NotOpened);
        assert_eq!(Row { returned_micros: 1, ..row("paid", None) }.state_at(at(1)), State::Refunded);
    }
}
