//! Whose streams a scope holds: everybody who reads a log sees where its rows go; who changes the place changes that.

use crate::{
    access::{
        AskTenant, AskWorkspace, Extent, TenantPermission, WorkspacePermission,
        tenant::{ManageTeam, ReadTenantAudit},
        workspace::{ManageSettings, ReadAudit},
    },
    ids::{LogId, TenantId, WorkspaceId},
    paths,
    server::{
        http::Surrounded,
        scope::{HasPerson, InTenant, InWorkspace, Reach, Scope},
    },
};

/// The log that streams are of.
#[derive(Clone, Debug)]
pub struct Place {
    pub tenant: TenantId,
    /// None of the tenant's own log.
    pub workspace: Option<WorkspaceId>,
    pub log: LogId,
    /// The slug of the place.
    pub slug: String,
    /// The log's own address.
    pub address: String,
}

impl Place {
    pub fn streams(&self) -> String {
        paths::audit_streams(&self.address)
    }
}

/// A reach that streams are seen or changed through.
pub trait Holding: Reach + HasPerson + Surrounded {
    fn place(scope: &Scope<Self>) -> Place;

    /// Whether this person may also change them.
    fn may_change(scope: &Scope<Self>) -> bool;
}

fn of_workspace<P: AskWorkspace>(scope: &Scope<InWorkspace<P>>) -> Place {
    let workspace = scope.workspace();
    Place {
        tenant: scope.tenant().id,
        workspace: Some(workspace.id),
        log: LogId(workspace.id.0),
        slug: workspace.slug.clone(),
        address: paths::audit_log(&workspace.slug),
    }
}

fn of_tenant<P: AskTenant>(scope: &Scope<InTenant<P>>) -> Place {
    let tenant = scope.tenant();
    Place {
        tenant: tenant.id,
        workspace: None,
        log: LogId(tenant.id.0),
        slug: tenant.slug.clone(),
        address: paths::account_audit(&tenant.slug),
    }
}

macro_rules! holding {
    ($($permission:ident in $reach:ident: $place:ident, $may:expr;)+) => {$(
        impl Holding for $reach<$permission> {
            fn place(scope: &Scope<Self>) -> Place {
                $place(scope)
            }

            fn may_change(scope: &Scope<Self>) -> bool {
                $may(scope)
            }
        }
    )+};
}

fn changes_workspace<P: AskWorkspace>(scope: &Scope<InWorkspace<P>>) -> bool {
    scope.reach().extent_of(WorkspacePermission::ManageSettings) == Extent::Everything
}

fn changes_tenant<P: AskTenant>(scope: &Scope<InTenant<P>>) -> bool {
    scope.role().may(TenantPermission::ManageTeam)
}

holding! {
    ReadAudit in InWorkspace: of_workspace, changes_workspace;
    ManageSettings in InWorkspace: of_workspace, changes_workspace;
    ReadTenantAudit in InTenant: of_tenant, changes_tenant;
    ManageTeam in InTenant: of_tenant, changes_tenant;
}
