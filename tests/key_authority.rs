//! No key makes anybody more than they are: not by its steward, by being handed on, rotated, outliving, or being looked for.

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};
use stoa::{
    access::WorkspaceRole,
    features::api_keys::server::{self as api_keys, NewKey},
    ids::{ApiKeyId, MembershipId},
};

use crate::support::{Answer, Client, Console, Person, Reply, Team};

const KEYS: [&str; 2] = ["credentials:read", "credentials:write"];
const ALL: [&str; 23] = [
    "members:read",
    "members:write",
    "credentials:read",
    "credentials:write",
    "settings:read",
    "settings:write",
    "modules:read",
    "modules:write",
    "usage:read",
    "billing:read",
    "audit:read",
    "activity:read",
    "activity:write",
    "assets:read",
    "assets:write",
    "tasks:read",
    "tasks:write",
    "crm:read",
    "crm:write",
    "support:read",
    "support:write",
    "cms:read",
    "cms:write",
];

async fn patch(client: &Client, member: MembershipId, role: &str) -> Reply {
    client.send(Method::PATCH, &format!("/members/{member}"), &[], Some(&json!({ "role": role }))).await
}

async fn make(team: &Team, console: &Console, by: &Person, steward: &Person, scopes: &[&str]) -> Answer {
    let (form, steward) = (console.form_key(), steward.user.to_string());
    let mut sent =
        vec![("form", form.as_str()), ("place", &team.slug), ("name", "Robot"), ("steward", &steward), ("expires_in_days", "90")];
    sent.extend(scopes.iter().map(|scope| ("scopes", *scope)));
    by.browser.post(&format!("/w/{}/api-keys/new", team.slug), &sent).await
}

async fn act(console: &Console, team: &Team, by: &Person, key: ApiKeyId, verb: &str, field: (&str, &str)) -> Answer {
    let version = console.database.text("select version::text from api_key where id = $1", key.0).await;
    let sent = [("form", console.form_key().as_str()), ("place", &team.slug), ("version", &version), field].map(|(a, b)| (a, b.to_owned()));
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
    by.browser.post(&format!("/w/{}/api-keys/{key}/{verb}", team.slug), &sent).await
}

/// Behind everyone's back.
async fn becomes(console: &Console, team: &Team, person: &Person, sql: &'static str) {
    console.change(sql, console.member_id(team.workspace, person.user).await.0).await;
}

const TO_OWNER: &str = "update workspace_grant set role = 'owner' where membership_id = $1";
const TO_ADMIN: &str = "update workspace_grant set role = 'admin' where membership_id = $1";
const TO_MEMBER: &str = "update workspace_grant set role = 'member' where membership_id = $1";
const TO_READONLY: &str = "update workspace_grant set role = 'readonly' where membership_id = $1";

async fn max_role(console: &Console, key: ApiKeyId) -> String {
    console.database.text("select max_role from api_key where id = $1", key.0).await
}

async fn told(console: &Console, person: &Person) -> Vec<(String, String)> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as("select kind, body from inbox_item where user_id = $1 order by created_at, id")
        .bind(person.user.0)
        .fetch_all(&mut owner)
        .await
        .expect("items")
}

fn secret_in(answer: &Answer) -> String {
    let at = answer.body.find("value=\"stoa_key_live_").unwrap_or_else(|| panic!("no secret in {}", answer.text())) + "value=\"".len();
    answer.body[at..].split('"').next().expect("an end").to_owned()
}

fn made(console: &Console, reply: &Reply) -> Client {
    assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.body);
    let mut client = Client::with(console.router.clone(), reply.body["data"]["secret"].as_str().expect("a secret"));
    client.key = reply.body["data"]["id"].as_str().expect("an id").parse().expect("an id");
    client
}

