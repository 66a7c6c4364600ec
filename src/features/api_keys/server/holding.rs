//! Which keys hold certain scopes: what depends on a module.

use chrono::{DateTime, Utc};

use super::{readable::Readable, store};
use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::ApiKeyId,
    server::{credentials::Kind, scope::WorkspaceScope},
};

/// A key that works, or could again, and holds what was asked for.
#[derive(Clone, Debug)]
pub struct Holder {
    pub id: ApiKeyId,
    pub kind: Kind,
    pub name: String,
    /// `active` or `quarantined`.
    pub status: String,
    /// Those of its scopes that were asked for.
    pub scopes: Vec<String>,
    pub steward_name: String,
    pub last_used_at: Option<DateTime<Utc>>,
    pub last_used_network: Option<String>,
}

/// The keys of the scope's workspace that hold one of `scopes`, by name, as far as the role may read keys: all of them,
/// its own, or none.
pub async fn holding<P: AskWorkspace>(scope: &mut WorkspaceScope<P>, scopes: &[&str]) -> Result<Vec<Holder>, AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let Some(Readable { steward }) = Readable::by(scope) else { return Ok(Vec::new()) };
    let asked: Vec<String> = scopes.iter().map(|name| (*name).to_owned()).collect();
    let mut keys = store::holding(scope, tenant, workspace, &asked, steward, now).await?;
    for key in &mut keys {
        key.scopes.retain(|held| asked.contains(held));
    }
    Ok(keys)
}
