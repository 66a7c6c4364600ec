//! How it stands with a workspace's spend at this moment: what is paused, and which limits of the month are near.

use std::collections::HashMap;

use chrono::TimeDelta;
use uuid::Uuid;

use super::{Month, PauseWindow, SpendCap, caps_of, pauses_in, pausing::Sums, store};
use crate::{
    access::{AskWorkspace, Extent, TenantPermission, WorkspacePermission},
    error::AppError,
    features::api_keys,
    money::{Micros, Nanos, percent},
    server::{
        plans::Plan,
        scope::WorkspaceScope,
        standing::{Standing, month_of},
    },
};

/// A hard limit is near from so many percent on; a soft one is told of when it is reached.
const NEAR_PERCENT: i64 = 80;

/// What a limit or a pause is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    Account,
    Workspace,
    /// By its name.
    Key(String),
}

/// What happens when a limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the plan includes: calls pause, or what is beyond is charged.
    Included {
        pauses: bool,
    },
    HardCap,
    SoftCap,
}

/// A limit of the month that is near or reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Near {
    pub of: Subject,
    pub kind: Kind,
    pub limit: Micros,
    /// By this workspace, or by the key: of an account with several workspaces it is a part.
    pub spent: Nanos,
}

#[derive(Clone, Debug)]
pub struct State {
    pub month: Month,
    /// Those in force, the earliest first.
    pub pauses: Vec<(Subject, PauseWindow)>,
    pub near: Vec<Near>,
}

/// As far as the reader may see spend: whoever sees their own alone sees the keys that they answer for, and the pauses
/// that stop these too. The account's caps are for those who read its billing.
pub async fn state<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, standing: &Standing) -> Result<State, AppError> {
    let (tenant, here, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let extent = scope.reach().extent_of(WorkspacePermission::ReadSpend);
    let pays = scope.reach().tenant_role.is_some_and(|role| role.may(TenantPermission::ReadBilling));
    let mut pauses = pauses_in(scope, tenant, here, &(now..now + TimeDelta::microseconds(1))).await?;
    // What the last month left open is over, and is closed soon.
    pauses.retain(|pause| pause.ended_at.is_none() && month_of(pause.since) >= month_of(now));
    let mut caps = caps_of(scope, tenant, here, pays).await?;
    let mut spent = store::list_spent(scope, tenant, month_of(now)).await?;
    spent.retain(|spent| spent.workspace == here.0);
    let sums = Sums::of(&spent);
    caps.retain(|cap| is_shown(cap, extent) && is_near(cap, &sums) && !pauses.iter().any(|pause| is_for(pause, cap)));
    let names = key_names(scope, &pauses, &caps, extent).await?;
    // Where everything is paused already, what is included says nothing more.
    let is_asked = extent == Extent::Everything && pauses.iter().all(|pause| pause.credential.is_some());
    let included = standing.plan().filter(|_| is_asked).and_then(|plan| included(plan, &sums));
    let caps = caps.into_iter().filter_map(|cap| near(&cap, &sums, &names));
    Ok(State {
        month: Month::of(now),
        near: included.into_iter().chain(caps).collect(),
        pauses: pauses.into_iter().filter_map(|pause| Some((of_pause(&pause, &names)?, pause))).collect(),
    })
}

fn is_shown(cap: &SpendCap, extent: Extent) -> bool {
    match (cap.workspace, cap.credential) {
        (None, _) => true,
        (Some(_), None) => extent == Extent::Everything,
        (Some(_), Some(_)) => extent != Extent::Nothing,
    }
}

fn spent_of(cap: &SpendCap, sums: &Sums) -> Nanos {
    sums.spent(cap.workspace.map(|id| id.0), cap.credential)
}

fn is_near(cap: &SpendCap, sums: &Sums) -> bool {
    percent(spent_of(cap, sums), Nanos::from(Micros(cap.micros))) >= if cap.hard { NEAR_PERCENT } else { 100 }
}

/// Whether the pause says already that the cap is reached.
fn is_for(pause: &PauseWindow, cap: &SpendCap) -> bool {
    cap.hard && pause.credential == cap.credential && pause.reason.is_of_account() == cap.workspace.is_none()
}

fn near(cap: &SpendCap, sums: &Sums, names: &HashMap<Uuid, String>) -> Option<Near> {
    let kind = if cap.hard { Kind::HardCap } else { Kind::SoftCap };
    let of = subject(cap.workspace.is_none(), cap.credential, names)?;
    Some(Near { of, kind, limit: Micros(cap.micros), spent: spent_of(cap, sums) })
}

fn of_pause(pause: &PauseWindow, names: &HashMap<Uuid, String>) -> Option<Subject> {
    subject(pause.reason.is_of_account(), pause.credential, names)
}

fn included(plan: &Plan, sums: &Sums) -> Option<Near> {
    let limit = Micros(plan.included?);
    let is_near = percent(sums.total, Nanos::from(limit)) >= NEAR_PERCENT;
    is_near.then_some(Near { of: Subject::Account, kind: Kind::Included { pauses: plan.hard_caps }, limit, spent: sums.total })
}

/// What the keys behind these are called: those that still can be used, and are the reader's to know.
async fn key_names<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    pauses: &[PauseWindow],
    caps: &[SpendCap],
    extent: Extent,
) -> Result<HashMap<Uuid, String>, AppError> {
    let asked = pauses.iter().filter_map(|pause| pause.credential).chain(caps.iter().filter_map(|cap| cap.credential));
    let asked: Vec<Uuid> = asked.collect();
    if asked.is_empty() || extent == Extent::Nothing {
        return Ok(HashMap::new());
    }
    let (tenant, here, me) = (scope.tenant().id, scope.workspace().id, scope.person().id);
    let mut known = api_keys::server::called(scope, tenant, Some(here)).await?;
    known.retain(|key| key.is_live && asked.contains(&key.id.0) && (extent != Extent::Own || key.steward == me));
    Ok(known.into_iter().map(|key| (key.id.0, key.name)).collect())
}

/// None where it is a key that is over, or not the reader's to know.
fn subject(is_accounts: bool, credential: Option<Uuid>, names: &HashMap<Uuid, String>) -> Option<Subject> {
    match credential {
        Some(key) => names.get(&key).cloned().map(Subject::Key),
        None if is_accounts => Some(Subject::Account),
        None => Some(Subject::Workspace),
    }
}
