//! What a signed-in person or a proven key was refused, as rows of the place's own log: the first at once, then one a minute that
//! counts, for each credential and reason. Nobody floods a log by knocking.

mod knocks;
mod store;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

pub use self::knocks::Knocks;
use self::{
    knocks::{HOLD, Knock},
    store::Due,
};
use super::{Asks, Reach, Scope, ServiceScope};
use crate::{
    error::{AppError, Block, CallRefused},
    ids::{TenantId, UserId, WorkspaceId},
    server::{
        Stoa,
        events::{Actor, ActorType, Event, EventKind, Log, Outcome, Target},
        http::request::RequestContext,
        rest,
    },
};

/// For this long after a row, further refusals are only counted.
const WINDOW: TimeDelta = TimeDelta::seconds(60);
/// Quiet for this long, a denial is forgotten; the next one is a first one again.
const QUIET: TimeDelta = TimeDelta::hours(1);
/// So many are written in one turn of the periodic task.
const MOST: i32 = 500;
const JOB: &str = "denials";
/// Through which somebody can be refused.
const CHANNELS: [&str; 3] = ["console", "api", rest::MCP];

/// One refusal of one request.
#[derive(Clone, Debug)]
struct Refusal {
    log: Log,
    tenant: Uuid,
    workspace: Option<Uuid>,
    actor: Actor,
    credential: String,
    permission: String,
    reason: String,
    request: RequestContext,
}

/// Writes down that `actor` was refused in the place of `log`. Where it cannot be written, the refusal stands and the
/// server's log says so.
pub async fn note(stoa: &Stoa, request: &RequestContext, actor: &Actor, log: Log, asks: Asks, error: &AppError) {
    let Some(refusal) = Refusal::of(request, actor, log, asks, error) else { return };
    match stoa.knocks().count(refusal, stoa.clock.now()) {
        Knock::Tell(refusal, times) => drop(tell(stoa, &refusal, times).await),
        Knock::Waits => {
            let stoa = stoa.clone();
            tokio::spawn(async move {
                tokio::time::sleep(HOLD.to_std().unwrap_or_default()).await;
                tell_all(&stoa, stoa.knocks().come(stoa.clock.now())).await;
            });
        }
        Knock::Counted => {}
    }
}

/// Returns how many rows that made.
async fn tell_all(stoa: &Stoa, waited: Vec<(Refusal, i32)>) -> usize {
    let mut written = 0;
    for (refusal, times) in waited {
        written += usize::from(tell(stoa, &refusal, times).await);
    }
    written
}

/// Whether a row of the log came of it.
async fn tell(stoa: &Stoa, refusal: &Refusal, times: i32) -> bool {
    write(stoa, refusal, times).await.unwrap_or_else(|error| {
        tracing::error!(%error, permission = refusal.permission, times, "a denial was not written");
        false
    })
}

/// Who acts where, kept while a handler has the scope: what it refuses is written down as what its door refuses.
pub struct Watch {
    stoa: Stoa,
    request: RequestContext,
    actor: Actor,
    log: Log,
    asks: Asks,
}

impl Watch {
    pub fn over<R: Reach>(scope: &Scope<R>) -> Self {
        Self { stoa: scope.stoa.clone(), request: scope.request.clone(), actor: scope.actor.clone(), log: scope.reach.log(), asks: R::ASKS }
    }

    pub async fn noting<T>(self, outcome: Result<T, AppError>) -> Result<T, AppError> {
        if let Err(error) = &outcome {
            note(&self.stoa, &self.request, &self.actor, self.log, self.asks, error).await;
        }
        outcome
    }
}

/// Writes the rows of all denials whose minute is over: a task to be run on a clock. Returns how many it wrote.
///
/// # Errors
/// The first failure ends the turn; what was not written waits for the next.
pub async fn write_denials(stoa: &Stoa) -> Result<usize, AppError> {
    let now = stoa.clock.now();
    let mut written = tell_all(stoa, stoa.knocks().take(now)).await;
    for (tenant, id) in store::due(&stoa.db, now - WINDOW, now - QUIET, MOST).await? {
        written += usize::from(write_counted(stoa, TenantId(tenant), id).await?);
    }
    Ok(written)
}

async fn write(stoa: &Stoa, refusal: &Refusal, times: i32) -> Result<bool, AppError> {
    let tenant = TenantId(refusal.tenant);
    let mut scope = ServiceScope::open_service(stoa, &refusal.request, refusal.actor.clone(), tenant, JOB).await?;
    let (now, id) = (scope.now(), scope.new_id());
    let Some(due) = store::count(scope.transaction.connection(), refusal, times, id, now, now - WINDOW).await? else {
        // Counting is no act of anybody's: the row that follows says it.
        scope.transaction.commit().await?;
        return Ok(false);
    };
    scope.record_in(refusal.log, event(&refusal.permission, &refusal.request.route, &refusal.reason, due));
    scope.commit().await?;
    Ok(true)
}

