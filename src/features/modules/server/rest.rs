//! Modules over the API: how each stands, what depends on it, and its switch.

use http::{Method, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Known, State, dependents, find, find_switch, list, switching};
use crate::{
    access::{
        AskWorkspace,
        workspace::{ManageModules, ReadWorkspace},
    },
    error::AppError,
    features::api_keys::server::Holder,
    server::{
        credentials::Kind,
        rest::{Answer, Call, Named, Nothing, Operation, PageQuery, instant},
    },
};

/// Who asks for a module's keys holds it too.
const KEYS_SCOPE: &str = "credentials:read";

pub fn operations() -> Vec<Operation> {
    let (read, write) = (Some("modules:read"), Some("modules:write"));
    vec![
        Operation::read(
            Named::new("modules.list", "/modules", read, "Every module of this installation, and how it stands in the workspace."),
            list_all,
        ),
        Operation::read(
            Named::new("modules.get", "/modules/{module}", read, "One module, with the keys and calls that depend on it."),
            get,
        ),
        Operation::write(
            Method::POST,
            Named::new(
                "modules.enable",
                "/modules/{module}/enable",
                write,
                "Switches a module on. Refused with the plan that has it where this one does not.",
            ),
            StatusCode::OK,
            enable,
        ),
        Operation::write(
            Method::POST,
            Named::new(
                "modules.disable",
                "/modules/{module}/disable",
                write,
                "Switches a module off: its calls are refused from the next one on, and its records stay.",
            ),
            StatusCode::OK,
            disable,
        ),
    ]
}

#[derive(Serialize, JsonSchema)]
struct Module {
    key: &'static str,
    name: &'static str,
    description: &'static str,
    /// `on`, `off`, `not_entitled` or `planned`.
    state: &'static str,
    /// False where it is declared and has no routes yet.
    live: bool,
    /// Whether the plan, or the operator beside it, allows it.
    entitled: bool,
    /// Whether it is switched on in the workspace.
    enabled: bool,
    /// The first plan that has it, where this one does not.
    plan: Option<&'static str>,
    scopes: Vec<&'static str>,
}

impl From<State> for Module {
    fn from(state: State) -> Self {
        let manifest = &state.module.manifest;
        let plan = match state.allowed {
            super::Allowed::NotInPlan(plan) => plan,
            _ => None,
        };
        Self {
            key: &manifest.key,
            name: &manifest.name,
            description: &manifest.description,
            state: state.word(),
            live: state.module.is_live(),
            entitled: state.is_entitled(),
            enabled: state.is_enabled,
            plan,
            scopes: state.module.scopes.iter().map(|kind| kind.name).collect(),
        }
    }
}

#[derive(Serialize, JsonSchema)]
struct ModuleDetail {
    #[serde(flatten)]
    module: Module,
    /// When it was switched the last time, RFC 3339, UTC; null where nobody did.
    switched_at: Option<String>,
    /// Answered calls of the module, by whatever credential.
    calls_last_30_days: i64,
    /// The keys that hold its scopes, as far as the steward of the calling key may read them; none for a calling key
    /// without `credentials:read`.
    api_keys: Vec<Dependent>,
    /// The same of MCP clients by their tokens.
    mcp_clients: Vec<Dependent>,
}

#[derive(Serialize, JsonSchema)]
struct Dependent {
    /// `key_…`
    id: String,
    name: String,
    /// `active` or `quarantined`.
    status: String,
    scopes: Vec<String>,
    last_used_at: Option<String>,
}

impl From<Holder> for Dependent {
    fn from(key: Holder) -> Self {
        Self { id: key.id.to_string(), name: key.name, status: key.status, scopes: key.scopes, last_used_at: key.last_used_at.map(instant) }
    }
}

async fn list_all(mut call: Call<ReadWorkspace>, query: PageQuery) -> Result<Answer<ReadWorkspace, Vec<Module>>, AppError> {
    let mut states = list(&mut call.scope).await?;
    if let Some(Known(after)) = query.after::<Known>()? {
        states = states.into_iter().skip_while(|state| state.module.key() != after.key()).skip(1).collect();
    }
    let (states, next) = query.cut(states, |state| state.module.key().to_owned())?;
    Ok(call.answers(states.into_iter().map(Module::from).collect::<Vec<_>>()).continued(next))
}

async fn get(mut call: Call<ReadWorkspace>, _: Nothing) -> Result<Answer<ReadWorkspace, ModuleDetail>, AppError> {
    let Known(module) = call.named("module")?;
    let state = find(&mut call.scope, module).await?;
    let switch = find_switch(&mut call.scope, module).await?;
    let mut dependents = dependents(&mut call.scope, module).await?;
    if !call.caller.holds(KEYS_SCOPE) {
        dependents.keys.clear();
    }
    let (tokens, keys): (Vec<Holder>, Vec<Holder>) = dependents.keys.into_iter().partition(|key| key.kind == Kind::Mcp);
    let detail = ModuleDetail {
        module: state.into(),
        switched_at: switch.map(|switch| instant(switch.changed_at)),
        calls_last_30_days: dependents.calls,
        api_keys: keys.into_iter().map(Dependent::from).collect(),
        mcp_clients: tokens.into_iter().map(Dependent::from).collect(),
    };
    Ok(call.answers(detail))
}

async fn enable(mut call: Call<ManageModules>, _: Nothing) -> Result<Answer<ManageModules, Module>, AppError> {
    let Known(module) = call.named("module")?;
    switching::enable(&mut call.scope, module).await?;
    answer(call, module).await
}

async fn disable(mut call: Call<ManageModules>, _: Nothing) -> Result<Answer<ManageModules, Module>, AppError> {
    let Known(module) = call.named("module")?;
    switching::disable(&mut call.scope, module, None).await?;
    answer(call, module).await
}

async fn answer<P: AskWorkspace>(
    mut call: Call<P>,
    module: &'static crate::server::modules::Module,
) -> Result<Answer<P, Module>, AppError> {
    let state = find(&mut call.scope, module).await?;
    Ok(call.answers(state.into()))
}
