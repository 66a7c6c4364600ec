//! The server's half of members.

mod changing;
pub mod ending;
mod expiry;
mod keepers;
pub mod places;
mod removal;
pub mod rest;
mod store;
pub mod suspension;

pub use changing::{Change, change, is_only_owner};
pub use expiry::{expire, expiring};
pub use keepers::{Active, active, hold};
pub use removal::{Fate, Preview, Successor, leave, leaving, preview, remove};

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::{
    access::{AskWorkspace, WorkspaceRole},
    error::AppError,
    ids::{MembershipId, TenantId, UserId, WorkspaceId},
    server::{
        credentials,
        events::{Event, EventKind, Log, Target},
        http::{
            Cursor,
            cursor::{PAGE_ROWS, page_of},
        },
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// Someone who is in a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: MembershipId,
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub role: WorkspaceRole,
    pub joined_at: DateTime<Utc>,
    /// From then on they are not.
    pub ends_at: Option<DateTime<Utc>>,
    pub version: i64,
    /// What the list is sorted by.
    pub sort_key: String,
}

impl Member {
    pub fn cursor(&self) -> Cursor {
        Cursor { key: self.sort_key.clone(), id: self.id.0 }
    }

    pub fn has_ended(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }

    fn target(&self) -> Target {
        Target { kind: "member", id: self.id.to_string(), name: Some(self.name.clone()) }
    }
}

/// So much of a search is looked for.
const SEARCH_MAX: usize = 120;

/// What a list of members is narrowed down to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A part of the name or the address, whatever its case; empty for all.
    pub search: String,
    pub role: Option<WorkspaceRole>,
}

impl Filter {
    /// With what of the text can stand in a name or an address, and may be written down.
    pub fn of(search: &str, role: Option<WorkspaceRole>) -> Self {
        Self { search: credentials::searchable(search, SEARCH_MAX), role }
    }
}

/// One page of the members, and where the next begins.
pub async fn list<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    filter: &Filter,
    after: Option<&Cursor>,
) -> Result<(Vec<Member>, Option<Cursor>), AppError> {
    let rows = some(scope, filter, after, PAGE_ROWS + 1).await?;
    Ok(page_of(rows, Member::cursor))
}

/// So many members at most, from after the cursor on.
pub async fn some<P: AskWorkspace>(
    scope: &mut WorkspaceScope<P>,
    filter: &Filter,
    after: Option<&Cursor>,
    most: i64,
) -> Result<Vec<Member>, AppError> {
    let (tenant, workspace) = place(scope);
    store::list(scope, tenant, workspace, filter, after, most).await
}

/// All that the filter lets through, and in the log that they were taken.
pub async fn export<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, filter: &Filter) -> Result<Vec<Member>, AppError> {
    let (tenant, workspace) = place(scope);
    let members = store::list(scope, tenant, workspace, filter, None, i64::MAX).await?;
    let here = scope.workspace();
    let target = Target { kind: "workspace", id: here.id.to_string(), name: Some(here.name.clone()) };
    let mut event = Event::new(EventKind::MembersExported, target).changing("rows", None, Some(&members.len().to_string()));
    if let Some(role) = filter.role {
        event = event.changing("role", None, Some(role.name()));
    }
    if !filter.search.is_empty() {
        event = event.changing("search", None, Some(&filter.search));
    }
    scope.record(event);
    Ok(members)
}

/// # Errors
/// `NotFound` also for who is a member elsewhere, or no longer.
pub async fn find<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: MembershipId) -> Result<Member, AppError> {
    let (tenant, workspace) = place(scope);
    store::find(scope, tenant, workspace, id).await?.ok_or(AppError::NotFound)
}

/// Whether this was a membership of the workspace once and is none any more.
pub async fn is_former<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: MembershipId) -> Result<bool, AppError> {
    let (tenant, workspace) = place(scope);
    store::is_former(scope, tenant, workspace, id).await
}

/// Whether anybody but the person who asks is a member.
pub async fn are_others<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<bool, AppError> {
    let ((tenant, workspace), me, now) = (place(scope), scope.person().id, scope.now());
    store::are_others(scope, tenant, workspace, me, now).await
}

/// What these people are called, as far as they are or were members and still are of the account.
pub async fn names<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    users: &[UserId],
) -> Result<HashMap<UserId, String>, AppError> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    store::names(scope, tenant, workspace, users).await
}

/// What a person is to the workspace at this moment; None where they are not in it.
pub async fn role_of<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
) -> Result<Option<WorkspaceRole>, AppError> {
    let now = scope.now();
    store::role_of(scope, tenant, workspace, user, now).await
}

/// Which of these addresses, in lower case, belong to members.
pub async fn addresses_in<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, addresses: &[String]) -> Result<Vec<String>, AppError> {
    let ((tenant, workspace), now) = (place(scope), scope.now());
    store::addresses_in(scope, tenant, workspace, addresses, now).await
}

/// Who decides over a workspace's members does so one after the other, for as long as this scope lasts.
///
/// # Errors
/// `NotFound` where the workspace is archived.
pub async fn take_turn<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: WorkspaceId) -> Result<(), AppError> {
    if store::lock_workspace(scope, tenant, workspace).await? { Ok(()) } else { Err(AppError::NotFound) }
}

/// Puts a person into a workspace: at its making, or because the operator says so.
pub async fn add<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    user: UserId,
    name: &str,
    role: WorkspaceRole,
) -> Result<MembershipId, AppError> {
    admit(scope, tenant, workspace, Newcomer { user, name, role, ends_at: None }).await
}

/// Someone who is about to become a member.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    pub user: UserId,
    pub name: &'a str,
    pub role: WorkspaceRole,
    pub ends_at: Option<DateTime<Utc>>,
}

/// Puts a person into a workspace. A former member comes back under the membership they had.
///
/// # Errors
/// `Conflict` where they are in it.
pub async fn admit<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    newcomer: Newcomer<'_>,
) -> Result<MembershipId, AppError> {
    let (new_id, grant, now) = (MembershipId(scope.new_id()), scope.new_id(), scope.now());
    let Newcomer { user, name, role, ends_at } = newcomer;
    // A membership whose end has come, and that nobody has swept yet, is over.
    if let Some(former) = store::id_of(scope, tenant, workspace, user).await? {
        expiry::end_if_due(scope, tenant, workspace, former).await?;
    }
    let membership = store::insert(scope, tenant, workspace, new_id, user, ends_at, now)
        .await?
        .ok_or_else(|| AppError::Conflict("This person is a member of the workspace already.".to_owned()))?;
    store::insert_grant(scope, tenant, workspace, membership, grant, role, now).await?;
    let target = Target { kind: "member", id: membership.to_string(), name: Some(name.to_owned()) };
    let mut event = Event::new(EventKind::MemberAdded, target).changing("role", None, Some(role.name()));
    if let Some(end) = ends_at {
        event = event.changing("ends_at", None, Some(&end.to_rfc3339()));
    }
    scope.record_in(Log::Workspace(tenant, workspace), event);
    Ok(membership)
}

fn place<P: AskWorkspace>(scope: &WorkspaceScope<P>) -> (TenantId, WorkspaceId) {
    (scope.tenant().id, scope.workspace().id)
}
