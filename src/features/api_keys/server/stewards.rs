//! Who answers for keys: naming somebody else, and what becomes of keys whose steward or workspace goes.

use chrono::{DateTime, Utc};

use super::{
    bounds::{acting_role, check_steward},
    operations::{live, lowering},
    store,
    telling::handed_over,
    words::{Act, event, list_page, page_of, target, words},
};
use crate::{
    access::{AskWorkspace, Extent, WorkspaceRole, workspace::ManageCredentials},
    error::AppError,
    features::{inbox::server::tell, members, workspaces},
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    server::{
        credentials::Kind,
        events::{Event, Log},
        rest::scope_named,
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// A key that works, or could again, seen from whoever answers for it.
#[derive(Clone, Debug)]
pub struct Stewarded {
    pub workspace: WorkspaceId,
    pub id: ApiKeyId,
    pub kind: Kind,
    pub name: String,
    pub scopes: Vec<String>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// Everyone who answers for one of this kind in this workspace, by name.
pub async fn listed_stewards<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, kind: Kind) -> Result<Vec<(UserId, String)>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::stewards(scope, tenant, workspace, kind).await
}

/// Those of `scopes` that a steward of this role cannot answer for.
pub fn scopes_out_of_reach(scopes: &[String], role: WorkspaceRole) -> Vec<&str> {
    let is_out = |name: &&str| scope_named(name).is_none_or(|kind| role.extent(kind.asks) != Extent::Everything);
    scopes.iter().map(String::as_str).filter(is_out).collect()
}

/// Names somebody else who answers for a key from now on, and tells them. The key comes to reach no further than before,
/// nor than whoever hands it over.
///
/// # Errors
/// `Invalid` where they are no active member, above whoever acts, or their role does not reach the key's scopes; `Stale`,
/// `Conflict` as for every change.
pub async fn hand_over(scope: &mut WorkspaceScope<ManageCredentials>, id: ApiKeyId, to: UserId, version: i64) -> Result<(), AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let own = acting_role(scope).await?;
    let key = live(scope, id, version).await?;
    if key.steward == to {
        return Ok(());
    }
    let role = members::server::role_of(scope, tenant, workspace, to).await?;
    if let Some(refused) = check_steward(role, own, to == scope.person().id) {
        return Err(AppError::Invalid(vec![refused]));
    }
    let role = role.ok_or(AppError::NotFound)?;
    let out = scopes_out_of_reach(&key.scopes, role);
    if !out.is_empty() {
        let says = format!(
            "A steward who is {role} cannot answer for {}. Take it away from the {} first, or choose another.",
            out.join(", "),
            words(key.kind).noun
        );
        return Err(AppError::invalid("steward", says));
    }
    let former = members::server::role_of(scope, tenant, workspace, key.steward).await?;
    let max_role = former.map_or(key.max_role, |former| key.max_role.at_most(former)).at_most(role).at_most(own);
    store::set_steward(scope, tenant, workspace, id, to, max_role, now).await?;
    let (before, after) = (key.steward.to_string(), to.to_string());
    let event =
        Event::new(event(key.kind, Act::HandedOver), target(key.kind, id, &key.name)).changing("steward", Some(&before), Some(&after));
    scope.record(lowering(event, key.max_role, max_role));
    if scope.actor().user != Some(to) {
        let link = page_of(key.kind, &scope.workspace().slug, id);
        let notice = handed_over(tenant, workspace, key.kind, &[&key.name], &scope.workspace().name.clone(), Some(link));
        tell(scope, to, &notice).await?;
    }
    Ok(())
}

/// The live keys that a person answers for: in one workspace, or in all that the scope reaches.
pub async fn made_by<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: Option<WorkspaceId>,
    user: UserId,
) -> Result<Vec<Stewarded>, AppError> {
    let now = scope.now();
    store::live_of(scope, tenant, workspace, Some(user), now).await
}

/// The names of the live keys that others answer for and of which this person was shown a secret that still works.
pub async fn known_to<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Vec<String>, AppError> {
    let now = scope.now();
    store::known_to(scope, tenant, workspace, user, now).await
}

