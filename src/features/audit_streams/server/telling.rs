//! What is said of a stream that fails: in its log, and to its people.

use super::{
    batch::log_of,
    store::{self, sending::Outgoing},
    wanted::host_of,
};
use crate::{
    access::WorkspaceRole,
    error::AppError,
    features::{
        inbox::server::{Notice, tell},
        members, teams,
    },
    ids::{AuditStreamId, UserId, WorkspaceId},
    paths,
    server::{
        events::{Event, EventKind, Log, Outcome, Target},
        scope::ServiceScope,
    },
};

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It has failed for an hour.
    Failing,
    /// It has failed for days.
    GivenUp,
    /// The receiver says that it is gone.
    Gone,
}

pub fn target(id: AuditStreamId, name: &str) -> Target {
    Target { kind: "audit_stream", id: id.to_string(), name: Some(name.to_owned()) }
}

/// Records it, and tells those who can change the stream.
pub async fn say(scope: &mut ServiceScope, stream: &Outgoing, turn: Turn, error: &str) -> Result<(), AppError> {
    let tenant = scope.reach().tenant;
    let workspace = stream.workspace_id.map(WorkspaceId);
    let log = workspace.map_or(Log::Tenant(tenant), |workspace| Log::Workspace(tenant, workspace));
    let target = target(stream.id, &stream.name);
    scope.record_in(
        log,
        match turn {
            Turn::Failing => Event::new(EventKind::AuditStreamFailed, target).ending(Outcome::Failed).because(error),
            Turn::GivenUp => Event::new(EventKind::AuditStreamPaused, target).because(format!("it failed for five days: {error}")),
            Turn::Gone => Event::new(EventKind::AuditStreamPaused, target).because("its endpoint answered 410: gone"),
        },
    );
    let (slug, place) = store::called(scope, tenant, stream.workspace_id).await?;
    let address = if workspace.is_some() { paths::audit_log(&slug) } else { paths::account_audit(&slug) };
    tracing::warn!(stream = %stream.id, log = %log_of(tenant, stream), ?turn, error, "an audit stream fails");
    let notice = Notice {
        kind: kind(turn).name(),
        tenant: Some(tenant),
        workspace,
        title: title(turn, &stream.name, &place),
        body: body(turn, &host_of(&stream.url), error),
        link: Some(paths::audit_stream(&paths::audit_streams(&address), stream.id)),
    };
    for person in people(scope, workspace).await? {
        tell(scope, person, &notice).await?;
    }
    Ok(())
}

async fn people(scope: &mut ServiceScope, workspace: Option<WorkspaceId>) -> Result<Vec<UserId>, AppError> {
    let tenant = scope.reach().tenant;
    match workspace {
        Some(workspace) => {
            let people = members::server::active(scope, tenant, workspace, &[WorkspaceRole::Owner, WorkspaceRole::Admin]).await?;
            Ok(people.into_iter().map(|person| person.user).collect())
        }
        // Those who read the account's log.
        None => teams::server::payers(scope, tenant).await,
    }
}

fn kind(turn: Turn) -> EventKind {
    if turn == Turn::Failing { EventKind::AuditStreamFailed } else { EventKind::AuditStreamPaused }
}

fn title(turn: Turn, name: &str, place: &str) -> String {
    match turn {
        Turn::Failing => format!("The audit stream “{name}” of {place} fails"),
        Turn::GivenUp | Turn::Gone => format!("The audit stream “{name}” of {place} is paused"),
    }
}

fn body(turn: Turn, host: &str, error: &str) -> String {
    let stays = "No row is lost: it goes on where it was.";
    match turn {
        Turn::Failing => {
            format!("Nothing has reached {host} for an hour: {error}\n\nIt is tried again every hour, and paused after five days. {stays}")
        }
        Turn::GivenUp => format!("Nothing has reached {host} for five days: {error}\n\nWhen it is mended, resume the stream. {stays}"),
        Turn::Gone => {
            format!("{host} answered that nothing is to be sent there any more (410).\n\nIf that was a slip, resume the stream. {stays}")
        }
    }
}
