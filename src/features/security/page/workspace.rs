//! A workspace's security page, as addresses.

use super::{change_place, preview_place, show_place};
use crate::{
    access::{
        AskWorkspace, TenantPermission, WorkspacePermission,
        workspace::{ManageSettings, ReadSecurity},
    },
    error::AppError,
    paths,
    server::{
        http::{FormAnswer, Page, Submission, Visit},
        scope::InWorkspace,
    },
};

pub async fn show(visit: Visit<InWorkspace<ReadSecurity>>) -> Result<Page, AppError> {
    page(visit).await
}

/// The same page, from the form that was refused.
pub async fn show_refused(visit: Visit<InWorkspace<ManageSettings>>) -> Result<Page, AppError> {
    page(visit).await
}

pub async fn preview(submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    preview_place(submission).await
}

pub async fn change(submission: Submission<InWorkspace<ManageSettings>>) -> Result<FormAnswer, AppError> {
    change_place(submission).await
}

async fn page<P: AskWorkspace>(visit: Visit<InWorkspace<P>>) -> Result<Page, AppError> {
    let reach = visit.scope.reach();
    let may_change = reach.role.may(WorkspacePermission::ManageSettings);
    let manages_team = reach.tenant_role.is_some_and(|role| role.may(TenantPermission::ManageTeam));
    let beside = manages_team.then(|| (paths::team_security(&reach.tenant.slug), "What the team asks"));
    show_place(visit, may_change, beside).await
}