/// Every key of a workspace that works, or could again.
pub async fn all_of_workspace<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
) -> Result<Vec<Stewarded>, AppError> {
    let now = scope.now();
    store::live_of(scope, tenant, Some(workspace), None, now).await
}

/// Gives every key that `from` answers for to `to`, who is told. Returns how many. None comes to reach further than it did:
/// `from` may still know the secrets.
///
/// Whoever removes a member asks this inside the same scope, before the membership ends.
///
/// # Errors
/// `Conflict` where `to` is no active member, or their role does not reach the scopes of a live key.
pub async fn hand_over_all<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    from: UserId,
    to: UserId,
) -> Result<usize, AppError> {
    let role = members::server::role_of(scope, tenant, workspace, to)
        .await?
        .ok_or_else(|| AppError::Conflict("Whoever takes over the keys has to be an active member. Choose somebody who is.".to_owned()))?;
    for key in made_by(scope, tenant, Some(workspace), from).await? {
        let out = scopes_out_of_reach(&key.scopes, role);
        if !out.is_empty() {
            return Err(AppError::Conflict(format!(
                "The {} “{}” holds {}, which a steward who is {role} cannot answer for. Choose somebody else, or revoke the keys.",
                words(key.kind).noun,
                key.name,
                out.join(", ")
            )));
        }
    }
    if !store::any(scope, tenant, workspace, Some(from)).await? {
        return Ok(0);
    }
    let (former, now) = (members::server::role_of(scope, tenant, workspace, from).await?, scope.now());
    let most = former.map_or(role, |former| former.at_most(role));
    let changed = store::hand_over_all(scope, tenant, workspace, from, to, most, now).await?;
    let (before, after) = (from.to_string(), to.to_string());
    for key in &changed {
        let event = Event::new(event(key.kind, Act::HandedOver), target(key.kind, key.id, &key.name)).changing(
            "steward",
            Some(&before),
            Some(&after),
        );
        scope.record_in(Log::Workspace(tenant, workspace), lowering(event, key.before, key.after));
    }
    // Whoever takes them over by their own act knows.
    if scope.actor().user != Some(to) {
        let here = workspaces::server::called(scope, tenant).await?.into_iter().find(|known| known.id == workspace);
        let (place, slug) = here.map(|here| (here.name, here.slug)).unzip();
        let place = place.unwrap_or_default();
        for kind in [Kind::Key, Kind::Mcp] {
            let names: Vec<&str> = changed.iter().filter(|key| key.kind == kind).map(|key| key.name.as_str()).collect();
            if !names.is_empty() {
                let link = slug.as_ref().map(|slug| list_page(kind, slug));
                tell(scope, to, &handed_over(tenant, workspace, kind, &names, &place, link)).await?;
            }
        }
    }
    Ok(changed.len())
}

/// Ends every key that a person answers for in the workspace. Returns how many.
pub async fn revoke_all<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
    reason: &str,
) -> Result<usize, AppError> {
    end(scope, tenant, workspace, Some(user), reason).await
}

/// Ends every key of a workspace, as its archiving does. Returns how many.
pub async fn revoke_all_of_workspace<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    reason: &str,
) -> Result<usize, AppError> {
    end(scope, tenant, workspace, None, reason).await
}

async fn end<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    steward: Option<UserId>,
    reason: &str,
) -> Result<usize, AppError> {
    // A statement that finds nothing to change would still ask for an event.
    if !store::any(scope, tenant, workspace, steward).await? {
        return Ok(0);
    }
    let now = scope.now();
    let changed = store::revoke_all(scope, tenant, workspace, steward, reason, now).await?;
    for key in &changed {
        let event = Event::new(event(key.kind, Act::Revoked), target(key.kind, key.id, &key.name))
            .changing("status", Some(&key.status), Some("revoked"))
            .because(reason);
        scope.record_in(Log::Workspace(tenant, workspace), event);
    }
    Ok(changed.len())
}
