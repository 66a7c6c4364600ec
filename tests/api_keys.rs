//! The API Keys pages, as those who manage keys, those who only read them, and strangers find them.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::json;
use stoa::{access::WorkspaceRole, features::api_keys::server as api_keys, ids::ApiKeyId};

use crate::support::{Answer, Client, Console, Person, Team};

const KEYS: [&str; 2] = ["credentials:read", "credentials:write"];

fn list_of(team: &Team) -> String {
    format!("/w/{}/api-keys", team.slug)
}

/// Sends the form for a new key as `person`.
async fn make(team: &Team, person: &Person, form: &str, fields: &[(&str, &str)]) -> Answer {
    let steward = person.user.to_string();
    let mut sent = vec![("form", form), ("place", team.slug.as_str())];
    if !fields.iter().any(|(name, _)| *name == "steward") {
        sent.push(("steward", &steward));
    }
    sent.extend_from_slice(fields);
    person.browser.post(&format!("{}/new", list_of(team)), &sent).await
}

async fn act(console: &Console, team: &Team, person: &Person, key: ApiKeyId, verb: &str, fields: &[(&str, &str)]) -> Answer {
    let (form, version) = (console.form_key(), version_of(console, key).await);
    let mut sent = vec![("form", form.as_str()), ("place", team.slug.as_str())];
    if !fields.iter().any(|(name, _)| *name == "version") {
        sent.push(("version", version.as_str()));
    }
    sent.extend_from_slice(fields);
    person.browser.post(&format!("{}/{key}/{verb}", list_of(team)), &sent).await
}

async fn version_of(console: &Console, key: ApiKeyId) -> String {
    console.database.text("select version::text from api_key where id = $1", key.0).await
}

/// The secret that a page shows.
fn secret_in(answer: &Answer) -> String {
    let at = answer.body.find("value=\"stoa_key_live_").unwrap_or_else(|| panic!("no secret in {}", answer.text())) + "value=\"".len();
    answer.body[at..].split('"').next().expect("an end").to_owned()
}

async fn told(console: &Console, person: &Person) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select kind from inbox_item where user_id = $1 order by created_at, id")
        .bind(person.user.0)
        .fetch_all(&mut owner)
        .await
        .expect("items")
}

/// Actor and target of every such event in the workspace's own log.
async fn events(console: &Console, team: &Team, action: &str) -> Vec<(String, String)> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as("select actor_name, target_name from audit_event where log_id = $1 and action = $2 order by occurred_at, id")
        .bind(team.workspace.0)
        .bind(action)
        .fetch_all(&mut owner)
        .await
        .expect("events")
}

#[tokio::test]
async fn a_key_is_made_shown_once_and_works() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let new = team.admin.browser.get(&format!("{}/new", list_of(&team))).await;
    assert_eq!(new.status, StatusCode::OK);
    assert!(new.text().contains("366 days at most") && new.text().contains("Acme Member (member)"), "{}", new.text());
    let fields = [("name", "Nightly"), ("scopes", "members:read"), ("scopes", "audit:read"), ("expires_in_days", "90")];
    let form = new.field("form");
    let made = make(&team, &team.admin, &form, &fields).await;
    assert_eq!((made.status, made.header("cache-control")), (StatusCode::OK, "no-store"), "{}", made.text());
    let secret = secret_in(&made);
    assert!(made.text().contains("$STOA_KEY") && !made.text().contains(&secret), "the snippet holds a variable and not the key");
    let listed = team.auditor.browser.get(&list_of(&team)).await;
    assert!(listed.text().contains(&format!("stoa_key_live_…{}", &secret[secret.len() - 4..])), "{}", listed.text());
    assert!(listed.text().contains("never"));
    let me = Client::with(console.router.clone(), &secret).get("/me").await;
    assert_eq!(me.body["data"]["key"]["scopes"], json!(["members:read", "audit:read"]), "{}", me.body);

    // The same form again makes nothing, and shows the secret to nobody.
    let again = make(&team, &team.admin, &form, &fields).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    let page = team.admin.browser.get(again.location()).await;
    assert!(page.text().contains("shown once"), "{}", page.text());
    assert!(!page.body.contains(&secret[40..70]));
    assert_eq!(console.database.count("select count(*) from api_key").await, 1);
    assert!(!console.database.dump().await.contains(&secret[40..70]));
    assert_eq!(events(&console, &team, "api_key.created").await, [("Acme Admin".to_owned(), "Nightly".to_owned())]);
}

