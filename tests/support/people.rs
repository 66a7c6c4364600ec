//! Members and invitations in the words of the tests about them.

use stoa::{
    access::{TenantRole, WorkspaceRole},
    features::{members, teams},
    ids::{InvitationId, MembershipId, UserId, WorkspaceId},
    server::{events::Actor, http::request::RequestContext, scope::ServiceScope},
};
use uuid::Uuid;

use super::{Answer, Console, Person, Team};

impl Console {
    /// A scope of the server's own over the team's tenant.
    pub async fn service(&self, team: &Team) -> ServiceScope {
        let request = RequestContext::internal(&self.stoa.clock, "cli", "test");
        ServiceScope::open_service(&self.stoa, &request, Actor::operator(), team.tenant, "test").await.expect("a scope")
    }

    /// Behind everyone's back: what may be done is decided by it on the next call.
    pub async fn make_member(&self, team: &Team, person: &Person) {
        let mut owner = self.database.connect("stoa_owner").await;
        sqlx::query(
            "update workspace_grant set role = 'member' where workspace_id = $1
             and membership_id in (select id from workspace_membership where user_id = $2)",
        )
        .bind(team.workspace.0)
        .bind(person.user.0)
        .execute(&mut owner)
        .await
        .expect("a member");
    }

    /// One more person in the team and its workspace, signed in.
    pub async fn joins(&self, team: &Team, name: &str, role: WorkspaceRole) -> Person {
        let person = self.signed_in_as(name).await;
        let mut scope = self.service(team).await;
        teams::server::add(&mut scope, person.user, name, TenantRole::Member).await.expect("added");
        members::server::add(&mut scope, team.tenant, team.workspace, person.user, name, role).await.expect("added");
        scope.commit().await.expect("committed");
        person
    }

    /// The id of a person's membership, as addresses spell it.
    pub async fn member_id(&self, workspace: WorkspaceId, user: UserId) -> MembershipId {
        let mut owner = self.database.connect("stoa_owner").await;
        let id: Uuid = sqlx::query_scalar("select id from workspace_membership where workspace_id = $1 and user_id = $2")
            .bind(workspace.0)
            .bind(user.0)
            .fetch_one(&mut owner)
            .await
            .expect("a membership");
        MembershipId(id)
    }

    pub async fn invitation_id(&self, email: &str) -> InvitationId {
        let mut owner = self.database.connect("stoa_owner").await;
        let id: Uuid =
            sqlx::query_scalar("select id from invitation where lower(email) = lower($1) order by created_at desc, id desc limit 1")
                .bind(email)
                .fetch_one(&mut owner)
                .await
                .expect("an invitation");
        InvitationId(id)
    }

    /// What the person is to the workspace, straight from the tables.
    pub async fn role_of(&self, workspace: WorkspaceId, user: UserId) -> Option<String> {
        let mut owner = self.database.connect("stoa_owner").await;
        sqlx::query_scalar(
            "select role from workspace_membership as member
             join workspace_grant as granted on granted.membership_id = member.id and granted.workspace_id = member.workspace_id
             where member.workspace_id = $1 and member.user_id = $2 and member.status = 'active'",
        )
        .bind(workspace.0)
        .bind(user.0)
        .fetch_optional(&mut owner)
        .await
        .expect("an answer")
    }

    /// The actors of every event of that name in the workspace's log, in order.
    pub async fn actors_of(&self, workspace: WorkspaceId, action: &str) -> Vec<String> {
        let mut owner = self.database.connect("stoa_owner").await;
        sqlx::query_scalar("select actor_name from audit_event where log_id = $1 and action = $2 order by occurred_at, id")
            .bind(workspace.0)
            .bind(action)
            .fetch_all(&mut owner)
            .await
            .expect("events")
    }

    /// The kinds of what a person was told, oldest first.
    pub async fn told(&self, user: UserId) -> Vec<String> {
        let mut owner = self.database.connect("stoa_owner").await;
        sqlx::query_scalar("select kind from inbox_item where user_id = $1 order by created_at, id")
            .bind(user.0)
            .fetch_all(&mut owner)
            .await
            .expect("items")
    }

    /// Changes something behind everyone's back, as the schema's owner.
    pub async fn change(&self, sql: &'static str, id: Uuid) {
        let mut owner = self.database.connect("stoa_owner").await;
        sqlx::query(sql).bind(id).execute(&mut owner).await.expect("changed");
    }

    /// Sends the form that invites, as `by`.
    pub async fn invites(&self, team: &Team, by: &Person, addresses: &str, role: &str) -> Answer {
        let path = format!("/w/{}/members/invite", team.slug);
        by.browser.post(&path, &[("form", &self.form_key()), ("place", &team.slug), ("addresses", addresses), ("role", role)]).await
    }

    /// Invites one address as the team's owner, and returns the path of the link that was shown.
    pub async fn invited(&self, team: &Team, address: &str, role: &str) -> String {
        let answer = self.invites(team, &team.owner, address, role).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        link_in(&answer)
    }

    /// Opens a link in the person's browser, and sends the form that accepts.
    pub async fn accepts(&self, person: &Person, link: &str) -> Answer {
        assert_eq!(person.browser.get(link).await.location(), "/invitation");
        self.accepts_what_is_open(person).await
    }

    pub async fn accepts_what_is_open(&self, person: &Person) -> Answer {
        person.browser.post("/invitation", &[("form", &self.form_key()), ("place", &person.user.to_string())]).await
    }
}

/// The path of the first invitation link on a page.
pub fn link_in(answer: &Answer) -> String {
    let start = answer.body.find("/invitations/stoa_inv_live_").unwrap_or_else(|| panic!("no link in {}", answer.text()));
    answer.body[start..].chars().take_while(|character| character.is_ascii_alphanumeric() || "/_".contains(*character)).collect()
}
