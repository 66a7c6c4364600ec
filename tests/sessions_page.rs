//! The Sessions page: a person sees where they are signed in, and ends it from elsewhere.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use chrono::TimeDelta;
use stoa::server::sessions;
use tower_sessions::session::Id;

use crate::support::{Browser, Console, Person};

/// The same person in another browser.
async fn another_browser(console: &Console, person: &Person) -> Browser {
    let browser = console.a_stranger();
    browser.set_cookie("stoa_session", &console.new_session(person.user, &person.name).await);
    browser
}

fn handle_of(browser: &Browser) -> String {
    let id: Id = browser.cookie("stoa_session").expect("a session").parse().expect("an id");
    sessions::handle(sessions::hash(id))
}

async fn end(console: &Console, person: &Person, which: &str, session: &str) -> crate::support::Answer {
    let fields = [("form", console.form_key()), ("place", person.user.to_string()), ("session", session.to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    person.browser.post(&format!("/sessions/{which}"), &fields).await
}

/// What is written beside a request is there soon.
async fn soon(console: &Console, sql: &'static str, expected: i64) {
    for _ in 0..200 {
        if console.database.count(sql).await == expected {
            return;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(console.database.count(sql).await, expected, "{sql}");
}

#[tokio::test]
async fn each_session_is_shown_with_device_place_last_act_and_what_it_reached() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update session set user_agent = $1, ip = '203.0.113.7' where user_id = $2")
        .bind("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0")
        .bind(team.admin.user.0)
        .execute(&mut owner)
        .await
        .expect("a browser");
    let other = another_browser(&console, &team.admin).await;
    let settings = format!("/w/{}/settings", team.slug);
    let version = team.admin.browser.get(&settings).await.field("version");
    let form = [("form", &*console.form_key()), ("place", &team.slug), ("version", &version), ("name", "Acme Market")];
    assert_eq!(team.admin.browser.post(&format!("{settings}/name"), &form).await.status, StatusCode::SEE_OTHER);
    soon(&console, "select count(*) from session_reach", 1).await;

    let page = team.admin.browser.get("/sessions").await;
    assert_eq!(page.count("main tbody tr"), 2);
    let text = page.text();
    for said in ["Firefox on Linux", "this one", "203.0.113.7", "A workspace's display name was changed.", "Acme Market", "Unknown device"]
    {
        assert!(text.contains(said), "{said} is missing: {text}");
    }
    assert_eq!(page.count("main tbody form"), 1, "this one is not ended from its own row");
    // A workspace that they are no longer in is counted and not named.
    sqlx::query("update workspace_membership set status = 'ended' where user_id = $1 and workspace_id = $2")
        .bind(team.admin.user.0)
        .bind(team.workspace.0)
        .execute(&mut owner)
        .await
        .expect("ended");
    let text = other.get("/sessions").await.text();
    assert!(text.contains("1 that you can no longer open") && !text.contains("Acme Market"), "{text}");
}

#[tokio::test]
async fn what_is_done_with_a_session_names_it_in_the_log() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let settings = format!("/w/{}/settings", team.slug);
    let version = team.admin.browser.get(&settings).await.field("version");
    let form = [("form", &*console.form_key()), ("place", &team.slug), ("version", &version), ("name", "Acme Market")];
    team.admin.browser.post(&format!("{settings}/name"), &form).await;
    let handle = handle_of(&team.admin.browser);
    team.admin.browser.post("/sign-out", &[]).await;
    let mut owner = console.database.connect("stoa_owner").await;
    let rows: Vec<(String, Option<String>)> =
        sqlx::query_as("select action, credential_id from audit_event where actor_id = $1 order by action")
            .bind(team.admin.user.to_string())
            .fetch_all(&mut owner)
            .await
            .expect("rows");
    let with: Vec<&str> =
        rows.iter().filter(|(_, credential)| *credential == Some(handle.clone())).map(|(action, _)| action.as_str()).collect();
    assert_eq!(with, ["session.ended", "session.started", "workspace.renamed"]);
    assert!(rows.iter().any(|(action, credential)| action == "user.created" && credential.is_none()), "no session was there yet");
}

#[tokio::test]
async fn a_session_that_is_ended_elsewhere_is_over_at_its_next_request() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let lost = another_browser(&console, &ada).await;
    assert_eq!(lost.get("/profile").await.status, StatusCode::OK);
    let answer = end(&console, &ada, "end", &handle_of(&lost)).await;
    assert_eq!(answer.location(), "/sessions", "{}", answer.text());
    assert_eq!(lost.get("/profile").await.location(), "/sign-in?back=/profile");
    assert_eq!(ada.browser.get("/profile").await.status, StatusCode::OK);
    let mut owner = console.database.connect("stoa_owner").await;
    let (actor, reason, target, credential): (String, String, String, String) =
        sqlx::query_as("select actor_id, reason, target_id, credential_id from audit_event where action = 'session.ended'")
            .fetch_one(&mut owner)
            .await
            .expect("one event");
    assert_eq!((actor, reason.as_str()), (ada.user.to_string(), "ended from another session"));
    assert_eq!(target, handle_of(&lost));
    assert_eq!(credential, handle_of(&ada.browser), "the session that ended it");
    // Twice is explained.
    let again = end(&console, &ada, "end", &handle_of(&lost)).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.text().contains("is over already"), "{}", again.text());
}