#[tokio::test]
async fn everything_wrong_with_a_new_key_is_said_at_once_and_kept() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let steward = team.member.user.to_string();
    let fields = [
        ("name", " "),
        ("scopes", "members:read"),
        ("scopes", "settings:write"),
        ("scopes", "credentials:write"),
        ("steward", steward.as_str()),
        ("expires_in_days", "400"),
    ];
    let refused = make(&team, &team.admin, &console.form_key(), &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for says in ["The name is empty", "does not allow settings:write", "does not allow credentials:write", "1 to 366 days"] {
        assert!(refused.text().contains(says), "{says} is missing in {}", refused.text());
    }
    assert!(!refused.text().contains("does not allow members:read"));
    assert_eq!(refused.count("input[name=scopes][checked]"), 3);
    assert_eq!(refused.count("[role=alert] a"), 4);
    assert_eq!(refused.count(&format!("option[value={steward}][selected]")), 1);
    let stranger = console.signed_in_as("Eve").await.user.to_string();
    for steward in ["nobody", stranger.as_str()] {
        let fields = [("name", "x"), ("scopes", "members:read"), ("steward", steward), ("expires_in_days", "7")];
        assert_eq!(make(&team, &team.admin, &console.form_key(), &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(console.database.count("select count(*) from api_key").await, 0);
}

#[tokio::test]
async fn a_workspaces_policy_bounds_a_keys_life() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update workspace set credential_days = 45").execute(&mut owner).await.expect("set");
    let new = team.owner.browser.get(&format!("{}/new", list_of(&team))).await;
    assert_eq!((new.count("option[value='45'][selected]"), new.count("option[value='90']")), (1, 0), "{}", new.text());
    let fields = [("name", "x"), ("scopes", "members:read"), ("expires_in_days", "90")];
    let refused = make(&team, &team.owner, &console.form_key(), &fields).await;
    assert!(refused.text().contains("1 to 45 days"), "{}", refused.text());
}

#[tokio::test]
async fn those_who_may_not_manage_keys_change_none() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let key = console.client(&team.owner, &team.slug, &KEYS).await.key;
    let outsider = console.team("Zenith").await;
    let before = console.database.dump().await.len();
    let to = team.member.user.to_string();
    for (verb, fields) in [
        ("narrow", vec![("scopes", "credentials:read")]),
        ("rotate", vec![("overlap_days", "1")]),
        ("steward", vec![("steward", to.as_str())]),
        ("quarantine", vec![("reason", "x")]),
        ("lift", vec![]),
        ("revoke", vec![("phrase", "Test")]),
    ] {
        for person in [&team.member, &team.auditor] {
            assert_eq!(act(&console, &team, person, key, verb, &fields).await.status, StatusCode::FORBIDDEN, "{verb} by {}", person.name);
        }
        assert_eq!(act(&console, &team, &outsider.owner, key, verb, &fields).await.status, StatusCode::NOT_FOUND, "{verb}");
        // In a workspace of their own the key is not there.
        assert_eq!(act(&console, &outsider, &outsider.owner, key, verb, &fields).await.status, StatusCode::NOT_FOUND, "{verb}");
    }
    assert_eq!(console.database.count("select count(*) from api_key where version = 1 and status = 'active'").await, 1);
    assert!(console.database.dump().await.len() >= before);
    let page = team.auditor.browser.get(&format!("{}/{key}", list_of(&team))).await;
    assert_eq!((page.status, page.count("main form")), (StatusCode::OK, 0));
    assert_eq!(outsider.owner.browser.get(&format!("{}/{key}", list_of(&outsider))).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_member_sees_the_keys_they_answer_for_and_no_others() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let theirs = console.client(&team.owner, &team.slug, &["members:read"]).await.key;
    let other = console.client(&team.owner, &team.slug, &["audit:read"]).await.key;
    let to = team.member.user.to_string();
    assert_eq!(act(&console, &team, &team.owner, theirs, "steward", &[("steward", &to)]).await.status, StatusCode::SEE_OTHER);
    let listed = team.member.browser.get(&list_of(&team)).await;
    assert_eq!((listed.count("main tbody tr"), listed.count("select[name=steward]")), (1, 0), "{}", listed.text());
    assert_eq!(team.member.browser.get(&format!("{}/{theirs}", list_of(&team))).await.status, StatusCode::OK);
    assert_eq!(team.member.browser.get(&format!("{}/{other}", list_of(&team))).await.status, StatusCode::NOT_FOUND);
    let csv = team.member.browser.get(&format!("{}.csv", list_of(&team))).await;
    assert!(csv.body.contains(&theirs.to_string()) && !csv.body.contains(&other.to_string()), "{}", csv.body);
}

#[tokio::test]
async fn a_list_is_narrowed_paged_and_taken_away() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut scope = console.managing_credentials(&team.owner, &team.slug).await;
    let mut last = String::new();
    for n in 0..53 {
        let new = api_keys::NewKey {
            kind: stoa::server::credentials::Kind::Key,
            name: format!("Key {n}"),
            steward: (n % 2 == 0).then_some(team.admin.user),
            scopes: vec!["members:read".to_owned()],
            days: Some(if n < 5 { 20 } else { 300 }),
        };
        last = api_keys::create(&mut scope, &new, None).await.expect("a key").key.last_four;
        console.hands.advance(TimeDelta::milliseconds(1));
    }
    scope.commit().await.expect("committed");
    let browser = &team.auditor.browser;
    let rows = async |query: &str| browser.get(&format!("{}?{query}", list_of(&team))).await.count("main tbody tr");
    let first = browser.get(&list_of(&team)).await;
    assert_eq!(first.count("main tbody tr"), 50);
    assert!(first.text().contains("Key 52") && !first.text().contains("Key 2 "), "newest first");
    let next =
        first.body.split("href=\"").find(|rest| rest.contains("after=key_")).and_then(|rest| rest.split('"').next()).expect("a next page");
    let second = browser.get(&next.replace("&amp;", "&")).await;
    assert_eq!(second.count("main tbody tr"), 3);
    assert!(second.text().contains("First page") && !second.text().contains("Next page"));
    assert_eq!(rows("q=key+4").await, 11);
    assert!(rows(&format!("q={last}")).await >= 1);
    assert_eq!(rows(&format!("steward={}&q=Key+1", team.admin.user)).await, 5);
    assert_eq!(rows("status=revoked").await, 0);
    assert_eq!(rows("unused=30").await, 0);
    console.hands.advance(TimeDelta::days(31));
    let session = console.new_session(team.auditor.user, "Acme Auditor").await;
    browser.set_cookie("stoa_session", &session);
    assert_eq!(rows("status=expired").await, 5);
    assert_eq!(rows("unused=30&q=Key+1").await, 10, "Key 1 itself has expired: nobody could use it");
    assert_eq!(rows("unused=60").await, 0);
    assert!(browser.get(&format!("{}?status=revoked", list_of(&team))).await.text().contains("No key matches"));
    let csv = browser.get(&format!("{}.csv?status=expired", list_of(&team))).await;
    assert_eq!(csv.body.lines().count(), 6, "{}", csv.body);
    let taken = events(&console, &team, "api_keys.exported").await;
    assert_eq!(taken, [("Acme Auditor".to_owned(), "Acme Shop".to_owned())]);
}

#[tokio::test]
async fn an_empty_list_says_what_it_is_for() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (person, says) in
        [(&team.admin, "Create the first key"), (&team.auditor, "Owners and admins create them"), (&team.member, "You answer for no key")]
    {
        let page = person.browser.get(&list_of(&team)).await;
        assert!(page.text().contains(says), "{}", page.text());
    }
}