#[tokio::test]
async fn nobody_names_a_steward_above_themselves() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let page = team.admin.browser.get(&format!("/w/{}/api-keys/new", team.slug)).await;
    assert!(!page.text().contains("Acme Owner (owner)"), "{}", page.text());
    let refused = make(&team, &console, &team.admin, &team.owner, &["members:write"]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("owner, which is more than admin"), "{}", refused.text());
    let client = console.client(&team.admin, &team.slug, &ALL).await;
    let above = json!({ "name": "Robot", "scopes": ["members:write"], "steward": team.owner.user.to_string() });
    let refused = client.post("/api-keys", &above).await;
    assert_eq!(refused.code(), "validation_failed", "{}", refused.body);
    assert!(refused.body.to_string().contains("more than admin"), "{}", refused.body);
    let to = team.owner.user.to_string();
    let handed = client.post(&format!("/api-keys/{}/hand-over", client.key), &json!({ "steward": to })).await;
    assert_eq!(handed.code(), "validation_failed", "{}", handed.body);
    let handed = act(&console, &team, &team.admin, client.key, "steward", ("steward", &to)).await;
    assert_eq!(handed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(client.get("/me").await.body["data"]["key"]["steward"], team.admin.user.to_string());
    assert_eq!(console.database.count("select count(*) from api_key").await, 1);
}

#[tokio::test]
async fn a_key_stays_what_its_maker_was_whatever_its_steward_becomes() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &ALL).await;
    becomes(&console, &team, &team.admin, TO_OWNER).await;
    let member = console.member_id(team.workspace, team.member.user).await;
    for (role, status) in [("owner", StatusCode::FORBIDDEN), ("admin", StatusCode::OK)] {
        assert_eq!(patch(&client, member, role).await.status, status, "{role}");
    }
    let admin = console.member_id(team.workspace, team.owner.user).await;
    assert_eq!(patch(&client, admin, "member").await.status, StatusCode::FORBIDDEN, "an owner is above the key");
    let invited = client.post("/invitations", &json!({ "addresses": ["new@x.org"], "role": "owner" })).await;
    assert_eq!(invited.status, StatusCode::FORBIDDEN, "{}", invited.body);
    // What it mints is no more than it is, though its steward could.
    let child = made(&console, &client.post("/api-keys", &json!({ "name": "Child", "scopes": ["members:write"] })).await);
    assert_eq!(
        (max_role(&console, child.key).await.as_str(), patch(&child, member, "owner").await.status),
        ("admin", StatusCode::FORBIDDEN)
    );
    // Nor does rotating itself, or being handed on by an owner.
    let rotated = client.post(&format!("/api-keys/{}/rotate", client.key), &json!({})).await;
    let newer = Client::with(console.router.clone(), rotated.body["data"]["secret"].as_str().expect("a secret"));
    assert_eq!(patch(&newer, member, "owner").await.status, StatusCode::FORBIDDEN);
    let to = team.owner.user.to_string();
    let handed = act(&console, &team, &team.owner, client.key, "steward", ("steward", &to)).await;
    assert_eq!(handed.status, StatusCode::SEE_OTHER, "{}", handed.text());
    assert_eq!(patch(&newer, member, "owner").await.status, StatusCode::FORBIDDEN);
    let page = team.auditor.browser.get(&format!("/w/{}/api-keys/{}", team.slug, client.key)).await;
    assert!(page.text().contains("At mostadmin"), "{}", page.text());
    assert_eq!(newer.get(&format!("/api-keys/{}", client.key)).await.body["data"]["max_role"], "admin");
}

/// Each of member and readonly reaches what the other does not: such a key has what both have.
#[tokio::test]
async fn a_key_between_two_roles_has_what_both_have() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let answer = make(&team, &console, &team.owner, &team.auditor, &["audit:read", "members:read", "credentials:read"]).await;
    let client = Client::with(console.router.clone(), &secret_in(&answer));
    assert_eq!(client.get("/audit-log").await.status, StatusCode::OK);
    becomes(&console, &team, &team.auditor, TO_ADMIN).await;
    assert_eq!(client.get("/audit-log").await.status, StatusCode::OK);
    becomes(&console, &team, &team.auditor, TO_MEMBER).await;
    console.client(&team.owner, &team.slug, &["members:read"]).await;
    assert_eq!((client.get("/audit-log").await.status, client.get("/members").await.status), (StatusCode::FORBIDDEN, StatusCode::OK));
    assert_eq!(client.get("/api-keys").await.body["data"].as_array().map(Vec::len), Some(1), "a member reads their own");
    // The other way round.
    let answer = make(&team, &console, &team.owner, &team.member, &["members:read"]).await;
    let client = Client::with(console.router.clone(), &secret_in(&answer));
    console
        .change("update api_key set scopes = array['audit:read', 'members:read'] where max_role = 'member' and id <> $1", uuid::Uuid::nil())
        .await;
    for sql in [TO_READONLY, TO_OWNER] {
        becomes(&console, &team, &team.member, sql).await;
        assert_eq!((client.get("/audit-log").await.status, client.get("/members").await.status), (StatusCode::FORBIDDEN, StatusCode::OK));
    }
}