#[tokio::test]
async fn nobody_ends_anothers_session() {
    let console = Console::start().await;
    let (ada, grace) = (console.signed_in_as("Ada").await, console.signed_in_as("Grace").await);
    let answer = end(&console, &ada, "end", &handle_of(&grace.browser)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(grace.browser.get("/profile").await.status, StatusCode::OK);
    for handle in ["", "%", "'; delete from session; --", "ses_0000000000000000", "ses_"] {
        assert_eq!(end(&console, &ada, "end", handle).await.status, StatusCode::CONFLICT, "{handle}");
    }
    end(&console, &ada, "end-others", "").await;
    // A page that Grace opened, sent after Ada came into the same browser.
    let fields = [("form", console.form_key()), ("place", grace.user.to_string())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(ada.browser.post("/sessions/end-all", &fields).await.status, StatusCode::CONFLICT);
    assert_eq!(console.database.count("select count(*) from session").await, 2);
    assert!(!ada.browser.get("/sessions").await.body.contains(&handle_of(&grace.browser)));
}

#[tokio::test]
async fn a_session_does_not_end_itself_by_its_handle() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let answer = end(&console, &ada, "end", &handle_of(&ada.browser)).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("Sign out to end it"), "{}", answer.text());
}

#[tokio::test]
async fn all_others_end_and_this_one_stays() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let others = [another_browser(&console, &ada).await, another_browser(&console, &ada).await];
    assert_eq!(end(&console, &ada, "end-others", "").await.location(), "/sessions");
    for other in &others {
        assert_eq!(other.get("/profile").await.location(), "/sign-in?back=/profile");
    }
    let page = ada.browser.get("/sessions").await;
    assert_eq!(page.count("main tbody tr"), 1);
    assert!(page.text().contains("There is no other session."), "{}", page.text());
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'session.ended'").await, 2);
    assert_eq!(end(&console, &ada, "end-others", "").await.location(), "/sessions", "with none left it is harmless");
}

#[tokio::test]
async fn ending_all_signs_out_here_too() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let other = another_browser(&console, &ada).await;
    let answer = end(&console, &ada, "end-all", "").await;
    assert_eq!(answer.location(), "/signed-out");
    assert_eq!(ada.browser.cookie("stoa_session"), None);
    assert_eq!(other.get("/profile").await.location(), "/sign-in?back=/profile");
    let mut owner = console.database.connect("stoa_owner").await;
    let reasons: Vec<String> = sqlx::query_scalar("select reason from audit_event where action = 'session.ended' order by reason")
        .fetch_all(&mut owner)
        .await
        .expect("events");
    assert_eq!(reasons, ["ended from another session", "signed out everywhere"]);
    assert_eq!(console.database.count("select count(*) from session").await, 0);
}

#[tokio::test]
async fn of_two_sessions_that_end_each_other_one_stays() {
    let console = Console::start().await;
    for _ in 0..5 {
        let ada = console.signed_in_as("Ada").await;
        let other = Person { user: ada.user, name: ada.name.clone(), browser: another_browser(&console, &ada).await };
        let (one, two) = tokio::join!(end(&console, &ada, "end-others", ""), end(&console, &other, "end-others", ""));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 401]);
        assert_eq!(console.database.count("select count(*) from session").await, 1);
        let mut owner = console.database.connect("stoa_owner").await;
        sqlx::query("delete from session").execute(&mut owner).await.expect("cleared");
    }
}

#[tokio::test]
async fn what_a_session_reaches_is_noted_at_once_and_then_once_a_minute() {
    const REACHED: &str = "select count(*) from session_reach";
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let overview = format!("/w/{}", team.slug);
    let ahead = |path: &str| {
        team.member.browser.request(Method::GET, path).header("sec-purpose", "prefetch").body(Body::empty()).expect("a request")
    };
    assert_eq!(team.member.browser.send(ahead(&overview)).await.status, StatusCode::OK);
    assert_eq!(console.database.count(REACHED).await, 0, "fetching ahead reaches nothing");
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::OK);
    soon(&console, REACHED, 1).await;
    // Another workspace within the same minute is another reach.
    let home = team.member.browser.get("/").await.location().to_owned();
    let own: Vec<String> = sqlx::query_scalar("select slug from workspace where name = 'My workspace' and workspace_id in (select workspace_id from workspace_membership where user_id = $1)")
        .bind(team.member.user.0)
        .fetch_all(&console.database.owner().await)
        .await
        .expect("a slug");
    assert!(home.starts_with("/w/"), "{home}");
    assert_eq!(team.member.browser.get(&format!("/w/{}", own[0])).await.status, StatusCode::OK);
    soon(&console, REACHED, 2).await;
    console.hands.advance(TimeDelta::minutes(5));
    assert_eq!(team.member.browser.get(&overview).await.status, StatusCode::OK);
    soon(&console, "select count(*) from session_reach where last_at > (select min(last_at) from session_reach)", 1).await;
    soon(&console, "select count(*) from session where longest_rest = interval '5 minutes'", 1).await;
    // It goes with its session.
    team.member.browser.post("/sign-out", &[]).await;
    assert_eq!(console.database.count(REACHED).await, 0);
}
