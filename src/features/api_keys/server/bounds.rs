//! What a key may be at most: no wider than its steward, than whoever makes it, and than the key that does.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::{effect::why_not_offered, operations::who_can, words::words};
use crate::{
    access::{Extent, WorkspaceRole, workspace::ManageCredentials},
    error::{AppError, FieldError},
    features::{api_keys::DEFAULT_DAYS, members},
    server::{
        credentials::Kind,
        rest::{scope_named, scopes as all_scopes},
        scope::{Caller, WorkspaceScope},
        standing::Standing,
    },
};

/// More than this many are not read one by one: there are not so many.
const SCOPES_MAX: usize = 100;

/// What whoever acts is to the workspace, memberships held as they are until the scope ends. To be asked before anything
/// else is locked.
pub(super) async fn acting_role(scope: &mut WorkspaceScope<ManageCredentials>) -> Result<WorkspaceRole, AppError> {
    let (tenant, workspace, by) = (scope.tenant().id, scope.workspace().id, scope.person().id);
    members::server::hold(scope, tenant, workspace).await?;
    let role = members::server::role_of(scope, tenant, workspace, by).await?.ok_or(AppError::NotFound)?;
    Ok(scope.held_to(role))
}

/// Each once, in an order that does not depend on how they were sent.
pub(super) fn sorted(scopes: &[String]) -> Vec<String> {
    let mut scopes = scopes.to_vec();
    scopes.sort_by_key(|name| (all_scopes().position(|kind| kind.name == name.as_str()), name.clone()));
    scopes.dedup();
    scopes
}

/// Nobody makes somebody above them answer for what they do: oneself alone, where a key acts for somebody above it.
pub(super) fn check_steward(role: Option<WorkspaceRole>, own: WorkspaceRole, is_oneself: bool) -> Option<FieldError> {
    let says = match role {
        None => "The steward is not an active member of this workspace. Choose one who is.".to_owned(),
        Some(role) if is_oneself || role.is_within(own) => return None,
        Some(role) => format!("This person is {role}, which is more than {own}. Choose a steward whose role is not above yours."),
    };
    Some(field("steward", says))
}

/// When a new key ends; where nobody says when, as late as it may.
pub(super) fn check_end(
    kind: Kind,
    now: DateTime<Utc>,
    days: Option<i64>,
    days_max: i64,
    by_key: Option<&Caller>,
) -> Result<DateTime<Utc>, FieldError> {
    let wanted = days.unwrap_or(DEFAULT_DAYS.min(days_max));
    if !(1..=days_max).contains(&wanted) {
        return Err(field("expires_in_days", format!("A {} of this workspace lives 1 to {days_max} days.", words(kind).noun)));
    }
    let ends_at = now + TimeDelta::days(wanted);
    match by_key {
        Some(caller) if caller.expires_at < ends_at && days.is_none() => Ok(caller.expires_at),
        Some(caller) if caller.expires_at < ends_at => {
            let until = caller.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true);
            let says = format!("The calling key ends {until}, and none can make one that outlives it. Ask for less, or leave it out.");
            Err(field("expires_in_days", says))
        }
        _ => Ok(ends_at),
    }
}

/// A sentence for every scope that the key cannot hold.
pub(super) fn check_scopes(
    kind: Kind,
    wanted: &[String],
    role: Option<WorkspaceRole>,
    by_key: Option<&Caller>,
    standing: &Standing,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if wanted.is_empty() {
        errors.push(field("scopes", format!("No scope is chosen. A {} can do what its scopes say, and nothing else.", words(kind).noun)));
    }
    if wanted.len() > SCOPES_MAX {
        return vec![field("scopes", format!("More than {SCOPES_MAX} scopes are named, which is more than there are."))];
    }
    for name in wanted {
        let Some(known) = scope_named(name) else {
            let known: Vec<&str> = all_scopes().map(|kind| kind.name).collect();
            errors.push(field("scopes", format!("{name} is not a scope. These are: {}.", known.join(", "))));
            continue;
        };
        errors.extend(why_not_offered(kind, name, standing).map(|says| field("scopes", says)));
        if role.is_some_and(|role| role.extent(known.asks) != Extent::Everything) {
            let who = who_can(known.asks);
            errors.push(field(
                "scopes",
                format!("The steward's role does not allow {name}. Leave it out, or choose a steward who is {who}."),
            ));
        }
        if by_key.is_some_and(|caller| !caller.scopes.contains(name)) {
            errors.push(field(
                "scopes",
                format!("{name} is not among the scopes of the key that asks: none can make one wider than itself."),
            ));
        }
    }
    errors
}

fn field(field: &'static str, message: String) -> FieldError {
    FieldError { field, message }
}
