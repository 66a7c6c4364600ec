//! Whatever happens to credentials, in whatever order: none ever comes to more than it was made with, each answers exactly
//! as its scopes, both of its roles, entitlements and switches say, and none outlives its end, its steward or its workspace.
//!
//! Random sequences are let happen at the real doors and in a model beside them; after each step every secret that there
//! ever was is tried. `STOA_PROPERTY_CASES` and `STOA_PROPERTY_SEED` choose how many sequences, and which.

mod doors;
mod model;
mod steps;

use std::env;

use axum::http::{Method, StatusCode};
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};
use stoa::access::WorkspaceRole;

use crate::support::{Client, Console, Reply};
use doors::World;
use model::{By, Expected, MODULES, Model, SCOPES, Scopes, manages};
use steps::{happen, step};

/// So many sequences where nobody asks for more.
const CASES: u32 = 8;
const STEPS_MAX: usize = 30;

/// A call that asks for a scope, and the roles that it asks for beside it.
struct Probe {
    scope: &'static str,
    method: Method,
    path: &'static str,
    body: fn() -> Value,
    allows: fn(WorkspaceRole) -> bool,
}

/// Real operations, reading and writing, of the control plane and of both modules. What would change credentials or
/// people is only tried.
const PROBES: [Probe; 9] = [
    Probe { scope: "members:read", method: Method::GET, path: "/members?limit=1", body: nothing, allows: anybody },
    Probe { scope: "audit:read", method: Method::GET, path: "/audit-log?limit=1", body: nothing, allows: not_members },
    Probe { scope: "credentials:read", method: Method::GET, path: "/api-keys?limit=1", body: nothing, allows: anybody },
    Probe { scope: "credentials:write", method: Method::POST, path: "/api-keys/{own}/narrow?dry_run=true", body: own, allows: manages },
    Probe { scope: "settings:write", method: Method::PATCH, path: "/workspace", body: renamed, allows: manages },
    Probe { scope: "tasks:read", method: Method::GET, path: "/tasks?limit=1", body: nothing, allows: anybody },
    Probe { scope: "tasks:write", method: Method::POST, path: "/tasks", body: task, allows: not_auditors },
    Probe { scope: "activity:read", method: Method::GET, path: "/activity?limit=1", body: nothing, allows: anybody },
    Probe { scope: "activity:write", method: Method::POST, path: "/activity?dry_run=true", body: entry, allows: not_auditors },
];

fn nothing() -> Value {
    Value::Null
}

/// Filled in with the key's own scopes.
fn own() -> Value {
    json!({ "scopes": [] })
}

fn renamed() -> Value {
    json!({ "name": "Shop" })
}

fn task() -> Value {
    json!({ "title": "Call back" })
}

fn entry() -> Value {
    json!({ "kind": "note", "subject": "Called" })
}

fn anybody(_: WorkspaceRole) -> bool {
    true
}

fn not_members(role: WorkspaceRole) -> bool {
    role != WorkspaceRole::Member
}

fn not_auditors(role: WorkspaceRole) -> bool {
    role != WorkspaceRole::Readonly
}

/// A key as it was made, and the last that was seen of it: what later answers are held to, model or no model.
struct Seen {
    made_with: Scopes,
    last: Scopes,
    was_refused_for_good: bool,
}

fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

#[test]
fn no_credential_grows_outlives_its_bounds_or_mints_a_wider_one() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let console = runtime.block_on(Console::start());
    let chosen = setting("STOA_PROPERTY_SEED", 1);
    let cases = u32::try_from(setting("STOA_PROPERTY_CASES", CASES.into())).expect("a number of sequences");
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_time: 120_000, ..Default::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&chosen.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let turn = std::cell::Cell::new(0);
    let outcome = runner.run(&prop::collection::vec(step(), 1..=STEPS_MAX), |steps| {
        turn.set(turn.get() + 1);
        let team_name = format!("Turn{}", turn.get());
        runtime.block_on(async {
            let (mut model, mut world) = begin(&console, &team_name).await;
            let mut seen = Vec::new();
            check(&model, &world, &mut seen).await?;
            for step in &steps {
                if let Some((expected, done)) = happen(step, &mut model, &mut world).await {
                    prop_assert_eq!(expected, done, "whether it is carried out: {:?}", step);
                }
                check(&model, &world, &mut seen).await?;
            }
            Ok(())
        })
    });
    outcome.unwrap_or_else(|failure| panic!("STOA_PROPERTY_SEED={chosen}: {failure}"));
}

/// A team of its own, that may call as often as it likes, with a key of its owner and one of its admin that hold all scopes.
async fn begin<'a>(console: &'a Console, team_name: &str) -> (Model, World<'a>) {
    console.hands.advance(chrono::TimeDelta::minutes(2));
    let team = console.team(team_name).await;
    let (mut model, mut world) = (Model::new(console.stoa.clock.now()), World { console, team, keys: Vec::new() });
    world.allow("calls_per_minute", "unlimited", false).await;
    let all: Scopes = SCOPES.iter().map(|(name, ..)| *name).collect();
    for person in [0, 1] {
        let by = By::Person(person);
        assert!(model.make(by, None, &all, Some(90)) && world.make(by, None, &all, Some(90)).await, "a first key");
    }
    (model, world)
}

