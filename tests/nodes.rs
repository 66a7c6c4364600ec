//! Two nodes on one database: what ends on one is denied on the other with the very next request. The clock stands still
//! throughout, so that nothing can have run out by itself.

use axum::{
    Router,
    http::{Method, StatusCode},
};
use serde_json::json;
use stoa::{access::WorkspaceRole, app, server::http};

use crate::{
    archive::archive,
    support::{Answer, Browser, Client, Console, Person, Team},
};

/// The console is the node where people act; `other` is where the next request comes to.
struct Nodes {
    console: Console,
    team: Team,
    other: Router,
}

impl Nodes {
    async fn start() -> Self {
        let console = Console::start().await;
        let team = console.team("Acme").await;
        let other = http::router(console.another_node(&[]), app::doors(), app::operations(), Router::new());
        Self { console, team, other }
    }

    /// The same browser, led to the other node: it was there before, and everything there is warm.
    async fn there(&self, person: &Person) -> Browser {
        let browser = Browser::new(self.other.clone());
        browser.set_cookie("stoa_session", &person.browser.cookie("stoa_session").expect("a session"));
        for _ in 0..2 {
            assert_eq!(browser.get(&self.page("")).await.status, StatusCode::OK);
        }
        browser
    }

    async fn key_there(&self, client: &Client) -> Client {
        let there = Client::with(self.other.clone(), &client.secret);
        for _ in 0..2 {
            assert_eq!(there.get("/me").await.status, StatusCode::OK);
        }
        there
    }

    fn page(&self, rest: &str) -> String {
        format!("/w/{}{rest}", self.team.slug)
    }

    /// Sends a form of the workspace as its owner, here.
    async fn act(&self, rest: &str, fields: &[(&str, &str)]) -> Answer {
        let key = self.console.form_key();
        let mut all = vec![("form", key.as_str()), ("place", &self.team.slug)];
        all.extend_from_slice(fields);
        let answer = self.team.owner.browser.post(&self.page(rest), &all).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{rest}: {}", answer.text());
        answer
    }

    async fn change_role(&self, of: &Person, role: &str) {
        let member = self.console.member_id(self.team.workspace, of.user).await;
        let version = self.console.database.text("select version::text from workspace_membership where id = $1", member.0).await;
        self.act(&format!("/members/{member}/role"), &[("version", &version), ("role", role)]).await;
    }

    async fn remove(&self, of: &Person, fate: &str) {
        let rest = format!("/members/{}/remove", self.console.member_id(self.team.workspace, of.user).await);
        let shown = self.team.owner.browser.get(&self.page(&rest)).await.field("shown");
        self.act(&rest, &[("shown", &shown), ("fate", fate)]).await;
    }
}

