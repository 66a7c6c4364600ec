//! Leaving a team, and naming who takes over what would otherwise be without an owner.

use super::{
    ask_team, digest, member, roles,
    store::{self, Colleague},
};
use crate::{
    access::AskTenant,
    error::AppError,
    features::members::server::{ending, places},
    ids::MembershipId,
    paths,
    server::{
        events::{Event, EventKind},
        scope::TenantScope,
    },
};

/// What an item of the inbox holds at most, in characters; the schema says the same.
const BODY_MAX: usize = 2000;

/// What the person who asks would leave behind.
#[derive(Clone, Debug)]
pub struct Departure {
    pub me: Colleague,
    pub is_only_owner: bool,
    pub places: Vec<places::Place>,
    pub made: ending::Made,
    pub digest: String,
}

impl Departure {
    /// Whether something would be left without an owner. An archived workspace asks for nobody.
    pub fn asks_successor(&self) -> bool {
        self.is_only_owner || self.places.iter().any(|place| place.is_only_owner && !place.is_archived)
    }

    /// Whether there is anything to take over.
    pub fn leaves_ownership(&self) -> bool {
        self.is_only_owner || self.places.iter().any(|place| place.is_only_owner)
    }
}

pub async fn departure<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Departure, AppError> {
    ask_team(scope.tenant(), "left")?;
    let (tenant, me) = (scope.tenant().id, scope.person().id);
    let id = store::people::membership(scope, tenant, me).await?.ok_or(AppError::NotFound)?;
    let me = super::colleague(scope, id).await?;
    let is_only_owner = super::is_only_owner(scope, &me).await?;
    let places = places::by_name(places::of(scope, me.user).await?);
    let made = ending::made(scope, me.user).await?;
    let inventory = format!("{places:?} {made:?} {is_only_owner}");
    let digest = digest(scope, &[&id.to_string(), me.role.name(), &inventory]);
    Ok(Departure { me, is_only_owner, places, made, digest })
}

/// Takes the person out of the team and out of all its workspaces. Where they are the only owner, of the team or of a
/// workspace, the successor becomes one in the same transaction. `shown` is the digest of what was shown to them.
///
/// # Errors
/// `Invalid` at `successor` where one is needed and none of the team was named, `Conflict` where what was shown is so
/// no longer.
pub async fn leave<P: AskTenant>(scope: &mut TenantScope<P>, to: Option<MembershipId>, shown: &str) -> Result<(), AppError> {
    ask_team(scope.tenant(), "left")?;
    let tenant = scope.tenant().id;
    store::people::lock_owners(scope, tenant).await?;
    let departure = departure(scope).await?;
    if departure.digest != shown {
        return Err(AppError::Conflict("What you would leave has changed since it was shown. Look at it again, then leave.".to_owned()));
    }
    let me = &departure.me;
    let successor = match to {
        Some(to) => Some(roles::successor(scope, to).await?),
        None if departure.asks_successor() => {
            return Err(AppError::invalid("successor", "You are the only owner. Choose who takes over."));
        }
        None => None,
    };
    if let Some(successor) = &successor {
        if departure.is_only_owner {
            roles::hand_over(scope, me, successor).await?;
        }
        let workspaces = ending::hand_over_all(scope, me.user, successor.user, "their only owner left the team").await?;
        tell_successor(scope, me, successor, &workspaces).await?;
    }
    ending::end_all(scope, me.user, "left the team").await?;
    if !store::people::delete(scope, tenant, me.id).await? {
        return Err(AppError::NotFound);
    }
    scope.record(Event::new(EventKind::TenantMemberLeft, member(me.id, &me.name)).changing("role", Some(me.role.name()), None));
    Ok(())
}

/// Of the workspaces; of the team they were told already.
async fn tell_successor<P: AskTenant>(
    scope: &mut TenantScope<P>,
    from: &Colleague,
    to: &Colleague,
    workspaces: &[String],
) -> Result<(), AppError> {
    let title = match workspaces {
        [] => return Ok(()),
        [one] => format!("You are now an owner of {one}"),
        many => format!("You are now an owner of {} workspaces", many.len()),
    };
    let team = scope.tenant().clone();
    let body = format!("{} left {} and named you to take over. You own now: {}.", from.name, team.name, workspaces.join(", "));
    let link = Some(paths::workspaces(&team.slug));
    roles::tell_colleague(scope, to.user, "member.role_changed", title, cut(&body), link).await
}

/// As much as an item of the inbox holds.
fn cut(text: &str) -> String {
    text.chars().take(BODY_MAX).collect()
}
