//! What holds in a workspace at a moment: its plan, what the operator allows beside it, which modules are switched on,
//! and whether billable calls are paused.

use std::collections::HashMap;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{modules::Module, plans};
use crate::{
    access::AskWorkspace,
    error::{AppError, CallRefused, Pause, PauseReason},
    server::{
        credentials::Kind,
        plans::Plan,
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// The key of the entitlement that says how many workspaces an account may have.
pub const WORKSPACES: &str = "workspaces";

/// The key of the entitlement that says how often a workspace may call.
pub const CALLS_PER_MINUTE: &str = "calls_per_minute";

#[derive(Clone, Debug, Default)]
pub struct Standing {
    plan: Option<&'static Plan>,
    at: DateTime<Utc>,
    switches: HashMap<String, bool>,
    /// What the operator allows beside the plan; none of a number is no limit.
    entitlements: HashMap<String, Option<i64>>,
    pauses: Vec<Pause>,
    /// How many live workspaces of the account are older; none where there is room for all.
    place: Option<i64>,
    /// None while agents are let in.
    agents_paused_at: Option<DateTime<Utc>>,
}

/// As `workspace_standing` says it.
#[derive(Deserialize)]
struct Stored {
    switches: Option<HashMap<String, bool>>,
    entitlements: Option<HashMap<String, Option<i64>>>,
    pauses: Option<Vec<StoredPause>>,
    #[serde(default)]
    place: Option<i64>,
    #[serde(default)]
    agents_paused_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct StoredPause {
    reason: String,
    limit_micros: i64,
    since: DateTime<Utc>,
}

impl Standing {
    /// From what the database answered.
    ///
    /// # Errors
    /// `Internal` where it is not what `workspace_standing` gives.
    pub fn read(plan: &str, stored: Value, now: DateTime<Utc>) -> Result<Self, AppError> {
        let stored: Stored = serde_json::from_value(stored).map_err(|error| {
            tracing::error!(%error, "the standing of a workspace was not understood");
            AppError::Internal
        })?;
        let resets_at = month_after(now).to_rfc3339_opts(SecondsFormat::Secs, true);
        let pauses = stored.pauses.unwrap_or_default().into_iter().filter_map(|pause| {
            // All of them are of a calendar month: what the last one left open is over, and is closed soon.
            (month_of(pause.since) >= month_of(now)).then_some(())?;
            Some(Pause {
                reason: PauseReason::named(&pause.reason)?,
                limit_micros: pause.limit_micros,
                since: pause.since.to_rfc3339_opts(SecondsFormat::Secs, true),
                resets_at: resets_at.clone(),
            })
        });
        Ok(Self {
            plan: plans::find(plan, now),
            at: now,
            switches: stored.switches.unwrap_or_default(),
            entitlements: stored.entitlements.unwrap_or_default(),
            pauses: pauses.collect(),
            place: stored.place,
            agents_paused_at: stored.agents_paused_at,
        })
    }

    /// Of a workspace that a page or an operation has a scope for; `credential` adds the pauses of that one.
    ///
    /// # Errors
    /// The database's.
    pub async fn load<R: Reach>(
        scope: &mut Scope<R>,
        plan: &str,
        tenant: Uuid,
        workspace: Uuid,
        credential: Option<Uuid>,
    ) -> Result<Self, AppError> {
        let now = scope.now();
        let stored = sqlx::query_scalar!(r#"select workspace_standing($1, $2, $3, $4) as "standing!""#, tenant, workspace, credential, now)
            .fetch_one(scope.read())
            .await?;
        Self::read(plan, stored, now)
    }

    /// Of the scope's own workspace, as whoever is in it needs it: no credential's pauses.
    ///
    /// # Errors
    /// The database's.
    pub async fn here<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Self, AppError> {
        let (tenant, workspace) = (scope.tenant().clone(), scope.workspace().id);
        Self::load(scope, &tenant.plan, tenant.id.0, workspace.0, None).await
    }

    pub fn plan(&self) -> Option<&'static Plan> {
        self.plan
    }

    pub fn is_entitled(&self, module: &Module) -> bool {
        match self.entitlements.get(&format!("module:{}", module.manifest.key)) {
            Some(allowed) => *allowed != Some(0),
            None => self.plan.is_some_and(|plan| module.is_in(plan)),
        }
    }

    /// Whether it is switched on, entitled or not.
    pub fn is_enabled(&self, module: &Module) -> bool {
        self.switches.get(&module.manifest.key).copied().unwrap_or(module.manifest.default_on)
    }

    /// Whether calls of it run: live, entitled and enabled.
    pub fn runs(&self, module: &Module) -> bool {
        module.is_live() && self.is_entitled(module) && self.is_enabled(module)
    }

    /// # Errors
    /// `ModuleNotEntitled`, with the first plan that has it.
    pub fn ask_entitled(&self, module: &'static Module) -> Result<(), AppError> {
        if self.is_entitled(module) {
            return Ok(());
        }
        let plan = plans::first_with_module(module.key(), self.at).map(|plan| plan.name.as_str());
        Err(AppError::ModuleNotEntitled { module: module.key(), plan })
    }

    /// # Errors
    /// `ModuleNotEnabled`.
    pub fn ask_enabled(&self, module: &'static Module) -> Result<(), AppError> {
        if self.is_enabled(module) { Ok(()) } else { Err(AppError::ModuleNotEnabled(module.key())) }
    }

    /// How often the whole workspace may call; none for any number.
    pub fn calls_per_minute(&self) -> Option<u32> {
        match self.entitlements.get(CALLS_PER_MINUTE) {
            Some(allowed) => allowed.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX)),
            None => self.plan.and_then(|plan| plan.calls_per_minute),
        }
    }

    /// How many workspaces the account may have; none for any number.
    fn workspaces(&self) -> Option<i64> {
        match self.entitlements.get(WORKSPACES) {
            Some(allowed) => *allowed,
            None => self.plan.and_then(|plan| plan.workspaces).map(i64::from),
        }
    }

    /// Whether there is room for the workspace in what its account may have: the oldest ones have it.
    ///
    /// # Errors
    /// `ReadOnly` where there is not, with the first plan that has room for it.
    pub fn ask_room(&self) -> Result<(), AppError> {
        let (Some(place), Some(limit)) = (self.place, self.workspaces()) else { return Ok(()) };
        if place < limit {
            return Ok(());
        }
        let plan = plans::first_with_room(place + 1, self.at).map(|plan| plan.name.as_str());
        Err(AppError::ReadOnly { limit, plan })
    }

    /// Whether a credential of this kind is let in. All but those of agents are.
    ///
    /// # Errors
    /// `AgentsPaused`.
    pub fn ask_agents(&self, kind: Kind) -> Result<(), AppError> {
        if kind == Kind::Mcp && self.agents_paused_at.is_some() { Err(CallRefused::AgentsPaused.into()) } else { Ok(()) }
    }

    /// What stops billable calls, the widest reason first; none where they run.
    pub fn pause(&self) -> Option<&Pause> {
        PauseReason::ALL.into_iter().find_map(|reason| self.pauses.iter().find(|pause| pause.reason == reason))
    }

    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }
}

