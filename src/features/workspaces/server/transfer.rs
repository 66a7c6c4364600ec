//! Moving a workspace to another tenant of the same owner.

use super::{
    allowance::{Allowance, of_plan},
    inventory::digest,
    store, target,
};
use crate::{
    access::{TenantRole, workspace::TransferWorkspace},
    error::AppError,
    features::{
        audit_streams::server as audit_streams,
        billing,
        inbox::server::{Notice, tell},
        members::server::suspension,
    },
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    paths,
    server::{
        events::{Event, EventKind, Log, Target},
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// A tenant that the workspace could go to: the person owns it.
#[derive(Clone, Debug)]
pub struct Destination {
    pub tenant: TenantId,
    pub slug: String,
    pub name: String,
    pub is_personal: bool,
    /// What somebody becomes there who joins with the workspace.
    pub joins_as: String,
    pub allowance: Allowance,
}

/// A member of the workspace who is not in the tenant it goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joiner {
    pub user: UserId,
    pub name: String,
}

/// What a move would do.
#[derive(Clone, Debug)]
pub struct Plan {
    pub destination: Destination,
    pub joiners: Vec<Joiner>,
    /// Why it cannot be done now, and what would help.
    pub refusal: Option<String>,
}

impl Plan {
    /// Differs where the move would do something else.
    pub fn digest(&self) -> String {
        let joiners: Vec<String> = self.joiners.iter().map(|joiner| joiner.user.to_string()).collect();
        digest(&format!("{}\0{}\0{}", self.destination.tenant, self.destination.joins_as, joiners.join("\0")))
    }
}

/// The tenants that the workspace could go to.
pub async fn destinations(scope: &mut WorkspaceScope<TransferWorkspace>) -> Result<Vec<Destination>, AppError> {
    let now = scope.now();
    let rows = store::transfer::destinations(scope).await?;
    let agreed = billing::server::entitlements::allowed_workspaces_elsewhere(scope).await?;
    let agreed_with = |tenant: TenantId| agreed.iter().find(|(other, _)| *other == tenant).map(|(_, allowed)| *allowed);
    let destinations = rows.into_iter().map(|row| {
        let agreed = agreed_with(row.tenant);
        row.into_destination(agreed, now)
    });
    Ok(destinations.collect())
}

/// What moving the scope's workspace to the tenant of that slug would do.
///
/// # Errors
/// `NotFound` where the person owns no such tenant.
pub async fn plan_move(scope: &mut WorkspaceScope<TransferWorkspace>, to: &str) -> Result<Plan, AppError> {
    let destination = destinations(scope).await?.into_iter().find(|known| known.slug == to).ok_or(AppError::NotFound)?;
    let joiners = store::transfer::joiners(scope, destination.tenant).await?;
    let refusal = refusal(scope, &destination, &joiners);
    Ok(Plan { destination, joiners, refusal })
}

fn refusal(scope: &WorkspaceScope<TransferWorkspace>, destination: &Destination, joiners: &[Joiner]) -> Option<String> {
    if scope.reach().tenant_role != Some(TenantRole::Owner) {
        return Some(format!("Only an owner of {} moves workspaces out of it. Ask one, or become one.", scope.tenant().name));
    }
    if destination.is_personal && !joiners.is_empty() {
        return Some(
            "A personal account has one person, and others are in this workspace. Choose a team, or remove them first.".to_owned(),
        );
    }
    destination.allowance.is_full().then(|| destination.allowance.refusal())
}

/// Moves the scope's workspace. `shown` is the digest of the plan that the person was shown. After this the scope can
/// only be committed: it reaches neither tenant any more.
///
/// # Errors
/// `Conflict` where the move is not possible now or would do something else than was shown.
pub async fn transfer(scope: &mut WorkspaceScope<TransferWorkspace>, to: &str, shown: &str) -> Result<(), AppError> {
    let plan = hold(scope, to).await?;
    if let Some(refusal) = plan.refusal {
        return Err(AppError::Conflict(refusal));
    }
    if plan.digest() != shown {
        return Err(AppError::Conflict(
            "What the move would do has changed since you opened this page. Nothing was moved. Look at it as it is now, then confirm again."
                .to_owned(),
        ));
    }
    let now = scope.now();
    let joining: Vec<(MembershipId, Joiner)> = plan.joiners.iter().map(|joiner| (MembershipId(scope.new_id()), joiner.clone())).collect();
    let (origin, here) = (scope.tenant().id, scope.workspace().id);
    let streams = audit_streams::live_in(scope, origin, here).await?;
    let joined = store::transfer::move_workspace(scope, plan.destination.tenant, &joining, now).await?;
    record_move(scope, &plan.destination);
    for stream in &streams {
        scope.record_in(Log::Workspace(plan.destination.tenant, here), audit_streams::paused_by_move(stream));
    }
    for (membership, joiner) in joining.iter().filter(|(_, joiner)| joined.contains(&joiner.user)) {
        welcome(scope, &plan.destination, *membership, joiner).await?;
    }
    Ok(())
}

/// Waits for what others are changing in both tenants and in the workspace, and looks at what is there then.
async fn hold(scope: &mut WorkspaceScope<TransferWorkspace>, to: &str) -> Result<Plan, AppError> {
    let (origin, workspace) = (scope.tenant().id, scope.workspace().id);
    let chosen = plan_move(scope, to).await?.destination.tenant;
    store::transfer::hold(scope, chosen).await?;
    if !store::lock_live(scope, origin, workspace).await? {
        return Err(AppError::NotFound);
    }
    suspension::hold(scope, origin, workspace).await?;
    plan_move(scope, to).await
}

/// In the logs of both tenants, and in the workspace's own where it is now.
fn record_move(scope: &mut WorkspaceScope<TransferWorkspace>, destination: &Destination) {
    let (origin, workspace) = (scope.tenant().clone(), scope.workspace().clone());
    for log in [Log::Tenant(origin.id), Log::Tenant(destination.tenant), Log::Workspace(destination.tenant, workspace.id)] {
        let event = Event::new(EventKind::WorkspaceTransferred, target(workspace.id, &workspace.name));
        scope.record_in(log, event.changing("tenant", Some(&origin.slug), Some(&destination.slug)));
    }
}

/// Says, to them and in the log, that somebody joined a tenant with the workspace.
async fn welcome(
    scope: &mut WorkspaceScope<TransferWorkspace>,
    destination: &Destination,
    membership: MembershipId,
    joiner: &Joiner,
) -> Result<(), AppError> {
    let (workspace, person) = (scope.workspace().clone(), scope.person().clone());
    let member = Target { kind: "member", id: membership.to_string(), name: Some(joiner.name.clone()) };
    let event = Event::new(EventKind::TenantMemberAdded, member)
        .changing("role", None, Some(&destination.joins_as))
        .because(format!("the workspace {} was moved here", workspace.name));
    scope.record_in(Log::Tenant(destination.tenant), event);
    let notice = Notice {
        kind: EventKind::WorkspaceTransferred.name(),
        tenant: Some(destination.tenant),
        workspace: Some(workspace.id),
        title: format!("{} belongs to {} now", workspace.name, destination.name),
        body: format!("{} moved the workspace. You keep your role in it, and are in that team too.", person.name),
        link: Some(paths::overview(&workspace.slug)),
    };
    tell(scope, joiner.user, &notice).await
}

/// Whose the workspace was before, live or archived: its log up to then is in the rows of these tenants.
pub async fn former_tenants<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<Vec<TenantId>, AppError> {
    store::transfer::former_tenants(scope, tenant, workspace).await
}

impl store::transfer::DestinationRow {
    fn into_destination(self, agreed: Option<billing::server::entitlements::Agreed>, now: chrono::DateTime<chrono::Utc>) -> Destination {
        Destination {
            tenant: self.tenant,
            slug: self.slug,
            name: self.name,
            is_personal: self.kind == "personal",
            joins_as: self.default_role,
            allowance: of_plan(&self.plan, self.live, agreed, now),
        }
    }
}
