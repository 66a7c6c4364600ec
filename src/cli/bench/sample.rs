//! Who visits in a bench, and what there is to see: made by the operations that everything else uses. Each run has people
//! and teams of its own, so that a second one on the same database sees no more than the first.

use std::{net::Ipv4Addr, sync::Arc};

use anyhow::Context as _;
use tower_sessions::{Session, session::Id};

use crate::{
    access::{TenantRole, WorkspaceRole, workspace::ManageCredentials},
    features::{
        api_keys::{
            self,
            server::{Created, NewKey},
        },
        billing, members,
        sign_in::server::{Arrival, arrive},
        teams, workspaces,
    },
    ids::{TenantId, WorkspaceId},
    server::{
        Stoa, chance,
        credentials::Kind,
        events::Actor,
        http::request::RequestContext,
        identity::Identity,
        plans,
        scope::{AsUser, InWorkspace, Intent, KnownPlace, Scope, ServiceScope, WorkspaceScope},
        sessions::{self, PostgresStore, Start},
    },
};

/// On each page.
pub const ROWS: usize = 50;

/// Of a key that is only looked at.
pub const SCOPES: [&str; 4] = ["members:read", "credentials:read", "settings:read", "audit:read"];

const TEAM: &str = "Bench";
const ISSUER: &str = "bench";

/// Somebody signed in, and one of the places that they are in.
pub struct Visitor {
    pub cookie: String,
    /// As the console reads it from what the visitor's browser sends.
    pub request: RequestContext,
    pub place: KnownPlace,
}

/// Somebody who owns a team and is in so many workspaces of it.
pub async fn owner_of_workspaces(stoa: &Stoa) -> anyhow::Result<Visitor> {
    let visitor = someone(stoa, "Visitor").await?;
    let mut scope = team(stoa, &[&visitor]).await?;
    let tenant = scope.reach().tenant;
    for n in 1..=ROWS {
        let workspace = workspaces::server::create(&mut scope, "bench", &format!("Workspace {n:02}")).await?;
        members::server::add(&mut scope, tenant, workspace, visitor.user, &visitor.name, WorkspaceRole::Owner).await?;
    }
    scope.commit().await?;
    sign_in(stoa, &visitor).await
}

/// Somebody who owns a workspace of so many members, themselves among them.
pub async fn owner_of_members(stoa: &Stoa, many: usize) -> anyhow::Result<Visitor> {
    let mut people = Vec::new();
    for n in 1..=many {
        people.push(someone(stoa, &format!("Person {n:02}")).await?);
    }
    let mut scope = team(stoa, &people.iter().collect::<Vec<_>>()).await?;
    let tenant = scope.reach().tenant;
    let workspace = workspaces::server::create(&mut scope, "bench", "Workspace").await?;
    for (place, person) in people.iter().enumerate() {
        let role = if place == 0 { WorkspaceRole::Owner } else { WorkspaceRole::Member };
        members::server::add(&mut scope, tenant, workspace, person.user, &person.name, role).await?;
    }
    scope.commit().await?;
    sign_in(stoa, people.first().context("a workspace has a member")?).await
}

/// The visitor's workspace, opened for its keys.
pub async fn keyring(stoa: &Stoa, visitor: &Visitor) -> anyhow::Result<WorkspaceScope<ManageCredentials>> {
    keyring_of(stoa, visitor, &visitor.place.workspace_slug).await
}

/// The same of another workspace of theirs.
pub async fn keyring_of(stoa: &Stoa, visitor: &Visitor, slug: &str) -> anyhow::Result<WorkspaceScope<ManageCredentials>> {
    let slug = Some(slug);
    Ok(Scope::<InWorkspace<ManageCredentials>>::open(stoa, &visitor.request, slug, Intent::Write, false).await?)
}

/// So many keys, the visitor's own; the scope is still to be committed.
pub async fn add_keys(scope: &mut WorkspaceScope<ManageCredentials>, many: usize, scopes: &[&str]) -> anyhow::Result<Vec<Created>> {
    let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let mut keys = Vec::new();
    for n in 1..=many {
        let key = NewKey { kind: Kind::Key, name: format!("Key {n:02}"), steward: None, scopes: scopes.clone(), days: None };
        keys.push(api_keys::server::create(scope, &key, None).await?);
    }
    Ok(keys)
}

/// A team that somebody owns, with so many workspaces that they are in.
pub struct Team {
    pub tenant: TenantId,
    pub workspaces: Vec<WorkspaceId>,
    pub owner: Visitor,
}

