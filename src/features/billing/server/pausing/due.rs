//! Which pauses the sums of a month ask for.

use std::collections::HashMap;

use uuid::Uuid;

use super::{Cap, Paused, Spent};
use crate::{
    error::PauseReason,
    features::billing::server::ledger::Funds,
    money::{Micros, Nanos},
    server::plans::Plan,
};

/// What was spent in a month, added up for whatever a cap can be of.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    pub total: Nanos,
    by_workspace: HashMap<Uuid, i64>,
    by_credential: HashMap<(Uuid, Uuid), i64>,
}

impl Sums {
    pub fn of(spent: &[Spent]) -> Self {
        let mut sums = Self::default();
        for Spent { workspace, credential, nanos } in spent {
            sums.total.0 += nanos;
            *sums.by_workspace.entry(*workspace).or_default() += nanos;
            if let Some(credential) = credential {
                *sums.by_credential.entry((*workspace, *credential)).or_default() += nanos;
            }
        }
        sums
    }

    /// Of the tenant, of one workspace, or of one of its credentials.
    pub fn spent(&self, workspace: Option<Uuid>, credential: Option<Uuid>) -> Nanos {
        match (workspace, credential) {
            (None, _) => self.total,
            (Some(workspace), None) => Nanos(self.by_workspace.get(&workspace).copied().unwrap_or_default()),
            (Some(workspace), Some(credential)) => Nanos(self.by_credential.get(&(workspace, credential)).copied().unwrap_or_default()),
        }
    }

    /// Every workspace that spent, with how much.
    pub fn workspaces(&self) -> impl Iterator<Item = (Uuid, Nanos)> {
        self.by_workspace.iter().map(|(workspace, nanos)| (*workspace, Nanos(*nanos)))
    }

    fn have_reached(&self, cap: &Cap) -> bool {
        self.spent(cap.workspace, cap.credential) >= Nanos::from(Micros(cap.micros))
    }
}

/// Which pauses the sums ask for, and what is left of what is included and prepaid.
pub fn due(plan: Option<&Plan>, funds: &Funds, sums: &Sums, caps: &[Cap]) -> Vec<Paused> {
    let included = plan.filter(|plan| plan.hard_caps).and_then(|plan| plan.included);
    let used_up = included.filter(|_| funds.left(plan).0 <= 0).map(|included| Paused {
        workspace: None,
        credential: None,
        reason: PauseReason::BalanceExhausted,
        limit_micros: funds.whole(included).0,
    });
    let reached = caps.iter().filter(|cap| cap.hard && sums.have_reached(cap)).map(paused_by);
    used_up.into_iter().chain(reached).collect()
}

fn paused_by(cap: &Cap) -> Paused {
    let reason = match (cap.workspace, cap.credential) {
        (None, _) => PauseReason::TenantCap,
        (Some(_), None) => PauseReason::WorkspaceCap,
        (Some(_), Some(_)) => PauseReason::CredentialCap,
    };
    Paused { workspace: cap.workspace, credential: cap.credential, reason, limit_micros: cap.micros }
}

/// So little is left of a limit that calls ask for themselves before they run, until it is looked at again: more than is ever
/// spent between two looks.
pub const NEAR: Nanos = Nanos(5_000_000_000);

