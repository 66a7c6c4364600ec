//! Workspaces begin within a plan, are found again, and carry a slug that was chosen.

use sqlx::Executor as _;
use stoa::{
    access::WorkspaceRole,
    features::{billing, members, workspaces},
    server::{events::Actor, http::request::RequestContext, plans, scope::ServiceScope},
};

use crate::{
    archive_races::until_waited_for,
    support::{Answer, Console, Person, Team},
};

async fn service(console: &Console, team: &Team) -> ServiceScope {
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    ServiceScope::open_service(&console.stoa, &request, Actor::operator(), team.tenant, "test").await.expect("a scope")
}

pub async fn give_plan(console: &Console, team: &Team, key: &str) {
    let mut scope = service(console, team).await;
    let plan = plans::find(key, console.stoa.clock.now()).expect("a plan");
    billing::server::set_plan(&mut scope, plan, "for a test").await.expect("a plan");
    scope.commit().await.expect("committed");
}

fn new_address(team: &Team) -> String {
    format!("/t/{}/workspaces/new", team.tenant_slug)
}

async fn create(console: &Console, team: &Team, person: &Person, name: &str, word: &str) -> Answer {
    let fields = [("form", console.form_key()), ("place", team.tenant_slug.clone()), ("name", name.to_owned()), ("word", word.to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.browser.post(&new_address(team), &fields).await
}

async fn live(console: &Console, team: &Team) -> i64 {
    let count = "select count(*)::text from workspace where tenant_id = $1 and status = 'active'";
    console.database.text(count, team.tenant.0).await.parse().expect("a number")
}

#[tokio::test]
async fn whoever_creates_a_workspace_owns_it_and_chose_how_its_slug_begins() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    let page = team.member.browser.get(&new_address(&team)).await;
    assert!(page.text().contains("1 of 5 workspaces of the Team plan are used."), "{}", page.text());
    assert!(page.text().contains("slug and id never change"), "{}", page.text());
    let answer = create(&console, &team, &team.member, "Acme Payments", "pay").await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(answer.location().starts_with("/w/pay-"), "{}", answer.location());
    let overview = team.member.browser.get(answer.location()).await;
    assert!(overview.text().contains("Acme Payments") && overview.text().contains("owner"), "{}", overview.text());
    assert_eq!(team.owner.browser.get(answer.location()).await.status, 404, "the team's owner is not in it");

    let mut owner = console.database.connect("stoa_owner").await;
    let events: Vec<(String, String, bool)> = sqlx::query_as(
        "select action, actor_id, log_id = workspace_id from audit_event
         where workspace_id = (select workspace_id from workspace where name = 'Acme Payments') order by action",
    )
    .fetch_all(&mut owner)
    .await
    .expect("events");
    let actor = team.member.user.to_string();
    assert_eq!(events, [("member.added".to_owned(), actor.clone(), true), ("workspace.created".to_owned(), actor, true)]);
}

#[tokio::test]
async fn without_a_word_the_name_makes_one_and_an_address_never_does() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "business").await;
    for (name, begins) in [("Büro & Café", "/w/buero-cafe-"), ("日本", "/w/workspace-"), ("ada@example.com", "/w/workspace-")] {
        let answer = create(&console, &team, &team.owner, name, "").await;
        assert!(answer.location().starts_with(begins), "{name}: {} {}", answer.location(), answer.text());
    }
}

#[tokio::test]
async fn what_cannot_be_taken_is_named_and_kept_all_at_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    for (name, word, faults) in [
        ("", "", 1),
        (&"x".repeat(81), "", 1),
        ("Shop", "S", 1),
        ("Shop", "-shop", 1),
        ("Shop", "ada@example.com", 1),
        ("", "Not A Word", 2),
    ] {
        let answer = create(&console, &team, &team.owner, name, word).await;
        assert_eq!(answer.status, 422, "{name} {word}: {}", answer.text());
        assert_eq!(answer.count("[role=alert] a"), faults, "{name} {word}: {}", answer.text());
        assert_eq!((answer.field("name").as_str(), answer.field("word").as_str()), (name, word));
    }
    assert_eq!(live(&console, &team).await, 1);
}

#[tokio::test]
async fn at_the_limit_the_page_says_so_before_the_click_and_the_server_after_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for path in [format!("/t/{}/workspaces", team.tenant_slug), new_address(&team)] {
        let page = team.owner.browser.get(&path).await;
        assert!(page.text().contains("1 of 1 workspace of the Developer plan is used."), "{path}: {}", page.text());
        assert!(page.text().contains("the Builder plan, which allows 2"), "{path}: {}", page.text());
        assert_eq!(page.count("main button[disabled]"), 1, "{path}");
    }
    let answer = create(&console, &team, &team.owner, "One too many", "").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("Archive one that is no longer needed"), "{}", answer.text());
    assert_eq!(answer.field("name"), "One too many", "what was entered is kept");
    assert_eq!(live(&console, &team).await, 1);
}

#[tokio::test]
async fn members_create_only_where_the_team_lets_them() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update tenant set members_create_workspaces = false where tenant_id = $1")
        .bind(team.tenant.0)
        .execute(&mut owner)
        .await
        .expect("updated");
    for path in [format!("/t/{}/workspaces", team.tenant_slug), new_address(&team)] {
        let page = team.member.browser.get(&path).await;
        assert!(page.text().contains("only owners and billing members create workspaces"), "{path}: {}", page.text());
    }
    let answer = create(&console, &team, &team.member, "Not mine to make", "").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("An owner of the team can switch it on."), "{}", answer.text());
    assert_eq!(create(&console, &team, &team.owner, "Mine to make", "").await.status, 303);
    assert_eq!(live(&console, &team).await, 2);
}

