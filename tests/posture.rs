//! Security posture: each rule keeps out and lets in at the next request, the strictest holds, and whom a change cuts
//! off is shown before it is made.

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, StatusCode},
};
use chrono::TimeDelta;

use crate::support::{Answer, Console, Person, Team};

pub type Entries<'a> = &'a [(&'a str, &'a str)];

pub fn page_of(team: &Team) -> String {
    format!("/w/{}/settings/security", team.slug)
}

pub fn team_page_of(team: &Team) -> String {
    format!("/t/{}/settings/security", team.tenant_slug)
}

/// Reviews a change and, where that is shown, makes it. `page` is the workspace's or the team's.
pub async fn change(console: &Console, by: &Person, page: &str, entries: Entries<'_>) -> Answer {
    let review = review(console, by, page, entries).await;
    if review.status != StatusCode::OK {
        return review;
    }
    confirm(console, by, page, &review).await
}

pub async fn review(console: &Console, by: &Person, page: &str, entries: Entries<'_>) -> Answer {
    let version = by.browser.get(page).await.field("version");
    let (form, place) = (console.form_key(), page.split('/').nth(2).expect("a slug").to_owned());
    let mut fields: Vec<(&str, &str)> = vec![("form", &form), ("place", &place), ("version", &version)];
    if page.starts_with("/w/") && !entries.iter().any(|(name, _)| *name == "credential_days") {
        fields.push(("credential_days", "366"));
    }
    fields.extend_from_slice(entries);
    by.browser.post(&format!("{page}/preview"), &fields).await
}

/// Sends what the review's form holds.
pub async fn confirm(console: &Console, by: &Person, page: &str, review: &Answer) -> Answer {
    let form = console.form_key();
    let mut names =
        vec!["place", "version", "as_of", "digest", "idle_minutes", "absolute_hours", "require_multi_factor", "allowed_networks"];
    if page.starts_with("/w/") {
        names.extend(["credential_days", "notify"]);
    }
    let values: Vec<(&str, String)> = names.into_iter().map(|name| (name, review.field(name))).collect();
    let mut fields: Vec<(&str, &str)> = vec![("form", &form)];
    fields.extend(values.iter().map(|(name, value)| (*name, value.as_str())));
    by.browser.post(page, &fields).await
}

pub async fn set(console: &Console, sql: &str) {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut owner).await.expect("set");
}

async fn from(person: &Person, path: &str, address: [u8; 4]) -> Answer {
    let mut request = person.browser.request(Method::GET, path).body(Body::empty()).expect("a request");
    request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from((address, 4711))));
    person.browser.send(request).await
}

async fn seen_written(console: &Console, count: i64) {
    for _ in 0..200 {
        if console.database.count("select count(*) from session where last_seen_at > created_at").await >= count {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("last-seen was not written");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_at_the_next_request_and_only_there() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    set(&console, &format!("update session set multi_factor = true where user_id = '{}'", team.owner.user.0)).await;
    let overview = format!("/w/{}", team.slug);
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::OK);
    // A session that has been elsewhere goes on there.
    let elsewhere = team.member.browser.get("/").await.location().to_owned();
    let answer = change(&console, &team.owner, &page_of(&team), &[("require_multi_factor", "yes")]).await;
    assert_eq!(answer.location(), page_of(&team), "{}", answer.text());
    assert_eq!(team.owner.browser.get(&overview).await.status, StatusCode::OK);
    let auditor = team.auditor.browser.get(&overview).await;
    assert_eq!(auditor.location(), format!("/sign-in?back={overview}"), "a session that reached nothing else is over");
    let set_to: bool = sqlx::query_scalar("select require_multi_factor from workspace where workspace_id = $1")
        .bind(team.workspace.0)
        .fetch_one(&console.database.owner().await)
        .await
        .expect("a workspace");
    assert!(set_to);
    assert!(elsewhere.starts_with("/w/"));
    // Taking it back lets in again.
    change(&console, &team.owner, &page_of(&team), &[]).await;
    let fresh = console.new_session(team.member.user, &team.member.name).await;
    team.member.browser.set_cookie("stoa_session", &fresh);
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_that_reached_another_tenant_stays_and_is_refused_here_alone() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (overview, own) = (format!("/w/{}", team.slug), own_workspace(&console, &team.member).await);
    set(&console, &format!("update session set multi_factor = true where user_id = '{}'", team.owner.user.0)).await;
    assert_eq!(team.member.browser.get(&own).await.status, StatusCode::OK);
    reached(&console, 1).await;
    change(&console, &team.owner, &page_of(&team), &[("require_multi_factor", "yes")]).await;
    let refused = team.member.browser.get(&overview).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("asks for a second factor"), "{}", refused.text());
    assert_eq!(refused.count(&format!("main a[href='/sign-in/start?anew=factor&back={overview}']")), 1, "{}", refused.body);
    assert_eq!(team.member.browser.get(&own).await.status, StatusCode::OK, "elsewhere it goes on");
    set(&console, &format!("update session set multi_factor = true where user_id = '{}'", team.member.user.0)).await;
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::OK);
}