#[tokio::test]
async fn a_key_that_goes_to_somebody_above_grows_by_no_way_out() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let second = console.joins(&team, "Second", WorkspaceRole::Owner).await;
    // A key of somebody who was an owner when they made it, and is an admin now.
    let (left, removed) = (console.client(&second, &team.slug, &ALL).await, console.client(&team.admin, &team.slug, &ALL).await);
    becomes(&console, &team, &second, TO_ADMIN).await;
    assert_eq!(max_role(&console, left.key).await, "owner");
    let path = format!("/w/{}/members/leave", team.slug);
    let page = second.browser.get(&path).await;
    let to = team.owner.user.to_string();
    let fields = [("form", console.form_key()), ("place", team.slug.clone()), ("shown", page.field("shown")), ("fate", to.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(second.browser.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    let path = format!("/w/{}/members/{}/remove", team.slug, console.member_id(team.workspace, team.admin.user).await);
    let shown = team.owner.browser.get(&path).await.field("shown");
    let fields = [("form", console.form_key()), ("place", team.slug.clone()), ("shown", shown), ("fate", "hand_over".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(team.owner.browser.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    let member = console.member_id(team.workspace, team.member.user).await;
    for client in [&left, &removed] {
        assert_eq!(client.get("/me").await.body["data"]["key"]["steward"], to);
        assert_eq!(
            (max_role(&console, client.key).await.as_str(), patch(client, member, "owner").await.status),
            ("admin", StatusCode::FORBIDDEN)
        );
        let page = team.owner.browser.get(&format!("/w/{}/api-keys/{}", team.slug, client.key)).await;
        assert!(page.text().contains("may still know that secret"), "{}", page.text());
    }
    let notices = told(&console, &team.owner).await;
    assert_eq!(notices.len(), 1, "of those that they took over by their own act they know");
    assert!(notices.iter().all(|(kind, body)| kind == "api_key.handed_over" && body.contains("may still know")), "{notices:?}");
    // A new secret settles it.
    console.hands.advance(TimeDelta::seconds(1));
    act(&console, &team, &team.owner, left.key, "rotate", ("overlap_days", "0")).await;
    let page = team.owner.browser.get(&format!("/w/{}/api-keys/{}", team.slug, left.key)).await;
    assert!(!page.text().contains("may still know that secret"), "{}", page.text());
    assert!(page.text().contains("At mostadmin"), "rotating raises nothing");
}

#[tokio::test]
async fn who_rotates_a_key_is_shown_no_more_than_they_are() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let key = console.client(&team.owner, &team.slug, &ALL).await;
    let member = console.member_id(team.workspace, team.member.user).await;
    let shown = act(&console, &team, &team.admin, key.key, "rotate", ("overlap_days", "1")).await;
    let rotated = Client::with(console.router.clone(), &secret_in(&shown));
    for client in [&key, &rotated] {
        assert_eq!(patch(client, member, "owner").await.status, StatusCode::FORBIDDEN);
    }
    let changes: Value = serde_json::from_str(
        &console
            .database
            .text("select changes::text from audit_event where action = 'api_key.rotated' and log_id = $1", team.workspace.0)
            .await,
    )
    .expect("JSON");
    assert!(changes.to_string().contains("max_role"), "{changes}");
}

#[tokio::test]
async fn whoever_is_named_as_steward_is_told_and_whoever_goes_is_known_to_know() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    make(&team, &console, &team.admin, &team.member, &["members:read"]).await;
    make(&team, &console, &team.admin, &team.admin, &["members:read"]).await;
    let notices = told(&console, &team.member).await;
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].0 == "api_key.created" && notices[0].1.contains("Acme Admin made it"), "{notices:?}");
    assert!(told(&console, &team.admin).await.is_empty(), "whoever makes a key for themselves knows");
    let path = format!("/w/{}/members/{}/remove", team.slug, console.member_id(team.workspace, team.admin.user).await);
    let page = team.owner.browser.get(&path).await;
    assert!(page.text().contains("What they may still know1 credential: Robot"), "{}", page.text());
    let leaving = team.admin.browser.get(&format!("/w/{}/members/leave", team.slug)).await;
    assert!(leaving.text().contains("What you may still know"), "{}", leaving.text());
    // Once somebody else has rotated it and the old secret has ended, nothing is known any more.
    let key = console.database.text("select id::text from api_key where steward = $1", team.member.user.0).await;
    act(&console, &team, &team.owner, ApiKeyId(key.parse().expect("an id")), "rotate", ("overlap_days", "0")).await;
    let page = team.owner.browser.get(&path).await;
    assert!(!page.text().contains("may still know"), "{}", page.text());
}

#[tokio::test]
async fn repeated_scopes_are_one_and_no_way_around() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &ALL).await;
    let child = made(&console, &client.post("/api-keys", &json!({ "name": "Many", "scopes": vec!["members:read"; 150] })).await);
    assert_eq!(child.get("/me").await.body["data"]["key"]["scopes"], json!(["members:read"]));
    let child = made(&console, &client.post("/api-keys", &json!({ "name": "Two", "scopes": ["audit:read", "members:read"] })).await);
    let path = format!("/api-keys/{}/narrow", child.key);
    let narrowed = client.post(&path, &json!({ "scopes": ["members:read", "members:read"] })).await;
    assert_eq!((narrowed.status, &narrowed.body["data"]["scopes"]), (StatusCode::OK, &json!(["members:read"])));
    assert_eq!(child.get("/audit-log").await.code(), "missing_required_scope");
    let wide = client.post("/api-keys", &json!({ "name": "Odd", "scopes": vec!["x:y"; 150] })).await;
    assert_eq!(wide.code(), "validation_failed", "{}", wide.body);
}

