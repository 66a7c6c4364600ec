//! What depends on a module in a workspace: the keys that hold its scopes, and the calls that were made of it.

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::{
    access::AskWorkspace,
    error::AppError,
    features::{
        api_keys::server::{self as api_keys, Holder},
        modules::CALLS_DAYS,
        usage,
    },
    server::{modules::Module, scope::WorkspaceScope},
};

#[derive(Clone, Debug)]
pub struct Dependents {
    /// By name. Whoever reads their own keys alone sees those.
    pub keys: Vec<Holder>,
    /// Answered within the last [`CALLS_DAYS`].
    pub calls: i64,
}

impl Dependents {
    /// Differs where another key would lose something. Calls come and go and stop nothing else.
    pub fn digest(&self, module: &Module) -> String {
        let mut hash = Sha256::new();
        hash.update(&module.manifest.key);
        for key in &self.keys {
            hash.update(format!("\n{} {} {}", key.id, key.status, key.scopes.join(" ")));
        }
        hash.finalize().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

pub async fn dependents<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, module: &'static Module) -> Result<Dependents, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let scopes = module.scopes.map(|kind| kind.name);
    let keys = api_keys::holding(scope, &scopes).await?;
    let since = scope.now() - TimeDelta::days(CALLS_DAYS);
    let calls = usage::server::calls_of_module(scope, tenant, workspace, module.key(), since).await?;
    Ok(Dependents { keys, calls })
}