async fn own_workspace(console: &Console, person: &Person) -> String {
    let slug: String = sqlx::query_scalar(
        "select slug from workspace where name = 'My workspace'
         and workspace_id in (select workspace_id from workspace_membership where user_id = $1)",
    )
    .bind(person.user.0)
    .fetch_one(&console.database.owner().await)
    .await
    .expect("a workspace of their own");
    format!("/w/{slug}")
}

async fn reached(console: &Console, count: i64) {
    for _ in 0..200 {
        if console.database.count("select count(*) from session_reach").await == count {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the reach was not written");
}

#[tokio::test]
async fn what_is_asked_of_the_network_is_asked_of_each_request() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let overview = format!("/w/{}", team.slug);
    let answer =
        change(&console, &team.owner, &page_of(&team), &[("allowed_networks", "127.0.0.0/8\n203.0.113.0/24\n2001:db8::/32")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(from(&team.member, &overview, [203, 0, 113, 9]).await.status, StatusCode::OK);
    let refused = from(&team.member, &overview, [198, 51, 100, 9]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("does not answer from the network"), "{}", refused.text());
    assert_eq!(from(&team.member, "/profile", [198, 51, 100, 9]).await.status, StatusCode::OK);
    assert_eq!(from(&team.member, &overview, [203, 0, 113, 9]).await.status, StatusCode::OK, "the session itself is not ended");
    // The team's list is asked beside it.
    set(&console, &format!("update tenant set allowed_networks = '{{127.0.0.0/8}}' where tenant_id = '{}'", team.tenant.0)).await;
    assert_eq!(from(&team.member, &overview, [203, 0, 113, 9]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_that_rested_too_long_stays_out_even_when_it_was_seen_elsewhere_since() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let overview = format!("/w/{}", team.slug);
    set(&console, "update workspace set idle_minutes = 30 where name = 'Acme Shop'").await;
    console.hands.advance(TimeDelta::minutes(29));
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::OK);
    seen_written(&console, 1).await;
    console.hands.advance(TimeDelta::minutes(29));
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::OK);
    console.hands.advance(TimeDelta::minutes(31));
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::FORBIDDEN);
    assert_eq!(team.member.browser.get("/profile").await.status, StatusCode::OK);
    soon(&console, "select count(*) from session where longest_rest >= interval '31 minutes'").await;
    let refused = team.member.browser.get(&overview).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "the profile is no way in");
    assert!(refused.text().contains("asks for a newer sign-in"), "{}", refused.text());
    let fresh = console.new_session(team.member.user, &team.member.name).await;
    team.member.browser.set_cookie("stoa_session", &fresh);
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::OK);
}