#[tokio::test]
async fn no_key_makes_one_that_outlives_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let mut scope = console.managing_credentials(&team.admin, &team.slug).await;
    let new = NewKey {
        kind: stoa::server::credentials::Kind::Key,
        name: "Short".to_owned(),
        steward: None,
        scopes: KEYS.map(str::to_owned).to_vec(),
        days: Some(7),
    };
    let short = api_keys::create(&mut scope, &new, None).await.expect("a key");
    scope.commit().await.expect("committed");
    let client = Client::with(console.router.clone(), &short.secret.reveal());
    let longer = json!({ "name": "Child", "scopes": KEYS, "expires_in_days": 8 });
    let refused = client.post("/api-keys", &longer).await;
    assert_eq!(refused.code(), "validation_failed", "{}", refused.body);
    assert!(refused.body.to_string().contains("expires_in_days") && refused.body.to_string().contains("outlives"), "{}", refused.body);
    let child = client.post("/api-keys", &json!({ "name": "Child", "scopes": KEYS })).await;
    let end = client.get("/me").await.body["data"]["key"]["expires_at"].clone();
    assert_eq!((child.status, &child.body["data"]["expires_at"]), (StatusCode::CREATED, &end), "where nothing is said");
    // A new secret of a longer one would be the same.
    let long = console.client(&team.admin, &team.slug, &KEYS).await;
    assert_eq!(client.post(&format!("/api-keys/{}/rotate", long.key), &json!({})).await.status, StatusCode::CONFLICT);
    let child = made(&console, &child);
    assert_eq!(client.post(&format!("/api-keys/{}/rotate", child.key), &json!({})).await.status, StatusCode::OK);
}