#[tokio::test]
async fn a_key_that_is_stopped_here_is_refused_there() {
    let nodes = Nodes::start().await;
    for verb in ["revoke", "quarantine"] {
        let client = nodes.console.client(&nodes.team.owner, &nodes.team.slug, &["members:read"]).await;
        let there = nodes.key_there(&client).await;
        nodes.act(&format!("/api-keys/{}/{verb}", client.key), &[("version", "1"), ("reason", "odd calls"), ("phrase", "Test")]).await;
        assert_eq!(there.get("/me").await.status, StatusCode::UNAUTHORIZED, "{verb}");
        if verb == "quarantine" {
            nodes.act(&format!("/api-keys/{}/lift", client.key), &[("version", "2")]).await;
            assert_eq!(there.get("/me").await.status, StatusCode::OK, "and what is lifted here works there");
        }
    }
    // By the API, and in the other direction.
    let boss = nodes.console.client(&nodes.team.owner, &nodes.team.slug, &["credentials:read", "credentials:write", "members:read"]).await;
    let (robot, boss_there) =
        (nodes.console.client(&nodes.team.owner, &nodes.team.slug, &["members:read"]).await, nodes.key_there(&boss).await);
    assert_eq!(robot.get("/me").await.status, StatusCode::OK);
    assert_eq!(boss_there.post(&format!("/api-keys/{}/revoke", robot.key), &json!({})).await.status, StatusCode::OK);
    assert_eq!(robot.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_key_does_there_no_more_than_its_steward_may_since_here() {
    let nodes = Nodes::start().await;
    let scopes = ["credentials:read", "credentials:write"];
    let client = nodes.console.client(&nodes.team.admin, &nodes.team.slug, &scopes).await;
    let there = nodes.key_there(&client).await;
    let new = json!({ "name": "Robot", "scopes": ["credentials:read"] });
    assert_eq!(there.post("/api-keys", &new).await.status, StatusCode::CREATED);
    nodes.change_role(&nodes.team.admin, "member").await;
    let refused = there.post("/api-keys", &new).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "policy_denied"), "{}", refused.body);
    nodes.change_role(&nodes.team.admin, "admin").await;
    assert_eq!(there.post("/api-keys", &new).await.status, StatusCode::CREATED, "nor less");
    nodes.remove(&nodes.team.admin, "revoke").await;
    assert_eq!(there.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(nodes.console.database.count("select count(*) from api_key where status <> 'revoked'").await, 0, "with those it made");
}

#[tokio::test]
async fn a_session_that_is_ended_here_is_over_there() {
    let nodes = Nodes::start().await;
    let person = &nodes.team.member;
    let signed_in = async || {
        let browser = nodes.console.a_stranger();
        browser.set_cookie("stoa_session", &nodes.console.new_session(person.user, &person.name).await);
        Person { user: person.user, name: person.name.clone(), browser }
    };
    let (here, elsewhere) = (signed_in().await, signed_in().await);
    let (here_there, elsewhere_there) = (nodes.there(&here).await, nodes.there(&elsewhere).await);
    let fields = [("form", &*nodes.console.form_key()), ("place", &*person.user.to_string())];
    assert_eq!(here.browser.post("/sessions/end-others", &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(elsewhere_there.get("/profile").await.location(), "/sign-in?back=/profile");
    assert_eq!(here_there.get("/profile").await.status, StatusCode::OK, "the one that asked stays");
    let name = [("place", nodes.team.slug.as_str())];
    assert_eq!(elsewhere_there.post(&nodes.page("/members/leave"), &name).await.status, StatusCode::UNAUTHORIZED);
    here.browser.post("/sign-out", &[]).await;
    assert_eq!(here_there.get("/profile").await.location(), "/sign-in?back=/profile");
}

#[tokio::test]
async fn what_a_person_is_here_they_are_there() {
    let nodes = Nodes::start().await;
    let there = nodes.there(&nodes.team.admin).await;
    let invite = nodes.page("/members/invite");
    assert_eq!(there.get(&invite).await.status, StatusCode::OK);
    nodes.change_role(&nodes.team.admin, "readonly").await;
    assert_eq!(there.get(&invite).await.status, StatusCode::FORBIDDEN);
    let fields = [("form", &*nodes.console.form_key()), ("place", &nodes.team.slug), ("addresses", "x@x.org"), ("role", "member")];
    assert_eq!(there.post(&invite, &fields).await.status, StatusCode::FORBIDDEN);
    assert_eq!(nodes.console.database.count("select count(*) from invitation").await, 0);
    nodes.remove(&nodes.team.admin, "revoke").await;
    for (method, rest) in [(Method::GET, ""), (Method::GET, "/members.csv"), (Method::POST, "/members/leave")] {
        let answer = match method {
            Method::GET => there.get(&nodes.page(rest)).await,
            _ => there.post(&nodes.page(rest), &[("place", &nodes.team.slug)]).await,
        };
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{rest}");
    }
    // Whoever leaves the team, too; and whoever comes back is let in there at once.
    let member_there = nodes.there(&nodes.team.member).await;
    let path = format!("/t/{}/people/leave", nodes.team.tenant_slug);
    let shown = nodes.team.member.browser.get(&path).await.field("inventory");
    let fields = [("form", &*nodes.console.form_key()), ("place", &nodes.team.tenant_slug), ("inventory", &shown)];
    assert_eq!(nodes.team.member.browser.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(member_there.get(&nodes.page("")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(member_there.get(&format!("/t/{}/teams", nodes.team.tenant_slug)).await.status, StatusCode::NOT_FOUND);
    nodes.console.joins(&nodes.team, "Acme Member", WorkspaceRole::Member).await;
    assert_eq!(member_there.get(&nodes.page("")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_archived_here_is_gone_there() {
    let nodes = Nodes::start().await;
    let client = nodes.console.client(&nodes.team.owner, &nodes.team.slug, &["members:read"]).await;
    let (browser, key) = (nodes.there(&nodes.team.owner).await, nodes.key_there(&client).await);
    assert_eq!(archive(&nodes.console, &nodes.team, &nodes.team.owner).await.status, StatusCode::SEE_OTHER);
    assert_eq!(key.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(browser.get(&nodes.page("")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(browser.get(&nodes.page("/archived")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_one_limit_on_all_nodes() {
    const LIMIT: usize = 40;
    let nodes = Nodes::start().await;
    let client = nodes.console.client(&nodes.team.owner, &nodes.team.slug, &["members:read"]).await;
    let sql = "update api_key set calls_per_minute = 40 where id = $1";
    sqlx::query(sql).bind(client.key.0).execute(&nodes.console.database.owner().await).await.expect("limited");
    let there = Client::with(nodes.other.clone(), &client.secret);
    let mut through = 0;
    for _ in 0..LIMIT {
        // At the same time, and in turns.
        for reply in [client.get("/members").await, there.get("/members").await] {
            assert!([StatusCode::OK, StatusCode::TOO_MANY_REQUESTS].contains(&reply.status), "{}", reply.body);
            through += usize::from(reply.status == StatusCode::OK);
        }
    }
    // A share is a twentieth: so much at most lies unused with the other node, or was called on credit.
    assert!((LIMIT - 2..=LIMIT + 4).contains(&through), "{through} of {LIMIT}");
    let given = nodes.console.database.text("select given::text from call_window where counted_for = $1", client.key.0).await;
    assert_eq!(given, LIMIT.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_calls_at_once_are_let_through_as_far_as_the_limit_goes() {
    let nodes = Nodes::start().await;
    let client = nodes.console.client(&nodes.team.owner, &nodes.team.slug, &["members:read"]).await;
    let sql = "update api_key set calls_per_minute = 100 where id = $1";
    sqlx::query(sql).bind(client.key.0).execute(&nodes.console.database.owner().await).await.expect("limited");
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..240 {
        let router = if number % 2 == 0 { nodes.console.router.clone() } else { nodes.other.clone() };
        let caller = Client::with(router, &client.secret);
        calls.spawn(async move { caller.get("/members").await.status });
    }
    let through = calls.join_all().await.into_iter().filter(|status| *status == StatusCode::OK).count();
    assert!((90..=110).contains(&through), "{through} of 100");
}
