//! The key that calls, as it stands now. Neither metered nor stopped by a pause: whoever is refused asks here why.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    access::workspace::ReadWorkspace,
    error::AppError,
    server::{
        modules,
        rest::{Answer, Call, Nothing, instant},
    },
};

#[derive(Serialize, JsonSchema)]
pub struct Me {
    key: MyKey,
    workspace: MyWorkspace,
    /// Every module there is, and whether calls of it run.
    modules: Vec<MyModule>,
    limits: Limits,
    /// Null where billable calls run.
    billing_paused: Option<Paused>,
}

#[derive(Serialize, JsonSchema)]
struct MyKey {
    id: String,
    name: String,
    scopes: Vec<String>,
    expires_at: String,
    /// The person who answers for it.
    steward: String,
}

#[derive(Serialize, JsonSchema)]
struct MyWorkspace {
    id: String,
    slug: String,
    name: String,
    tenant_id: String,
}

#[derive(Serialize, JsonSchema)]
struct MyModule {
    key: &'static str,
    /// False where it is declared and has no routes yet.
    live: bool,
    /// Whether the plan, or the operator beside it, allows it.
    entitled: bool,
    /// Whether it is switched on in the workspace.
    enabled: bool,
}

#[derive(Serialize, JsonSchema)]
struct Limits {
    /// The key's own; null where it has none.
    key_calls_per_minute: Option<i32>,
    /// Of the whole workspace; null for no limit.
    workspace_calls_per_minute: Option<u32>,
    /// How many calls there may be now; null without any limit.
    remaining: Option<u32>,
}

#[derive(Serialize, JsonSchema)]
struct Paused {
    /// `balance_exhausted`, `tenant_cap`, `workspace_cap` or `credential_cap`.
    reason: &'static str,
    /// Micro-dollars; null where it is the whole account's, which is for those who pay.
    limit_micros: Option<i64>,
    since: String,
    resets_at: String,
}

pub async fn get(call: Call<ReadWorkspace>, _: Nothing) -> Result<Answer<ReadWorkspace, Me>, AppError> {
    let (workspace, caller) = (call.scope.workspace().clone(), call.caller.clone());
    let standing = &call.standing;
    let me = Me {
        key: MyKey {
            id: caller.key.to_string(),
            name: caller.key_name,
            scopes: caller.scopes,
            expires_at: instant(caller.expires_at),
            steward: call.scope.person().id.to_string(),
        },
        workspace: MyWorkspace {
            id: workspace.id.to_string(),
            slug: workspace.slug,
            name: workspace.name,
            tenant_id: call.scope.tenant().id.to_string(),
        },
        modules: modules::list()
            .iter()
            .map(|module| MyModule {
                key: module.key(),
                live: module.is_live(),
                entitled: standing.is_entitled(module),
                enabled: standing.is_enabled(module),
            })
            .collect(),
        limits: Limits {
            key_calls_per_minute: caller.calls_per_minute,
            workspace_calls_per_minute: standing.calls_per_minute(),
            remaining: call.rate.map(|rate| rate.remaining),
        },
        billing_paused: standing.pause().map(|pause| Paused {
            reason: pause.reason.name(),
            limit_micros: (!pause.reason.is_of_account()).then_some(pause.limit_micros),
            since: pause.since.clone(),
            resets_at: pause.resets_at.clone(),
        }),
    };
    Ok(call.answers(me))
}
