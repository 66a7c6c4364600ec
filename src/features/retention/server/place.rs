//! Whose log it is: the one of the place that a scope reaches, or any, for the operator.

use uuid::Uuid;

use super::store;
use crate::{
    access::{AskTenant, AskWorkspace, tenant::ManageTeam, workspace::ManageSettings},
    error::AppError,
    ids::{LogId, TenantId, WorkspaceId},
    server::{
        Stoa,
        events::Log,
        scope::{AsService, InArchive, InTenant, InWorkspace, Reach, Scope},
    },
};

/// A log, and how it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub tenant: TenantId,
    pub workspace: Option<WorkspaceId>,
    pub id: LogId,
    pub log: Log,
    pub name: String,
}

impl Place {
    pub fn of_tenant(tenant: TenantId, name: &str) -> Self {
        Self { tenant, workspace: None, id: LogId(tenant.0), log: Log::Tenant(tenant), name: name.to_owned() }
    }

    pub fn of_workspace(tenant: TenantId, workspace: WorkspaceId, name: &str) -> Self {
        Self { tenant, workspace: Some(workspace), id: LogId(workspace.0), log: Log::Workspace(tenant, workspace), name: name.to_owned() }
    }

    fn of_installation(log: Uuid) -> Self {
        Self {
            tenant: TenantId(Uuid::nil()),
            workspace: None,
            id: LogId(log),
            log: Log::Installation,
            name: "this installation".to_owned(),
        }
    }
}

/// A reach with one log.
pub trait Kept: Reach {
    fn place(scope: &Scope<Self>) -> Place;
}

/// A reach in which it is decided how long a log is kept: opened for just that, or the operator's.
pub trait Keeps: Reach {}

/// A reach in which legal holds are put on.
pub trait Holds: Reach {}

impl<P: AskWorkspace> Kept for InWorkspace<P> {
    fn place(scope: &Scope<Self>) -> Place {
        Place::of_workspace(scope.tenant().id, scope.workspace().id, &scope.workspace().name)
    }
}

impl<P: AskWorkspace> Kept for InArchive<P> {
    fn place(scope: &Scope<Self>) -> Place {
        Place::of_workspace(scope.tenant().id, scope.workspace().id, &scope.workspace().name)
    }
}

impl<P: AskTenant> Kept for InTenant<P> {
    fn place(scope: &Scope<Self>) -> Place {
        Place::of_tenant(scope.tenant().id, &scope.tenant().name)
    }
}

impl Keeps for InWorkspace<ManageSettings> {}
impl Keeps for InTenant<ManageTeam> {}
impl Keeps for AsService {}
impl Holds for InTenant<ManageTeam> {}
impl Holds for AsService {}

/// The log of that id, whosever it is; none where nothing of it is sealed yet.
pub async fn of_log(stoa: &Stoa, log: Uuid) -> Result<Option<Place>, AppError> {
    let Some((tenant, workspace)) = store::place_of(&stoa.db, log).await? else { return Ok(None) };
    Ok(Some(match workspace {
        Some(workspace) => Place::of_workspace(tenant, workspace, &LogId(log).to_string()),
        None if tenant.0.is_nil() => Place::of_installation(log),
        None => Place::of_tenant(tenant, &LogId(log).to_string()),
    }))
}
