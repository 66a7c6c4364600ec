//! What the operator allows beside the plan, or takes away: for a tenant or one of its workspaces, with a reason, and until
//! a date where there is one.

mod key;

pub use key::{Key, says};

use chrono::{DateTime, SecondsFormat, Utc};

use super::{assess_in, changing, hold_plan, store};
use crate::{
    error::AppError,
    features::workspaces,
    ids::{EntitlementId, TenantId, WorkspaceId},
    server::{
        Stoa,
        events::{Actor, Event, EventKind, Log, Target},
        http::request::RequestContext,
        plans,
        scope::{Reach, Scope, ServiceScope},
    },
};
use key::WORKSPACES;

const JOB: &str = "entitlements.end";
/// So many are seen to in one go; the others wait for the next.
const AT_ONCE: i32 = 500;

/// One that is about to be.
#[derive(Clone, Debug)]
pub struct NewEntitlement {
    /// None for the whole tenant.
    pub workspace: Option<WorkspaceId>,
    pub key: Key,
    pub allowed: Option<i64>,
    pub reason: String,
    pub until: Option<DateTime<Utc>>,
}

/// How many of something the operator allows in the place of the plan; none for any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Agreed(pub Option<i64>);

/// One that is, was or will have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitlement {
    pub id: EntitlementId,
    pub workspace: Option<WorkspaceId>,
    pub key: String,
    pub allowed: Option<i64>,
    pub reason: String,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub end_recorded: bool,
}

impl Entitlement {
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.starts_at <= now && self.ends_at.is_none_or(|end| end > now)
    }
}

/// All of the tenant's that the scope reaches, in force or ended, the latest first.
pub async fn list<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Vec<Entitlement>, AppError> {
    store::entitlements::list(scope, tenant).await
}

/// Allows something in the scope's tenant from now on, in the place of what was said of the same thing before.
///
/// # Errors
/// `Invalid` where it ends before it begins, `NotFound` where the workspace is not a live one of the tenant.
pub async fn set(scope: &mut ServiceScope, new: &NewEntitlement) -> Result<EntitlementId, AppError> {
    let (tenant, now) = (scope.reach().tenant, scope.now());
    if new.until.is_some_and(|until| until <= now) {
        return Err(AppError::invalid("until", "The end is not ahead of now."));
    }
    // Whoever counts what it limits waits, or is waited for.
    hold_plan(scope, tenant).await?;
    let (log, place) = place(scope, tenant, new.workspace).await?;
    let key = new.key.name();
    let known = list(scope, tenant).await?;
    let mut before = None;
    for held in known.iter().filter(|held| held.holds(now) && held.workspace == new.workspace && held.key == key) {
        before.get_or_insert_with(|| says(&key, held.allowed));
        store::entitlements::end(scope, tenant, held.id, now).await?;
    }
    let id = EntitlementId(scope.new_id());
    store::entitlements::insert(scope, tenant, id, new, now).await?;
    note_room(scope, tenant).await?;
    let until = new.until.map(|until| until.to_rfc3339_opts(SecondsFormat::Secs, true));
    let event = Event::new(EventKind::EntitlementSet, target(id, &key, &place))
        .changing("allowed", before.as_deref(), Some(&says(&key, new.allowed)))
        .changing("ends_at", None, until.as_deref())
        .because(new.reason.clone());
    scope.record_in(log, event);
    assess_in(scope, tenant).await?;
    Ok(id)
}

/// Whether there are more workspaces than there is room for may be another thing now.
async fn note_room(scope: &mut ServiceScope, tenant: TenantId) -> Result<(), AppError> {
    let (held, now) = (hold_plan(scope, tenant).await?, scope.now());
    // A plan that is not in the file any more has no say, as in each call.
    let Some(plan) = plans::find(&held, now) else { return Ok(()) };
    changing::note_room(scope, tenant, plan).await
}

/// Ends one now.
///
/// # Errors
/// `NotFound` where the tenant has no such, `Conflict` where it has ended already.
pub async fn end(scope: &mut ServiceScope, id: EntitlementId, reason: &str) -> Result<(), AppError> {
    let (tenant, now) = (scope.reach().tenant, scope.now());
    hold_plan(scope, tenant).await?;
    let held = list(scope, tenant).await?.into_iter().find(|held| held.id == id).ok_or(AppError::NotFound)?;
    if !held.holds(now) {
        return Err(AppError::Conflict("It has ended already.".to_owned()));
    }
    end_one(scope, tenant, &held, reason).await?;
    assess_in(scope, tenant).await
}

