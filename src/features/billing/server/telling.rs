//! What is said of a pause, of its end, and of a limit that is near or reached: in the log of the place, and to its people.

use std::collections::HashMap;

use uuid::Uuid;

use super::{alerts::Kind, store};
use crate::{
    access::WorkspaceRole,
    error::{AppError, PauseReason},
    features::{
        api_keys,
        billing::WHILE_PAUSED,
        inbox::server::{Notice, tell},
        members, teams, workspaces,
    },
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    money::{Micros, Nanos},
    paths,
    server::{
        credentials,
        events::{Event, EventKind, Log, Target},
        scope::ServiceScope,
        standing::month_after,
    },
};

/// What became of a pause or a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    Paused(PauseReason),
    /// It goes on, at another limit than this one before.
    Moved(PauseReason, i64),
    Resumed(PauseReason),
    /// A soft cap.
    Reached,
    /// So much of a limit is used.
    Alerted {
        kind: Kind,
        percent: i16,
        spent: Nanos,
    },
}

/// The same, of what: the tenant, a workspace or a credential.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub turn: Turn,
    pub workspace: Option<Uuid>,
    pub credential: Option<Uuid>,
    /// What was reached, in micro-dollars.
    pub micros: i64,
}

impl Change {
    pub fn of(turn: Turn, paused: &super::pausing::Paused) -> Self {
        Self { turn, workspace: paused.workspace, credential: paused.credential, micros: paused.limit_micros }
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.workspace, self.credential) == (other.workspace, other.credential)
    }
}

/// What a change is of, by name, and who is told.
struct Place {
    log: Log,
    target: Target,
    /// To follow "of": "Acme", "the API key “Robot” in Shop".
    says: String,
    link: String,
    people: Vec<UserId>,
}

/// Records every change and tells its people: of a pause once, and of an end only where nothing pauses the same thing again.
pub async fn tell_all(scope: &mut ServiceScope, tenant: TenantId, changes: &[Change]) -> Result<(), AppError> {
    if changes.is_empty() {
        return Ok(());
    }
    let names: HashMap<WorkspaceId, workspaces::server::Called> =
        workspaces::server::called(scope, tenant).await?.into_iter().map(|called| (called.id, called)).collect();
    for change in changes {
        let place = place(scope, tenant, change, &names).await?;
        scope.record_in(place.log, event(change, place.target.clone()));
        let is_paused_anew = changes.iter().any(|other| matches!(other.turn, Turn::Paused(_)) && other.is_like(change));
        let Some(title) = title(change, &place.says, is_paused_anew) else { continue };
        let notice = Notice {
            kind: kind(change.turn).name(),
            tenant: Some(tenant),
            workspace: change.workspace.map(WorkspaceId).filter(|id| names.contains_key(id)),
            title,
            body: body(change, month_after(scope.now())),
            link: Some(place.link),
        };
        for person in place.people {
            tell(scope, person, &notice).await?;
        }
    }
    Ok(())
}

async fn place(
    scope: &mut ServiceScope,
    tenant: TenantId,
    change: &Change,
    names: &HashMap<WorkspaceId, workspaces::server::Called>,
) -> Result<Place, AppError> {
    // A workspace that moved away is paused here no more, which its tenant's log says.
    let Some(here) = change.workspace.and_then(|id| names.get(&WorkspaceId(id))) else {
        let (slug, name) = store::name_of_tenant(scope, tenant).await?;
        let people = if change.workspace.is_none() { teams::server::payers(scope, tenant).await? } else { Vec::new() };
        let target = Target { kind: "tenant", id: tenant.to_string(), name: Some(name.clone()) };
        return Ok(Place { log: Log::Tenant(tenant), target, says: name, link: paths::billing(slug), people });
    };
    let (log, link) = (Log::Workspace(tenant, here.id), paths::spend(&here.slug));
    let people = members::server::active(scope, tenant, here.id, &[WorkspaceRole::Owner, WorkspaceRole::Admin]).await?;
    let people = people.into_iter().map(|person| person.user).collect();
    let Some(key) = change.credential.map(ApiKeyId) else {
        let target = Target { kind: "workspace", id: here.id.to_string(), name: Some(here.name.clone()) };
        return Ok(Place { log, target, says: here.name.clone(), link, people });
    };
    let known = api_keys::server::called(scope, tenant, Some(here.id)).await?.into_iter().find(|known| known.id == key);
    let (kind, name) = known.map_or_else(|| (credentials::Kind::Key, "a key that is gone".to_owned()), |known| (known.kind, known.name));
    let says = format!("the {} “{name}” in {}", api_keys::server::words(kind).name, here.name);
    let target = api_keys::server::target(kind, key, &name);
    Ok(Place { log, target, says, link, people })
}

