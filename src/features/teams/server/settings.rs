//! What a team decides for itself.

use super::{
    PERSONAL, TEAM, ask_team, digest, is_personal,
    store::{self, Settings},
    target,
};
use crate::{
    access::{AskTenant, TenantRole, tenant::ManageTeam},
    error::AppError,
    server::{
        events::{Event, EventKind},
        scope::{Tenant, TenantScope},
    },
};

const STALE: AppError = AppError::Stale("This team");

/// Who may join, as what, and what they may do then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joining {
    /// Never owner: that is given by name alone.
    pub default_role: TenantRole,
    pub members_create_workspaces: bool,
    /// As `domains::parse` gives them; none lets every address in.
    pub allowed_domains: Vec<String>,
}

pub async fn settings<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Settings, AppError> {
    let tenant = scope.tenant().id;
    store::tenant::find(scope, tenant).await
}

/// The team's people who have no verified address of certain domains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    pub people: i64,
    /// Shown to whoever decides, and sent back by them: they know how many these are.
    pub digest: String,
}

impl Outside {
    /// Who that is and what it means for them; None where it is nobody.
    pub fn says(&self) -> Option<String> {
        let who = match self.people {
            ..=0 => return None,
            1 => "1 person of this team has".to_owned(),
            many => format!("{many} people of this team have"),
        };
        let means = "They stay in the team and in its workspaces; nobody else with such an address can be invited.";
        Some(format!("{who} no verified address of these domains. {means}"))
    }
}

/// Nobody is outside where there are no domains.
pub async fn outside<P: AskTenant>(scope: &mut TenantScope<P>, domains: &[String]) -> Result<Outside, AppError> {
    let tenant = scope.tenant().id;
    let people = if domains.is_empty() { 0 } else { store::people::outside(scope, tenant, domains).await? };
    let digest = digest(scope, &[&tenant.to_string(), &domains.join(","), &people.to_string()]);
    Ok(Outside { people, digest })
}

/// Gives the tenant another display name. Its id and slug stay.
///
/// # Errors
/// `Stale` where someone else changed it since `version` was shown.
pub async fn rename(scope: &mut TenantScope<ManageTeam>, name: &str, version: i64) -> Result<(), AppError> {
    let Tenant { id, name: before, version: current, .. } = scope.tenant().clone();
    if version != current {
        return Err(STALE);
    }
    if name == before {
        return Ok(());
    }
    let now = scope.now();
    if !store::tenant::rename(scope, id, name, version, now).await? {
        return Err(STALE);
    }
    scope.record(Event::new(EventKind::TenantRenamed, target(id, name)).changing("name", Some(&before), Some(name)));
    Ok(())
}

/// Decides who may join and as what. `acknowledged` is the digest of those outside of the new domains, as it was shown.
///
/// # Errors
/// As `rename`; `Invalid` where newcomers would become owners; `Conflict` that says how many people are outside, where
/// that was not shown yet.
pub async fn set_joining(scope: &mut TenantScope<ManageTeam>, joining: &Joining, version: i64, acknowledged: &str) -> Result<(), AppError> {
    ask_team(scope.tenant(), "joined by others")?;
    if joining.default_role == TenantRole::Owner {
        return Err(AppError::invalid("default_role", "Newcomers do not become owners by themselves. Choose member or billing."));
    }
    let Tenant { id, name, version: current, .. } = scope.tenant().clone();
    if version != current {
        return Err(STALE);
    }
    let before = store::tenant::find(scope, id).await?;
    let mut event = Event::new(EventKind::TenantUpdated, target(id, &name));
    for (field, before, after) in [
        ("default_role", before.default_role.name().to_owned(), joining.default_role.name().to_owned()),
        ("members_create_workspaces", before.members_create_workspaces.to_string(), joining.members_create_workspaces.to_string()),
        ("allowed_domains", before.allowed_domains.join(", "), joining.allowed_domains.join(", ")),
    ] {
        if before != after {
            event = event.changing(field, some(&before), some(&after));
        }
    }
    if event.changes.is_empty() {
        return Ok(());
    }
    if before.allowed_domains != joining.allowed_domains {
        acknowledge(&outside(scope, &joining.allowed_domains).await?, acknowledged)?;
    }
    let now = scope.now();
    if !store::tenant::set_joining(scope, id, joining, version, now).await? {
        return Err(STALE);
    }
    scope.record(event);
    Ok(())
}

/// Makes a personal account a team, so that others can be in it. There is no way back.
///
/// # Errors
/// `Conflict` where it is one already, `Stale` as in `rename`.
pub async fn make_team(scope: &mut TenantScope<ManageTeam>, name: &str, version: i64) -> Result<(), AppError> {
    let tenant = scope.tenant().clone();
    if !is_personal(&tenant) {
        return Err(AppError::Conflict(format!("{} is a team already.", tenant.name)));
    }
    let now = scope.now();
    if version != tenant.version || !store::tenant::make_team(scope, tenant.id, name, version, now).await? {
        return Err(STALE);
    }
    let mut event = Event::new(EventKind::TenantMadeTeam, target(tenant.id, name)).changing("kind", Some(PERSONAL), Some(TEAM));
    if name != tenant.name {
        event = event.changing("name", Some(&tenant.name), Some(name));
    }
    scope.record(event);
    Ok(())
}

fn acknowledge(outside: &Outside, acknowledged: &str) -> Result<(), AppError> {
    match outside.says() {
        Some(says) if outside.digest != acknowledged => Err(AppError::Conflict(format!("{says} Save again if that is what you want."))),
        _ => Ok(()),
    }
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
