//! Bad input: a clear answer, nothing lost, nothing leaked; twice is harmless.

use chrono::TimeDelta;
use proptest::prelude::*;

use crate::support::{Console, Team};

async fn rename(console: &Console, team: &Team, name: &str) -> crate::support::Answer {
    rename_with(team, &console.form_key(), &team.slug, "1", name).await
}

async fn rename_with(team: &Team, key: &str, place: &str, version: &str, name: &str) -> crate::support::Answer {
    let path = format!("/w/{}/settings/name", team.slug);
    team.owner.browser.post(&path, &[("form", key), ("place", place), ("version", version), ("name", name)]).await
}

async fn stored_name(console: &Console, team: &Team) -> String {
    console.database.text("select name from workspace where workspace_id = $1", team.workspace.0).await
}

#[tokio::test]
async fn a_name_that_cannot_be_taken_is_kept_and_explained() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (name, says) in [
        ("", "is empty"),
        ("   ", "is empty"),
        (&"x".repeat(81), "81 characters"),
        ("a\u{202e}b", "cannot be shown"),
        ("a\nb", "cannot be shown"),
    ] {
        let answer = rename(&console, &team, name).await;
        assert_eq!(answer.status, 422, "{name:?}");
        assert!(answer.text().contains(says), "{name:?}: {}", answer.text());
        assert_eq!(answer.count("[role=alert]"), 1);
        assert_eq!(answer.count("main [name=name][aria-invalid=true]"), 1);
        assert_eq!(answer.field("name").trim(), name.trim(), "what was entered is kept");
        assert_eq!(stored_name(&console, &team).await, "Acme Shop");
    }
}

#[tokio::test]
async fn names_are_shown_and_never_run() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for name in ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "O'Brien & Søn 🏛", "{{7*7}}", "<!>"] {
        let version = team.owner.browser.get(&format!("/w/{}/settings", team.slug)).await.field("version");
        let answer = rename_with(&team, &console.form_key(), &team.slug, &version, name).await;
        assert_eq!(answer.status, 303, "{name}: {}", answer.text());
        let page = team.auditor.browser.get(&format!("/w/{}", team.slug)).await;
        assert!(page.text().contains(name), "{name}: {}", page.text());
        assert_eq!(page.count("main script, main img"), 0, "{name}");
    }
}

#[tokio::test]
async fn the_same_form_twice_changes_once() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let key = console.form_key();
    let first = rename_with(&team, &key, &team.slug, "1", "Once").await;
    assert_eq!(first.status, 303);
    let version = team.owner.browser.get(&format!("/w/{}/settings", team.slug)).await.field("version");
    let again = rename_with(&team, &key, &team.slug, &version, "Twice").await;
    assert_eq!((again.status.as_u16(), again.location()), (303, first.location()));
    assert_eq!(stored_name(&console, &team).await, "Once");
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'workspace.renamed'").await, 1);
    // The key is good for this form alone.
    let elsewhere = team.owner.browser.post("/profile", &[("form", &key), ("version", "1"), ("name", "x")]).await;
    assert_eq!(elsewhere.status, 400);
}

#[tokio::test]
async fn twins_sent_at_the_same_moment_change_once_and_both_end_well() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let key = console.form_key();
    let (one, other) = tokio::join!(rename_with(&team, &key, &team.slug, "1", "Twin"), rename_with(&team, &key, &team.slug, "1", "Twin"));
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (303, 303), "{} / {}", one.text(), other.text());
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'workspace.renamed'").await, 1);
}

#[tokio::test]
async fn a_stale_form_shows_what_is_there_and_what_was_entered() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    assert_eq!(rename(&console, &team, "First").await.status, 303);
    let answer = rename(&console, &team, "Second").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("changed by someone else"), "{}", answer.text());
    assert!(answer.text().contains("First"), "{}", answer.text());
    assert_eq!(answer.field("name"), "Second");
    // Sending it again after reading means it.
    let version = answer.field("version");
    assert_eq!(rename_with(&team, &answer.field("form"), &team.slug, &version, "Second").await.status, 303);
    assert_eq!(stored_name(&console, &team).await, "Second");
}

#[tokio::test]
async fn two_who_rename_at_once_do_not_overwrite_each_other() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (one, other) = tokio::join!(rename(&console, &team, "One"), rename(&console, &team, "Other"));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
}

#[tokio::test]
async fn an_old_form_is_shown_again_with_its_entries() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let key = console.form_key();
    console.hands.advance(TimeDelta::hours(1));
    let renewed = console.new_session(team.owner.user, "Acme Owner").await;
    team.owner.browser.set_cookie("stoa_session", &renewed);
    console.hands.advance(TimeDelta::hours(7));
    let fresh = console.new_session(team.owner.user, "Acme Owner").await;
    console.hands.advance(TimeDelta::hours(17));
    let last = console.new_session(team.owner.user, "Acme Owner").await;
    team.owner.browser.set_cookie("stoa_session", &last);
    drop(fresh);
    let answer = rename_with(&team, &key, &team.slug, "1", "Patience").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("too old"), "{}", answer.text());
    assert_eq!(answer.field("name"), "Patience");
    assert_eq!(rename_with(&team, &answer.field("form"), &team.slug, &answer.field("version"), "Patience").await.status, 303);
}

