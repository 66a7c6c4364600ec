//! An address that names one place's thing under another place's slug: nothing is there, by any door or operation, for
//! whoever may everything in both or in one of them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use stoa::{app, server::rest::scopes, server::scope::Asks};

use crate::{
    archive::archive,
    support::{Console, Person, Team, Things, things::names_a_thing},
    workspaces::give_plan,
};

/// What could be done to anything, in every form's own words.
const ENTRIES: &[(&str, &str)] = &[
    ("version", "1"),
    ("name", "Taken"),
    ("role", "readonly"),
    ("was", "member"),
    ("reason", "to take it"),
    ("scopes", "members:read"),
    ("fate", "revoke"),
    ("overlap_days", "1"),
    ("q", "taken"),
];

/// Bodies of which every operation that names a thing takes one.
fn bodies(person: &Person) -> Vec<Value> {
    vec![
        json!({}),
        json!({ "scopes": ["members:read"] }),
        json!({ "reason": "to take it" }),
        json!({ "steward": person.user.to_string() }),
        json!({ "role": "readonly" }),
        json!({ "name": "Taken", "q": "taken" }),
        json!({ "name": "Taken", "url": "https://taken.example.com" }),
        json!({ "limit_micros": 5, "hard": true }),
    ]
}

/// The rows that are somebody's: none of them may change.
async fn rows(console: &Console, team: &Team) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar(
        "select tenant_membership::text from tenant_membership where tenant_id = $1
         union all select workspace_membership::text from workspace_membership where tenant_id = $1
         union all select workspace_grant::text from workspace_grant where tenant_id = $1
         union all select invitation::text from invitation where tenant_id = $1
         union all select api_key::text from api_key where tenant_id = $1
         union all select support_consent::text from support_consent where tenant_id = $1
         union all select workspace::text from workspace where tenant_id = $1
         union all select record::text from record where tenant_id = $1
         union all select audit_view::text from audit_view where tenant_id = $1
         union all select audit_stream::text from audit_stream where tenant_id = $1
         union all select record_value::text from record_value where tenant_id = $1
         union all select inbox_item::text from inbox_item where user_id = $2
         order by 1",
    )
    .bind(team.tenant.0)
    .bind(team.owner.user.0)
    .fetch_all(&mut owner)
    .await
    .expect("rows")
}

/// Comes as `person` to every door of the place at these slugs that names a thing, with `things` of elsewhere.
async fn every_door_is_nowhere(
    console: &Console,
    person: &Person,
    tenant_slug: &str,
    slug: &str,
    archived: &str,
    things: &Things,
) -> usize {
    let mut tried = 0;
    for door in app::doors().into_iter().filter(|door| names_a_thing(door.path)) {
        let place = match door.asks {
            Asks::Tenant(_) => tenant_slug,
            Asks::Workspace(_) => slug,
            Asks::Archive(_) => archived,
            _ => continue,
        };
        let path = things.address_at(place, place, door.path);
        let status = comes(console, person, &door.method, &path, place).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{} {path}", door.method);
        tried += 1;
    }
    tried
}

/// The same over the API, with a key that may everything in its own workspace.
async fn every_operation_is_nowhere(console: &Console, person: &Person, slug: &str, things: &Things) -> usize {
    let all: Vec<&str> = scopes().map(|kind| kind.name).collect();
    let client = console.client(person, slug, &all).await;
    let mut tried = 0;
    for operation in app::operations().into_iter().filter(|operation| names_a_thing(operation.path)) {
        let path = things.address(operation.path);
        let mut codes = Vec::new();
        for body in bodies(person) {
            let body = (operation.method != Method::GET).then_some(&body);
            let reply = client.send(operation.method.clone(), &path, &[], body).await;
            assert!(
                reply.status == StatusCode::NOT_FOUND || reply.code() == "validation_failed",
                "{} {path}: {}",
                operation.method,
                reply.body
            );
            codes.push(reply.status);
        }
        let is_found_missing = codes.contains(&StatusCode::NOT_FOUND);
        assert!(is_found_missing, "{} {path} took no body: give this test one that it takes", operation.id);
        tried += 1;
    }
    tried
}

#[tokio::test]
async fn another_tenants_things_are_not_under_ones_own_slug() {
    let console = Console::start().await;
    let (acme, mut zenith) = (console.team("Acme").await, console.team("Zenith").await);
    give_plan(&console, &zenith, "team").await;
    assert_eq!(archive(&console, &zenith, &zenith.owner).await.status, StatusCode::SEE_OTHER);
    let (_, archived) = console.next_workspace(&mut zenith).await;
    let ours = console.things(&acme).await;
    let before = rows(&console, &acme).await;
    let doors = every_door_is_nowhere(&console, &zenith.owner, &zenith.tenant_slug, &zenith.slug, &archived, &ours).await;
    let operations = every_operation_is_nowhere(&console, &zenith.owner, &zenith.slug, &ours).await;
    assert!(doors >= 20 && operations >= 14, "only {doors} doors and {operations} operations were tried");
    assert_eq!(rows(&console, &acme).await, before);
}

#[tokio::test]
async fn another_workspaces_things_are_not_under_this_ones_slug() {
    let console = Console::start().await;
    let mut team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    assert_eq!(archive(&console, &team, &team.owner).await.status, StatusCode::SEE_OTHER);
    let (_, archived) = console.next_workspace(&mut team).await;
    let things = console.things(&team).await;
    console.next_workspace(&mut team).await;
    // The same person owns both: nothing but the address keeps them apart. What the team itself names is theirs.
    let mut tried = 0;
    let before = rows(&console, &team).await;
    for door in app::doors().into_iter().filter(|door| door.path.starts_with("/w/") && names_a_thing(door.path)) {
        let place = if matches!(door.asks, Asks::Archive(_)) { &archived } else { &team.slug };
        let path = things.address_at("", place, door.path);
        let status = comes(&console, &team.owner, &door.method, &path, place).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{} {path}", door.method);
        tried += 1;
    }
    assert!(tried >= 15, "only {tried} were tried");
    assert!(every_operation_is_nowhere(&console, &team.owner, &team.slug, &things).await >= 14);
    let after: Vec<String> = rows(&console, &team).await;
    assert!(before.iter().all(|row| after.contains(row)), "something changed");
}

async fn comes(console: &Console, person: &Person, method: &Method, path: &str, place: &str) -> StatusCode {
    if *method == Method::GET {
        return person.browser.get(path).await.status;
    }
    let (key, user) = (console.form_key(), person.user.to_string());
    let mut fields = vec![("form", key.as_str()), ("place", place), ("steward", user.as_str())];
    fields.extend_from_slice(ENTRIES);
    person.browser.post(path, &fields).await.status
}

#[tokio::test]
async fn what_is_a_persons_own_is_nobody_elses() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let ours = console.things(&acme).await;
    let before = rows(&console, &acme).await;
    let mut tried = 0;
    for door in app::doors().into_iter().filter(|door| door.asks == Asks::SignedIn && names_a_thing(door.path)) {
        for person in [&zenith.owner, &acme.admin] {
            let (path, place) = (ours.address(door.path), person.user.to_string());
            let status = comes(&console, person, &door.method, &path, &place).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{} {path}", door.method);
            tried += 1;
        }
    }
    assert!(tried >= 4, "only {tried} were tried");
    assert_eq!(rows(&console, &acme).await, before);
}
