//! The server's half of record retention.

mod applying;
pub mod rest;
mod setting;
mod store;

pub use applying::{Outcome, apply};
pub use setting::{Seen, Terms, asks_to_look, phrase, remove, set};

use chrono::{DateTime, Utc};

use crate::{
    access::{AskWorkspace, Extent, WorkspacePermission},
    error::AppError,
    features::reductions::server::Act,
    ids::{ApiKeyId, ReductionId, RetentionRuleId, TenantId, UserId, WorkspaceId},
    server::{
        events::Target,
        modules::{self, Resource},
        scope::{Reach, Scope, WorkspaceScope},
    },
};

/// One rule, and what came of it last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: RetentionRuleId,
    pub act: String,
    pub module: String,
    pub resource: String,
    pub basis: String,
    pub days: i32,
    pub version: i64,
    /// Who set it last, and the key that they answered for.
    pub set_by: UserId,
    pub set_by_key: Option<ApiKeyId>,
    pub set_by_name: String,
    pub set_at: DateTime<Utc>,
    pub next_run_at: DateTime<Utc>,
    pub last_run_at: Option<DateTime<Utc>>,
    /// By its [`Outcome`]'s name.
    pub last_outcome: Option<String>,
    /// The reduction that it began last, with how far that is.
    pub last_reduction: Option<ReductionId>,
    pub last_status: Option<String>,
    pub last_done: Option<i64>,
    pub last_reason: Option<String>,
}

impl Rule {
    /// What its manifest says, where it says the same as when the rule was set.
    pub fn resource(&self) -> Option<&'static Resource> {
        let declared = crate::features::reductions::server::reducible(&self.resource)?;
        let basis = declared.basis(self.act()?)?;
        Some(declared.resource).filter(|resource| resource.module == self.module && basis.name() == self.basis)
    }

    pub fn act(&self) -> Option<Act> {
        Act::named(&self.act)
    }

    pub fn outcome(&self) -> Option<Outcome> {
        self.last_outcome.as_deref().and_then(Outcome::named)
    }

    /// The records that it is of, in words.
    pub fn records(&self) -> String {
        let declared = modules::resources().find(|known| known.name == self.resource);
        declared.map_or(&*self.resource, |declared| declared.plural).replace('_', " ")
    }

    fn target(&self) -> Target {
        Target { kind: "retention_rule", id: self.id.to_string(), name: Some(self.resource.clone()) }
    }
}

/// By resource and act.
pub async fn list<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Vec<Rule>, AppError> {
    let (tenant, workspace) = (scope.tenant().id, scope.workspace().id);
    let rules = store::list(scope, tenant, workspace).await?;
    Ok(rules.into_iter().map(|rule| named(scope, rule)).collect())
}

/// # Errors
/// `NotFound` where the workspace has no such.
pub async fn find<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, id: RetentionRuleId) -> Result<Rule, AppError> {
    list(scope).await?.into_iter().find(|rule| rule.id == id).ok_or(AppError::NotFound)
}

/// The rule of a resource and act, where there is one.
pub async fn find_of<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, resource: &str, act: Act) -> Result<Option<Rule>, AppError> {
    Ok(list(scope).await?.into_iter().find(|rule| rule.resource == resource && rule.act == act.name()))
}

/// A key's name is for those who read keys, and for whoever answers for it; others are given its id.
fn named<P: AskWorkspace>(scope: &WorkspaceScope<P>, rule: Rule) -> Rule {
    let reads = scope.reach().extent_of(WorkspacePermission::ReadCredentials) == Extent::Everything;
    match rule.set_by_key.filter(|_| !reads && rule.set_by != scope.person().id) {
        Some(key) => Rule { set_by_name: key.to_string(), ..rule },
        None => rule,
    }
}

/// Whether the rule is there and as it was at that version.
pub async fn stands<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    rule: (RetentionRuleId, i64),
) -> Result<bool, AppError> {
    store::stands(scope, tenant, workspace, rule).await
}
