//! Proving oneself again, and with a second factor: what the provider says is checked, and what it does not say counts
//! as not done.

use axum::{Router, http::StatusCode};
use chrono::TimeDelta;
use stoa::{
    app, paths,
    server::{clock::Clock, http},
};
use url::Url;

use crate::support::{
    Answer, Browser, Console, TestDatabase,
    browser::encode,
    provider::{CLIENT, Lie, Lying},
    settings,
};

async fn console_with(issuer: &str, extra: &[(&str, &str)]) -> (Router, TestDatabase) {
    let database = TestDatabase::fresh().await;
    let mut with = vec![("STOA_IDENTITY__ISSUER", issuer), ("STOA_IDENTITY__CLIENT_ID", CLIENT)];
    with.extend_from_slice(extra);
    let stoa = Console::assemble(settings(&database.app_url(), &with), Clock::system());
    (http::router(stoa, app::doors(), app::operations(), Router::new()), database)
}

/// To the provider by `path`, which tells `lie`, and back. Returns where the provider was asked, and the answer.
async fn through(browser: &Browser, provider: &Lying, path: &str, lie: Lie) -> (Url, Answer) {
    let started = browser.get(path).await;
    let url: Url = started.location().parse().unwrap_or_else(|_| panic!("{path}: {}", started.text()));
    let asked = |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    provider.tell(lie, &asked("nonce").expect("a nonce"));
    let state = asked("state").expect("a state");
    let answer = browser.get(&format!("/sign-in/callback?code=c&state={state}&iss={}", encode(&provider.issuer))).await;
    (url, answer)
}

