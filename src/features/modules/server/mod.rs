//! The server's half of modules.

mod archiving;
mod dependents;
mod refused;
pub mod rest;
mod state;
mod store;
mod switching;

pub use archiving::{Running, resume, suspend, switched_on};
pub use dependents::{Dependents, dependents};
pub use refused::{Refused, refused};
pub use state::{Allowed, State};
pub use store::Switch;
pub use switching::{Preview, disable, enable, preview};

use std::str::FromStr;

use crate::{
    access::AskWorkspace,
    error::AppError,
    server::{
        events::Target,
        modules::{self, Module},
        scope::WorkspaceScope,
        standing::Standing,
    },
};

/// The module that an address names.
#[derive(Clone, Copy, Debug)]
pub struct Known(pub &'static Module);

impl FromStr for Known {
    type Err = AppError;

    fn from_str(key: &str) -> Result<Self, AppError> {
        modules::find(key).map(Self).ok_or(AppError::NotFound)
    }
}

/// Every module of this installation, and how each stands in the scope's workspace.
pub async fn list<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Vec<State>, AppError> {
    let standing = Standing::here(scope).await?;
    Ok(modules::list().iter().map(|module| State::of(module, &standing)).collect())
}

/// How one module stands in the scope's workspace.
pub async fn find<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, module: &'static Module) -> Result<State, AppError> {
    let standing = Standing::here(scope).await?;
    Ok(State::of(module, &standing))
}

/// What somebody decided about a module here; none where its manifest still does.
pub async fn find_switch<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, module: &'static Module) -> Result<Option<Switch>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let switches = store::list(scope, tenant, workspace).await?;
    Ok(switches.into_iter().find(|switch| switch.module == module.manifest.key))
}

fn target(key: &str) -> Target {
    // A module whose manifest is gone has no other name.
    let name = modules::find(key).map_or(key, |module| &module.manifest.name);
    Target { kind: "module", id: key.to_owned(), name: Some(name.to_owned()) }
}
