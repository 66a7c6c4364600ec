//! What can be done with API keys.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{
    bounds::{acting_role, check_end, check_scopes, check_steward, sorted},
    reading::{days_max, find},
    store::{self, Key},
    telling,
    words::{Act, event, target, words},
};
use crate::{
    access::{WorkspacePermission, WorkspaceRole, workspace::ManageCredentials, workspace_roles_with},
    error::AppError,
    features::{api_keys::NAME_MAX, members},
    ids::{ApiKeyId, UserId},
    server::{
        credentials::{Credential, Kind},
        events::Event,
        http::form::line_of,
        scope::{Caller, WorkspaceScope},
        standing::Standing,
    },
};

/// A rotation's two secrets may both work for this many days at most.
pub const OVERLAP_DAYS_MAX: i64 = 7;

/// A key that is about to be.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// A key of the API, or a token for agents.
    pub kind: Kind,
    pub name: String,
    /// Who answers for it; whoever makes it where nobody is named.
    pub steward: Option<UserId>,
    pub scopes: Vec<String>,
    /// How long it lives, in days.
    pub days: Option<i64>,
}

/// A key that was just made, with the only showing of its secret.
#[derive(Debug)]
pub struct Created {
    pub key: Key,
    pub secret: Credential,
}

/// A key's new secret; the one before works until `overlap_ends_at`.
#[derive(Debug)]
pub struct Rotated {
    pub secret: Credential,
    pub overlap_ends_at: DateTime<Utc>,
}

/// Makes a key. `by_key` is the one that asks, where one does: none can mint what is wider than itself, or outlives it.
/// Whoever answers for it, the key reaches no further than whoever made it did.
///
/// # Errors
/// `Invalid`, naming every field that cannot be taken.
pub async fn create(scope: &mut WorkspaceScope<ManageCredentials>, new: &NewKey, by_key: Option<&Caller>) -> Result<Created, AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let by = scope.person().id;
    let steward = new.steward.unwrap_or(by);
    let own = acting_role(scope).await?;
    let role = members::server::role_of(scope, tenant, workspace, steward).await?;
    let days_max = days_max(scope).await?;
    // As it stays until this is over: whoever switches a module waits for those who hold memberships.
    let standing = Standing::here(scope).await?;
    let scopes = sorted(&new.scopes);
    let mut errors = Vec::new();
    let name = match line_of("name", "The name", NAME_MAX, &new.name) {
        Err(AppError::Invalid(found)) => {
            errors.extend(found);
            String::new()
        }
        read => read?,
    };
    errors.extend(check_scopes(new.kind, &scopes, role, by_key, &standing));
    let expires_at = check_end(new.kind, now, new.days, days_max, by_key).unwrap_or_else(|error| {
        errors.push(error);
        now
    });
    errors.extend(check_steward(role, own, steward == by));
    let Some(role) = role.filter(|_| errors.is_empty()) else { return Err(AppError::Invalid(errors)) };
    let max_role = role.at_most(own);
    let new = &NewKey { name, scopes, ..new.clone() };
    let id = ApiKeyId(scope.new_id());
    let secret = Credential::mint(new.kind, id.0);
    store::insert(scope, tenant, workspace, id, new, steward, max_role, by, now, expires_at).await?;
    store::insert_secret(scope, tenant, workspace, id, &secret, by, now).await?;
    // A key that is held to a limit mints none that is not.
    let calls_per_minute = by_key.and_then(|caller| caller.calls_per_minute);
    if calls_per_minute.is_some() {
        store::limit(scope, tenant, workspace, id, calls_per_minute).await?;
    }
    let event = Event::new(event(new.kind, Act::Created), target(new.kind, id, &new.name))
        .changing("scopes", None, Some(&new.scopes.join(" ")))
        .changing("steward", None, Some(&steward.to_string()))
        .changing("max_role", None, Some(max_role.name()))
        .changing("expires_at", None, Some(&expires_at.to_rfc3339_opts(SecondsFormat::Secs, true)));
    scope.record(event);
    let key = store::find(scope, tenant, workspace, id).await?.ok_or(AppError::Internal)?;
    // Also where a key names its own steward: it is not them who made it.
    if scope.actor().user != Some(steward) {
        telling::named(scope, steward, &key).await?;
    }
    Ok(Created { key, secret })
}

