//! Saved views of an audit log: one's own, everybody's, and who may keep which.

use axum::http::{Method, StatusCode};
use serde_json::json;
use stoa::access::TenantRole;

use crate::{
    audit_log::{actions, log_of},
    support::{Answer, Console, Person, Team, browser::encode},
};

/// A form of a place, as somebody sends it.
async fn send(console: &Console, person: &Person, place: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
    let key = console.form_key();
    let fields: Vec<(&str, &str)> = [("form", key.as_str()), ("place", place)].into_iter().chain(fields.iter().copied()).collect();
    person.browser.post(path, &fields).await
}

/// Saves a view at `views`, and returns its id.
pub async fn save(console: &Console, person: &Person, place: &str, views: &str, name: &str) -> String {
    let saved = send(console, person, place, &format!("{views}/new"), &[("name", name), ("q", "outcome:denied"), ("range", "7d")]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    let list = person.browser.get(&views.replace("shared-views", "views")).await;
    let changed_at = list.links(&format!("main tbody a[aria-label='Change: {name}']"));
    let address = changed_at.iter().find(|address| address.starts_with(&format!("{views}/"))).expect("the view");
    address.rsplit('/').next().expect("an id").to_owned()
}

fn views_of(team: &Team) -> String {
    format!("{}/views", log_of(team))
}

fn shared_of(team: &Team) -> String {
    format!("{}/shared-views", log_of(team))
}

#[tokio::test]
async fn an_auditor_keeps_views_of_their_own() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (auditor, views) = (&team.auditor, views_of(&team));
    // From a list to a view of it, with what its fields ask for in the line.
    let list = auditor.browser.get(&format!("{}?q={}&actor=Acme+Owner&range=30d", log_of(&team), encode("-channel:api"))).await;
    let new = auditor.browser.get(&list.link("Save this view")).await;
    assert_eq!(new.field("q"), "-channel:api actor:\"Acme Owner\"");
    let saved =
        send(&console, auditor, &team.slug, &format!("{views}/new"), &[("name", " Hers "), ("q", &new.field("q")), ("range", "30d")]).await;
    assert_eq!((saved.status.as_u16(), saved.location()), (303, views.as_str()), "{}", saved.text());
    let page = auditor.browser.get(&views).await;
    assert!(page.text().contains("Last 30 days"), "{}", page.text());
    let opened = auditor.browser.get(&page.link("Hers")).await;
    assert_eq!((opened.status.as_u16(), opened.field("q")), (200, new.field("q")));
    assert!(!team.owner.browser.get(&views).await.text().contains("Hers"), "it is hers alone");

    let address = page.link("Change");
    let version = auditor.browser.get(&address).await.field("version");
    let entries = [("version", version.as_str()), ("name", "Theirs"), ("q", "shop"), ("from", "2026-11-01"), ("to", "2026-11-21")];
    assert_eq!(send(&console, auditor, &team.slug, &address, &entries).await.status, 303);
    let stale = send(&console, auditor, &team.slug, &address, &entries[..3]).await;
    assert_eq!(stale.status, 409, "{}", stale.text());
    assert!(auditor.browser.get(&views).await.text().contains("2026-11-01 to 2026-11-21"));
    for other in [&team.owner, &team.admin] {
        assert_eq!(other.browser.get(&address).await.status, 404, "{}", other.name);
        assert_eq!(send(&console, other, &team.slug, &format!("{address}/delete"), &[("version", "2")]).await.status, 404);
    }
    let confirm = auditor.browser.get(&format!("{address}/delete")).await;
    assert!(confirm.text().contains("Delete Theirs"), "{}", confirm.text());
    let gone = send(&console, auditor, &team.slug, &format!("{address}/delete"), &[("version", &confirm.field("version"))]).await;
    assert_eq!((gone.status.as_u16(), gone.location()), (303, views.as_str()));
    assert_eq!(auditor.browser.get(&address).await.status, 404);
    let told = auditor.browser.get(&format!("{}?action=audit_view.", log_of(&team))).await;
    let mut told = actions(&told);
    told.sort_unstable();
    assert_eq!(told, ["audit_view.created", "audit_view.deleted", "audit_view.updated"]);
    assert_eq!(team.member.browser.get(&views).await.status, 403, "who may not read the log has no views of it");
}