#[tokio::test]
async fn nobody_creates_in_another_team_and_sending_twice_creates_once() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    give_plan(&console, &acme, "team").await;
    assert_eq!(zenith.owner.browser.get(&new_address(&acme)).await.status, 404);
    assert_eq!(create(&console, &acme, &zenith.owner, "Taken", "").await.status, 404);
    let key = console.form_key();
    let fields = [("form", key.as_str()), ("place", acme.tenant_slug.as_str()), ("name", "Once"), ("word", "once")];
    let first = acme.owner.browser.post(&new_address(&acme), &fields).await;
    let again = acme.owner.browser.post(&new_address(&acme), &fields).await;
    assert_eq!((again.status.as_u16(), again.location()), (303, first.location()));
    assert_eq!(live(&console, &acme).await, 2);
}

#[tokio::test]
async fn of_eight_who_create_at_once_where_one_place_is_left_one_gets_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "builder").await;
    let attempts = (0..8).map(|attempt| {
        let name = format!("Race {attempt}");
        let (console, team) = (&console, &team);
        async move { create(console, team, &team.owner, &name, "race").await.status.as_u16() }
    });
    // All that have a connection stand before the last place together.
    let mut holder = console.database.connect("stoa_owner").await;
    holder.execute("begin").await.expect("begun");
    sqlx::query("select from tenant where tenant_id = $1 for no key update").bind(team.tenant.0).execute(&mut holder).await.expect("held");
    let (mut statuses, ()) = tokio::join!(futures_util::future::join_all(attempts), async {
        until_waited_for(&console, &mut holder, 4).await;
        holder.execute("commit").await.expect("let go");
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(live(&console, &team).await, 2);
}

#[tokio::test]
async fn a_list_is_narrowed_by_name_or_slug_and_goes_on_after_fifty() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut scope = service(&console, &team).await;
    for place in 0..52 {
        let id = workspaces::server::create(&mut scope, "depot", &format!("Depot {place:02}")).await.expect("a workspace");
        members::server::add(&mut scope, team.tenant, id, team.owner.user, "Owner", WorkspaceRole::Owner).await.expect("a member");
    }
    scope.commit().await.expect("committed");
    let address = format!("/t/{}/workspaces", team.tenant_slug);
    let first = team.owner.browser.get(&address).await;
    assert_eq!(first.count("main tbody tr"), 50);
    assert!(!first.text().contains("Depot 51"));
    let next =
        first.body.split("href=\"").find(|link| link.contains("after=")).and_then(|link| link.split('"').next()).expect("a next page");
    let second = team.owner.browser.get(&next.replace("&amp;", "&")).await;
    assert_eq!(second.count("main tbody tr"), 3);
    assert!(second.text().contains("Depot 51") && second.text().contains("First page"), "{}", second.text());
    for (query, rows) in [("q=DEPOT+0", 10), ("q=shop-", 1), ("q=%25", 0), ("q=a%00b", 0), ("after=nowhere-222222", 0), ("after=%27", 50)] {
        let page = team.owner.browser.get(&format!("{address}?{query}")).await;
        assert_eq!((page.status.as_u16(), page.count("main tbody tr")), (200, rows), "{query}");
    }
    assert_eq!(team.member.browser.get(&address).await.count("main tbody tr"), 1, "only those one is in");
}

#[tokio::test]
async fn a_plan_is_changed_by_the_operator_and_the_team_reads_why() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    give_plan(&console, &team, "team").await;
    assert_eq!(console.database.text("select plan from tenant where tenant_id = $1", team.tenant.0).await, "team");
    let mut owner = console.database.connect("stoa_owner").await;
    let rows: Vec<(String, String, serde_json::Value, bool)> = sqlx::query_as(
        "select actor_type, reason, changes::jsonb, log_id = tenant_id from audit_event where action = 'tenant.plan_changed'",
    )
    .fetch_all(&mut owner)
    .await
    .expect("rows");
    let changes = serde_json::json!([{ "field": "plan", "before": "developer", "after": "team" }]);
    assert_eq!(rows, [("operator".to_owned(), "for a test".to_owned(), changes, true)]);
    let found = billing::server::find_tenant(&console.stoa, &team.tenant_slug).await.expect("an answer");
    assert_eq!(found, Some(team.tenant));
    assert_eq!(billing::server::find_tenant(&console.stoa, &team.slug).await.expect("an answer"), None, "a workspace has no plan");
}

#[tokio::test]
async fn renaming_to_the_same_name_says_that_nothing_changes() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let settings = format!("/w/{}/settings", team.slug);
    for (name, says) in [("Acme Shop", "Nothing to change."), ("Acme Market", "The workspace's name is saved.")] {
        let version = team.owner.browser.get(&settings).await.field("version");
        let fields = [("form", console.form_key()), ("place", team.slug.clone()), ("version", version), ("name", name.to_owned())];
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(team.owner.browser.post(&format!("{settings}/name"), &fields).await.status, 303);
        let page = team.owner.browser.get(&settings).await;
        assert!(page.text().contains(says), "{}", page.text());
    }
}