async fn end_one(scope: &mut ServiceScope, tenant: TenantId, held: &Entitlement, reason: &str) -> Result<(), AppError> {
    let now = scope.now();
    let (log, name) = place(scope, tenant, held.workspace).await.or_else(|error| match error {
        // Its workspace is archived or has moved: the tenant's log says that it ended.
        AppError::NotFound => Ok((Log::Tenant(tenant), "a workspace that is not live".to_owned())),
        other => Err(other),
    })?;
    store::entitlements::end(scope, tenant, held.id, now).await?;
    note_room(scope, tenant).await?;
    scope.record_in(log, ended(held, &name, reason));
    Ok(())
}

/// What holds for a workspace alone.
pub async fn of_workspace<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<Entitlement>, AppError> {
    let now = scope.now();
    let held = list(scope, tenant).await?;
    Ok(held.into_iter().filter(|held| held.workspace == Some(workspace) && held.holds(now)).collect())
}

/// Waits for whoever is changing these; from here to the end of the transaction nobody does.
pub async fn hold_of_workspace<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    store::entitlements::lock(scope, tenant, workspace).await
}

/// Ends all that hold for a workspace alone; each is an event in its log.
pub async fn end_all_of_workspace<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    reason: &'static str,
) -> Result<(), AppError> {
    let now = scope.now();
    for held in of_workspace(scope, tenant, workspace).await? {
        store::entitlements::end(scope, tenant, held.id, now).await?;
        let event = ended(&held, "this workspace", reason);
        scope.record_in(Log::Workspace(tenant, workspace), event);
    }
    Ok(())
}

fn ended(held: &Entitlement, place: &str, reason: &str) -> Event {
    Event::new(EventKind::EntitlementEnded, target(held.id, &held.key, place))
        .changing("allowed", Some(&says(&held.key, held.allowed)), None)
        .because(reason)
}

/// Ends in the log what has ended by its date. To be run once an hour; twice at once is harmless.
///
/// # Errors
/// Only where the due ones cannot be found: one that fails keeps no other.
pub async fn end_due(stoa: Stoa) -> Result<(), AppError> {
    for (tenant, id) in store::entitlements::due_ends(&stoa.db, stoa.clock.now(), AT_ONCE).await? {
        if let Err(error) = record_end(&stoa, tenant, id).await {
            tracing::error!(%tenant, entitlement = %id, %error, "the end of an entitlement was not recorded");
        }
    }
    Ok(())
}

async fn record_end(stoa: &Stoa, tenant: TenantId, id: EntitlementId) -> Result<(), AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), tenant, JOB).await?;
    hold_plan(&mut scope, tenant).await?;
    let held = list(&mut scope, tenant).await?.into_iter().find(|held| held.id == id && !held.end_recorded);
    if let Some(held) = held {
        end_one(&mut scope, tenant, &held, "its end date has come").await?;
    }
    scope.commit().await
}

/// How many workspaces the operator allows the tenant in the place of its plan, where that is said.
pub async fn allowed_workspaces<R: Reach>(scope: &mut Scope<R>, tenant: TenantId) -> Result<Option<Agreed>, AppError> {
    let now = scope.now();
    store::entitlements::find_allowed(scope, tenant, WORKSPACES, now).await
}

/// The same of the other tenants that the person owns, for a workspace that moves.
pub async fn allowed_workspaces_elsewhere<R: Reach>(scope: &mut Scope<R>) -> Result<Vec<(TenantId, Agreed)>, AppError> {
    store::entitlements::move_allowances(scope).await
}

fn target(id: EntitlementId, key: &str, place: &str) -> Target {
    Target { kind: "entitlement", id: id.to_string(), name: Some(format!("{key} for {place}")) }
}

/// Whose log says it, and how that is called.
async fn place(scope: &mut ServiceScope, tenant: TenantId, workspace: Option<WorkspaceId>) -> Result<(Log, String), AppError> {
    let Some(workspace) = workspace else { return Ok((Log::Tenant(tenant), store::name_of_tenant(scope, tenant).await?.1)) };
    let known = workspaces::server::called(scope, tenant).await?;
    let here = known.into_iter().find(|known| known.id == workspace && known.is_live).ok_or(AppError::NotFound)?;
    Ok((Log::Workspace(tenant, workspace), here.name))
}
