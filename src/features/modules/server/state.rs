//! How a module stands in a workspace: what the plan says and what the switch says, told apart.

use crate::{
    error::AppError,
    server::{modules::Module, standing::Standing},
};

/// Whether a workspace may run a module, and by whose word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    ByPlan,
    /// The plan does not have it, and the operator allows it.
    BesidePlan,
    /// Holds the name of the first plan that has it.
    NotInPlan(Option<&'static str>),
    /// The plan has it, and the operator does not allow it.
    TakenAway,
}

impl Allowed {
    fn of(module: &'static Module, standing: &Standing) -> Self {
        let is_in_plan = standing.plan().is_some_and(|plan| module.is_in(plan));
        match (standing.ask_entitled(module), is_in_plan) {
            (Ok(()), true) => Self::ByPlan,
            (Ok(()), false) => Self::BesidePlan,
            (Err(_), true) => Self::TakenAway,
            (Err(AppError::ModuleNotEntitled { plan, .. }), false) => Self::NotInPlan(plan),
            (Err(_), false) => Self::NotInPlan(None),
        }
    }

    pub fn says(self) -> String {
        match self {
            Self::ByPlan => "in the plan".to_owned(),
            Self::BesidePlan => "not in the plan; allowed by whoever runs this console".to_owned(),
            Self::NotInPlan(Some(plan)) => format!("not in the plan; the plan {plan} has it"),
            Self::NotInPlan(None) => "in no plan".to_owned(),
            Self::TakenAway => "in the plan; not allowed by whoever runs this console".to_owned(),
        }
    }
}

/// One module in one workspace.
#[derive(Clone, Copy, Debug)]
pub struct State {
    pub module: &'static Module,
    pub allowed: Allowed,
    /// Whether it is switched on, allowed or not.
    pub is_enabled: bool,
}

impl State {
    pub fn of(module: &'static Module, standing: &Standing) -> Self {
        Self { module, allowed: Allowed::of(module, standing), is_enabled: standing.is_enabled(module) }
    }

    pub fn is_entitled(&self) -> bool {
        matches!(self.allowed, Allowed::ByPlan | Allowed::BesidePlan)
    }

    /// In one word, as the API has it: `on`, `off`, `not_entitled` or `planned`.
    pub fn word(&self) -> &'static str {
        match (self.module.is_live(), self.is_entitled(), self.is_enabled) {
            (false, ..) => "planned",
            (true, false, _) => "not_entitled",
            (true, true, true) => "on",
            (true, true, false) => "off",
        }
    }

    /// Why it cannot be switched on now, and what would help.
    pub fn why_not_enable(&self) -> Option<String> {
        let name = &self.module.manifest.name;
        if !self.module.is_live() {
            return Some(format!("{name} is planned: it has no routes yet, so there is nothing to switch."));
        }
        match self.allowed {
            Allowed::ByPlan | Allowed::BesidePlan => None,
            Allowed::NotInPlan(Some(plan)) => Some(format!("{name} is not in this account's plan. The plan {plan} has it.")),
            Allowed::NotInPlan(None) => Some(format!("{name} is in no plan. Ask whoever runs this console.")),
            Allowed::TakenAway => Some(format!("{name} is not allowed here. Ask whoever runs this console.")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::server::modules;

    fn state(plan: &str, key: &str, switches: &Value, entitlements: &Value) -> State {
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        let stored = json!({ "switches": switches, "entitlements": entitlements, "pauses": null });
        State::of(modules::find(key).expect("a module"), &Standing::read(plan, stored, now).expect("a standing"))
    }

    #[test]
    fn the_plan_and_the_switch_are_told_apart() {
        let none = &Value::Null;
        let on = state("developer", "tasks", none, none);
        assert_eq!((on.word(), on.allowed, on.why_not_enable()), ("on", Allowed::ByPlan, None));
        let off = state("developer", "tasks", &json!({ "tasks": false }), none);
        assert_eq!((off.word(), off.is_entitled()), ("off", true));
        let taken = state("developer", "tasks", none, &json!({ "module:tasks": 0 }));
        assert_eq!((taken.word(), taken.allowed, taken.is_enabled), ("not_entitled", Allowed::TakenAway, true));
        let planned = state("team", "analytics", none, none);
        assert_eq!(planned.word(), "planned");
        assert!(planned.why_not_enable().is_some_and(|says| says.contains("planned")));
    }

    #[test]
    fn what_the_plan_lacks_names_the_plan_that_has_it() {
        let cms = state("developer", "cms", &json!({ "cms": true }), &Value::Null);
        assert_eq!((cms.allowed, cms.is_enabled), (Allowed::NotInPlan(Some("Builder")), true));
        assert_eq!(state("developer", "cms", &Value::Null, &json!({ "module:cms": 1 })).allowed, Allowed::BesidePlan);
        assert!(cms.allowed.says().contains("the plan Builder has it"));
    }
}