fn asked(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn a_new_proof_leads_back_and_replaces_the_session() {
    let provider = Lying::start().await;
    let (router, database) = console_with(&provider.issuer, &[]).await;
    let browser = Browser::new(router);
    let (url, _) = through(&browser, &provider, "/sign-in/start?back=/profile", Lie::ProvedAnHourAgo).await;
    assert_eq!((asked(&url, "prompt"), asked(&url, "max_age")), (None, None), "at first the provider may remember");
    let before = browser.cookie("stoa_session").expect("a session");
    let old: i64 = database.count("select count(*) from session where authenticated_at < created_at - interval '59 minutes'").await;
    assert_eq!(old, 1, "the person proved themselves when the provider says");

    let (url, answer) = through(&browser, &provider, &paths::sign_in_anew("/sessions?x=1"), Lie::ProvedJustNow).await;
    assert_eq!((asked(&url, "prompt").as_deref(), asked(&url, "max_age").as_deref()), (Some("login"), Some("0")));
    assert_eq!(answer.location(), "/sessions?x=1", "{}", answer.text());
    assert_ne!(browser.cookie("stoa_session").expect("a session"), before);
    assert_eq!(database.count("select count(*) from session").await, 1, "the one before is over");
    assert_eq!(database.count("select count(*) from session where authenticated_at > created_at - interval '1 minute'").await, 1);
    let mut owner = database.connect("stoa_owner").await;
    let reason: String =
        sqlx::query_scalar("select reason from audit_event where action = 'session.ended'").fetch_one(&mut owner).await.expect("one event");
    assert_eq!(reason, "replaced by a new sign-in");
}

#[tokio::test]
async fn a_provider_that_only_remembers_is_not_believed_to_have_asked() {
    let provider = Lying::start().await;
    let (router, database) = console_with(&provider.issuer, &[]).await;
    let browser = Browser::new(router);
    through(&browser, &provider, "/sign-in/start?back=/profile", Lie::None).await;
    let before = browser.cookie("stoa_session").expect("a session");
    for lie in [Lie::None, Lie::ProvedAnHourAgo] {
        let (_, answer) = through(&browser, &provider, &paths::sign_in_anew("/profile"), lie).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{lie:?} was taken");
        assert!(answer.text().contains("not_anew"), "{lie:?}: {}", answer.text());
        assert_eq!(browser.cookie("stoa_session"), Some(before.clone()), "{lie:?}: the session stays as it was");
    }
    assert_eq!(database.count("select count(*) from session").await, 1);
}

#[tokio::test]
async fn somebody_else_who_comes_back_gets_a_session_of_their_own() {
    let provider = Lying::start().await;
    let (router, database) = console_with(&provider.issuer, &[]).await;
    let browser = Browser::new(router);
    let (_, answer) = through(&browser, &provider, &paths::sign_in_anew("/profile"), Lie::ProvedJustNow).await;
    assert_eq!(answer.location(), "/profile", "who was signed in before does not matter");
    assert_eq!(database.count("select count(*) from session").await, 1);
}

#[tokio::test]
async fn a_second_factor_is_what_the_operator_calls_one() {
    let provider = Lying::start().await;
    for (settings, lie, counts) in [
        (vec![], Lie::WithSecondFactor, 1),
        (vec![], Lie::None, 0),
        (vec![], Lie::AtHighAssurance, 0),
        (vec![("STOA_IDENTITY__MULTI_FACTOR_ACR", "urn:example:silver,urn:example:gold")], Lie::AtHighAssurance, 1),
        (vec![("STOA_IDENTITY__MULTI_FACTOR_AMR", "hwk,swk")], Lie::WithSecondFactor, 0),
    ] {
        let (router, database) = console_with(&provider.issuer, &settings).await;
        let (_, answer) = through(&Browser::new(router), &provider, "/sign-in/start", lie).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        assert_eq!(database.count("select count(*) from session where multi_factor").await, counts, "{settings:?} {lie:?}");
    }
}

#[tokio::test]
async fn where_a_second_factor_is_wanted_the_provider_is_asked_for_it() {
    let provider = Lying::start().await;
    let (router, _database) = console_with(&provider.issuer, &[("STOA_IDENTITY__MULTI_FACTOR_ACR", "urn:example:gold")]).await;
    let browser = Browser::new(router);
    let (url, _) = through(&browser, &provider, &paths::sign_in_with_second_factor("/profile"), Lie::ProvedJustNow).await;
    assert_eq!(asked(&url, "acr_values").as_deref(), Some("urn:example:gold"));
    assert_eq!(asked(&url, "max_age").as_deref(), Some("0"));
    let (url, _) = through(&browser, &provider, &paths::sign_in_anew("/profile"), Lie::ProvedJustNow).await;
    assert_eq!(asked(&url, "acr_values"), None);
}

#[tokio::test]
async fn the_page_that_asks_for_a_new_proof_leads_back_to_itself() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.hands.advance(TimeDelta::minutes(i64::from(console.stoa.config.sessions.recent_minutes) + 1));
    let path = format!("/t/{}/settings/security", team.tenant_slug);
    let answer = team.owner.browser.post(&format!("{path}/preview"), &[("form", &console.form_key()), ("place", &team.tenant_slug)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.text().contains("asks for a recent sign-in"), "{}", answer.text());
    assert_eq!(answer.count(&format!("main a[href='{}']", paths::sign_in_anew(&path))), 1, "{}", answer.body);
}

/// Nothing maps a provider's roles so far, so that all of them are unknown: none makes anybody more than they are.
#[tokio::test]
async fn a_role_that_the_provider_names_makes_nobody_more_than_they_are() {
    let provider = Lying::start().await;
    let (router, database) = console_with(&provider.issuer, &[]).await;
    let browser = Browser::new(router);
    through(&browser, &provider, "/sign-in/start?back=/profile", Lie::Roles).await;
    assert_eq!(database.count("select count(*) from app_user where operator").await, 0);
    assert_eq!(
        database.count("select count(*) from tenant_membership where role = 'owner'").await,
        1,
        "of their own account, as any newcomer"
    );

    let mut owner = database.connect("stoa_owner").await;
    sqlx::raw_sql(
        "alter table workspace_grant disable trigger workspace_keeps_an_owner;
         alter table tenant_membership disable trigger tenant_keeps_an_owner;
         update workspace_grant set role = 'readonly'; update tenant_membership set role = 'member';",
    )
    .execute(&mut owner)
    .await
    .expect("demoted");
    browser.post("/sign-out", &[]).await;
    let (_, answer) = through(&browser, &provider, "/sign-in/start?back=/profile", Lie::Roles).await;
    assert_eq!(answer.location(), "/profile", "{}", answer.text());
    let roles =
        "select (select string_agg(role, ',') from workspace_grant) || ' ' || (select string_agg(role, ',') from tenant_membership)";
    let stored: String = sqlx::query_scalar(roles).fetch_one(&mut owner).await.expect("roles");
    assert_eq!(stored, "readonly member");
}