#[tokio::test]
async fn a_form_of_another_workspace_lands_nowhere() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let answer = rename_with(&team, &console.form_key(), "shop-222222", "1", "Astray").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("belongs elsewhere"), "{}", answer.text());
    let without = rename_with(&team, &console.form_key(), "", "1", "Astray").await;
    assert_eq!(without.status, 409);
    assert_eq!(stored_name(&console, &team).await, "Acme Shop");
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_as_such() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let path = format!("/w/{}/settings/name", team.slug);
    let key = console.form_key();
    for (body, status) in [
        (b"name=\xff\xfe".to_vec(), 400),
        (b"name=%ff".to_vec(), 400),
        (b"name=a%00b".to_vec(), 400),
        (format!("form={key}&place={}&version=soon&name=x", team.slug).into_bytes(), 400),
        (format!("form=nonsense&place={}&version=1&name=x", team.slug).into_bytes(), 400),
        (format!("place={}&version=1&name=x", team.slug).into_bytes(), 400),
        (vec![b'a'; 70_000], 413),
        ("a=1&".repeat(201).into_bytes(), 400),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let answer = team.owner.browser.post_raw(&path, body).await;
        assert_eq!(answer.status, status, "{shown}: {}", answer.text());
        assert!(answer.text().contains("req_"), "{shown}: the page names the request");
    }
    assert_eq!(stored_name(&console, &team).await, "Acme Shop");
}

#[tokio::test]
async fn the_profile_says_everything_that_is_wrong_at_once() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let answer = ada
        .browser
        .post(
            "/profile",
            &[
                ("form", &console.form_key()),
                ("place", &ada.user.to_string()),
                ("version", "1"),
                ("name", ""),
                ("time_zone", "Mars/Olympus"),
                ("theme", "neon"),
            ],
        )
        .await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.count("[role=alert] a"), 3, "{}", answer.text());
    let answer = ada
        .browser
        .post(
            "/profile",
            &[
                ("form", &console.form_key()),
                ("place", &ada.user.to_string()),
                ("version", "1"),
                ("name", "Ada L."),
                ("time_zone", "Europe/Berlin"),
                ("theme", "dark"),
            ],
        )
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let page = ada.browser.get("/profile").await;
    assert!(page.text().contains("Your profile is saved."));
    assert_eq!(page.count("html[data-theme=dark]"), 1);
    assert!(!ada.browser.get("/profile").await.text().contains("Your profile is saved."), "said once");
    assert_eq!(console.database.count("select count(*) from audit_event where action = 'user.updated'").await, 1);
}

#[tokio::test]
async fn a_profile_form_of_one_person_is_not_carried_out_for_another() {
    let console = Console::start().await;
    let (ada, bob) = (console.signed_in_as("Ada").await, console.signed_in_as("Bob").await);
    let page = ada.browser.get("/profile").await;
    let answer = bob
        .browser
        .post(
            "/profile",
            &[
                ("form", &page.field("form")),
                ("place", &page.field("place")),
                ("version", "1"),
                ("name", "Ada"),
                ("time_zone", "UTC"),
                ("theme", "dark"),
            ],
        )
        .await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert_eq!(console.database.count("select count(*) from app_user where name = 'Bob'").await, 1);
}

#[tokio::test]
async fn an_unknown_place_of_any_shape_is_simply_not_there() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    for slug in
        ["x", "nowhere-222222", "%27%3B--", "..%2f..%2fetc", "%00", "%ff", "WS_0", &"a".repeat(500), "ten_01h455vb4pex5vsknk084sn02q"]
    {
        for path in [format!("/w/{slug}"), format!("/w/{slug}/settings"), format!("/t/{slug}/teams")] {
            let answer = ada.browser.get(&path).await;
            assert!(matches!(answer.status.as_u16(), 400 | 404), "{path}: {}", answer.status);
            assert!(answer.text().contains("req_"), "{path}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_sent_is_read_or_refused_but_never_guessed(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(fields) = stoa::server::http::Fields::parse(&body) {
            prop_assert!(!fields.get("name").contains('\0'));
        }
    }

    #[test]
    fn what_a_browser_encodes_is_read_back(value in "\\PC{0,60}") {
        let body = format!("name={}", crate::support::browser::encode(&value));
        let fields = stoa::server::http::Fields::parse(body.as_bytes()).expect("readable");
        prop_assert_eq!(fields.get("name"), value.as_str());
    }
}