/// The first day of the calendar month (UTC) that a moment is in: the period of included usage and caps.
pub fn month_of(at: DateTime<Utc>) -> NaiveDate {
    let day = at.date_naive();
    day.with_day(1).unwrap_or(day)
}

/// When the next one begins.
pub fn month_after(at: DateTime<Utc>) -> DateTime<Utc> {
    let first = month_of(at);
    let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
    next.and_time(chrono::NaiveTime::MIN).and_utc()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::server::modules;

    fn now() -> DateTime<Utc> {
        "2026-12-31T23:30:00Z".parse().expect("a time")
    }

    fn standing(plan: &str, stored: Value) -> Standing {
        Standing::read(plan, stored, now()).expect("a standing")
    }

    #[test]
    fn a_module_runs_where_it_is_live_entitled_and_enabled() {
        let module = |key| modules::find(key).expect("a module");
        let nothing = json!({ "switches": null, "entitlements": null, "pauses": null });
        let developer = standing("developer", nothing.clone());
        assert!(developer.runs(module("tasks")));
        assert_eq!(developer.ask_entitled(module("cms")), Err(AppError::ModuleNotEntitled { module: "cms", plan: Some("Builder") }));
        assert!(!standing("builder", nothing.clone()).is_enabled(module("cms")), "it is off where nobody switched it on");
        assert!(!standing("team", nothing).runs(module("crm")) || module("crm").is_live(), "what is planned does not run");
        let given = standing(
            "developer",
            json!({ "switches": { "cms": true, "tasks": false }, "entitlements": { "module:cms": 1 }, "pauses": null }),
        );
        assert!(given.is_entitled(module("cms")) && given.is_enabled(module("cms")));
        assert_eq!(given.ask_enabled(module("tasks")), Err(AppError::ModuleNotEnabled("tasks")));
        let taken = standing("team", json!({ "switches": null, "entitlements": { "module:tasks": 0 }, "pauses": null }));
        assert!(!taken.runs(module("tasks")));
    }

    #[test]
    fn the_operators_word_goes_before_the_plans() {
        let calls = |plan, entitlements: Value| {
            standing(plan, json!({ "switches": null, "entitlements": entitlements, "pauses": null })).calls_per_minute()
        };
        assert_eq!(calls("developer", Value::Null), Some(120));
        assert_eq!(calls("developer", json!({ "calls_per_minute": 7 })), Some(7));
        assert_eq!(calls("developer", json!({ "calls_per_minute": null })), None);
        assert_eq!(calls("enterprise", Value::Null), None);
    }

    #[test]
    fn the_oldest_workspaces_have_room() {
        let room = |plan, place: Value, agreed: Value| {
            standing(plan, json!({ "switches": null, "entitlements": agreed, "pauses": null, "place": place })).ask_room()
        };
        assert_eq!(room("developer", Value::Null, Value::Null), Ok(()), "nobody asked");
        assert_eq!(room("builder", json!(1), Value::Null), Ok(()));
        assert_eq!(room("builder", json!(2), Value::Null), Err(AppError::ReadOnly { limit: 2, plan: Some("Team") }));
        assert_eq!(room("builder", json!(20), Value::Null), Err(AppError::ReadOnly { limit: 2, plan: Some("Enterprise") }));
        assert_eq!(room("builder", json!(2), json!({ "workspaces": 3 })), Ok(()));
        assert_eq!(room("team", json!(1), json!({ "workspaces": 1 })), Err(AppError::ReadOnly { limit: 1, plan: Some("Builder") }));
        assert_eq!(room("builder", json!(900), json!({ "workspaces": null })), Ok(()));
    }

    #[test]
    fn the_widest_pause_is_told_with_the_end_of_its_month() {
        let pause = |reason| json!({ "reason": reason, "limit_micros": 5, "since": "2026-12-30T10:00:00Z" });
        let paused = standing(
            "developer",
            json!({ "switches": null, "entitlements": null, "pauses": [pause("workspace_cap"), pause("balance_exhausted")] }),
        );
        let told = paused.pause().expect("a pause");
        assert_eq!(told.reason, PauseReason::BalanceExhausted);
        assert_eq!(told.resets_at, "2027-01-01T00:00:00Z");
        assert_eq!(month_of(now()).to_string(), "2026-12-01");
    }
}
