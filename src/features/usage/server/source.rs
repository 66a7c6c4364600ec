//! Whose usage a scope reads, and how much of it: the workspace that it reaches, live or archived.

use crate::{
    access::{Extent, WorkspacePermission, workspace::ReadWorkspace},
    ids::{TenantId, UserId, WorkspaceId},
    paths,
    server::{
        http::Surrounded,
        scope::{HasPerson, InArchive, InWorkspace, Reach, Scope},
    },
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Who pays for it now: what was used in a former tenant stays there.
    pub tenant: TenantId,
    pub workspace: WorkspaceId,
    pub slug: String,
    pub name: String,
    /// The page's own address.
    pub address: String,
    /// Whether anything is used here still.
    pub is_live: bool,
    /// Where its audit log is, for those who may read it.
    pub audit_log: Option<String>,
    /// Whether amounts of money are shown.
    pub sees_money: bool,
    /// Of whose keys the names are shown, and whose use is told from that of others; none for all.
    pub own_keys: Option<UserId>,
    /// Who asks.
    pub me: UserId,
}

impl Source {
    /// Whether what this person used is the reader's to tell from what others did.
    pub fn knows(&self, user: UserId) -> bool {
        self.own_keys.is_none_or(|own| own == user)
    }
}

/// A reach in which something was used.
pub trait Metered: Reach + HasPerson + Surrounded {
    fn source(scope: &Scope<Self>) -> Source;
}

impl Metered for InWorkspace<ReadWorkspace> {
    fn source(scope: &Scope<Self>) -> Source {
        let slug = &scope.workspace().slug;
        Source { is_live: true, ..of(scope.reach(), paths::usage(slug), paths::audit_log(slug)) }
    }
}

impl Metered for InArchive<ReadWorkspace> {
    fn source(scope: &Scope<Self>) -> Source {
        let slug = &scope.workspace().slug;
        of(scope.reach(), paths::archived_usage(slug), paths::archived_audit_log(slug))
    }
}

fn of(reach: &InWorkspace<ReadWorkspace>, address: String, audit_log: String) -> Source {
    let sees = |permission| reach.extent_of(permission) == Extent::Everything;
    Source {
        tenant: reach.tenant.id,
        workspace: reach.workspace.id,
        slug: reach.workspace.slug.clone(),
        name: reach.workspace.name.clone(),
        address,
        is_live: false,
        audit_log: sees(WorkspacePermission::ReadAudit).then_some(audit_log),
        sees_money: sees(WorkspacePermission::ReadSpend),
        own_keys: (!sees(WorkspacePermission::ReadCredentials)).then_some(reach.person.id),
        me: reach.person.id,
    }
}
