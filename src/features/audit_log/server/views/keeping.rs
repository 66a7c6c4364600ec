//! Whose views a scope keeps: the person's own with the permission to read the log, those of everybody who reads it with
//! the one to change the place.

use crate::{
    access::{
        Extent, TenantPermission, WorkspacePermission,
        tenant::{ManageTeam, ReadTenantAudit},
        workspace::{ManageSettings, ReadAudit},
    },
    error::{AppError, Refused},
    ids::{LogId, TenantId, WorkspaceId},
    paths,
    server::{
        http::Surrounded,
        scope::{HasPerson, InTenant, InWorkspace, Reach, Scope},
    },
};

/// The log that views are of.
#[derive(Clone, Debug)]
pub struct Shelf {
    pub tenant: TenantId,
    /// None of the tenant's own log.
    pub workspace: Option<WorkspaceId>,
    pub log: LogId,
    /// The slug of the place.
    pub slug: String,
    /// The log's own address.
    pub address: String,
}

impl Shelf {
    /// Where views of this kind are made and changed.
    pub fn views(&self, is_shared: bool) -> String {
        if is_shared { paths::shared_audit_views(&self.address) } else { paths::audit_views(&self.address) }
    }
}

/// A reach that views can be kept through.
pub trait Keeping: Reach + HasPerson + Surrounded {
    /// Whether what is kept through it is everybody's.
    const IS_SHARED: bool;

    fn shelf(scope: &Scope<Self>) -> Shelf;

    /// Whether this person may also keep those of everybody.
    fn may_share(scope: &Scope<Self>) -> bool;

    /// Whether this person keeps any at all: whoever is here by an owner's consent alone looks, and leaves nothing behind.
    fn keeps(scope: &Scope<Self>) -> bool {
        !scope.reach().is_support()
    }

    /// # Errors
    /// `NotAllowed` for whoever keeps none.
    fn ask_keeps(scope: &Scope<Self>) -> Result<(), AppError> {
        if Self::keeps(scope) { Ok(()) } else { Err(AppError::NotAllowed(Refused::Workspace(WorkspacePermission::ManageSettings))) }
    }
}

fn of_workspace<P: crate::access::AskWorkspace>(scope: &Scope<InWorkspace<P>>) -> Shelf {
    let workspace = scope.workspace();
    Shelf {
        tenant: scope.tenant().id,
        workspace: Some(workspace.id),
        log: LogId(workspace.id.0),
        slug: workspace.slug.clone(),
        address: paths::audit_log(&workspace.slug),
    }
}

fn of_tenant<P: crate::access::AskTenant>(scope: &Scope<InTenant<P>>) -> Shelf {
    let tenant = scope.tenant();
    Shelf {
        tenant: tenant.id,
        workspace: None,
        log: LogId(tenant.id.0),
        slug: tenant.slug.clone(),
        address: paths::account_audit(&tenant.slug),
    }
}

fn shares_in_workspace<P: crate::access::AskWorkspace>(scope: &Scope<InWorkspace<P>>) -> bool {
    scope.reach().extent_of(WorkspacePermission::ManageSettings) == Extent::Everything
}

impl Keeping for InWorkspace<ReadAudit> {
    const IS_SHARED: bool = false;

    fn shelf(scope: &Scope<Self>) -> Shelf {
        of_workspace(scope)
    }

    fn may_share(scope: &Scope<Self>) -> bool {
        shares_in_workspace(scope)
    }
}

impl Keeping for InWorkspace<ManageSettings> {
    const IS_SHARED: bool = true;

    fn shelf(scope: &Scope<Self>) -> Shelf {
        of_workspace(scope)
    }

    fn may_share(scope: &Scope<Self>) -> bool {
        shares_in_workspace(scope)
    }
}

impl Keeping for InTenant<ReadTenantAudit> {
    const IS_SHARED: bool = false;

    fn shelf(scope: &Scope<Self>) -> Shelf {
        of_tenant(scope)
    }

    fn may_share(scope: &Scope<Self>) -> bool {
        scope.role().may(TenantPermission::ManageTeam)
    }
}

impl Keeping for InTenant<ManageTeam> {
    const IS_SHARED: bool = true;

    fn shelf(scope: &Scope<Self>) -> Shelf {
        of_tenant(scope)
    }

    fn may_share(scope: &Scope<Self>) -> bool {
        scope.role().may(TenantPermission::ManageTeam)
    }
}
