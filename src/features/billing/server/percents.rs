//! Which percentages of a limit are told: chosen for the account, and for each workspace.

use super::{alerts::THRESHOLDS, hold_plan, store::percents as store};
use crate::{
    access::{AskTenant, AskWorkspace, tenant::ManageBilling, workspace::ManageSettings},
    error::AppError,
    server::{
        events::{Event, EventKind, Target},
        scope::{TenantScope, WorkspaceScope},
    },
};

/// All of a limit is always told.
const WHOLE: i16 = 100;

/// In order; the whole is among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Percents(Vec<i16>);

impl Default for Percents {
    fn default() -> Self {
        Self(THRESHOLDS.to_vec())
    }
}

impl Percents {
    /// # Errors
    /// `Invalid`, naming the field.
    pub fn read(chosen: &[i16]) -> Result<Self, AppError> {
        if let Some(other) = chosen.iter().find(|percent| !THRESHOLDS.contains(percent)) {
            return Err(AppError::invalid("percents", format!("{other} is none of 50, 80, 95 and 100.")));
        }
        Ok(Self(THRESHOLDS.into_iter().filter(|percent| *percent == WHOLE || chosen.contains(percent)).collect()))
    }

    /// As a form sends what is ticked.
    ///
    /// # Errors
    /// `Invalid`, naming the field.
    pub fn entered(ticked: &[String]) -> Result<Self, AppError> {
        let read = |text: &String| text.parse().map_err(|_| AppError::invalid("percents", "Choose from the list."));
        Self::read(&ticked.iter().map(read).collect::<Result<Vec<i16>, _>>()?)
    }

    /// As they are kept.
    pub(super) fn stored(percents: &[i16]) -> Self {
        Self(THRESHOLDS.into_iter().filter(|percent| *percent == WHOLE || percents.contains(percent)).collect())
    }

    pub fn list(&self) -> &[i16] {
        &self.0
    }

    pub fn tells(&self, percent: i16) -> bool {
        self.0.contains(&percent)
    }

    /// "50, 80 and 100 %".
    pub fn says(&self) -> String {
        let words: Vec<String> = self.0.iter().map(i16::to_string).collect();
        match words.as_slice() {
            [rest @ .., last] if !rest.is_empty() => format!("{} and {last} %", rest.join(", ")),
            _ => format!("{} %", words.join("")),
        }
    }
}

pub async fn of_account<P: AskTenant>(scope: &mut TenantScope<P>) -> Result<Percents, AppError> {
    let tenant = scope.tenant().id;
    store::of_tenant(scope, tenant).await
}

pub async fn of_workspace<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Percents, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    store::of_workspace(scope, tenant, workspace).await
}

/// Chooses what is told of what the plan includes and of the account's caps, from now on: what was passed is not told again.
pub async fn choose_for_account(scope: &mut TenantScope<ManageBilling>, chosen: &Percents) -> Result<(), AppError> {
    let tenant = scope.tenant().clone();
    // One after the other, so that each says what was there before it.
    hold_plan(scope, tenant.id).await?;
    let before = store::of_tenant(scope, tenant.id).await?;
    if before == *chosen {
        return Ok(());
    }
    store::set_of_tenant(scope, tenant.id, chosen).await?;
    scope.record(changed(Target { kind: "tenant", id: tenant.id.to_string(), name: Some(tenant.name) }, &before, chosen));
    Ok(())
}

/// The same of the caps of the scope's workspace and its keys.
pub async fn choose_for_workspace(scope: &mut WorkspaceScope<ManageSettings>, chosen: &Percents) -> Result<(), AppError> {
    let (tenant, here) = (scope.tenant().id, scope.workspace().clone());
    hold_plan(scope, tenant).await?;
    let before = store::of_workspace(scope, tenant, here.id).await?;
    if before == *chosen {
        return Ok(());
    }
    store::set_of_workspace(scope, tenant, here.id, chosen).await?;
    scope.record(changed(Target { kind: "workspace", id: here.id.to_string(), name: Some(here.name) }, &before, chosen));
    Ok(())
}

fn changed(target: Target, before: &Percents, after: &Percents) -> Event {
    Event::new(EventKind::SpendAlertsChosen, target).changing("percents", Some(&before.says()), Some(&after.says()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_a_limit_is_always_told() {
        assert_eq!(Percents::read(&[]).map(|percents| percents.says()), Ok("100 %".to_owned()));
        assert_eq!(Percents::read(&[95, 50, 50]).map(|percents| percents.says()), Ok("50, 95 and 100 %".to_owned()));
        assert_eq!(Percents::entered(&["80".to_owned()]).map(|percents| percents.0), Ok(vec![80, 100]));
        assert_eq!(Percents::default().says(), "50, 80, 95 and 100 %");
    }

    #[test]
    fn another_percentage_is_refused() {
        for wrong in ["90", "-50", "", "fifty", "50.0"] {
            let Err(AppError::Invalid(errors)) = Percents::entered(&[wrong.to_owned()]) else { panic!("{wrong} was taken") };
            assert_eq!(errors[0].field, "percents");
        }
    }
}
