//! What a key may make of people: nobody through whom a key wider than itself would come to be.

use crate::{
    access::{Extent, WorkspaceRole, workspace::ManageMembers},
    error::AppError,
    features::{
        api_keys,
        members::{
            model::is_above,
            server::{Member, place},
        },
    },
    server::{
        rest::{Call, beyond, scope_named},
        standing::Standing,
    },
};

/// Why a key that holds these scopes may not make somebody a `role`; None where it may.
pub fn too_wide(held: &[String], role: WorkspaceRole, standing: &Standing) -> Option<String> {
    if role == WorkspaceRole::Owner {
        return Some(
            "Making somebody an owner asks for a recent sign-in, which is a person's proof of being there, and a key never signs in. \
             An owner does this in the console."
                .to_owned(),
        );
    }
    let beyond = beyond(held, role, |module| standing.is_entitled(module));
    (!beyond.is_empty()).then(|| {
        format!(
            "Whoever is {role} can make API keys with {}, which the calling key does not hold: no key helps to make one wider than \
             itself. Do this in the console.",
            beyond.join(", ")
        )
    })
}

/// Asked before a member is made a `role`.
pub async fn check(call: &mut Call<ManageMembers>, member: &Member, role: WorkspaceRole) -> Result<(), AppError> {
    let refused = |says| Err(AppError::invalid("role", says));
    if is_above(role, member.role)
        && let Some(says) = too_wide(&call.caller.scopes, role, &call.standing)
    {
        return refused(says);
    }
    let woken = woken(call, member, role).await?;
    if woken.is_empty() {
        return Ok(());
    }
    refused(format!(
        "As {role} this person's API keys could use {}, which the calling key does not hold. Do this in the console.",
        woken.join(", ")
    ))
}

/// Scopes that keys of the member hold, that their role does not reach now and would then, and that the caller lacks.
async fn woken(call: &mut Call<ManageMembers>, member: &Member, role: WorkspaceRole) -> Result<Vec<String>, AppError> {
    let (tenant, workspace) = place(&call.scope);
    let keys = api_keys::server::made_by(&mut call.scope, tenant, Some(workspace), member.user).await?;
    let mut scopes: Vec<String> = keys.into_iter().flat_map(|key| key.scopes).collect();
    scopes.sort();
    scopes.dedup();
    scopes.retain(|scope| !call.caller.scopes.contains(scope) && gains(scope, member.role, role));
    Ok(scopes)
}

fn gains(scope: &str, from: WorkspaceRole, to: WorkspaceRole) -> bool {
    let reaches = |role: WorkspaceRole, asks| role.extent(asks) == Extent::Everything;
    scope_named(scope).is_some_and(|kind| reaches(to, kind.asks) && !reaches(from, kind.asks))
}
