//! Changing what somebody is to a team: their role, their being there at all, and who owns it.

use super::{
    ask_team, digest, member,
    store::{self, Colleague, Owner},
    target,
};
use crate::{
    access::{AskTenant, TenantPermission, TenantRole, tenant::ManageTeam},
    error::{AppError, Refused},
    features::{
        inbox::server::{Notice, tell},
        members::server::{ending, places},
        teams::roles,
    },
    ids::{MembershipId, UserId},
    paths,
    server::{
        events::{Event, EventKind},
        scope::TenantScope,
    },
};

/// Gives one of the people another role, from the one that was shown.
///
/// # Errors
/// `Conflict` where the team would be without an owner, `Stale` where the role was changed meanwhile.
pub async fn change_role(
    scope: &mut TenantScope<ManageTeam>,
    id: MembershipId,
    shown: TenantRole,
    role: TenantRole,
) -> Result<(), AppError> {
    let owners = hold_owners(scope).await?;
    let person = super::colleague(scope, id).await?;
    if person.role != shown {
        return Err(AppError::Stale("This person's role"));
    }
    if role == shown {
        return Ok(());
    }
    keep_an_owner(&owners, &person)?;
    set_role(scope, &person, role).await?;
    let body = format!("{} changed your role in the team from {} to {role}. {}", scope.person().name, shown, roles::effect(shown, role));
    let title = format!("You are now {} of {}", roles::spoken(role), scope.tenant().name);
    let link = paths::people(&scope.tenant().slug);
    tell_colleague(scope, person.user, "tenant_member.role_changed", title, body, Some(link)).await
}

/// What somebody's removal takes from them, and what it is refused for.
#[derive(Clone, Debug)]
pub struct Removal {
    pub person: Colleague,
    pub places: Vec<places::Place>,
    pub made: ending::Made,
    pub digest: String,
}

pub async fn removal<P: AskTenant>(scope: &mut TenantScope<P>, id: MembershipId) -> Result<Removal, AppError> {
    let person = super::colleague(scope, id).await?;
    let places = places::by_name(places::of(scope, person.user).await?);
    let made = ending::made(scope, person.user).await?;
    let inventory = format!("{places:?} {made:?}");
    let digest = digest(scope, &[&id.to_string(), person.role.name(), &inventory]);
    Ok(Removal { person, places, made, digest })
}

/// Takes one of the people out of the team and out of all its workspaces. `shown` is the digest of what was shown to
/// whoever decided it.
///
/// # Errors
/// `Conflict` where that is so no longer, for the team's only owner and for a workspace's.
pub async fn remove(scope: &mut TenantScope<ManageTeam>, id: MembershipId, shown: &str) -> Result<(), AppError> {
    let owners = hold_owners(scope).await?;
    let Removal { person, places, digest, .. } = removal(scope, id).await?;
    if person.user == scope.person().id {
        return Err(AppError::Conflict("You cannot remove yourself. Leave the team instead.".to_owned()));
    }
    if digest != shown {
        return Err(AppError::Conflict(
            "What they would lose has changed since it was shown. Look at it again, then remove them.".to_owned(),
        ));
    }
    keep_an_owner(&owners, &person)?;
    let (tenant, team) = (scope.tenant().id, scope.tenant().name.clone());
    ending::end_all(scope, person.user, "removed from the team").await?;
    if !store::people::delete(scope, tenant, id).await? {
        return Err(AppError::NotFound);
    }
    scope.record(Event::new(EventKind::TenantMemberRemoved, member(id, &person.name)).changing("role", Some(person.role.name()), None));
    let remover = scope.person().name.clone();
    let body = match places.len() {
        0 => format!("{remover} removed you from the team."),
        1 => format!("{remover} removed you from the team and from its workspace {}.", places[0].name),
        many => format!("{remover} removed you from the team and from {many} of its workspaces."),
    };
    tell_colleague(scope, person.user, "tenant_member.removed", format!("You were removed from {team}"), body, None).await
}