#[tokio::test]
async fn who_changes_settings_keeps_those_of_everybody() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let shared = shared_of(&team);
    for person in [&team.auditor, &team.member] {
        assert_eq!(person.browser.get(&format!("{shared}/new")).await.status, 403, "{}", person.name);
        let refused = send(&console, person, &team.slug, &format!("{shared}/new"), &[("name", "Mine"), ("q", "x")]).await;
        assert_eq!(refused.status, 403, "{}", person.name);
    }
    let id = save(&console, &team.admin, &team.slug, &shared, "Refusals").await;
    let page = team.auditor.browser.get(&views_of(&team)).await;
    assert_eq!(page.link("Refusals"), format!("{}?q=outcome%3Adenied&range=7d", log_of(&team)));
    assert_eq!(page.links("main a[href*='shared-views']"), Vec::<String>::new(), "nothing to change for who only reads");
    let address = format!("{shared}/{id}");
    assert_eq!(team.auditor.browser.get(&address).await.status, 403);
    let version = team.owner.browser.get(&address).await.field("version");
    let changed =
        send(&console, &team.owner, &team.slug, &address, &[("version", &version), ("name", "Refused"), ("q", "outcome:denied")]).await;
    assert_eq!(changed.status, 303, "{}", changed.text());
    // One's own may be called the same; another one of everybody may not.
    save(&console, &team.admin, &team.slug, &views_of(&team), "refused").await;
    let taken = send(&console, &team.admin, &team.slug, &format!("{shared}/new"), &[("name", "REFUSED"), ("q", "x")]).await;
    assert!(taken.status == 422 && taken.text().contains("There is a view of this name already"), "{}", taken.text());
    let gone = send(&console, &team.admin, &team.slug, &format!("{address}/delete"), &[("version", "2")]).await;
    assert_eq!(gone.status, 303);
    assert!(!team.auditor.browser.get(&views_of(&team)).await.text().contains("Refused"));
}

#[tokio::test]
async fn the_accounts_log_has_views_too() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let clerk = console.signed_in_as("Acme Clerk").await;
    let mut scope = console.service(&team).await;
    stoa::features::teams::server::add(&mut scope, clerk.user, "Acme Clerk", TenantRole::Billing).await.expect("added");
    scope.commit().await.expect("committed");
    let log = format!("/t/{}/audit-log", team.tenant_slug);
    let (views, shared) = (format!("{log}/views"), format!("{log}/shared-views"));
    assert_eq!(clerk.browser.get(&format!("{shared}/new")).await.status, 403);
    for (person, at, name) in [(&clerk, &views, "Own"), (&team.owner, &shared, "Of the team")] {
        let id = save(&console, person, &team.tenant_slug, at, name).await;
        let address = format!("{at}/{id}");
        let changed =
            send(&console, person, &team.tenant_slug, &address, &[("version", "1"), ("name", name), ("q", "action:tenant.")]).await;
        assert_eq!(changed.status, 303, "{}", changed.text());
    }
    let page = clerk.browser.get(&views).await;
    let opened = clerk.browser.get(&page.link("Of the team")).await;
    assert!(actions(&opened).contains(&"tenant.created".to_owned()), "{}", opened.text());
    assert!(!team.owner.browser.get(&views).await.text().contains("Own "), "it is the clerk's");
    // The workspace's log has its own.
    assert!(!team.owner.browser.get(&views_of(&team)).await.text().contains("Of the team"));
    for (person, at) in [(&clerk, &views), (&team.owner, &shared)] {
        let page = person.browser.get(&views).await;
        let address =
            page.links("main tbody a[aria-label^=Change]").into_iter().find(|link| link.starts_with(at.as_str())).expect("a view");
        let gone = send(&console, person, &team.tenant_slug, &format!("{address}/delete"), &[("version", "2")]).await;
        assert_eq!(gone.status, 303, "{}", gone.text());
    }
}

