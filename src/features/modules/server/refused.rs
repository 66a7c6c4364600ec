//! Modules that do not run here although keys are made for them: what those call is refused.

use chrono::{DateTime, Utc};

use super::{state::State, store};
use crate::{
    access::AskWorkspace,
    error::AppError,
    features::api_keys::server::{self as api_keys, Holder},
    server::{modules, scope::WorkspaceScope, standing::Standing},
};

#[derive(Clone, Debug)]
pub struct Refused {
    pub state: State,
    /// The active keys with one of its scopes, as far as the role reads keys.
    pub keys: Vec<Holder>,
    /// When it was switched off, where somebody did.
    pub since: Option<DateTime<Utc>>,
}

/// Asks the database only where a live module does not run.
pub async fn refused<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, standing: &Standing) -> Result<Vec<Refused>, AppError> {
    let stopped: Vec<State> = modules::list()
        .iter()
        .filter(|module| module.is_live() && !standing.runs(module))
        .map(|module| State::of(module, standing))
        .collect();
    if stopped.is_empty() {
        return Ok(Vec::new());
    }
    let scopes: Vec<&str> = stopped.iter().flat_map(|state| state.module.scopes.map(|kind| kind.name)).collect();
    let mut keys = api_keys::holding(scope, &scopes).await?;
    keys.retain(|key| key.status == "active");
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let switches = store::list(scope, tenant, workspace).await?;
    let refused = stopped.into_iter().map(|state| {
        let own = |key: &&Holder| key.scopes.iter().any(|held| state.module.scopes.iter().any(|kind| kind.name == held));
        let off = switches.iter().find(|switch| switch.module == state.module.key() && !switch.enabled);
        let since = off.filter(|_| state.is_entitled()).map(|switch| switch.changed_at);
        Refused { state, keys: keys.iter().filter(own).cloned().collect(), since }
    });
    Ok(refused.filter(|refused| !refused.keys.is_empty()).collect())
}