/// Hands the team over: `to` becomes an owner, and the person who does it a member.
pub async fn transfer(scope: &mut TenantScope<ManageTeam>, to: MembershipId) -> Result<(), AppError> {
    ask_team(scope.tenant(), "handed over")?;
    let owners = hold_owners(scope).await?;
    let me = own(&owners, scope.person().id)?;
    let successor = successor(scope, to).await?;
    let mine = super::colleague(scope, me.id).await?;
    hand_over(scope, &mine, &successor).await?;
    set_role(scope, &mine, TenantRole::Member).await
}

/// Somebody else of the team, who takes over.
pub(super) async fn successor<P: AskTenant>(scope: &mut TenantScope<P>, id: MembershipId) -> Result<Colleague, AppError> {
    match super::colleague(scope, id).await {
        Ok(person) if person.user == scope.person().id => Err(AppError::invalid("successor", "Choose somebody else than yourself.")),
        Ok(person) => Ok(person),
        Err(AppError::NotFound) => Err(AppError::invalid("successor", "This person is not in the team any more. Choose somebody else.")),
        Err(error) => Err(error),
    }
}

/// Makes the successor an owner where they are none, says so in the log, and tells them.
pub(super) async fn hand_over<P: AskTenant>(scope: &mut TenantScope<P>, from: &Colleague, to: &Colleague) -> Result<(), AppError> {
    if to.role != TenantRole::Owner {
        set_role(scope, to, TenantRole::Owner).await?;
    }
    let team = scope.tenant().clone();
    let event = Event::new(EventKind::TenantTransferred, target(team.id, &team.name)).changing("owner", Some(&from.name), Some(&to.name));
    scope.record(event);
    let body = format!("{} handed the team over to you. {}", from.name, roles::meaning(TenantRole::Owner));
    let title = format!("You are now an owner of {}", team.name);
    tell_colleague(scope, to.user, "tenant.transferred", title, body, Some(paths::team_settings(&team.slug))).await
}

/// The owners, held until the transaction ends, of whom the person who acts is still one: of two who act on each
/// other at the same time, the second finds that they no longer are.
async fn hold_owners(scope: &mut TenantScope<ManageTeam>) -> Result<Vec<Owner>, AppError> {
    let tenant = scope.tenant().id;
    let owners = store::people::lock_owners(scope, tenant).await?;
    own(&owners, scope.person().id)?;
    Ok(owners)
}

fn own(owners: &[Owner], user: UserId) -> Result<Owner, AppError> {
    let refused = AppError::NotAllowed(Refused::Tenant(TenantPermission::ManageTeam));
    owners.iter().find(|owner| owner.user == user).copied().ok_or(refused)
}

fn keep_an_owner(owners: &[Owner], person: &Colleague) -> Result<(), AppError> {
    match owners {
        [only] if only.id == person.id => {
            Err(AppError::Conflict(format!("{} is the team's only owner. Make somebody else an owner first.", person.name)))
        }
        _ => Ok(()),
    }
}

async fn set_role<P: AskTenant>(scope: &mut TenantScope<P>, person: &Colleague, role: TenantRole) -> Result<(), AppError> {
    let tenant = scope.tenant().id;
    if !store::people::set_role(scope, tenant, person.id, person.role, role).await? {
        return Err(AppError::Stale("This person's role"));
    }
    let event = Event::new(EventKind::TenantMemberRoleChanged, member(person.id, &person.name));
    scope.record(event.changing("role", Some(person.role.name()), Some(role.name())));
    Ok(())
}

/// Tells one of the people; whoever does something knows of it already.
pub(super) async fn tell_colleague<P: AskTenant>(
    scope: &mut TenantScope<P>,
    user: UserId,
    kind: &'static str,
    title: String,
    body: String,
    link: Option<String>,
) -> Result<(), AppError> {
    if user == scope.person().id {
        return Ok(());
    }
    let notice = Notice { kind, tenant: Some(scope.tenant().id), workspace: None, title, body, link };
    tell(scope, user, &notice).await
}
