//! The demonstration's people and their team, made by the operations that everything else uses.

use crate::{
    access::{TenantRole, WorkspaceRole},
    error::AppError,
    features::{
        billing,
        inbox::{self, server::Notice},
        members,
        sign_in::server::{Arrival, arrive},
        teams, workspaces,
    },
    ids::TenantId,
    paths,
    server::{
        Stoa, chance, embedded::identity_provider::PEOPLE, events::Actor, http::request::RequestContext, identity::Identity, plans,
        scope::ServiceScope,
    },
};

const TEAM: &str = "Northwind Trading";
const WORKSPACES: [(&str, &str); 2] = [("production", "Northwind Production"), ("staging", "Northwind Staging")];

/// Everyone but the newcomer, who is to come by themselves. Does nothing where they are there already.
pub async fn settle(stoa: &Stoa) -> Result<(), AppError> {
    let settled: bool = sqlx::query_scalar("select exists (select from find_user($1, $2))")
        .bind(stoa.identity.issuer_text())
        .bind(PEOPLE[0].subject)
        .fetch_one(&stoa.db)
        .await?;
    if settled {
        return Ok(());
    }
    let request = RequestContext::internal(&stoa.clock, "cli", "stoa demo");
    let mut people: Vec<(Arrival, TenantRole, WorkspaceRole)> = Vec::new();
    for person in PEOPLE {
        let Some((tenant_role, role)) = roles(person.role) else { continue };
        let identity = Identity {
            issuer: stoa.identity.issuer_text().to_owned(),
            subject: person.subject.to_owned(),
            email: person.email.to_owned(),
            email_verified: true,
            name: Some(person.name.to_owned()),
            session: None,
            authenticated_at: None,
            multi_factor: false,
        };
        people.push((arrive(stoa, &request, &identity).await?, tenant_role, role));
    }
    let tenant = TenantId(chance::uuid(stoa.clock.now()));
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::operator(), tenant, "demo").await?;
    teams::server::create(&mut scope, teams::server::TEAM, TEAM).await?;
    if let Some(plan) = plans::find("team", stoa.clock.now()) {
        billing::server::set_plan(&mut scope, plan, "it is the demonstration's").await?;
    }
    for (person, role, _) in &people {
        teams::server::add(&mut scope, person.user, &person.name, *role).await?;
        inbox::server::tell(&mut scope, person.user, &welcome(tenant)).await?;
    }
    for (word, name) in WORKSPACES {
        let workspace = workspaces::server::create(&mut scope, word, name).await?;
        for (person, _, role) in &people {
            members::server::add(&mut scope, tenant, workspace, person.user, &person.name, *role).await?;
        }
    }
    scope.commit().await
}

fn welcome(tenant: TenantId) -> Notice {
    Notice {
        kind: "tenant.member_added",
        tenant: Some(tenant),
        workspace: None,
        title: format!("You are in {TEAM}"),
        body: format!(
            "You were made a member of {TEAM} and of its workspaces.\n\nLook at your profile: your name is what your colleagues see."
        ),
        link: Some(paths::PROFILE.to_owned()),
    }
}

fn roles(word: &str) -> Option<(TenantRole, WorkspaceRole)> {
    match word {
        "Owner" => Some((TenantRole::Owner, WorkspaceRole::Owner)),
        "Admin" => Some((TenantRole::Member, WorkspaceRole::Admin)),
        "Member" => Some((TenantRole::Member, WorkspaceRole::Member)),
        "Auditor" => Some((TenantRole::Member, WorkspaceRole::Readonly)),
        _ => None,
    }
}