/// A team with an owner, so many members of each of so many workspaces, and a plan.
pub async fn team_of(stoa: &Stoa, workspaces: usize, members: usize, plan: &str) -> anyhow::Result<Team> {
    let mut people = Vec::new();
    for n in 1..=members.max(1) {
        people.push(someone(stoa, &format!("Person {n:02}")).await?);
    }
    let owner = people.first().context("a team has an owner")?;
    let mut scope = team(stoa, &people.iter().collect::<Vec<_>>()).await?;
    let tenant = scope.reach().tenant;
    let mut made = Vec::new();
    for n in 1..=workspaces {
        let workspace = workspaces::server::create(&mut scope, "bench", &format!("Workspace {n:02}")).await?;
        for (place, person) in people.iter().enumerate() {
            let role = if place == 0 { WorkspaceRole::Owner } else { WorkspaceRole::Member };
            members::server::add(&mut scope, tenant, workspace, person.user, &person.name, role).await?;
        }
        made.push(workspace);
    }
    scope.commit().await?;
    give_plan(stoa, tenant, plan).await?;
    Ok(Team { tenant, workspaces: made, owner: sign_in(stoa, owner).await? })
}

/// A bench calls more often than plans with a limit allow.
pub async fn free_of_limits(stoa: &Stoa, tenant: TenantId) -> anyhow::Result<()> {
    give_plan(stoa, tenant, "enterprise").await
}

async fn give_plan(stoa: &Stoa, tenant: TenantId, plan: &str) -> anyhow::Result<()> {
    let request = RequestContext::internal(&stoa.clock, "cli", "stoa bench");
    let plan = plans::find(plan, stoa.clock.now()).context("the plan is shipped")?;
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::operator(), tenant, "bench").await?;
    billing::server::set_plan(&mut scope, plan, "The bench calls more often than others do.").await?;
    Ok(scope.commit().await?)
}

/// A new team of these people, the first its owner; still to be committed.
async fn team(stoa: &Stoa, people: &[&Arrival]) -> anyhow::Result<ServiceScope> {
    let tenant = TenantId(chance::uuid(stoa.clock.now()));
    let request = RequestContext::internal(&stoa.clock, "cli", "stoa bench");
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::operator(), tenant, "bench").await?;
    teams::server::create(&mut scope, teams::server::TEAM, TEAM).await?;
    for (place, person) in people.iter().enumerate() {
        let role = if place == 0 { TenantRole::Owner } else { TenantRole::Member };
        teams::server::add(&mut scope, person.user, &person.name, role).await?;
    }
    Ok(scope)
}

/// A newcomer, whom nobody before them is taken for.
async fn someone(stoa: &Stoa, name: &str) -> anyhow::Result<Arrival> {
    let subject = chance::uuid(stoa.clock.now()).to_string();
    let identity = Identity {
        issuer: ISSUER.to_owned(),
        email: format!("{subject}@example.com"),
        subject,
        email_verified: true,
        name: Some(name.to_owned()),
        session: None,
        authenticated_at: None,
        multi_factor: false,
    };
    Ok(arrive(stoa, &RequestContext::internal(&stoa.clock, "cli", "stoa bench"), &identity).await?)
}

async fn sign_in(stoa: &Stoa, person: &Arrival) -> anyhow::Result<Visitor> {
    let session = Session::new(None, Arc::new(PostgresStore::new(stoa.clone())), None);
    let start = Start {
        user: person.user,
        name: person.name.clone(),
        issuer: ISSUER.to_owned(),
        provider_session: None,
        authenticated_at: stoa.clock.now(),
        multi_factor: false,
        ip: None,
        user_agent: None,
        request: None,
    };
    session.insert(Start::KEY, start).await?;
    session.save().await?;
    let id: Id = session.id().context("a stored session has an id")?;
    let mut request = RequestContext::internal(&stoa.clock, "console", "stoa bench");
    request.session = Some(sessions::hash(id));
    request.ip = Some(Ipv4Addr::LOCALHOST.into());
    let scope = Scope::<AsUser>::open(stoa, &request, None, Intent::Read, true).await?;
    let place = scope.places().iter().find(|place| place.tenant == TEAM).cloned();
    scope.close().await?;
    let name = sessions::cookie_name(stoa.config.public_urls.is_https());
    Ok(Visitor { cookie: format!("{name}={id}"), request, place: place.context("who was just added is there")? })
}