/// Tries every secret that there ever was, and with the newest of each key every probe.
async fn check(model: &Model, world: &World<'_>, seen: &mut Vec<Seen>) -> Result<(), TestCaseError> {
    for (place, key) in model.keys.iter().enumerate() {
        if seen.len() == place {
            seen.push(Seen { made_with: key.scopes.clone(), last: key.scopes.clone(), was_refused_for_good: false });
        }
        let newest = key.secrets.len() - 1;
        for secret in 0..=newest {
            let client = world.client(place, secret);
            let me = client.get("/me").await;
            agrees(&model.standing(place, secret), &me, &format!("key {place}, secret {secret}, /me"))?;
            if me.status == StatusCode::OK {
                shows_no_more(model, world, place, &me.body["data"], &mut seen[place])?;
            } else if me.body.to_string().contains("revoked") || me.body.to_string().contains("expired") {
                seen[place].was_refused_for_good = true;
            }
        }
        if model.standing(place, newest) == Expected::Answers {
            probe(model, world, place, newest).await?;
        }
    }
    Ok(())
}

async fn probe(model: &Model, world: &World<'_>, key: usize, secret: usize) -> Result<(), TestCaseError> {
    let client: Client = world.client(key, secret);
    for asked in &PROBES {
        let path = asked.path.replace("{own}", &world.keys[key].id.to_string());
        let mut body = (asked.body)();
        if body.get("scopes").is_some() {
            body["scopes"] = json!(model.keys[key].scopes);
        }
        let reply = client.send(asked.method.clone(), &path, &[], Some(&body).filter(|body| !body.is_null())).await;
        agrees(&model.call(key, secret, asked.scope, asked.allows), &reply, &format!("key {key}, {path}"))?;
    }
    let held = &model.keys[key].scopes;
    if held.contains("members:write") || held.contains("credentials:write") { attempt(model, world, key).await } else { Ok(()) }
}

/// What the key would do at most, without doing it: decide who is an owner, give itself to one, mint one with every scope.
async fn attempt(model: &Model, world: &World<'_>, key: usize) -> Result<(), TestCaseError> {
    let owner = model.roles.iter().position(|role| *role == Some(WorkspaceRole::Owner)).expect("an owner always remains");
    let by = By::Key(key);
    let expected = model.clone().change_role(by, owner, WorkspaceRole::Owner);
    prop_assert_eq!(expected, world.would_change_role(key, owner, WorkspaceRole::Owner).await, "key {} decides who is an owner", key);
    let expected = model.clone().hand_over(by, key, owner);
    prop_assert_eq!(expected, world.would_hand_over(key, owner).await, "key {} gives itself to an owner", key);
    let all: Scopes = SCOPES.iter().map(|(name, ..)| *name).collect();
    let expected = model.clone().make(by, None, &all, None);
    prop_assert_eq!(expected, world.would_mint(key, &all).await, "key {} mints one with every scope", key);
    Ok(())
}

fn agrees(expected: &Expected, reply: &Reply, what: &str) -> Result<(), TestCaseError> {
    match expected {
        Expected::Answers => prop_assert!(reply.status.is_success(), "{what} does not answer: {}", reply.body),
        Expected::Unauthorized(says) => {
            prop_assert_eq!(reply.status, StatusCode::UNAUTHORIZED, "{} answers, and is {}: {}", what, says, reply.body);
            prop_assert!(reply.body["error"]["message"].as_str().is_some_and(|said| said.contains(says)), "{what}: {}", reply.body);
        }
        Expected::Refused(status, code) => {
            prop_assert_eq!((reply.status.as_u16(), reply.code()), (*status, *code), "{}: {}", what, reply.body);
        }
    }
    Ok(())
}

/// What a key says of itself, against the model and against all that it ever said before.
fn shows_no_more(model: &Model, world: &World<'_>, place: usize, me: &Value, seen: &mut Seen) -> Result<(), TestCaseError> {
    let key = &model.keys[place];
    let held = me["key"]["scopes"].as_array().expect("scopes").iter().map(|scope| scope.as_str().expect("a scope").to_owned());
    let held: Scopes = held.map(|name| SCOPES.iter().find(|(known, ..)| *known == name).expect("a scope").0).collect();
    prop_assert_eq!(&held, &key.scopes, "the scopes of key {}", place);
    prop_assert!(held.is_subset(&seen.made_with) && held.is_subset(&seen.last), "key {place} grew: {held:?}");
    prop_assert!(!seen.was_refused_for_good, "key {place} came back");
    seen.last = held;
    let ends_at = me["key"]["expires_at"].as_str().expect("an end").parse::<chrono::DateTime<chrono::Utc>>().expect("a time");
    prop_assert_eq!(ends_at.timestamp_millis(), key.expires_at.timestamp_millis(), "the end of key {}", place);
    prop_assert_eq!(&me["key"]["steward"], &json!(world.person(key.steward).user.to_string()), "the steward of key {}", place);
    prop_assert!(model.roles[key.steward].is_some(), "key {place} answers, and its steward is gone");
    for (module, (name, _)) in MODULES.iter().enumerate() {
        let shown = me["modules"].as_array().expect("modules").iter().find(|shown| shown["key"] == *name).expect("the module").clone();
        prop_assert_eq!(&shown["entitled"], &json!(model.is_entitled(module)), "{} entitled", name);
        prop_assert_eq!(&shown["enabled"], &json!(model.enabled[module]), "{} enabled", name);
    }
    Ok(())
}