/// The hard limits that are near, and at how much of what is spent in the month each is reached: those that pause by `due` are
/// not among them.
pub fn near(plan: Option<&Plan>, funds: &Funds, sums: &Sums, caps: &[Cap]) -> Vec<(Paused, Nanos)> {
    let is_near = |left: i64| left > 0 && left <= NEAR.0;
    let included = plan.filter(|plan| plan.hard_caps).and_then(|plan| plan.included);
    let left = funds.left(plan).0;
    let used_up = included.filter(|_| is_near(left)).map(|included| {
        let limit_micros = funds.whole(included).0;
        (Paused { workspace: None, credential: None, reason: PauseReason::BalanceExhausted, limit_micros }, Nanos(funds.spent.0 + left))
    });
    let capped = caps.iter().filter(|cap| cap.hard).filter_map(|cap| {
        let at = Nanos::from(Micros(cap.micros));
        is_near(at.0 - sums.spent(cap.workspace, cap.credential).0).then_some((paused_by(cap), at))
    });
    used_up.into_iter().chain(capped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{clock::Clock, plans};

    const ONE: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);
    const KEY: Uuid = Uuid::from_u128(3);

    fn plan(key: &str) -> Option<&'static Plan> {
        plans::find(key, Clock::system().now())
    }

    fn reasons(plan: Option<&Plan>, spent: &[Spent], caps: &[Cap]) -> Vec<PauseReason> {
        let sums = Sums::of(spent);
        let funds = Funds { is_current: true, accrued: sums.total, ..Funds::default() };
        due(plan, &funds, &sums, caps).into_iter().map(|paused| paused.reason).collect()
    }

    fn cap(workspace: Option<Uuid>, credential: Option<Uuid>, micros: i64, hard: bool) -> Cap {
        Cap { id: Uuid::nil(), workspace, credential, micros, hard, version: 1 }
    }

    const SPENT: [Spent; 3] = [
        Spent { workspace: ONE, credential: Some(KEY), nanos: 2_000 },
        Spent { workspace: ONE, credential: None, nanos: 1_000 },
        Spent { workspace: OTHER, credential: None, nanos: 5_000 },
    ];

    #[test]
    fn the_plan_pauses_only_where_it_charges_nothing_beyond() {
        let spent = |nanos| [Spent { workspace: ONE, credential: None, nanos }, Spent { workspace: OTHER, credential: None, nanos: 1 }];
        assert_eq!(reasons(plan("developer"), &spent(4_999_999_998), &[]), []);
        assert_eq!(reasons(plan("developer"), &spent(4_999_999_999), &[]), [PauseReason::BalanceExhausted]);
        assert_eq!(reasons(plan("builder"), &spent(900_000_000_000), &[]), []);
    }

    #[test]
    fn what_is_prepaid_is_used_before_the_plan_pauses() {
        let funds = |used| Funds { is_current: true, prepaid: Micros(2_000_000), accrued: Nanos(used), ..Funds::default() };
        let of = |used| due(plan("developer"), &funds(used), &Sums::default(), &[]);
        assert_eq!(of(6_999_999_999), []);
        let paused = of(7_000_000_000);
        assert_eq!((paused[0].reason, paused[0].limit_micros), (PauseReason::BalanceExhausted, 7_000_000));
    }

    #[test]
    fn a_hard_cap_pauses_what_it_is_of_and_a_soft_one_nothing() {
        let team = plan("team");
        assert_eq!(reasons(team, &SPENT, &[cap(None, None, 8, true)]), [PauseReason::TenantCap]);
        assert_eq!(reasons(team, &SPENT, &[cap(None, None, 8, false), cap(None, None, 9, true)]), []);
        assert_eq!(reasons(team, &SPENT, &[cap(Some(ONE), None, 3, true), cap(Some(OTHER), None, 6, true)]), [PauseReason::WorkspaceCap]);
        assert_eq!(reasons(team, &SPENT, &[cap(Some(ONE), Some(KEY), 2, true)]), [PauseReason::CredentialCap]);
        assert_eq!(reasons(team, &SPENT, &[cap(Some(ONE), Some(KEY), 3, true)]), []);
        assert_eq!(reasons(team, &[], &[cap(Some(ONE), None, 0, true)]), [PauseReason::WorkspaceCap], "a cap of nothing allows nothing");
    }

    #[test]
    fn what_is_nearly_reached_says_at_what_it_is_and_what_is_reached_pauses() {
        let at = |used| {
            let funds =
                Funds { is_current: true, prepaid: Micros(2_000_000), accrued: Nanos(used), spent: Nanos(used + 7), ..Funds::default() };
            near(plan("developer"), &funds, &Sums::default(), &[]).into_iter().map(|(paused, at)| (paused.reason, at.0)).collect::<Vec<_>>()
        };
        assert_eq!(at(1_999_999_999), [], "far from it");
        assert_eq!(at(2_000_000_000), [(PauseReason::BalanceExhausted, 7_000_000_007)], "seven were charged before");
        assert_eq!(at(7_000_000_000), [], "reached");
        let capped = |micros, hard| {
            let sums = Sums::of(&SPENT);
            near(plan("team"), &Funds::default(), &sums, &[cap(Some(ONE), None, micros, hard)]).len()
        };
        assert_eq!([capped(3, true), capped(4, true), capped(4, false), capped(5_000_003, true), capped(5_000_004, true)], [0, 1, 0, 1, 0]);
    }
}