#[tokio::test]
async fn what_cannot_be_saved_is_named() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let new = format!("{}/new", views_of(&team));
    let secret = "stoa_key_live_01h455vb4pex5vsknk084sn02q_TOPSECRET";
    let long = "é".repeat(61);
    for (fields, says) in [
        (vec![("name", ""), ("q", "x")], "The name is empty."),
        (vec![("name", long.as_str()), ("q", "x")], "The name has 61 characters."),
        (vec![("name", "A"), ("q", "")], "The view looks for nothing."),
        (vec![("name", "A"), ("q", "outcome:fine")], "In “outcome:fine”: this outcome is not known."),
        (vec![("name", "A"), ("q", "x"), ("range", "8d")], "This range is not known."),
        (vec![("name", "A"), ("range", "7d"), ("from", "2026-11-01")], "A range and days of its own are both given."),
        (vec![("name", "A"), ("from", "2026-11-02"), ("to", "2026-11-01")], "is before From"),
        (vec![("name", "A"), ("q", secret)], "looks like a secret"),
        (vec![("name", secret), ("q", "x")], "looks like a secret"),
    ] {
        let refused = send(&console, &team.auditor, &team.slug, &new, &fields).await;
        assert!(refused.status == 422 && refused.text().contains(says), "{says}: {}", refused.text());
        assert!(!refused.body.contains("TOPSECRET"), "{says}");
    }
    assert_eq!(console.database.count("select count(*) from audit_view").await, 0);
    let form = console.form_key();
    for _ in 0..2 {
        let fields = [("form", form.as_str()), ("place", &*team.slug), ("name", "Once"), ("q", "x")];
        assert_eq!(team.auditor.browser.post(&new, &fields).await.status, 303);
    }
    assert_eq!(console.database.count("select count(*) from audit_view").await, 1, "twice is harmless");
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query(
        "insert into audit_view (tenant_id, workspace_id, id, user_id, name, line, created_at, updated_at)
         select $1, $2, gen_random_uuid(), $3, 'View ' || place, 'x', now(), now() from generate_series(2, 50) as place",
    )
    .bind(team.tenant.0)
    .bind(team.workspace.0)
    .bind(team.auditor.user.0)
    .execute(&mut owner)
    .await
    .expect("filled");
    let refused = send(&console, &team.auditor, &team.slug, &new, &[("name", "One more"), ("q", "x")]).await;
    assert!(refused.status == 409 && refused.text().contains("There are 50 views already."), "{}", refused.text());
}

#[tokio::test]
async fn a_key_keeps_those_of_everybody_and_sees_nobodys_own() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    save(&console, &team.owner, &team.slug, &views_of(&team), "Private").await;
    let client = console.client(&team.owner, &team.slug, &["audit:read", "settings:write"]).await;
    let made = client.post("/audit-views", &json!({ "name": "Refusals", "q": "outcome:denied", "range": "7d" })).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
    let path = format!("/audit-views/{}", made.body["data"]["id"].as_str().expect("an id"));
    let listed = client.get("/audit-views").await;
    assert_eq!(
        (listed.body["data"].as_array().map(Vec::len), &listed.body["data"][0]["range"]),
        (Some(1), &"7d".into()),
        "{}",
        listed.body
    );
    let set = json!({ "name": "Refused", "from": "2026-11-01" });
    let changed = client.send(Method::PUT, &path, &[("if-match", "\"1\"")], Some(&set)).await;
    assert_eq!(
        (changed.status.as_u16(), changed.header("etag"), &changed.body["data"]["q"]),
        (200, "\"2\"", &json!(null)),
        "{}",
        changed.body
    );
    assert_eq!(client.send(Method::PUT, &path, &[("if-match", "\"1\"")], Some(&set)).await.code(), "version_conflict");
    let wrong = client.post("/audit-views", &json!({ "name": "A", "q": "outcome:fine" })).await;
    assert_eq!((wrong.status.as_u16(), &wrong.body["error"]["field_errors"][0]["field"]), (422, &"q".into()), "{}", wrong.body);
    assert_eq!(client.send(Method::DELETE, &path, &[], Some(&json!({}))).await.status, StatusCode::OK);
    assert_eq!(client.get("/audit-views").await.body["data"], json!([]));
    let reader = console.client(&team.owner, &team.slug, &["audit:read"]).await;
    assert_eq!(reader.post("/audit-views", &json!({ "name": "A", "q": "x" })).await.code(), "missing_required_scope");
}