fn kind(turn: Turn) -> EventKind {
    match turn {
        Turn::Paused(_) | Turn::Moved(..) => EventKind::BillingPaused,
        Turn::Resumed(_) => EventKind::BillingResumed,
        Turn::Reached => EventKind::SpendCapReached,
        Turn::Alerted { .. } => EventKind::SpendAlertRaised,
    }
}

fn event(change: &Change, target: Target) -> Event {
    let before = if let Turn::Moved(_, before) = change.turn { Some(before.to_string()) } else { None };
    let event = Event::new(kind(change.turn), target).changing("limit_micros", before.as_deref(), Some(&change.micros.to_string()));
    match change.turn {
        Turn::Paused(reason) | Turn::Moved(reason, _) | Turn::Resumed(reason) => event.changing("reason", None, Some(reason.name())),
        Turn::Reached => event,
        Turn::Alerted { kind, percent, spent } => event
            .changing("limit", None, Some(kind.name()))
            .changing("percent", None, Some(&percent.to_string()))
            .changing("spent_nanos", None, Some(&spent.0.to_string())),
    }
}

/// None where nobody is told.
fn title(change: &Change, of: &str, is_paused_anew: bool) -> Option<String> {
    match change.turn {
        Turn::Paused(_) => Some(format!("Billable calls of {of} are paused")),
        Turn::Resumed(_) if !is_paused_anew => Some(format!("Billable calls of {of} run again")),
        Turn::Moved(..) | Turn::Resumed(_) => None,
        Turn::Reached => Some(format!("The spend of {of} has reached its cap of {}", Micros(change.micros))),
        Turn::Alerted { kind: Kind::Cap { .. }, percent, .. } => Some(format!("The spend of {of} is at {percent} % of its cap")),
        Turn::Alerted { kind: Kind::Included { pauses: true }, percent, .. } => {
            Some(format!("{percent} % of what {of} can use this month is used"))
        }
        Turn::Alerted { kind: Kind::Included { .. }, percent: 100, .. } => Some(format!("All that the plan of {of} includes is used")),
        Turn::Alerted { percent, .. } => Some(format!("{percent} % of what the plan of {of} includes is used")),
    }
}

fn body(change: &Change, next_month: chrono::DateTime<chrono::Utc>) -> String {
    let limit = Micros(change.micros);
    let month = next_month.format("%-d %B %Y");
    match change.turn {
        Turn::Paused(reason) | Turn::Moved(reason, _) => {
            format!("{} What was reached: {limit}.\n\n{WHILE_PAUSED}\n\nThe next month begins on {month} (UTC).", reason.says())
        }
        Turn::Resumed(_) => "What paused them is over: another month began, credit was added, or plan or caps were changed.".to_owned(),
        Turn::Reached => "This cap only tells: nothing is refused. You are told once a month.".to_owned(),
        Turn::Alerted { kind, spent, .. } => {
            format!(
                "So far this month (UTC): {spent} of {limit}.\n\n{} The next month begins on {month} (UTC).\n\nEach percentage is told \
                 once in a month, and of several at once the highest. Which are told is chosen on the page that this leads to.",
                beyond(kind)
            )
        }
    }
}

/// What happens when all of it is used.
fn beyond(kind: Kind) -> &'static str {
    match kind {
        Kind::Included { pauses: true } => {
            "That is what the plan includes and what is prepaid. When all of it is used, billable calls pause until the next month, a top-up, or \
             another plan."
        }
        Kind::Included { pauses: false } => {
            "What is used beyond it is charged at the same rates; nothing is refused, unless a cap says so."
        }
        Kind::Cap { hard: true } => "When it is reached, billable calls pause until the next month, or until the cap is changed.",
        Kind::Cap { hard: false } => "This cap only tells: nothing is refused when it is reached.",
    }
}
