//! Sessions: three clocks, hashed ids, and no way back once they are over.

use std::sync::Arc;

use chrono::TimeDelta;
use stoa::server::{
    http::request::RequestContext,
    scope::{AsUser, Intent, Scope},
    sessions::{self, PostgresStore},
};
use tower_sessions::{Session, SessionStore as _, session::Id};

use crate::support::Console;

#[tokio::test]
async fn only_a_hash_of_the_id_is_stored() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let id: Id = ada.browser.cookie("stoa_session").expect("a session").parse().expect("an id");
    let mut owner = console.database.connect("stoa_owner").await;
    let row: serde_json::Value =
        sqlx::query_scalar("select to_jsonb(session) from session").fetch_one(&mut owner).await.expect("one session");
    let text = row.to_string();
    let raw = id.0.to_le_bytes().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    assert!(!text.contains(&raw) && !text.contains(&id.to_string()), "{text}");
}

#[tokio::test]
async fn an_idle_session_is_over() {
    let console = Console::start_with(&[("STOA_SESSIONS__IDLE_MINUTES", "60")]).await;
    let ada = console.signed_in_as("Ada").await;
    console.hands.advance(TimeDelta::minutes(59));
    assert_eq!(ada.browser.get("/profile").await.status, 200);
    // That request moved the idle clock; the write goes beside it.
    for _ in 0..200 {
        if console.database.count("select count(*) from session where last_seen_at > created_at").await == 1 {
            break;
        }
        tokio::task::yield_now().await;
    }
    console.hands.advance(TimeDelta::minutes(59));
    assert_eq!(ada.browser.get("/profile").await.status, 200);
    console.hands.advance(TimeDelta::minutes(61));
    let answer = ada.browser.get("/profile").await;
    assert_eq!(answer.location(), "/sign-in?back=/profile");
}

#[tokio::test]
async fn a_busy_session_is_over_in_the_end() {
    let console = Console::start_with(&[("STOA_SESSIONS__ABSOLUTE_HOURS", "2"), ("STOA_SESSIONS__IDLE_MINUTES", "600")]).await;
    let ada = console.signed_in_as("Ada").await;
    console.hands.advance(TimeDelta::minutes(119));
    assert_eq!(ada.browser.get("/profile").await.status, 200);
    console.hands.advance(TimeDelta::minutes(2));
    assert_eq!(ada.browser.get("/profile").await.location(), "/sign-in?back=/profile");
}

#[tokio::test]
async fn a_connection_that_was_cut_while_it_rested_costs_nobody_a_page() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    assert_eq!(ada.browser.get("/profile").await.status, 200);
    let mut admin = console.database.connect("postgres").await;
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'stoa_app'")
        .execute(&mut admin)
        .await
        .expect("cut");
    // Used again at once it is a clear "try again", never a fault of ours.
    let answer = ada.browser.get("/profile").await;
    assert!(matches!(answer.status.as_u16(), 200 | 503), "{}: {}", answer.status, answer.text());
    let mut tries = 0;
    while ada.browser.get("/profile").await.status != 200 {
        tries += 1;
        assert!(tries <= 5, "the pool does not recover");
    }
}

#[tokio::test]
async fn a_sign_in_is_recent_for_a_while() {
    let console = Console::start_with(&[("STOA_SESSIONS__RECENT_MINUTES", "15")]).await;
    let ada = console.signed_in_as("Ada").await;
    let mut request = RequestContext::internal(&console.stoa.clock, "console", "test");
    let id: Id = ada.browser.cookie("stoa_session").expect("a session").parse().expect("an id");
    request.session = Some(sessions::hash(id));
    for (minutes, is_recent) in [(0, true), (15, true), (1, false)] {
        console.hands.advance(TimeDelta::minutes(minutes));
        let scope = Scope::<AsUser>::open(&console.stoa, &request, None, Intent::Read, false).await.expect("a scope");
        assert_eq!(scope.is_sign_in_recent(), is_recent);
    }
}

