//! The rows of the API: every operation, by keys whose stewards hold each role.

use axum::http::{Method, StatusCode};
use serde_json::json;
use stoa::{
    access::{Extent, WorkspaceRole},
    app,
    server::{
        rest::{BASE, Operation, scopes},
        scope::Asks,
    },
};

use super::World;
use crate::support::{Client, Reply, things::names_a_thing};

/// Whose key it is.
pub struct Caller {
    client: Client,
    role: Option<WorkspaceRole>,
    is_known: bool,
}

/// A row for each operation, in the order of the golden file's columns.
pub async fn lines(world: &World, callers: &[Option<Caller>]) -> Vec<((String, String), Vec<String>)> {
    let mut lines = Vec::new();
    for operation in app::operations() {
        let mut cells = Vec::new();
        for caller in callers {
            let Some(caller) = caller else {
                cells.push("-".to_owned());
                continue;
            };
            let reply = call(world, &operation, &caller.client).await;
            let cell = outcome(&operation, &reply);
            assert!(fits(&operation, caller, &reply), "{:?} at {}: {cell} {}", caller.role, operation.id, reply.body);
            cells.push(cell);
        }
        lines.push(((format!("{BASE}{}", operation.path), operation.method.to_string()), cells));
    }
    lines
}

/// In the order of the columns. Someone of tenant role billing is in no workspace, so that no key can be theirs.
pub async fn callers(world: &World) -> Vec<Option<Caller>> {
    let all: Vec<&str> = scopes().map(|kind| kind.name).collect();
    // More calls than the smallest plan has.
    for tenant in [world.team.tenant, world.outsiders.tenant] {
        world.console.change("update tenant set plan = 'business' where tenant_id = $1", tenant.0).await;
    }
    let mut callers = Vec::new();
    for role in WorkspaceRole::ALL {
        // Made while they may hold every scope: afterwards only their role is less.
        let steward = world.console.joins(&world.team, &format!("Steward {role}"), WorkspaceRole::Owner).await;
        let client = world.console.client(&steward, &world.team.slug, &all).await;
        let member = world.console.member_id(world.team.workspace, steward.user).await;
        let demoted = format!("update workspace_grant set role = '{role}' where membership_id = '{}'", member.0);
        let mut owner = world.console.database.connect("stoa_owner").await;
        sqlx::raw_sql(sqlx::AssertSqlSafe(demoted)).execute(&mut owner).await.expect("demoted");
        callers.push(Some(Caller { client, role: Some(role), is_known: true }));
    }
    let outsider = world.console.client(&world.outsiders.owner, &world.outsiders.slug, &all).await;
    callers.push(Some(Caller { client: outsider, role: None, is_known: true }));
    callers.push(None);
    callers.push(Some(Caller { client: Client::with(world.console.router.clone(), ""), role: None, is_known: false }));
    callers
}

/// What changes something is only planned.
async fn call(world: &World, operation: &Operation, client: &Client) -> Reply {
    let path = world.live.address(operation.path);
    if operation.method == Method::GET {
        return client.get(&path).await;
    }
    client.send(operation.method.clone(), &format!("{path}?dry_run=true"), &[], Some(&json!({}))).await
}

fn outcome(operation: &Operation, reply: &Reply) -> String {
    let is_decided = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&reply.status);
    if operation.method == Method::GET || is_decided || reply.status.is_server_error() {
        return reply.status.as_u16().to_string();
    }
    "may".to_owned()
}

/// By the policy alone. A key of elsewhere is one of its own workspace: what it does not name is its own.
fn fits(operation: &Operation, caller: &Caller, reply: &Reply) -> bool {
    let cell = outcome(operation, reply);
    let let_in = if operation.method == Method::GET { "200" } else { "may" };
    match (operation.asks, caller.role) {
        (Asks::Nothing, _) => cell == "may",
        _ if !caller.is_known => (cell.as_str(), reply.code()) == ("401", "unauthorized"),
        (Asks::Workspace(permission), Some(role)) => match role.extent(permission) {
            Extent::Everything | Extent::Reading => cell == let_in,
            Extent::Own => cell == let_in || cell == "404",
            Extent::Nothing => (cell.as_str(), reply.code()) == ("403", "policy_denied"),
        },
        (Asks::Workspace(_), None) if names_a_thing(operation.path) && operation.method == Method::GET => cell == "404",
        // What changes something may first ask for a body that makes sense; tests/isolation.rs sends one.
        (Asks::Workspace(_), None) if names_a_thing(operation.path) => cell == "404" || reply.code() == "validation_failed",
        (Asks::Workspace(_), None) => cell == let_in,
        (asks, _) => unreachable!("no operation asks for {asks}"),
    }
}
