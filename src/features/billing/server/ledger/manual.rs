//! What the operator enters by hand: credit, money that came or went, and corrections, each with its reason.

use super::{Account, Kind, New, balances, charging::charge_until_now, closing, post, store};
use crate::{
    error::AppError,
    features::billing::server::pausing::assess_in,
    ids::TenantId,
    money::Micros,
    server::{Stoa, events::Actor},
};

/// What is done, of how much. Amounts are above zero but for corrections, which are in the tenant's favour above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Usage that is included in the open month beside the plan's.
    Grant(Micros),
    /// Prepaid credit that was paid for.
    TopUp(Micros),
    /// Prepaid credit that is paid back.
    Refund(Micros),
    /// What is owed, paid.
    Payment(Micros),
    /// Prepaid credit, more or less.
    AdjustPrepaid(i64),
    /// What is owed, less or more.
    AdjustOwed(i64),
}

impl Act {
    fn kind(self) -> Kind {
        match self {
            Self::Grant(_) => Kind::Grant,
            Self::TopUp(_) => Kind::TopUp,
            Self::Refund(_) => Kind::Refund,
            Self::Payment(_) => Kind::Payment,
            Self::AdjustPrepaid(_) | Self::AdjustOwed(_) => Kind::Adjustment,
        }
    }

    fn postings(self) -> [(Account, i64); 2] {
        let (debit, credit, micros) = match self {
            Self::Grant(amount) => (Account::Granted, Account::Included, amount.0),
            Self::TopUp(amount) => (Account::Cash, Account::Prepaid, amount.0),
            Self::Refund(amount) => (Account::Prepaid, Account::Cash, amount.0),
            Self::Payment(amount) => (Account::Cash, Account::Receivable, amount.0),
            Self::AdjustPrepaid(micros) => (Account::Adjusted, Account::Prepaid, micros),
            Self::AdjustOwed(micros) => (Account::Adjusted, Account::Receivable, micros),
        };
        [(debit, micros), (credit, -micros)]
    }

    /// How much prepaid credit it takes away.
    fn takes(self) -> i64 {
        match self {
            Self::Refund(amount) => amount.0,
            Self::AdjustPrepaid(micros) => -micros,
            _ => 0,
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// The number of the entry.
    Entry(i64),
    /// The same was entered under this key before.
    Already,
}

/// Enters it, once for each key, and pauses or resumes what that asks for in the same transaction.
///
/// # Errors
/// `Invalid` on `amount` where it is nothing, or takes more than is prepaid; `Conflict` where the key stands for something
/// else.
pub async fn by_hand(stoa: &Stoa, tenant: TenantId, act: Act, key: &str, reason: &str) -> Result<Posted, AppError> {
    let actor = Actor::operator();
    closing::settle(stoa, tenant, &actor, stoa.clock.now()).await?;
    let mut scope = closing::open(stoa, tenant, &actor).await?;
    let held = store::hold(&mut scope, tenant).await?;
    let key = format!("by_hand:{key}");
    let postings = act.postings();
    if let Some((kind, posted)) = store::find_key(&mut scope, tenant, &key).await? {
        scope.close().await?;
        let is_posted =
            |(account, micros): &(Account, i64)| posted.iter().any(|(name, was)| (name.as_str(), was) == (account.name(), micros));
        let is_same = kind == act.kind().name() && postings.iter().all(is_posted);
        return if is_same { Ok(Posted::Already) } else { Err(AppError::Conflict("The key stands for another entry.".to_owned())) };
    }
    if postings[0].1 == 0 {
        return Err(AppError::invalid("amount", "The amount is nothing."));
    }
    if act.takes() > 0 {
        // What was used and is not charged yet may be what it was prepaid for.
        charge_until_now(&mut scope, tenant, &held).await?;
        let left = balances(&mut scope, tenant).await?.prepaid;
        if act.takes() > left.0 {
            return Err(AppError::invalid("amount", format!("Only {left} is prepaid and left.")));
        }
    }
    let new = New { key, kind: act.kind(), reason: Some(reason), charge: None, postings: postings.to_vec() };
    let number = post(&mut scope, &new).await?.ok_or(AppError::Internal)?;
    if held.is_live {
        assess_in(&mut scope, tenant).await?;
    }
    scope.commit().await?;
    Ok(Posted::Entry(number))
}
