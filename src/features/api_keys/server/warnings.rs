//! Before a key ends, its people are told: 30 days, 7 days and one day ahead, each once.

use super::{
    store::{self, Due, Key},
    words::{Act, event, page_of, target, words},
};
use crate::{
    access::WorkspaceRole,
    error::AppError,
    features::{
        inbox::server::{Notice, tell},
        members,
    },
    ids::{TenantId, UserId, WorkspaceId},
    server::{
        Stoa,
        events::{Actor, Event, Log},
        http::request::RequestContext,
        scope::ServiceScope,
    },
};

const JOB: &str = "api_key.warn";
/// So many keys are seen to in one go; what is left has its turn the next time.
const BATCH: i32 = 500;

/// Warns about every key that is due, of whichever tenant. To be run once an hour, by whichever node; twice at once is
/// harmless.
///
/// # Errors
/// Only where the due ones cannot be found: one key that fails keeps no other from its warning.
pub async fn warn_expiring(stoa: Stoa) -> Result<(), AppError> {
    for due in store::due(&stoa.db, stoa.clock.now(), BATCH).await? {
        let key = due.key;
        if let Err(error) = warn(&stoa, &due).await {
            tracing::error!(%key, %error, "the warning about a key that expires was not given");
        }
    }
    Ok(())
}

async fn warn(stoa: &Stoa, due: &Due) -> Result<(), AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), due.tenant, JOB).await?;
    let days = i16::try_from(due.days).map_err(|_| AppError::Internal)?;
    if !store::mark_warned(&mut scope, due.tenant, due.workspace, due.key, days).await? {
        return scope.close().await;
    }
    let key = store::find(&mut scope, due.tenant, due.workspace, due.key).await?.ok_or(AppError::NotFound)?;
    let warned =
        Event::new(event(key.kind, Act::Expiring), target(key.kind, key.id, &key.name)).because(format!("expires {}", within(due.days)));
    scope.record_in(Log::Workspace(due.tenant, due.workspace), warned);
    let notice = notice(due, &key);
    for person in people_of(&mut scope, due.tenant, due.workspace, key.steward).await? {
        tell(&mut scope, person, &notice).await?;
    }
    scope.commit().await
}

/// Those who are told about a key: its steward, and the owners and admins.
pub async fn people_of(
    scope: &mut ServiceScope,
    tenant: TenantId,
    workspace: WorkspaceId,
    steward: UserId,
) -> Result<Vec<UserId>, AppError> {
    let mut people: Vec<UserId> = members::server::active(scope, tenant, workspace, &[WorkspaceRole::Owner, WorkspaceRole::Admin])
        .await?
        .into_iter()
        .map(|member| member.user)
        .collect();
    // A steward who left is nobody to be told what happens there.
    if !people.contains(&steward) && members::server::role_of(scope, tenant, workspace, steward).await?.is_some() {
        people.push(steward);
    }
    Ok(people)
}

fn notice(due: &Due, key: &Key) -> Notice {
    let noun = words(key.kind).noun;
    let used = match key.last_used_at {
        Some(at) => format!("It was last used on {}.", at.format("%-d %b %Y, %H:%M UTC")),
        None => "It was never used.".to_owned(),
    };
    Notice {
        kind: "api_key.expiring",
        tenant: Some(due.tenant),
        workspace: Some(due.workspace),
        title: format!("The {} “{}” expires {}", words(key.kind).name, key.name, within(due.days)),
        body: format!(
            "It belongs to {} and ends on {}. {used}\n\nCreate a new {noun} and put it in its place before then. A {noun}'s end cannot be \
             moved.",
            due.workspace_name,
            key.expires_at.format("%-d %b %Y, %H:%M UTC")
        ),
        link: Some(page_of(key.kind, &due.slug, key.id)),
    }
}

fn within(days: i32) -> String {
    if days == 1 { "within a day".to_owned() } else { format!("within {days} days") }
}
