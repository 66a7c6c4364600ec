//! Bringing a deleted team back while its rows are still there: the operator's act.

use super::{store, target};
use crate::{
    error::AppError,
    features::inbox::server::{Notice, tell},
    server::{
        events::{Event, EventKind},
        scope::ServiceScope,
    },
};

/// A team that is back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    pub name: String,
    /// How many are in it again.
    pub people: usize,
    /// Archived ones, as they were when it was deleted, without those whose own date has come.
    pub archived: i64,
}

/// Brings the scope's deleted team back with its people and settings, and tells them. Its workspaces stay archived, and
/// its invitations revoked.
///
/// # Errors
/// `NotFound` where there is no such team, `Conflict` where it is not deleted, or its date has come.
pub async fn restore(scope: &mut ServiceScope, reason: Option<&str>) -> Result<Restored, AppError> {
    let (tenant, now) = (scope.reach().tenant, scope.now());
    let team = store::ending::hold(scope, tenant).await?.ok_or(AppError::NotFound)?;
    let Some(purge_at) = team.purge_at else {
        return Err(AppError::Conflict(format!("{} is not deleted; nothing was changed.", team.name)));
    };
    if let Some(purged_at) = team.purged_at {
        let at = purged_at.format("%-d %B %Y, %H:%M UTC");
        return Err(AppError::Conflict(format!("{} was purged on {at}. Only a backup from before has its rows.", team.name)));
    }
    if now >= purge_at {
        let until = purge_at.format("%-d %B %Y, %H:%M UTC");
        return Err(AppError::Conflict(format!("{} could be brought back until {until}; it is being purged.", team.name)));
    }
    store::ending::restore(scope, tenant, now).await?;
    let event = Event::new(EventKind::TenantRestored, target(tenant, &team.name))
        .changing("status", Some("deleted"), Some("active"))
        .changing("purge_at", Some(&purge_at.to_rfc3339()), None);
    scope.record(match reason {
        Some(reason) => event.because(reason),
        None => event,
    });
    let people = store::people::users(scope, tenant).await?;
    let notice = Notice {
        kind: EventKind::TenantRestored.name(),
        tenant: Some(tenant),
        workspace: None,
        title: format!("{} is back", team.name),
        body: "The operator brought the team back with its people and settings. Its workspaces stay archived until a former owner \
               restores them. Invitations that were pending have to be sent again."
            .to_owned(),
        link: Some(crate::paths::workspaces(&team.slug)),
    };
    for person in &people {
        tell(scope, *person, &notice).await?;
    }
    let archived = store::ending::count_archived(scope, tenant, now).await?;
    Ok(Restored { name: team.name, people: people.len(), archived })
}
