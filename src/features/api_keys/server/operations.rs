//! What can be done with API keys.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    reading::{days_max, find},
    store::{self, Key},
};
use crate::{
    access::{Extent, WorkspacePermission, WorkspaceRole, workspace::ManageCredentials, workspace_roles_with},
    error::{AppError, FieldError},
    features::{
        api_keys::{DEFAULT_DAYS, NAME_MAX},
        members,
    },
    ids::{ApiKeyId, UserId},
    server::{
        credentials::{Credential, Kind},
        events::{Event, EventKind, Target},
        http::form::line_of,
        rest::{SCOPES, scope_named},
        scope::WorkspaceScope,
    },
};

/// A rotation's two secrets may both work for this many days at most.
pub const OVERLAP_DAYS_MAX: i64 = 7;

/// A key that is about to be.
#[derive(Clone, Debug)]
pub struct NewKey {
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

/// Makes a key. `at_most` are the scopes of the credential that asks, where one does: none can mint wider than itself.
///
/// # Errors
/// `Invalid`, naming every field that cannot be taken.
pub async fn create(scope: &mut WorkspaceScope<ManageCredentials>, new: &NewKey, at_most: Option<&[String]>) -> Result<Created, AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let by = scope.person().id;
    let steward = new.steward.unwrap_or(by);
    members::server::hold(scope, tenant, workspace).await?;
    let role = members::server::role_of(scope, tenant, workspace, steward).await?;
    let days_max = days_max(scope).await?;
    let mut errors = Vec::new();
    let name = match line_of("name", "The name", NAME_MAX, &new.name) {
        Err(AppError::Invalid(found)) => {
            errors.extend(found);
            String::new()
        }
        read => read?,
    };
    errors.extend(check_scopes(&new.scopes, role, at_most));
    let days = new.days.unwrap_or(DEFAULT_DAYS.min(days_max));
    if !(1..=days_max).contains(&days) {
        errors.push(field("expires_in_days", format!("A key of this workspace lives 1 to {days_max} days.")));
    }
    if role.is_none() {
        errors.push(field("steward", "The steward is not an active member of this workspace. Choose one who is.".to_owned()));
    }
    if !errors.is_empty() {
        return Err(AppError::Invalid(errors));
    }
    let new = &NewKey { name, ..new.clone() };
    let id = ApiKeyId(scope.new_id());
    let secret = Credential::mint(Kind::Key, id.0);
    let expires_at = now + TimeDelta::days(days);
    store::insert(scope, tenant, workspace, id, new, steward, by, now, expires_at).await?;
    store::insert_secret(scope, tenant, workspace, id, &secret, now).await?;
    let event = Event::new(EventKind::ApiKeyCreated, target(id, &new.name))
        .changing("scopes", None, Some(&new.scopes.join(" ")))
        .changing("steward", None, Some(&steward.to_string()))
        .changing("expires_at", None, Some(&expires_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)));
    scope.record(event);
    let key = store::find(scope, tenant, workspace, id).await?.ok_or(AppError::Internal)?;
    Ok(Created { key, secret })
}

fn check_scopes(wanted: &[String], role: Option<WorkspaceRole>, at_most: Option<&[String]>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if wanted.is_empty() {
        errors.push(field("scopes", "No scope is chosen. A key can do what its scopes say, and nothing else.".to_owned()));
    }
    for name in wanted {
        let Some(kind) = scope_named(name) else {
            let known: Vec<&str> = SCOPES.iter().map(|kind| kind.name).collect();
            errors.push(field("scopes", format!("{name} is not a scope. These are: {}.", known.join(", "))));
            continue;
        };
        if role.is_some_and(|role| role.extent(kind.asks) != Extent::Everything) {
            let who = who_can(kind.asks);
            errors.push(field(
                "scopes",
                format!("The steward's role does not allow {name}. Leave it out, or choose a steward who is {who}."),
            ));
        }
        if at_most.is_some_and(|held| !held.contains(name)) {
            errors.push(field(
                "scopes",
                format!("{name} is not among the scopes of the key that asks: none can make one wider than itself."),
            ));
        }
    }
    errors
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
    if let Some(wider) = scopes.iter().find(|name| !key.scopes.contains(name)) {
        return Err(AppError::invalid("scopes", format!("{wider} is not among this key's scopes. They can be taken away, never added.")));
    }
    if scopes.is_empty() {
        return Err(AppError::invalid("scopes", "A key without a scope can do nothing. Revoke it instead."));
    }
    if scopes.len() == key.scopes.len() {
        return Ok(());
    }
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::narrow(scope, tenant, workspace, id, scopes).await?;
    let event = Event::new(EventKind::ApiKeyNarrowed, target(id, &key.name)).changing(
        "scopes",
        Some(&key.scopes.join(" ")),
        Some(&scopes.join(" ")),
    );
    scope.record(event);
    Ok(())
}

/// A new secret beside the one before, which goes on working for `overlap_days` (0 to 7), or not at all where it was
/// reported as leaked.
pub async fn rotate(
    scope: &mut WorkspaceScope<ManageCredentials>,
    id: ApiKeyId,
    overlap_days: i64,
    version: i64,
) -> Result<Rotated, AppError> {
    if !(0..=OVERLAP_DAYS_MAX).contains(&overlap_days) {
        return Err(AppError::invalid("overlap_days", format!("The old secret can go on working for 0 to {OVERLAP_DAYS_MAX} days.")));
    }
    let key = live(scope, id, version).await?;
    if key.status == "expired" {
        return Err(AppError::Conflict("This key has expired, and a new secret would not change that. Create a new key.".to_owned()));
    }
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let overlap_ends_at = now + TimeDelta::days(overlap_days);
    store::end_secrets(scope, tenant, workspace, id, overlap_ends_at, now).await?;
    let secret = Credential::mint(Kind::Key, id.0);
    store::insert_secret(scope, tenant, workspace, id, &secret, now).await?;
    store::touch_version(scope, tenant, workspace, id).await?;
    let until = overlap_ends_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    scope.record(Event::new(EventKind::ApiKeyRotated, target(id, &key.name)).changing("old_secret_ends_at", None, Some(&until)));
    Ok(Rotated { secret, overlap_ends_at })
}

/// The key, locked, as long as it can be changed.
pub(super) async fn live(scope: &mut WorkspaceScope<ManageCredentials>, id: ApiKeyId, version: i64) -> Result<Key, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::lock(scope, tenant, workspace, id).await?;
    let key = find(scope, id).await?;
    if key.status == "revoked" {
        return Err(AppError::Conflict("This key is revoked, and stays so. Create a new one.".to_owned()));
    }
    if key.version != version {
        return Err(AppError::Stale("This key"));
    }
    Ok(key)
}

pub(super) fn target(id: ApiKeyId, name: &str) -> Target {
    Target { kind: "api_key", id: id.to_string(), name: Some(name.to_owned()) }
}

fn field(field: &'static str, message: String) -> FieldError {
    FieldError { field, message }
}