pub async fn soon(console: &Console, sql: &'static str) {
    for _ in 0..200 {
        if console.database.count(sql).await > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{sql}");
}

#[tokio::test]
async fn of_team_and_workspace_the_stricter_holds() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (overview, workspaces) = (format!("/w/{}", team.slug), format!("/t/{}/workspaces", team.tenant_slug));
    let mut hours = 0;
    for (of_team, of_workspace, here, there) in
        [("null", "1", 1, 168), ("1", "null", 1, 1), ("1", "3", 1, 1), ("3", "1", 1, 3), ("null", "null", 168, 168)]
    {
        set(&console, &format!("update tenant set absolute_hours = {of_team}; update workspace set absolute_hours = {of_workspace}")).await;
        let fresh = console.new_session(team.member.user, &team.member.name).await;
        team.member.browser.set_cookie("stoa_session", &fresh);
        let mut age = 0;
        for passed in [0, 1, 2] {
            console.hands.advance(TimeDelta::hours(passed));
            age += passed;
            let expected = |limit: i64| if age >= limit { StatusCode::FORBIDDEN } else { StatusCode::OK };
            assert_eq!(team.member.browser.get(&overview).await.status, expected(here), "{of_team} {of_workspace} after {age} h");
            assert_eq!(team.member.browser.get(&workspaces).await.status, expected(there), "{of_team} {of_workspace} after {age} h");
        }
        hours += age;
    }
    assert_eq!(hours, 15);
}

#[tokio::test]
async fn what_holds_is_shown_with_who_asks_for_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    set(&console, "update tenant set idle_minutes = 60, allowed_networks = '{127.0.0.0/8}'; update workspace set absolute_hours = 12, require_multi_factor = false").await;
    for person in [&team.owner, &team.admin, &team.auditor] {
        let text = person.browser.get(&page_of(&team)).await.text();
        for said in ["60 minutes without a request, set by the team", "12 hours, set by this workspace", "127.0.0.0/8, set by the team"] {
            assert!(text.contains(said), "{said} is missing for {}: {text}", person.name);
        }
    }
    assert_eq!(team.auditor.browser.get(&page_of(&team)).await.count("main form"), 0);
    let refused = team.member.browser.get(&page_of(&team)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("owner or admin or readonly") && !refused.text().contains("127.0.0.0"), "{}", refused.text());
    assert_eq!(team.owner.browser.get(&team_page_of(&team)).await.status, StatusCode::OK);
    assert_eq!(team.admin.browser.get(&team_page_of(&team)).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_a_team_asks_holds_in_all_of_its_workspaces_and_on_its_own_pages() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    set(&console, &format!("update session set multi_factor = true where user_id = '{}'", team.owner.user.0)).await;
    let own = own_workspace(&console, &team.admin).await;
    assert_eq!(team.admin.browser.get(&own).await.status, StatusCode::OK);
    reached(&console, 1).await;
    let shown = review(&console, &team.owner, &team_page_of(&team), &[("require_multi_factor", "yes")]).await;
    assert!(shown.text().contains("This cuts off 3 sessions of 3 people"), "{}", shown.text());
    assert!(shown.text().contains("2 end at once"), "{}", shown.text());
    assert_eq!(confirm(&console, &team.owner, &team_page_of(&team), &shown).await.location(), team_page_of(&team));
    for path in [format!("/w/{}", team.slug), format!("/t/{}/workspaces", team.tenant_slug)] {
        assert_eq!(team.admin.browser.get(&path).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(team.owner.browser.get(&path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(team.admin.browser.get(&own).await.status, StatusCode::OK, "their own account is not the team's");
    let mut owner = console.database.connect("stoa_owner").await;
    let (log, actor): (uuid::Uuid, String) = sqlx::query_as("select log_id, actor_id from audit_event where action = 'tenant.updated'")
        .fetch_one(&mut owner)
        .await
        .expect("one");
    assert_eq!((log, actor), (team.tenant.0, team.owner.user.to_string()));
}