#[tokio::test]
async fn scopes_are_taken_away_and_never_added() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["members:read", "audit:read"]).await;
    let wider = act(&console, &team, &team.admin, client.key, "narrow", &[("scopes", "members:read"), ("scopes", "members:write")]).await;
    assert!(wider.text().contains("never added"), "{}", wider.text());
    let none = act(&console, &team, &team.admin, client.key, "narrow", &[]).await;
    assert!(none.text().contains("Revoke it instead"), "{}", none.text());
    let done = act(&console, &team, &team.admin, client.key, "narrow", &[("scopes", "members:read")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(client.get("/me").await.body["data"]["key"]["scopes"], json!(["members:read"]));
    let stale = act(&console, &team, &team.admin, client.key, "quarantine", &[("reason", "x"), ("version", "1")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    assert!(stale.text().contains("changed by someone else"), "{}", stale.text());
}

#[tokio::test]
async fn a_rotation_shows_the_new_secret_once_and_when_the_old_one_was_last_used() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let old = console.client(&team.admin, &team.slug, &["members:read"]).await;
    assert_eq!(old.get("/me").await.status, StatusCode::OK);
    let shown = act(&console, &team, &team.admin, old.key, "rotate", &[("overlap_days", "3")]).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    let newer = Client::with(console.router.clone(), &secret_in(&shown));
    assert_eq!((old.get("/me").await.status, newer.get("/me").await.status), (StatusCode::OK, StatusCode::OK));
    let page = team.admin.browser.get(&format!("{}/{}", list_of(&team), old.key)).await;
    assert!(page.text().contains("The old one was never used") || page.text().contains("Old one last used"), "{}", page.text());
    assert!(page.text().contains("old one") && page.text().contains("current"));
    console.hands.advance(TimeDelta::hours(73));
    assert_eq!((old.get("/me").await.status, newer.get("/me").await.status), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    for days in ["8", "-1", "soon"] {
        let session = console.new_session(team.admin.user, "Acme Admin").await;
        team.admin.browser.set_cookie("stoa_session", &session);
        let refused = act(&console, &team, &team.admin, old.key, "rotate", &[("overlap_days", days)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{days}");
    }
    assert_eq!(events(&console, &team, "api_key.rotated").await.len(), 1);
}

#[tokio::test]
async fn quarantine_stops_a_key_with_a_reason_and_lifting_lets_it_go_on() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["members:read"]).await;
    let bare = act(&console, &team, &team.admin, client.key, "quarantine", &[("reason", "")]).await;
    assert!(bare.text().contains("The reason is empty"), "{}", bare.text());
    act(&console, &team, &team.admin, client.key, "quarantine", &[("reason", "odd calls")]).await;
    assert_eq!(client.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let page = team.auditor.browser.get(&format!("{}/{}", list_of(&team), client.key)).await;
    assert!(page.text().contains("quarantined odd calls"), "{}", page.text());
    act(&console, &team, &team.owner, client.key, "lift", &[]).await;
    assert_eq!(client.get("/me").await.status, StatusCode::OK);
    assert_eq!(events(&console, &team, "api_key.quarantined").await, [("Acme Admin".to_owned(), "Test".to_owned())]);
    assert_eq!(events(&console, &team, "api_key.lifted").await, [("Acme Owner".to_owned(), "Test".to_owned())]);
}

#[tokio::test]
async fn whoever_ends_a_key_sees_what_stops_and_types_its_name() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &["members:read", "audit:read"]).await;
    let confirm = format!("{}/{}/revoke", list_of(&team), client.key);
    let quiet = team.admin.browser.get(&confirm).await;
    assert!(quiet.text().contains("1 secret that works now") && quiet.text().contains("members:read, audit:read"), "{}", quiet.text());
    assert!(!quiet.text().contains("in the last 24 hours"));
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update api_key set last_used_at = $1, last_used_network = '203.0.113.0/24'")
        .bind(console.stoa.clock.now() - TimeDelta::hours(2))
        .execute(&mut owner)
        .await
        .expect("used");
    let busy = team.admin.browser.get(&confirm).await;
    assert!(busy.text().contains("in the last 24 hours") && busy.text().contains("203.0.113.0/24"), "{}", busy.text());

    let wrong = act(&console, &team, &team.admin, client.key, "revoke", &[("phrase", "test")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let changed = act(&console, &team, &team.admin, client.key, "revoke", &[("phrase", "Test"), ("version", "9")]).await;
    assert_eq!(changed.status, StatusCode::CONFLICT, "what stops is not what was shown");
    assert_eq!(client.get("/me").await.status, StatusCode::OK);
    let done = act(&console, &team, &team.admin, client.key, "revoke", &[("phrase", "Test"), ("reason", "moved")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(client.get("/me").await.status, StatusCode::UNAUTHORIZED);
    let page = team.admin.browser.get(done.location()).await;
    assert!(page.text().contains("revoked moved"), "{}", page.text());
    assert!(page.text().contains("ended") && !page.text().contains("current") && !page.text().contains("Expires"), "{}", page.text());
    assert_eq!(page.count("main form"), 0, "nothing can be done with it any more");
    let late = act(&console, &team, &team.admin, client.key, "rotate", &[("overlap_days", "0")]).await;
    assert!(late.text().contains("stays so"), "{}", late.text());
    // Twice changes nothing.
    act(&console, &team, &team.admin, client.key, "revoke", &[("phrase", "Test")]).await;
    assert_eq!(events(&console, &team, "api_key.revoked").await.len(), 1);
}

#[tokio::test]
async fn a_key_is_handed_to_somebody_whose_role_reaches_it_and_who_is_told() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &KEYS).await;
    let stranger = console.signed_in_as("Eve").await;
    for (to, says) in [(&team.member, "cannot answer for credentials:read, credentials:write"), (&stranger, "not an active member")] {
        let refused = act(&console, &team, &team.admin, client.key, "steward", &[("steward", &to.user.to_string())]).await;
        assert!(refused.text().contains(says), "{}", refused.text());
    }
    let second = console.joins(&team, "Second", WorkspaceRole::Admin).await;
    let to = second.user.to_string();
    let done = act(&console, &team, &team.admin, client.key, "steward", &[("steward", &to)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(client.get("/me").await.body["data"]["key"]["steward"], to);
    assert_eq!((told(&console, &second).await, told(&console, &team.member).await), (vec!["api_key.handed_over".to_owned()], vec![]));
    // Over the API too, and within the caller's own scopes.
    let path = format!("/api-keys/{}/hand-over", client.key);
    let reply = client.send(Method::POST, &path, &[], Some(&json!({ "steward": team.admin.user.to_string() }))).await;
    assert_eq!((reply.status, reply.body["data"]["steward"].as_str()), (StatusCode::OK, Some(team.admin.user.to_string().as_str())));
    let lesser = console.client(&team.admin, &team.slug, &["credentials:write"]).await;
    assert_eq!(lesser.post(&path, &json!({ "steward": to })).await.status, StatusCode::CONFLICT);
    assert_eq!(events(&console, &team, "api_key.handed_over").await.len(), 2);
}
