//! What a tenant can still use before a plan with hard caps pauses it: what is included, then what is prepaid.

use chrono::NaiveDate;

use super::store::reading;
use crate::{
    error::AppError,
    ids::TenantId,
    money::{Micros, Nanos},
    server::{
        plans::Plan,
        scope::{Reach, Scope},
        standing::month_of,
    },
};

/// Where the books stand, and what was used that is not charged yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funds {
    /// Whether the month that runs is the one that is open. Otherwise the one before it is, for minutes.
    pub is_current: bool,
    pub included: Micros,
    pub prepaid: Micros,
    /// What the plan granted in the open period, less what was taken back.
    pub granted: Micros,
    /// What the operator granted in it.
    pub given: Micros,
    /// What of it was charged to what is prepaid.
    pub prepaid_used: Micros,
    /// Used before this month and not charged yet.
    pub accrued_before: Nanos,
    /// Used in this month and not charged yet.
    pub accrued: Nanos,
    /// Used in this month in all, as of the same moment.
    pub spent: Nanos,
}

impl Funds {
    /// # Errors
    /// The database's.
    pub async fn of<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Self, AppError> {
        let month = month_of(scope.now());
        reading::funds(scope, tenant, month).await
    }

    /// What of the month's included usage is not used, as far as it is charged: also before the month has its grant.
    pub fn included_left(&self, plan: Option<&Plan>) -> Micros {
        let included = plan.and_then(|plan| plan.included).unwrap_or_default();
        if !self.is_current {
            return Micros(included);
        }
        Micros(self.included.0 + (included - self.granted.0).max(0))
    }

    /// What can be used before nothing is left, in nano-dollars: below zero by what was on its way.
    pub fn left(&self, plan: Option<&Plan>) -> Nanos {
        let mut prepaid = Nanos::from(self.prepaid).0;
        if !self.is_current {
            let included = plan.and_then(|plan| plan.included).unwrap_or_default();
            let still = Micros(self.included.0 + (included - self.granted.0).max(0));
            prepaid -= (self.accrued_before.0 - Nanos::from(still).0).clamp(0, prepaid);
        }
        let before = if self.is_current { self.accrued_before.0 } else { 0 };
        Nanos(Nanos::from(self.included_left(plan)).0 + prepaid - before - self.accrued.0)
    }

    /// What this month has in all: what is included, and what is and was prepaid.
    pub fn whole(&self, included: i64) -> Micros {
        if !self.is_current {
            return Micros(included + self.prepaid.0);
        }
        Micros(included.max(self.granted.0) + self.given.0 + self.prepaid.0 + self.prepaid_used.0)
    }
}

/// The period that was asked for is the open one.
pub(super) fn is_current(period: NaiveDate, month: NaiveDate) -> bool {
    period >= month
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{clock::Clock, plans};

    fn developer() -> Option<&'static Plan> {
        plans::find("developer", Clock::system().now())
    }

    const DOLLAR: i64 = 1_000_000;

    #[test]
    fn before_the_first_charge_the_plan_is_what_there_is() {
        let funds = Funds { is_current: true, accrued: Nanos(4_999_999_999), ..Funds::default() };
        assert_eq!(funds.left(developer()), Nanos(1));
        assert_eq!((funds.included_left(developer()), funds.whole(5 * DOLLAR)), (Micros(5 * DOLLAR), Micros(5 * DOLLAR)));
    }

    #[test]
    fn what_is_charged_and_what_is_not_come_to_the_same() {
        // Five included and ten prepaid: seven are used, of which six are charged.
        let charged = Funds {
            is_current: true,
            granted: Micros(5 * DOLLAR),
            prepaid: Micros(9 * DOLLAR),
            prepaid_used: Micros(DOLLAR),
            accrued: Nanos(1_000_000_000),
            ..Funds::default()
        };
        let not_yet = Funds { is_current: true, prepaid: Micros(10 * DOLLAR), accrued: Nanos(7_000_000_000), ..Funds::default() };
        for funds in [charged, not_yet] {
            assert_eq!(funds.left(developer()), Nanos(8_000_000_000));
            assert_eq!(funds.whole(5 * DOLLAR), Micros(15 * DOLLAR));
        }
    }

    #[test]
    fn a_new_month_has_its_own_while_the_last_one_is_open() {
        let funds = Funds {
            prepaid: Micros(2 * DOLLAR),
            granted: Micros(5 * DOLLAR),
            included: Micros(DOLLAR),
            accrued_before: Nanos(2_000_000_000),
            accrued: Nanos(500_000_000),
            ..Funds::default()
        };
        assert_eq!(funds.left(developer()), Nanos(5_500_000_000), "one of two is taken from what is prepaid");
        let beyond = Funds { accrued_before: Nanos(9_000_000_000), ..funds };
        assert_eq!(beyond.left(developer()), Nanos(4_500_000_000), "and never more than there is");
    }
}
