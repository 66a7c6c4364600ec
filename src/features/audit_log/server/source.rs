//! Which log a scope reads: the one of the place that it reaches.

use std::future::Future;

use crate::{
    access::{tenant::ReadTenantAudit, workspace::ReadAudit},
    error::AppError,
    features::{retention, workspaces},
    ids::{LogId, TenantId},
    paths,
    server::{
        events::LogKind,
        http::Surrounded,
        scope::{HasPerson, InArchive, InTenant, InWorkspace, Reach, Scope, Tenant, Workspace},
    },
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Whose rows they are: of the tenant, and of those that the workspace was in before.
    pub tenants: Vec<TenantId>,
    pub log: LogId,
    pub kind: LogKind,
    /// The slug and name of the place.
    pub slug: String,
    pub name: String,
    /// The list's own address.
    pub address: String,
    /// What the page is called.
    pub title: &'static str,
    pub purpose: &'static str,
    /// Nothing is kept there any more but what was.
    pub is_archived: bool,
}

/// A reach with a log that its permission lets the person read.
pub trait Logged: Reach + HasPerson + Surrounded + retention::server::Kept {
    fn source(scope: &mut Scope<Self>) -> impl Future<Output = Result<Source, AppError>> + Send;
}

impl Logged for InWorkspace<ReadAudit> {
    async fn source(scope: &mut Scope<Self>) -> Result<Source, AppError> {
        let (tenant, workspace) = (scope.tenant().clone(), scope.workspace().clone());
        of_workspace(scope, &tenant, &workspace).await
    }
}

impl Logged for InArchive<ReadAudit> {
    async fn source(scope: &mut Scope<Self>) -> Result<Source, AppError> {
        let (tenant, workspace) = (scope.tenant().clone(), scope.workspace().clone());
        Ok(Source {
            address: paths::archived_audit_log(&workspace.slug),
            purpose: "What happened in this workspace until it was archived, and who looked since.",
            is_archived: true,
            ..of_workspace(scope, &tenant, &workspace).await?
        })
    }
}

impl Logged for InTenant<ReadTenantAudit> {
    async fn source(scope: &mut Scope<Self>) -> Result<Source, AppError> {
        let tenant = scope.tenant();
        Ok(Source {
            tenants: vec![tenant.id],
            log: LogId(tenant.id.0),
            kind: LogKind::Tenant,
            slug: tenant.slug.clone(),
            name: tenant.name.clone(),
            address: paths::account_audit(&tenant.slug),
            title: "Account audit",
            purpose: "What happened to the account as a whole: its people, roles and settings. Each workspace has a log of its own.",
            is_archived: false,
        })
    }
}

pub(super) async fn of_workspace<R: Reach>(scope: &mut Scope<R>, tenant: &Tenant, workspace: &Workspace) -> Result<Source, AppError> {
    let mut tenants = vec![tenant.id];
    tenants.extend(workspaces::server::former_tenants(scope, tenant.id, workspace.id).await?);
    Ok(Source {
        tenants,
        log: LogId(workspace.id.0),
        kind: LogKind::Workspace,
        slug: workspace.slug.clone(),
        name: workspace.name.clone(),
        address: paths::audit_log(&workspace.slug),
        title: "Audit Log",
        purpose: "What happened in this workspace: who did what, to what, and how it ended.",
        is_archived: false,
    })
}
