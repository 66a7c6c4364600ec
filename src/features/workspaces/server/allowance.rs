//! How many workspaces a tenant's plan allows, and how many it has.

use chrono::{DateTime, Utc};

use super::store;
use crate::{
    access::TenantRole,
    error::AppError,
    features::billing::{self, server::entitlements::Agreed},
    ids::TenantId,
    server::{
        plans::{self, Plan},
        scope::{Reach, Scope, Tenant},
    },
};

/// What a plan leaves room for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    pub plan: String,
    /// Live workspaces; archived ones do not count.
    pub used: i64,
    /// None for any number.
    pub limit: Option<u32>,
    /// Whether the operator said so in the place of the plan.
    is_agreed: bool,
    /// The next plan that allows more: its name, and how many.
    larger: Option<(String, Option<u32>)>,
}

impl Allowance {
    fn new(key: &str, plans: &[&Plan], used: i64, agreed: Option<Agreed>) -> Self {
        // A plan that is not sold any more and not in the file allows what the smallest one does: never more by mistake.
        let place = plans.iter().position(|plan| plan.key == key).unwrap_or_default();
        let plan = plans.get(place);
        let limit = match agreed {
            Some(Agreed(allowed)) => allowed.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
            None => plan.map_or(Some(1), |plan| plan.workspaces),
        };
        let larger = plans.iter().skip(place + 1).find(|next| next.workspaces.is_none_or(|more| Some(more) > limit));
        Self {
            plan: plan.map_or_else(|| key.to_owned(), |plan| plan.name.clone()),
            used,
            limit,
            is_agreed: agreed.is_some(),
            // What was agreed goes on with another plan.
            larger: larger.filter(|_| agreed.is_none()).map(|next| (next.name.clone(), next.workspaces)),
        }
    }

    pub fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.used >= i64::from(limit))
    }

    /// To be shown before the click.
    pub fn says(&self) -> String {
        match self.limit {
            Some(1) if self.is_agreed => format!("{} of 1 workspace that this console's operator allows is used.", self.used),
            Some(limit) if self.is_agreed => {
                format!("{} of {limit} workspaces that this console's operator allows are used.", self.used)
            }
            None if self.is_agreed => format!("{} in use; this console's operator sets no limit.", count(self.used)),
            Some(1) => format!("{} of 1 workspace of the {} plan is used.", self.used, self.plan),
            Some(limit) => format!("{} of {limit} workspaces of the {} plan are used.", self.used, self.plan),
            None => format!("{} in use; the {} plan has no limit.", count(self.used), self.plan),
        }
    }

    /// Why there can be no further one, and what would help.
    pub fn refusal(&self) -> String {
        let larger = self.larger.as_ref().map(|(name, more)| {
            let more = more.map_or_else(|| "any number".to_owned(), |more| more.to_string());
            format!(", or ask whoever runs this console for the {name} plan, which allows {more}")
        });
        format!("{} Archive one that is no longer needed{}.", self.says(), larger.unwrap_or_default())
    }
}

fn count(used: i64) -> String {
    if used == 1 { "1 workspace".to_owned() } else { format!("{used} workspaces") }
}

/// Why this person cannot make a workspace in the team now, if so: its setting, or its plan.
pub fn why_not_create(tenant: &Tenant, role: TenantRole, allowance: &Allowance) -> Option<String> {
    why_members_cannot(tenant, role).or_else(|| allowance.is_full().then(|| allowance.refusal()))
}

/// The team's own setting, which holds for its members alone.
pub(super) fn why_members_cannot(tenant: &Tenant, role: TenantRole) -> Option<String> {
    let says = "In this team only owners and billing members create workspaces: the team's setting that lets members do so is off. \
                An owner of the team can switch it on.";
    (role == TenantRole::Member && !tenant.members_create_workspaces).then(|| says.to_owned())
}

/// What the plan of a tenant leaves room for, as it is now.
pub async fn allowance<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, plan: &str) -> Result<Allowance, AppError> {
    let used = store::count_live(scope, tenant).await?;
    let agreed = billing::server::entitlements::allowed_workspaces(scope, tenant).await?;
    Ok(of_plan(plan, used, agreed, scope.now()))
}

/// What a plan leaves room for where so many workspaces live; `agreed` is what the operator allows in its place, where
/// that is said.
pub(super) fn of_plan(plan: &str, used: i64, agreed: Option<Agreed>, now: DateTime<Utc>) -> Allowance {
    Allowance::new(plan, &plans::list(now), used, agreed)
}

/// The same, held: until the transaction ends nobody else takes a place in this tenant.
///
/// # Errors
/// `Conflict` where there is no place left.
pub async fn take_place<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<(), AppError> {
    let plan = billing::server::hold_plan(scope, tenant).await?;
    let allowance = allowance(scope, tenant, &plan).await?;
    if allowance.is_full() { Err(AppError::Conflict(allowance.refusal())) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(key: &str, used: i64) -> Allowance {
        let now = "2026-11-21T12:00:00Z".parse().expect("a time");
        of_plan(key, used, None, now)
    }

    #[test]
    fn the_operators_word_goes_before_the_plans() {
        let now = "2026-11-21T12:00:00Z".parse().expect("a time");
        let agreed = |used, allowed| of_plan("developer", used, Some(Agreed(allowed)), now);
        assert!(!agreed(2, Some(3)).is_full() && agreed(3, Some(3)).is_full() && !agreed(900, None).is_full());
        assert!(agreed(0, Some(0)).is_full());
        assert_eq!(agreed(3, Some(3)).says(), "3 of 3 workspaces that this console's operator allows are used.");
        assert!(!agreed(3, Some(3)).refusal().contains("plan"), "{}", agreed(3, Some(3)).refusal());
    }

    #[test]
    fn the_limit_is_told_before_it_is_reached_and_what_helps_when_it_is() {
        assert_eq!(of("team", 2).says(), "2 of 5 workspaces of the Team plan are used.");
        assert_eq!(of("developer", 1).says(), "1 of 1 workspace of the Developer plan is used.");
        assert_eq!(of("enterprise", 41).says(), "41 workspaces in use; the Enterprise plan has no limit.");
        assert!(!of("team", 4).is_full() && of("team", 5).is_full() && of("team", 9).is_full() && !of("enterprise", 900).is_full());
        assert!(of("team", 5).refusal().contains("the Business plan, which allows 20"), "{}", of("team", 5).refusal());
        assert!(of("business", 20).refusal().contains("the Enterprise plan, which allows any number"));
    }

    #[test]
    fn a_plan_that_is_not_known_allows_what_the_smallest_does() {
        assert!(of("platinum", 1).is_full());
        assert_eq!(of("platinum", 0).limit, Some(1));
    }
}
