//! Switching a module on and off.

use super::{
    dependents::{Dependents, dependents},
    state::State,
    store, target,
};
use crate::{
    access::workspace::ManageModules,
    error::AppError,
    server::{
        events::{Event, EventKind},
        modules::Module,
        scope::WorkspaceScope,
        standing::Standing,
    },
};

/// What switching a module off would stop.
#[derive(Clone, Debug)]
pub struct Preview {
    pub state: State,
    pub dependents: Dependents,
}

impl Preview {
    pub fn digest(&self) -> String {
        self.dependents.digest(self.state.module)
    }
}

pub async fn preview(scope: &mut WorkspaceScope<ManageModules>, module: &'static Module) -> Result<Preview, AppError> {
    let standing = Standing::here(scope).await?;
    Ok(Preview { state: State::of(module, &standing), dependents: dependents(scope, module).await? })
}

/// Switches a module on, and says whether it was off.
///
/// # Errors
/// `ModuleNotEntitled` where the plan does not have it; `Conflict` where it is planned.
pub async fn enable(scope: &mut WorkspaceScope<ManageModules>, module: &'static Module) -> Result<bool, AppError> {
    let standing = hold(scope).await?;
    ask_live(module)?;
    standing.ask_entitled(module)?;
    switch(scope, &standing, module, true).await
}

/// Switches a module off, and says whether it was on. `shown` is the digest of what the person was shown that stops.
///
/// # Errors
/// `Conflict` where something else would stop than was shown, or where it is planned.
pub async fn disable(scope: &mut WorkspaceScope<ManageModules>, module: &'static Module, shown: Option<&str>) -> Result<bool, AppError> {
    let standing = hold(scope).await?;
    ask_live(module)?;
    if let Some(shown) = shown.filter(|_| standing.is_enabled(module)) {
        let dependents = dependents(scope, module).await?;
        if dependents.digest(module) != shown {
            return Err(AppError::Conflict(
                "What would stop has changed since you opened this page. Nothing was switched. Look at the list as it is now, then confirm again."
                    .to_owned(),
            ));
        }
    }
    switch(scope, &standing, module, false).await
}

/// Waits for whoever else is switching, archiving or making a key here; from then on nobody does until this is over.
async fn hold(scope: &mut WorkspaceScope<ManageModules>) -> Result<Standing, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    if !store::hold(scope, tenant, workspace).await? {
        return Err(AppError::NotFound);
    }
    Standing::here(scope).await
}

fn ask_live(module: &Module) -> Result<(), AppError> {
    if module.is_live() {
        return Ok(());
    }
    let name = &module.manifest.name;
    Err(AppError::Conflict(format!("{name} is planned: it has no routes yet, so there is nothing to switch.")))
}

async fn switch(
    scope: &mut WorkspaceScope<ManageModules>,
    standing: &Standing,
    module: &'static Module,
    enabled: bool,
) -> Result<bool, AppError> {
    if standing.is_enabled(module) == enabled {
        return Ok(false);
    }
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    store::set(scope, tenant, workspace, module.key(), enabled, now).await?;
    scope.record(switched(module.key(), enabled));
    Ok(true)
}

/// That a module is on now, or off, and was not before.
pub fn switched(key: &str, enabled: bool) -> Event {
    let (kind, before, after) =
        if enabled { (EventKind::ModuleEnabled, "false", "true") } else { (EventKind::ModuleDisabled, "true", "false") };
    Event::new(kind, target(key)).changing("enabled", Some(before), Some(after))
}
