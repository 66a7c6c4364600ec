//! What a payment provider tells, in the words of the port.

use chrono::{DateTime, Utc};

use crate::{ids::TopUpId, money::Micros};

/// One event, proven to be the provider's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The provider's name for it: the same when it is told again.
    pub event: String,
    /// The provider's word for what happened.
    pub kind: String,
    pub is_live: bool,
    pub at: DateTime<Utc>,
    /// None of what the console has no use for.
    pub happened: Option<Happened>,
}

/// What happened to a top-up, and by what the provider names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    pub session: Option<String>,
    pub payment: Option<String>,
    /// What we called it when the payment was opened, as the provider repeats it.
    pub top_up: Option<TopUpId>,
    pub customer: Option<String>,
    /// Of what is in no other currency than ours.
    pub currency: String,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The money is there.
    Paid(Micros),
    /// Something like a bank debit is on its way, and may still fail.
    Announced,
    Declined,
    /// Nobody paid while it could be.
    Expired,
    /// So much in all went back by now.
    Refunded(Micros),
    /// The payer's bank wants it back: in the provider's words, how far that is, and how much it is about.
    Disputed {
        /// The provider's name for the dispute: a payment can have another one after it.
        name: String,
        state: String,
        amount: Micros,
    },
}

/// Why an event is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    #[error("it is not signed")]
    Unsigned,
    #[error("its signature is not the provider's")]
    Forged,
    #[error("it was signed too long ago, or is yet to be")]
    Old,
    #[error("it cannot be read")]
    Garbled,
}
