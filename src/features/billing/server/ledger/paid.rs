//! What a payment provider's word enters: prepaid credit that was paid for, and what of it was paid back.

use super::{
    Account, Kind, New, balances,
    charging::charge_until_now,
    closing, post,
    store::{self, Held},
};
use crate::{
    error::AppError,
    features::billing::server::pausing::assess_in,
    ids::TenantId,
    money::Micros,
    server::{Stoa, events::Actor, http::request::RequestContext, scope::ServiceScope},
};

/// What is done for the provider, as the log names who did it.
const JOB: &str = "billing.payments";

/// The books of a tenant, held for what came from outside: nobody else keeps them meanwhile, on whichever node.
pub struct Paying {
    pub scope: ServiceScope,
    tenant: TenantId,
    held: Held,
    is_changed: bool,
}

impl Paying {
    /// Also of a tenant that was deleted: money goes back after that, too.
    ///
    /// # Errors
    /// The database's.
    pub async fn open(stoa: &Stoa, request: &RequestContext, tenant: TenantId) -> Result<Self, AppError> {
        let actor = Actor::system(JOB);
        // As the clock does it: what others tell and when closes no month before its last calls are added up.
        closing::settle(stoa, tenant, &actor, stoa.clock.now() - closing::GRACE).await?;
        let mut scope = ServiceScope::open_service(stoa, request, actor, tenant, JOB).await?;
        let held = store::hold(&mut scope, tenant).await?;
        Ok(Self { scope, tenant, held, is_changed: false })
    }

    /// Credit that was paid for, once for each key.
    ///
    /// # Errors
    /// The database's.
    pub async fn top_up(&mut self, key: String, amount: Micros) -> Result<(), AppError> {
        self.enter(&New::of(key, Kind::TopUp, Account::Cash, Account::Prepaid, amount.0)).await
    }

    /// What went back, once for each key: from what is prepaid and left, and what of it was used is owed.
    ///
    /// # Errors
    /// The database's.
    pub async fn refund(&mut self, key: String, amount: Micros) -> Result<(), AppError> {
        charge_until_now(&mut self.scope, self.tenant, &self.held).await?;
        let left = balances(&mut self.scope, self.tenant).await?.prepaid;
        self.enter(&New { key, kind: Kind::Refund, reason: None, charge: None, postings: back(amount.0, left.0) }).await
    }

    async fn enter(&mut self, new: &New<'_>) -> Result<(), AppError> {
        self.is_changed |= post(&mut self.scope, new).await?.is_some();
        Ok(())
    }

    /// Makes it permanent, with what it pauses or resumes.
    ///
    /// # Errors
    /// The database's.
    pub async fn commit(mut self) -> Result<(), AppError> {
        if self.is_changed && self.held.is_live {
            assess_in(&mut self.scope, self.tenant).await?;
        }
        self.scope.commit().await
    }
}

fn back(micros: i64, left: i64) -> Vec<(Account, i64)> {
    let prepaid = micros.min(left.max(0));
    let mut postings = vec![(Account::Prepaid, prepaid), (Account::Receivable, micros - prepaid), (Account::Cash, -micros)];
    postings.retain(|(_, micros)| *micros != 0);
    postings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_of_a_refund_is_owed() {
        assert_eq!(back(5, 9), [(Account::Prepaid, 5), (Account::Cash, -5)]);
        assert_eq!(back(5, 2), [(Account::Prepaid, 2), (Account::Receivable, 3), (Account::Cash, -5)]);
        assert_eq!(back(5, 0), [(Account::Receivable, 5), (Account::Cash, -5)]);
    }
}
