//! Every scope that a credential can hold, and the permission that its steward must hold for it to be given.

use crate::{
    access::{Extent, WorkspacePermission as P, WorkspaceRole},
    server::modules::{self, Module},
};

/// One scope: `noun:read` or `noun:write`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeKind {
    pub name: &'static str,
    /// What a credential with it can do, to follow "It can".
    pub says: &'static str,
    /// A steward whose role does not reach this cannot answer for it.
    pub asks: P,
}

/// The control plane's own scopes. Those of modules come from their manifests.
const CONTROL_PLANE: &[ScopeKind] = &[
    ScopeKind { name: "members:read", says: "list members and invitations", asks: P::ReadWorkspace },
    ScopeKind { name: "members:write", says: "invite people and change their roles", asks: P::ManageMembers },
    ScopeKind { name: "credentials:read", says: "list API keys, without their secrets", asks: P::ReadCredentials },
    ScopeKind { name: "credentials:write", says: "create, narrow, quarantine and revoke API keys", asks: P::ManageCredentials },
    ScopeKind { name: "settings:read", says: "read the workspace's settings", asks: P::ReadSettings },
    ScopeKind {
        name: "settings:write",
        says: "rename the workspace, ask whom a change of its security would cut off, and reduce what is stored",
        asks: P::ManageSettings,
    },
    ScopeKind { name: "modules:read", says: "list the modules, and what depends on them", asks: P::ReadWorkspace },
    ScopeKind { name: "modules:write", says: "switch modules on and off", asks: P::ManageModules },
    ScopeKind { name: "usage:read", says: "read what was used", asks: P::ReadWorkspace },
    ScopeKind { name: "billing:read", says: "read what this workspace costs", asks: P::ReadSpend },
    ScopeKind { name: "audit:read", says: "read the audit log and the list of mails", asks: P::ReadAudit },
];

/// Every scope that there is: the control plane's own, and those of each live module.
pub fn scopes() -> impl Iterator<Item = &'static ScopeKind> {
    let of_modules = modules::list().iter().filter(|module| module.is_live()).flat_map(|module| &module.scopes);
    CONTROL_PLANE.iter().chain(of_modules)
}

/// Whether a module's scopes would be called as the control plane's own.
pub fn is_noun_taken(noun: &str) -> bool {
    CONTROL_PLANE.iter().any(|scope| scope.name.split(':').next() == Some(noun))
}

/// The scope of that name.
pub fn scope_named(name: &str) -> Option<&'static ScopeKind> {
    scopes().find(|scope| scope.name == name)
}

/// What somebody with this role could put into a key of their making, now or when a module is switched on that the account is
/// entitled to, and `held` lacks. Where there is such a scope, who
/// gives the role with a key that holds these would help to make one wider than it.
pub fn beyond(held: &[String], role: WorkspaceRole, is_entitled: impl Fn(&Module) -> bool) -> Vec<&'static str> {
    if role.extent(P::ManageCredentials) != Extent::Everything {
        return Vec::new();
    }
    let lacking = |scope: &&'static ScopeKind| role.extent(scope.asks) == Extent::Everything && !held.iter().any(|name| name == scope.name);
    let can_be_had = |scope: &&'static ScopeKind| modules::of_scope(scope.name).is_none_or(&is_entitled);
    scopes().filter(lacking).filter(can_be_had).map(|scope| scope.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_makes_keys_is_beyond_whoever_holds_less() {
        let all: Vec<String> = scopes().map(|scope| scope.name.to_owned()).collect();
        for role in WorkspaceRole::ALL {
            let makes_keys = matches!(role, WorkspaceRole::Owner | WorkspaceRole::Admin);
            assert_eq!(beyond(&all, role, |_| true), Vec::<&str>::new(), "{role}");
            assert_eq!(beyond(&[], role, |_| true).len(), if makes_keys { all.len() } else { 0 }, "{role}");
            assert_eq!(beyond(&all[1..], role, |_| true), if makes_keys { vec![CONTROL_PLANE[0].name] } else { vec![] }, "{role}");
        }
    }
}