#[tokio::test]
async fn two_secrets_work_at_most_and_a_leaked_one_is_never_overlooked() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let first = console.client(&team.admin, &team.slug, &["members:read"]).await;
    let mut secrets = vec![first.secret.clone()];
    for _ in 0..3 {
        let shown = act(&console, &team, &team.admin, first.key, "rotate", ("overlap_days", "7")).await;
        secrets.push(secret_in(&shown));
    }
    let mut working = Vec::new();
    for secret in &secrets {
        working.push(Client::with(console.router.clone(), secret).get("/me").await.status == StatusCode::OK);
    }
    assert_eq!(working, [false, false, true, true]);
    // As it could have been before: many that work, and the oldest of them leaked.
    let mut owner = console.database.connect("stoa_owner").await;
    for sql in [
        "insert into api_key_secret (tenant_id, workspace_id, key_id, id, secret_hash, pepper_id, last_four, created_by, created_at)
         select tenant_id, workspace_id, key_id, gen_random_uuid(), secret_hash, pepper_id, last_four, created_by, created_at
         from api_key_secret cross join generate_series(1, 30) where ends_at is null",
        "update api_key_secret set leaked_at = now() where id = (select min(id::text)::uuid from api_key_secret where ends_at is null)",
        "update api_key set status = 'quarantined'",
    ] {
        sqlx::query(sql).execute(&mut owner).await.expect("written");
    }
    let lifted = act(&console, &team, &team.admin, first.key, "lift", ("x", "")).await;
    assert!(lifted.text().contains("reported as leaked"), "{}", lifted.text());
}

#[tokio::test]
async fn a_pasted_key_is_found_and_written_nowhere() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &ALL).await;
    console.client(&team.admin, &team.slug, &["members:read"]).await;
    let (cut, core) = (client.secret[..70].to_owned(), client.secret[40..70].to_owned());
    let browser = &team.owner.browser;
    for (place, asked, csv_rows) in
        [("api-keys", &client.secret, 2), ("api-keys", &cut, 1), ("members", &client.secret, 1), ("members", &cut, 1)]
    {
        let page = browser.get(&format!("/w/{}/{place}?q={asked}", team.slug)).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains(&core), "{place} shows it again");
        let csv = browser.get(&format!("/w/{}/{place}.csv?q={asked}", team.slug)).await;
        assert_eq!(csv.body.lines().count(), csv_rows, "{place}: {}", csv.body);
    }
    let found = client.get(&format!("/api-keys?q={}", client.secret)).await;
    assert_eq!(found.body["data"].as_array().map(Vec::len), Some(1), "{}", found.body);
    for path in [format!("/api-keys?q={cut}"), format!("/members?q={}", client.secret)] {
        let refused = client.get(&path).await;
        assert_eq!(refused.code(), "validation_failed", "{}", refused.body);
        assert!(!refused.body.to_string().contains(&core));
    }
    assert!(
        console
            .database
            .text(
                "select string_agg(changes::text, ' ') from audit_event where action = 'api_keys.exported' and log_id = $1",
                team.workspace.0
            )
            .await
            .contains(&client.key.to_string())
    );
    assert!(!console.database.dump().await.contains(&core), "the secret is in the database");
}

#[tokio::test]
async fn nul_is_looked_for_nowhere() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.admin, &team.slug, &ALL).await;
    let found = client.get("/api-keys?q=Te%00st").await;
    assert_eq!((found.status, found.body["data"].as_array().map(Vec::len)), (StatusCode::OK, Some(1)), "{}", found.body);
    assert_eq!(client.get("/api-keys?status=%00").await.code(), "validation_failed");
    for path in [
        format!("/w/{}/api-keys?q=%00", team.slug),
        format!("/w/{}/api-keys.csv?q=%00", team.slug),
        format!("/w/{}/members?q=%00", team.slug),
        format!("/t/{}/people?q=%00", team.tenant_slug),
    ] {
        assert_eq!(team.owner.browser.get(&path).await.status, StatusCode::OK, "{path}");
    }
}
