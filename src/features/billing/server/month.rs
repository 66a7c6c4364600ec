//! The figures of the month that runs: what was used, by whom, within which caps, and when it was paused.

mod names;
mod outlook;

pub use outlook::{AlertLine, LimitLine, Outlook};

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    alerts,
    caps::CapOf,
    ledger::Funds,
    pausing::Sums,
    percents,
    store::{self, sums::Used},
};
use crate::{
    access::{AskTenant, AskWorkspace, Extent},
    error::{AppError, PauseReason},
    money::{Micros, Nanos},
    server::{
        events::{Event, EventKind, Target},
        plans,
        scope::{TenantScope, WorkspaceScope},
        standing::{month_after, month_of},
    },
};
use names::Names;
use outlook::Part;

/// A calendar month in UTC: the period of what is included, and of caps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
}

impl Month {
    pub fn of(at: DateTime<Utc>) -> Self {
        Self { begins: month_of(at).and_time(chrono::NaiveTime::MIN).and_utc(), ends: month_after(at) }
    }

    /// "November 2026".
    pub fn name(self) -> String {
        self.begins.format("%B %Y").to_string()
    }
}

/// What one workspace or key used. By name, as it is called now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub name: String,
    /// The id where nobody knows the name any more.
    pub id: String,
    /// `live`, `archived` or `moved away`; of a key `live` or `ended`.
    pub state: &'static str,
    pub spent: Nanos,
}

/// A cap, and how much of it is spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapLine {
    pub of: CapOf,
    pub name: String,
    pub limit: Micros,
    pub hard: bool,
    pub spent: Nanos,
    pub version: i64,
}

/// A pause of the month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseLine {
    /// What was paused.
    pub name: String,
    pub reason: PauseReason,
    /// None where it is not the reader's to know.
    pub limit: Option<Micros>,
    pub since: DateTime<Utc>,
    /// None while it lasts.
    pub ended_at: Option<DateTime<Utc>>,
}

/// What a place spent in the month, as far as the reader may see it.
#[derive(Clone, Debug)]
pub struct Figures {
    pub month: Month,
    pub total: Nanos,
    /// By workspace on the account's page, by key on a workspace's.
    pub lines: Vec<Line>,
    /// By workspace and dimension.
    pub used: Vec<Used>,
    pub caps: Vec<CapLine>,
    pub pauses: Vec<PauseLine>,
    pub outlook: Outlook,
}

/// The account's month.
pub async fn of_account<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Figures, AppError> {
    let tenant = scope.tenant().clone();
    let month = Month::of(scope.now());
    let names = Names::load(scope, tenant.id, &tenant.name, None).await?;
    let sums = Sums::of(&store::list_spent(scope, tenant.id, month_of(month.begins)).await?);
    let used = store::sums::used(scope, tenant.id, None, None, (month.begins, month.ends)).await?;
    let caps = store::caps::list(scope, tenant.id).await?;
    let pauses = store::sums::pauses(scope, tenant.id, month.begins).await?;
    let mut lines: Vec<Line> = sums.workspaces().map(|(id, spent)| names.workspace_line(id, spent)).collect();
    lines.extend(names.unused(&lines));
    lines.sort_by(|one, other| other.spent.cmp(&one.spent).then_with(|| one.name.cmp(&other.name)));
    let funds = Funds::of(scope, tenant.id).await?;
    let limits = alerts::limits(plans::find(&tenant.plan, scope.now()), &funds, &caps);
    let percents = percents::of_account(scope).await?;
    let part = Part { workspace: None, limits, percents, own: None, sums: &sums, names: &names };
    let outlook = Outlook::load(scope, tenant.id, month, part).await?;
    Ok(Figures {
        month,
        total: sums.total,
        lines,
        used,
        caps: caps.iter().map(|cap| names.cap_line(cap, &sums)).collect(),
        pauses: pauses.iter().filter_map(|row| names.pause_line(row)).collect(),
        outlook,
    })
}

/// The scope's workspace's month. Whoever sees only their own sees the keys that they answer for, and nothing of others'.
pub async fn of_workspace<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Figures, AppError> {
    let (tenant, here, me) = (scope.tenant().clone(), scope.workspace().clone(), scope.person().id);
    let only_own = scope.reach().extent() == Extent::Own;
    let month = Month::of(scope.now());
    let mut names = Names::load(scope, tenant.id, &tenant.name, Some(here.id)).await?;
    if only_own {
        names.keys.retain(|_, key| key.steward == me);
    }
    let own: Vec<Uuid> = names.keys.keys().copied().collect();
    let sees = |credential: Option<Uuid>| !only_own || credential.is_some_and(|id| own.contains(&id));
    let mut spent = store::list_spent(scope, tenant.id, month_of(month.begins)).await?;
    spent.retain(|spent| spent.workspace == here.id.0 && sees(spent.credential));
    let own_alone = only_own.then_some(own.as_slice());
    let used = store::sums::used(scope, tenant.id, Some(here.id.0), own_alone, (month.begins, month.ends)).await?;
    let mut caps = store::caps::list(scope, tenant.id).await?;
    caps.retain(|cap| cap.workspace == Some(here.id.0) && sees(cap.credential));
    let mut pauses = store::sums::pauses(scope, tenant.id, month.begins).await?;
    pauses.retain(|pause| pause.credential.is_none() || sees(pause.credential));
    let sums = Sums::of(&spent);
    let mut lines: Vec<Line> = spent.iter().map(|spent| names.key_line(spent.credential, Nanos(spent.nanos))).collect();
    lines.sort_by(|one, other| other.spent.cmp(&one.spent).then_with(|| one.name.cmp(&other.name)));
    let part = Part {
        workspace: Some(here.id.0),
        limits: alerts::limits(None, &Funds::default(), &caps),
        percents: percents::of_workspace(scope).await?,
        own: own_alone,
        sums: &sums,
        names: &names,
    };
    let outlook = Outlook::load(scope, tenant.id, month, part).await?;
    let told = |line: PauseLine| PauseLine { limit: line.limit.filter(|_| !line.reason.is_of_account()), ..line };
    Ok(Figures {
        month,
        total: sums.total,
        lines,
        used,
        caps: caps.iter().map(|cap| names.cap_line(cap, &sums)).collect(),
        pauses: pauses.iter().filter_map(|row| names.pause_line(row).map(told)).collect(),
        outlook,
    })
}

/// The account's month, and in its log that it was taken.
pub async fn export<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<(Figures, HashMap<Uuid, Line>), AppError> {
    let figures = of_account(scope).await?;
    let tenant = scope.tenant().clone();
    let names = Names::load(scope, tenant.id, &tenant.name, None).await?;
    let called = figures.used.iter().map(|used| (used.workspace, names.workspace_line(used.workspace, Nanos(0)))).collect();
    let target = Target { kind: "tenant", id: tenant.id.to_string(), name: Some(tenant.name) };
    let event = Event::new(EventKind::UsageExported, target)
        .changing("month", None, Some(&figures.month.begins.format("%Y-%m").to_string()))
        .changing("rows", None, Some(&figures.used.len().to_string()));
    scope.record(event);
    Ok((figures, called))
}
