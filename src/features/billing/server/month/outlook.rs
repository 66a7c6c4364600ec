//! What is to be expected of the month, and what was told of it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Month, names::Names};
use crate::{
    error::AppError,
    features::billing::server::{
        alerts::{Alert, Kind, Limit},
        forecast::{Lately, Pace, Reaching},
        pausing::Sums,
        percents::Percents,
        store,
    },
    ids::TenantId,
    money::{Micros, Nanos},
    server::{
        scope::{Reach, Scope},
        standing::month_of,
    },
};

/// A limit of the month, and when it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitLine {
    pub name: String,
    pub limit: Micros,
    pub spent: Nanos,
    pub reaching: Reaching,
}

/// What was reached, and whether people were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertLine {
    pub name: String,
    pub workspace: Option<Uuid>,
    pub credential: Option<Uuid>,
    pub percent: i16,
    pub limit: Micros,
    pub spent: Nanos,
    pub at: DateTime<Utc>,
    pub told: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// None where there is too little to go by.
    pub pace: Option<Pace>,
    pub by_end: Option<Nanos>,
    pub limits: Vec<LimitLine>,
    /// The latest first.
    pub alerts: Vec<AlertLine>,
    /// At which people are told.
    pub percents: Percents,
}

/// Of which part of the account, and what was spent and is bounded there.
pub struct Part<'a> {
    /// None for the whole account.
    pub workspace: Option<Uuid>,
    pub limits: Vec<Limit>,
    pub percents: Percents,
    /// Of these credentials alone, where they are named.
    pub own: Option<&'a [Uuid]>,
    pub sums: &'a Sums,
    pub names: &'a Names,
}

impl Outlook {
    pub async fn load<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, month: Month, part: Part<'_>) -> Result<Self, AppError> {
        let Part { workspace, limits, percents, own, sums, names } = part;
        let sees = |credential: Option<Uuid>| own.is_none_or(|own| credential.is_some_and(|id| own.contains(&id)));
        let mut lately = Lately::load(scope, tenant, workspace).await?;
        lately.retain(|recent| sees(recent.credential));
        let mut alerts = store::alerts::list(scope, tenant, month_of(month.begins)).await?;
        let is_here = |of: Option<Uuid>| workspace.is_none() || of == workspace;
        alerts.retain(|alert| is_here(alert.workspace) && sees(alert.credential));
        let pace = lately.pace(workspace, None);
        let pauses = limits.iter().any(|limit| limit.kind == Kind::Included { pauses: true });
        let limit_line = |limit: &Limit| {
            let spent = sums.spent(limit.workspace, limit.credential);
            let (name, micros) = (of(limit.kind.name(), pauses, &names.called(limit.workspace, limit.credential)), Micros(limit.micros));
            let pace = lately.pace(limit.workspace, limit.credential);
            LimitLine { name, limit: micros, spent, reaching: lately.reaching(pace, spent, Nanos::from(micros), month.ends) }
        };
        Ok(Self {
            by_end: pace.map(|pace| lately.by(pace, sums.total, month.ends)),
            limits: limits.iter().map(limit_line).collect(),
            alerts: alerts.into_iter().map(|alert| alert_line(alert, pauses, names)).collect(),
            pace,
            percents,
        })
    }
}

fn alert_line(alert: Alert, pauses: bool, names: &Names) -> AlertLine {
    let Alert { kind, workspace, credential, micros, threshold, spent, reached_at, told } = alert;
    AlertLine {
        name: of(&kind, pauses, &names.called(workspace, credential)),
        workspace,
        credential,
        percent: threshold,
        limit: Micros(micros),
        spent: Nanos(spent),
        at: reached_at,
        told,
    }
}

/// Where calls pause beyond what is included, what is prepaid comes before that.
fn of(kind: &str, pauses: bool, name: &str) -> String {
    if kind != (Kind::Included { pauses }).name() {
        return format!("Cap of {name}");
    }
    if pauses { "What is included and prepaid".to_owned() } else { "What the plan includes".to_owned() }
}
