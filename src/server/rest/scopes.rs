//! Every scope that a credential can hold, and the permission that its steward must hold for it to be given.

use crate::access::WorkspacePermission as P;

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
pub const SCOPES: &[ScopeKind] = &[
    ScopeKind { name: "members:read", says: "list members and invitations", asks: P::ReadWorkspace },
    ScopeKind { name: "members:write", says: "invite people, change their roles and remove them", asks: P::ManageMembers },
    ScopeKind { name: "credentials:read", says: "list API keys, without their secrets", asks: P::ReadCredentials },
    ScopeKind { name: "credentials:write", says: "create, narrow, quarantine and revoke API keys", asks: P::ManageCredentials },
    ScopeKind { name: "settings:read", says: "read the workspace's settings", asks: P::ReadSettings },
    ScopeKind { name: "settings:write", says: "rename the workspace, and ask whom a change of its security would cut off", asks: P::ManageSettings },
    ScopeKind { name: "audit:read", says: "read the audit log and the list of mails", asks: P::ReadAudit },
];

/// The scope of that name.
pub fn scope_named(name: &str) -> Option<&'static ScopeKind> {
    SCOPES.iter().find(|scope| scope.name == name)
}
