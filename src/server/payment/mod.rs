//! The payment port: what the console asks of whoever takes payments for it, and what it is told of them. It knows no
//! provider by name; each is a file of its own, chosen by the configuration. Without one nothing here is used.

mod encoding;
mod signature;
mod stripe;
mod told;

pub use told::{Happened, Told, Unread, What};

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use http::HeaderMap;
use url::Url;

use super::config::Payment;
use crate::{
    ids::{TenantId, TopUpId},
    money::Micros,
};

/// Who a payment is for, as the provider will list them.
#[derive(Clone, Debug)]
pub struct Payer {
    pub tenant: TenantId,
    pub name: String,
}

/// A payment to be made, once.
#[derive(Clone, Debug)]
pub struct Checkout {
    pub top_up: TopUpId,
    pub tenant: TenantId,
    /// The payer's name at the provider.
    pub customer: String,
    /// Whole cents.
    pub amount: Micros,
    /// Where the person comes back to, whatever they did there. That they come says nothing of money.
    pub back: Url,
}

/// Where a payment is made.
#[derive(Clone, Debug)]
pub struct Opened {
    /// Its name at the provider.
    pub session: String,
    pub pay_at: Url,
    pub until: DateTime<Utc>,
}

/// Why the provider did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    #[error("the payment provider did not answer: {0}")]
    Unreached(String),
    /// It answered, and would not: its own words, which never hold what proves us to it.
    #[error("the payment provider refused: {0}")]
    Refused(String),
    /// It knows nobody by the payer's name, in its own words: whoever keeps its lists has deleted them there.
    #[error("the payment provider knows no such payer: {0}")]
    UnknownPayer(String),
}

/// Whoever takes payments. What is sent twice under the same `attempt` happens once.
#[async_trait]
pub trait Payments: Send + Sync {
    /// As stored.
    fn name(&self) -> &'static str;

    /// As people know it.
    fn says(&self) -> &'static str;

    /// Whether it is real money.
    fn is_live(&self) -> bool;

    /// Makes the payer known there, and returns what they are called.
    ///
    /// # Errors
    /// Why not; they may be known there all the same.
    async fn introduce(&self, payer: &Payer, attempt: &str) -> Result<String, Failed>;

    /// Opens a place to pay at.
    ///
    /// # Errors
    /// Why not. What may have been opened all the same is known to nobody, and expires.
    async fn open(&self, checkout: &Checkout, attempt: &str) -> Result<Opened, Failed>;

    /// The provider's own pages of a payer: cards and receipts. The address opens them to whoever has it, for minutes.
    ///
    /// # Errors
    /// Why not.
    async fn portal(&self, customer: &str, back: &Url, attempt: &str) -> Result<Url, Failed>;

    /// Whether it lets us in, for `stoa doctor`.
    ///
    /// # Errors
    /// Why not.
    async fn greet(&self) -> Result<(), Failed>;

    /// What the provider says has happened, once it is proven that it says so.
    ///
    /// # Errors
    /// What is wrong with it; nothing of it is to be believed then.
    fn read(&self, headers: &HeaderMap, body: &[u8], now: DateTime<Utc>) -> Result<Told, Unread>;
}

/// The configured provider; none where there is none.
///
/// # Errors
/// Where there is no TLS to be had.
pub fn of(config: &Payment) -> Result<Option<Arc<dyn Payments>>, Failed> {
    let Some(settings) = &config.stripe else { return Ok(None) };
    Ok(Some(Arc::new(stripe::Stripe::new(settings)?)))
}