#[tokio::test]
async fn what_has_expired_is_swept_and_nothing_else() {
    let console = Console::start_with(&[("STOA_SESSIONS__IDLE_MINUTES", "60")]).await;
    console.signed_in_as("Ada").await;
    console.hands.advance(TimeDelta::minutes(61));
    let grace = console.signed_in_as("Grace").await;
    let now = console.stoa.clock.now();
    let gone: i64 = sqlx::query_scalar("select sweep_expired($1, $2)")
        .bind(now)
        .bind(now - console.stoa.config.sessions.idle())
        .fetch_one(&console.stoa.db)
        .await
        .expect("swept");
    assert_eq!(gone, 1);
    assert_eq!(grace.browser.get("/profile").await.status, 200);
}

#[tokio::test]
async fn fetching_ahead_writes_nothing() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    console.hands.advance(TimeDelta::minutes(10));
    let request = ada
        .browser
        .request(axum::http::Method::GET, "/profile")
        .header("sec-purpose", "prefetch;prerender")
        .body(axum::body::Body::empty())
        .expect("a request");
    assert_eq!(ada.browser.send(request).await.status, 200);
    let start = ada
        .browser
        .request(axum::http::Method::GET, "/sign-in/start")
        .header("sec-purpose", "prefetch")
        .body(axum::body::Body::empty())
        .expect("a request");
    assert_eq!(ada.browser.send(start).await.status, 204);
    // Had it written last-seen, it would have been spawned before this second, ordinary request's own write.
    assert_eq!(console.database.count("select count(*) from session where last_seen_at > created_at").await, 0);
    assert_eq!(console.database.count("select count(*) from sign_in_attempt").await, 0);
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_says_so_in_the_log() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let stolen = ada.browser.cookie("stoa_session").expect("a session");
    let answer = ada.browser.post("/sign-out", &[]).await;
    assert_eq!(answer.location(), "/signed-out");
    let mut owner = console.database.connect("stoa_owner").await;
    let (name, request): (String, String) = sqlx::query_as("select actor_name, request_id from audit_event where action = 'session.ended'")
        .fetch_one(&mut owner)
        .await
        .expect("one event");
    assert_eq!((name.as_str(), request.as_str()), ("Ada", answer.header("x-request-id")));
    assert_eq!(ada.browser.cookie("stoa_session"), None);
    ada.browser.set_cookie("stoa_session", &stolen);
    assert_eq!(ada.browser.get("/profile").await.location(), "/sign-in?back=/profile");
    assert_eq!(console.database.count("select count(*) from session").await, 0);
    assert_eq!(console.database.count("select count(*) from audit_event where action in ('session.started', 'session.ended')").await, 2);
    // Twice is harmless.
    assert_eq!(ada.browser.post("/sign-out", &[]).await.location(), "/signed-out");
}

#[tokio::test]
async fn a_request_in_flight_does_not_bring_an_ended_session_back() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let id: Id = ada.browser.cookie("stoa_session").expect("a session").parse().expect("an id");
    let store = PostgresStore::new(console.stoa.clone());
    let record = store.load(&id).await.expect("loaded").expect("a record");
    store.delete(&id).await.expect("deleted");
    store.save(&record).await.expect("a save that changes nothing");
    assert!(store.load(&id).await.expect("loaded").is_none());
    assert_eq!(console.database.count("select count(*) from session").await, 0);
}

#[tokio::test]
async fn there_is_no_session_without_a_person() {
    let console = Console::start().await;
    let store = Arc::new(PostgresStore::new(console.stoa.clone()));
    let session = Session::new(None, store, None);
    session.insert("anything", 1).await.expect("inserted");
    assert!(session.save().await.is_err());
    assert_eq!(console.database.count("select count(*) from session").await, 0);
    // And looking around makes none.
    console.a_stranger().get("/sign-in").await;
    assert_eq!(console.database.count("select count(*) from session").await, 0);
}

#[tokio::test]
async fn a_made_up_or_damaged_cookie_is_no_session() {
    let console = Console::start().await;
    console.signed_in_as("Ada").await;
    for value in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", "../../etc/passwd", "'; drop table session; --"] {
        let stranger = console.a_stranger();
        stranger.set_cookie("stoa_session", value);
        assert_eq!(stranger.get("/profile").await.location(), "/sign-in?back=/profile", "{value}");
    }
    assert_eq!(console.database.count("select count(*) from session").await, 1);
}
