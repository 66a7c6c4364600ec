//! A proven identity arrives: who is it, may they come in, and where do they land.

use crate::{
    access::{TenantRole, WorkspaceRole},
    error::AppError,
    features::{invitations, members, teams, workspaces},
    ids::{TenantId, UserId},
    server::{
        Stoa, chance,
        config::{SignUp, SignUpPolicy},
        events::{Actor, Event, EventKind, Log, Target},
        http::request::RequestContext,
        identity::{Identity, Refusal},
        scope::ServiceScope,
    },
};

use super::store::{self, KnownUser};
use crate::features::profile::NAME_MAX;

pub struct Arrival {
    pub user: UserId,
    pub name: String,
    /// They belong nowhere yet, and hold an invitation: that is where they land.
    pub invited: bool,
}

/// Finds or makes the person, and on their first arrival a tenant and a workspace of their own, all in one
/// transaction with its events. Whoever comes with an invitation gets in, whatever the policy, and nothing of their own:
/// they are shown what they are invited to.
///
/// # Errors
/// `SignInRefused` where the sign-up policy does not let a newcomer in; nothing is kept of them then.
pub async fn arrive(stoa: &Stoa, request: &RequestContext, identity: &Identity) -> Result<Arrival, AppError> {
    let now = stoa.clock.now();
    let tenant = TenantId(chance::uuid(now));
    let mut name = identity.name.clone().unwrap_or_else(|| local_part(&identity.email));
    let holds_invitation = invitations::server::admits(stoa, request.invitation.as_ref(), identity).await?;
    let mut scope = ServiceScope::open_service(stoa, request, Actor::system("sign-in"), tenant, "sign-in").await?;
    let known = store::find(&mut scope, identity).await?;
    if known.is_none() && !holds_invitation && !may_sign_up(&stoa.config.sign_up, identity) {
        return Err(Refusal::SIGN_UP.into());
    }
    let (user, event) = if let Some(known) = known {
        let event = news(&known, identity, &name);
        if event.is_some() {
            store::identify(&mut scope, identity, &name, now).await?;
        }
        if !known.follows_provider {
            name = known.name;
        }
        (known.user, event)
    } else {
        let (user, is_new) = store::identify(&mut scope, identity, &name, now).await?;
        if !is_new {
            // Another tab got here first, and said so.
            scope.close().await?;
            return Ok(Arrival { user, name, invited: holds_invitation });
        }
        (user, Some(Event::new(EventKind::UserCreated, target(user, &name))))
    };
    scope.act_as(Actor::named_user(user, &name));
    if let Some(event) = event {
        scope.record_in(Log::Installation, event);
    }
    let is_homeless = !store::belongs_anywhere(&mut scope, user).await?;
    let invited = is_homeless && holds_invitation;
    if is_homeless && !invited {
        settle(&mut scope, user, &name).await?;
    }
    scope.commit().await?;
    Ok(Arrival { user, name, invited })
}

/// What this sign-in tells us that we did not know: None where nothing changed.
fn news(known: &KnownUser, identity: &Identity, name: &str) -> Option<Event> {
    let flag = |is_so: bool| if is_so { "true" } else { "false" };
    let name = if known.follows_provider { name } else { known.name.as_str() };
    let mut event = Event::new(EventKind::UserUpdated, target(known.user, name)).because("the identity provider says so");
    for (field, before, after) in [
        ("email", known.email.as_str(), identity.email.as_str()),
        ("email_verified", flag(known.email_verified), flag(identity.email_verified)),
        ("name", known.name.as_str(), name),
    ] {
        if before != after {
            event = event.changing(field, Some(before), Some(after));
        }
    }
    (!event.changes.is_empty()).then_some(event)
}

fn target(user: UserId, name: &str) -> Target {
    Target { kind: "user", id: user.to_string(), name: Some(name.to_owned()) }
}

/// A personal tenant and a first workspace, ready to use at once.
async fn settle(scope: &mut ServiceScope, user: UserId, name: &str) -> Result<(), AppError> {
    let tenant = teams::server::create(scope, teams::server::PERSONAL, &cut(name)).await?;
    teams::server::add(scope, user, name, TenantRole::Owner).await?;
    let workspace = workspaces::server::create(scope, "main", workspaces::FIRST_NAME).await?;
    members::server::add(scope, tenant, workspace, user, name, WorkspaceRole::Owner).await?;
    Ok(())
}

pub fn may_sign_up(sign_up: &SignUp, identity: &Identity) -> bool {
    match sign_up.policy {
        SignUpPolicy::Open => true,
        SignUpPolicy::Invitation => false,
        SignUpPolicy::Domains => {
            let domain = identity.email.rsplit_once('@').map(|(_, domain)| domain.to_lowercase());
            identity.email_verified
                && domain.is_some_and(|domain| sign_up.domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(&domain)))
        }
    }
}

fn local_part(email: &str) -> String {
    email.split('@').next().filter(|part| !part.is_empty()).unwrap_or("Newcomer").chars().take(NAME_MAX).collect()
}

/// Tenants are named for their person; a tenant's name is shorter than a person's may be.
fn cut(name: &str) -> String {
    name.chars().take(workspaces::NAME_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(email: &str, email_verified: bool) -> Identity {
        Identity {
            issuer: "https://id.example".to_owned(),
            subject: "1".to_owned(),
            email: email.to_owned(),
            email_verified,
            name: None,
            session: None,
            authenticated_at: None,
            multi_factor: false,
        }
    }

    #[test]
    fn a_domain_counts_only_when_the_provider_verified_the_address() {
        let sign_up = SignUp { policy: SignUpPolicy::Domains, domains: vec!["Example.com".to_owned()] };
        assert!(may_sign_up(&sign_up, &identity("ada@example.COM", true)));
        assert!(!may_sign_up(&sign_up, &identity("ada@example.com", false)));
        assert!(!may_sign_up(&sign_up, &identity("ada@example.com.evil.test", true)));
        assert!(!may_sign_up(&sign_up, &identity("ada@notexample.com", true)));
        assert!(!may_sign_up(&sign_up, &identity("example.com", true)));
    }

    #[test]
    fn by_invitation_nobody_comes_by_themselves() {
        let sign_up = SignUp { policy: SignUpPolicy::Invitation, domains: Vec::new() };
        assert!(!may_sign_up(&sign_up, &identity("ada@example.com", true)));
    }
}
