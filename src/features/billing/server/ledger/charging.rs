//! Charging: what was used in hours that are over becomes one entry of the ledger.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    Account, Balances, Funds, Kind, New, balances, closing, post,
    store::{self, Held},
};
use crate::{
    error::AppError,
    ids::TenantId,
    server::{Stoa, events::Actor, plans::Plan, scope::ServiceScope},
};

/// The hour that a moment is in.
pub(super) fn hour_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at)
}

/// Charges what is added up, the hour that runs included: what is used later in it goes into the next charge.
///
/// # Errors
/// The database's.
pub async fn charge_now(stoa: &Stoa, tenant: TenantId, actor: &Actor) -> Result<(), AppError> {
    closing::settle(stoa, tenant, actor, stoa.clock.now()).await?;
    let mut scope = closing::open(stoa, tenant, actor).await?;
    let held = store::hold(&mut scope, tenant).await?;
    charge_until_now(&mut scope, tenant, &held).await?;
    scope.commit().await
}

/// The hour that runs included, also where it was charged before: what came since stands in the next one already. Within the
/// month; what comes after a charge in its last hour belongs to the next. The tenant is held.
pub(super) async fn charge_until_now(scope: &mut ServiceScope, tenant: TenantId, held: &Held) -> Result<(), AppError> {
    let until = hour_of(scope.now()).max(held.open_hour) + TimeDelta::hours(1);
    charge(scope, tenant, held.plan(), until).await
}

/// Charges the hours before `until`, within the open period. The tenant is held.
pub(super) async fn charge(scope: &mut ServiceScope, tenant: TenantId, plan: Option<&Plan>, until: DateTime<Utc>) -> Result<(), AppError> {
    let (id, now) = (scope.new_id(), scope.now());
    let Some(charged) = store::charge(scope, tenant, id, until, now).await? else { return Ok(()) };
    if charged.micros > 0 {
        grant(scope, tenant, plan).await?;
        let left = balances(scope, tenant).await?;
        post(scope, &entry(charged.from_hour, id, charged.micros, left, plan)).await?;
    }
    Ok(())
}

fn entry(from: DateTime<Utc>, charge: Uuid, micros: i64, left: Balances, plan: Option<&Plan>) -> New<'static> {
    let mut postings = vec![(Account::Usage, -micros)];
    postings.extend(fund(micros, left, plan.is_some_and(|plan| plan.hard_caps)));
    postings.retain(|(_, micros)| *micros != 0);
    // Each hour is charged once.
    let key = format!("charge:{}", from.format("%Y-%m-%dT%H"));
    New { key, kind: Kind::Charge, reason: None, charge: Some(charge), postings }
}

/// What is included first, then what is prepaid; what is beyond both is owed. A plan that refuses what is beyond does not
/// charge for the little that was on its way when it did.
fn fund(micros: i64, left: Balances, refuses_beyond: bool) -> [(Account, i64); 3] {
    let included = micros.min(left.included.0.max(0));
    let prepaid = (micros - included).min(left.prepaid.0.max(0));
    let beyond = if refuses_beyond { Account::Waived } else { Account::Receivable };
    [(Account::Included, included), (Account::Prepaid, prepaid), (beyond, micros - included - prepaid)]
}

/// Sees to it that the open period has what the plan includes. More than that stays until the period ends.
pub(super) async fn grant(scope: &mut ServiceScope, tenant: TenantId, plan: Option<&Plan>) -> Result<(), AppError> {
    let granted = store::granted(scope, tenant).await?;
    let missing = plan.and_then(|plan| plan.included).unwrap_or_default() - granted.micros;
    if missing > 0 {
        let key = format!("grant:{}:{}", granted.period.format("%Y-%m"), granted.entries + 1);
        post(scope, &New::of(key, Kind::Grant, Account::Granted, Account::Included, missing)).await?;
    }
    store::note_granted(scope, tenant).await
}

/// Called after a tenant got another plan: the open period has what the new one includes. Of a larger one before it, what is not used goes.
///
/// # Errors
/// The database's.
pub async fn after_plan_changed(scope: &mut ServiceScope, tenant: TenantId, plan: &Plan) -> Result<(), AppError> {
    let granted = store::granted(scope, tenant).await?;
    if granted.entries == 0 {
        // It is granted with the first charge, or within minutes.
        return Ok(());
    }
    grant(scope, tenant, Some(plan)).await?;
    let too_much = granted.micros - plan.included.unwrap_or(granted.micros);
    // What the operator gave beside it stays: the plan's own is used first.
    let given = Funds::of(scope, tenant).await?.given.0;
    let taken = too_much.min((balances(scope, tenant).await?.included.0 - given).max(0));
    if taken > 0 {
        let key = format!("expiry:{}:plan:{}", granted.period.format("%Y-%m"), granted.entries);
        post(scope, &New::of(key, Kind::Expiry, Account::Included, Account::Granted, taken)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Micros;

    fn funded(micros: i64, included: i64, prepaid: i64, refuses_beyond: bool) -> Vec<(Account, i64)> {
        let left = Balances { included: Micros(included), prepaid: Micros(prepaid), owed: Micros(0) };
        fund(micros, left, refuses_beyond).into_iter().filter(|(_, micros)| *micros != 0).collect()
    }

    #[test]
    fn what_is_included_goes_first_then_what_is_prepaid() {
        assert_eq!(funded(5, 5, 9, false), [(Account::Included, 5)]);
        assert_eq!(funded(7, 5, 9, false), [(Account::Included, 5), (Account::Prepaid, 2)]);
        assert_eq!(funded(20, 5, 9, false), [(Account::Included, 5), (Account::Prepaid, 9), (Account::Receivable, 6)]);
        assert_eq!(funded(20, 5, 0, true), [(Account::Included, 5), (Account::Waived, 15)]);
        assert_eq!(funded(3, 0, 0, false), [(Account::Receivable, 3)]);
    }

    #[test]
    fn an_entry_comes_to_nothing_whatever_is_left() {
        let left = Balances { included: Micros(3), prepaid: Micros(4), owed: Micros(0) };
        for micros in 1..12 {
            let entry = entry(DateTime::UNIX_EPOCH, Uuid::nil(), micros, left, None);
            assert_eq!(entry.postings.iter().map(|(_, micros)| micros).sum::<i64>(), 0);
            assert_eq!((entry.micros(), entry.key.as_str()), (micros, "charge:1970-01-01T00"));
        }
    }
}