/// The roles that hold a permission, as words: "owner or admin".
pub fn who_can(permission: WorkspacePermission) -> String {
    workspace_roles_with(permission).into_iter().map(WorkspaceRole::name).collect::<Vec<_>>().join(" or ")
}

/// Takes scopes away. None is ever added.
///
/// # Errors
/// `Stale` where it changed since `version`; `Invalid` where something would be added, or nothing left.
pub async fn narrow(scope: &mut WorkspaceScope<ManageCredentials>, id: ApiKeyId, scopes: &[String], version: i64) -> Result<(), AppError> {
    let key = live(scope, id, version).await?;
    let noun = words(key.kind).noun;
    if let Some(wider) = scopes.iter().find(|name| !key.scopes.contains(name)) {
        return Err(AppError::invalid(
            "scopes",
            format!("{wider} is not among this {noun}'s scopes. They can be taken away, never added."),
        ));
    }
    if scopes.is_empty() {
        return Err(AppError::invalid("scopes", format!("A {noun} without a scope can do nothing. Revoke it instead.")));
    }
    let (scopes, held) = (&sorted(scopes), sorted(&key.scopes));
    if *scopes == held {
        return Ok(());
    }
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::narrow(scope, tenant, workspace, id, scopes).await?;
    let event = Event::new(event(key.kind, Act::Narrowed), target(key.kind, id, &key.name)).changing(
        "scopes",
        Some(&key.scopes.join(" ")),
        Some(&scopes.join(" ")),
    );
    scope.record(event);
    Ok(())
}

/// A new secret beside the one before, which goes on working for `overlap_days` (0 to 7), or not at all where it was
/// reported as leaked. Older ones end. Whoever rotates is shown the secret: the key reaches no further than them from now on.
pub async fn rotate(
    scope: &mut WorkspaceScope<ManageCredentials>,
    id: ApiKeyId,
    overlap_days: i64,
    version: i64,
) -> Result<Rotated, AppError> {
    if !(0..=OVERLAP_DAYS_MAX).contains(&overlap_days) {
        return Err(AppError::invalid("overlap_days", format!("The old secret can go on working for 0 to {OVERLAP_DAYS_MAX} days.")));
    }
    let own = acting_role(scope).await?;
    let key = live(scope, id, version).await?;
    let noun = words(key.kind).noun;
    if key.status == "expired" {
        return Err(AppError::Conflict(format!("This {noun} has expired, and a new secret would not change that. Create a new {noun}.")));
    }
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let overlap_ends_at = now + TimeDelta::days(overlap_days);
    store::end_secrets(scope, tenant, workspace, id, overlap_ends_at, now).await?;
    let secret = Credential::mint(key.kind, id.0);
    let by = scope.person().id;
    store::insert_secret(scope, tenant, workspace, id, &secret, by, now).await?;
    let max_role = key.max_role.at_most(own);
    store::lower(scope, tenant, workspace, id, max_role).await?;
    store::touch_version(scope, tenant, workspace, id).await?;
    let until = overlap_ends_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let event =
        Event::new(event(key.kind, Act::Rotated), target(key.kind, id, &key.name)).changing("old_secret_ends_at", None, Some(&until));
    scope.record(lowering(event, key.max_role, max_role));
    Ok(Rotated { secret, overlap_ends_at })
}

/// The key, locked, as long as it can be changed.
pub(super) async fn live(scope: &mut WorkspaceScope<ManageCredentials>, id: ApiKeyId, version: i64) -> Result<Key, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::lock(scope, tenant, workspace, id).await?;
    let key = find(scope, id).await?;
    if key.status == "revoked" {
        return Err(AppError::Conflict(format!("This {} is revoked, and stays so. Create a new one.", words(key.kind).noun)));
    }
    if key.version != version {
        return Err(AppError::Stale(this(key.kind)));
    }
    Ok(key)
}

pub(super) fn this(kind: Kind) -> &'static str {
    if kind == Kind::Mcp { "This token" } else { "This key" }
}

/// The event, with what the key can reach at most where that became less.
pub(super) fn lowering(event: Event, before: WorkspaceRole, after: WorkspaceRole) -> Event {
    if before == after { event } else { event.changing("max_role", Some(before.name()), Some(after.name())) }
}