async fn write_counted(stoa: &Stoa, tenant: TenantId, id: Uuid) -> Result<bool, AppError> {
    let request = RequestContext::internal(&stoa.clock, "console", JOB);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), tenant, JOB).await?;
    let now = scope.now();
    let Some(counted) = store::take(scope.transaction.connection(), tenant.0, id, now - WINDOW, now).await? else {
        scope.close().await?;
        return Ok(false);
    };
    // The row is theirs, as of their last try.
    scope.request.channel = CHANNELS.into_iter().find(|name| *name == counted.channel).unwrap_or("console");
    scope.request.route.clone_from(&counted.route);
    scope.request.id = counted.request_id.parse().unwrap_or(scope.request.id);
    scope.request.ip = counted.ip.as_deref().and_then(|ip| ip.parse().ok());
    scope.request.user_agent = counted.user_agent;
    scope.request.client = counted.client;
    scope.act_as(Actor {
        kind: ActorType::named(&counted.actor_type).unwrap_or(ActorType::User),
        user: counted.actor_id.parse().ok(),
        id: counted.actor_id,
        name: counted.actor_name,
        on_behalf_of: counted.on_behalf_of_id.map(UserId).zip(counted.on_behalf_of_name),
        credential: Some(counted.credential_id),
    });
    let log = match counted.workspace_id {
        Some(workspace) => Log::Workspace(tenant, WorkspaceId(workspace)),
        None if tenant.0.is_nil() => Log::Installation,
        None => Log::Tenant(tenant),
    };
    let due = Due { times: counted.times, since: counted.since };
    scope.record_in(log, event(&counted.permission, &counted.route, &counted.reason, due));
    scope.commit().await?;
    Ok(true)
}

impl Refusal {
    /// None where the error is no refusal of somebody known.
    fn of(request: &RequestContext, actor: &Actor, log: Log, asks: Asks, error: &AppError) -> Option<Self> {
        let (permission, reason) = match error {
            AppError::NotAllowed(refused) => {
                let permission = refused.permission();
                let reason = format!("Their role does not hold {permission}.");
                (permission, reason)
            }
            AppError::Call(CallRefused::MissingScope(scope)) => {
                ((*scope).to_owned(), format!("The credential does not hold the scope {scope}."))
            }
            AppError::ModuleNotEntitled { module, .. } | AppError::ModuleNotEnabled(module) => {
                (format!("module {module}"), error.to_string())
            }
            AppError::Paused(_) | AppError::ReadOnly { .. } => (asked(asks), error.to_string()),
            AppError::RateLimited { limit, .. } => (asked(asks), format!("More than {limit} calls in a minute.")),
            AppError::Call(refused) => (asked(asks), refused.to_string()),
            AppError::Blocked(rule) => (asked(asks), says(*rule).to_owned()),
            _ => return None,
        };
        let (tenant, workspace) = match log {
            Log::Installation => (Uuid::nil(), None),
            Log::Tenant(tenant) => (tenant.0, None),
            Log::Workspace(tenant, workspace) => (tenant.0, Some(workspace.0)),
        };
        let credential = actor.credential.clone()?;
        Some(Self { log, tenant, workspace, actor: actor.clone(), credential, permission, reason, request: request.clone() })
    }
}

/// The permission that a door asks for, by its bare name.
fn asked(asks: Asks) -> String {
    match asks {
        Asks::Tenant(permission) => permission.to_string(),
        Asks::Workspace(permission) | Asks::Archive(permission) => permission.to_string(),
        Asks::Nothing | Asks::Signature | Asks::SignedIn | Asks::Service => asks.to_string(),
    }
}

/// What a log says of a rule of the posture; the person was told in the second person.
fn says(rule: Block) -> &'static str {
    match rule {
        Block::Session => "The place asks for a newer sign-in.",
        Block::MultiFactor => "The place asks for a second factor.",
        Block::Network => "The place does not answer from their network.",
    }
}

fn event(permission: &str, route: &str, reason: &str, due: Due) -> Event {
    let target = Target { kind: "permission", id: permission.to_owned(), name: Some(route.to_owned()) };
    let event = Event::new(EventKind::AccessDenied, target).ending(Outcome::Denied);
    if due.times <= 1 {
        return event.because(reason);
    }
    let times = due.times.to_string();
    event.changing("times", None, Some(&times)).because(format!("{reason} {times} times since {}.", minute(due.since)))
}

fn minute(at: DateTime<Utc>) -> impl std::fmt::Display {
    at.format("%H:%M UTC")
}
