//! A proven identity arrives: who is it, may they come in, and where do they land.

use crate::{
    access::{TenantRole, WorkspaceRole},
    error::AppError,
    features::{members, teams, workspaces},
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

pub struct Arrival {
    pub user: UserId,
    pub name: String,
}

/// Finds or makes the person, and on their first arrival a tenant and a workspace of their own, all in one
/// transaction with its events.
///
/// # Errors
/// `SignInRefused` where the sign-up policy does not let a newcomer in; nothing is kept of them then.
pub async fn arrive(stoa: &Stoa, request: &RequestContext, identity: &Identity) -> Result<Arrival, AppError> {
    let now = stoa.clock.now();
    let tenant = TenantId(chance::uuid(now));
    let name = identity.name.clone().unwrap_or_else(|| local_part(&identity.email));
    let mut scope = ServiceScope::open_service(stoa, request, Actor::system("sign-in"), tenant, "sign-in").await?;
    let known = store::find(&mut scope, identity).await?;
    if known.is_none() && !may_sign_up(&stoa.config.sign_up, identity) {
        return Err(Refusal::SIGN_UP.into());
    }
    let event = news(known.as_ref(), identity, &name);
    let user = match (&known, &event) {
        (Some(known), None) => known.user,
        _ => store::identify(&mut scope, identity, &name, now).await?,
    };
    scope.act_as(Actor::named_user(user, &name));
    if let Some(kind) = event {
        let target = Target { kind: "user", id: user.to_string(), name: Some(name.clone()) };
        let mut event = Event::new(kind, target);
        if let Some(known) = &known {
            event = event.changing("email", Some(&known.email), Some(&identity.email)).because("the identity provider says so");
        }
        scope.record_in(Log::Installation, event);
    }
    if !store::belongs_anywhere(&mut scope, user).await? {
        settle(&mut scope, user, &name).await?;
    }
    scope.commit().await?;
    Ok(Arrival { user, name })
}

/// What this sign-in tells us that we did not know: None where nothing changed.
fn news(known: Option<&KnownUser>, identity: &Identity, name: &str) -> Option<EventKind> {
    let Some(known) = known else { return Some(EventKind::UserCreated) };
    let is_same =
        known.email == identity.email && known.email_verified == identity.email_verified && (!known.follows_provider || known.name == name);
    (!is_same).then_some(EventKind::UserUpdated)
}

/// A personal tenant and a first workspace, ready to use at once.
async fn settle(scope: &mut ServiceScope, user: UserId, name: &str) -> Result<(), AppError> {
    let tenant = teams::server::create(scope, teams::server::PERSONAL, &cut(name)).await?;
    teams::server::add(scope, user, name, TenantRole::Owner).await?;
    let workspace = workspaces::server::create(scope, "main", "My workspace").await?;
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
    email.split('@').next().filter(|part| !part.is_empty()).unwrap_or("Newcomer").to_owned()
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
