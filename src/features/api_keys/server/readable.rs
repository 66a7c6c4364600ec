//! Which keys of a workspace somebody may read: all, or those that they answer for.

use crate::{
    access::{AskWorkspace, Extent, WorkspacePermission},
    ids::UserId,
    server::scope::WorkspaceScope,
};

pub(super) struct Readable {
    /// Of this steward alone; of everybody where there is none.
    pub steward: Option<UserId>,
}

impl Readable {
    /// As far as the role and the credential that act reach; none where they read no keys.
    pub fn by<P: AskWorkspace>(scope: &WorkspaceScope<P>) -> Option<Self> {
        match scope.reach().extent_of(WorkspacePermission::ReadCredentials) {
            Extent::Nothing => None,
            Extent::Own => Some(Self { steward: Some(scope.person().id) }),
            Extent::Reading | Extent::Everything => Some(Self { steward: None }),
        }
    }
}
