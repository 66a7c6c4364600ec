//! What keys ask somebody to do: those that end soon, that nobody uses, that are stopped, or that others know.

use chrono::{DateTime, TimeDelta, Utc};

use super::{readable::Readable, store};
use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::ApiKeyId,
    server::{credentials::Kind, scope::WorkspaceScope},
};

/// Keys that end within so many days end soon.
pub const SOON_DAYS: i64 = 30;
/// Keys that nobody used for so many days are idle.
pub const IDLE_DAYS: i64 = 30;
/// Keys that ended within so many days ended lately.
pub const LATELY_DAYS: i64 = 7;

/// What is the matter with a key. One that was revoked concerns nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// It works with a secret that was reported as leaked; `at` is when that was.
    Leaked,
    /// Its calls are refused until it is lifted or ends; `at` is its end.
    Quarantined,
    /// It ended within [`LATELY_DAYS`]; `at` is when.
    Expired,
    /// It works, and ends within [`SOON_DAYS`]; `at` is when.
    Expiring,
    /// It works, and nobody used it for [`IDLE_DAYS`]; `at` is its last use, or its making.
    Idle,
}

impl Concern {
    const ALL: [Self; 5] = [Self::Leaked, Self::Quarantined, Self::Expired, Self::Expiring, Self::Idle];

    /// As the statement names it.
    fn name(self) -> &'static str {
        match self {
            Self::Leaked => "leaked",
            Self::Quarantined => "quarantined",
            Self::Expired => "expired",
            Self::Expiring => "expiring",
            Self::Idle => "idle",
        }
    }
}

/// Those of one kind that have one concern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concerned {
    pub concern: Concern,
    pub kind: Kind,
    pub count: i64,
    /// The earliest twenty.
    pub keys: Vec<ConcernedKey>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcernedKey {
    pub id: ApiKeyId,
    pub name: String,
    pub at: DateTime<Utc>,
}

/// What there is of each concern, as far as the role reads keys: of all, of its own, or nothing.
pub async fn concerns<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Vec<Concerned>, AppError> {
    let Some(Readable { steward }) = Readable::by(scope) else { return Ok(Vec::new()) };
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let days = [-LATELY_DAYS, SOON_DAYS, -IDLE_DAYS].map(|days| now + TimeDelta::days(days));
    let found = store::concerns(scope, tenant, workspace, steward, now, days).await?;
    let named = |name: &str| Concern::ALL.into_iter().find(|concern| concern.name() == name);
    let concerned = found.into_iter().filter_map(|found| {
        let keys = found.ids.into_iter().zip(found.names).zip(found.moments);
        let keys = keys.map(|((id, name), at)| ConcernedKey { id: ApiKeyId(id), name, at }).collect();
        Some(Concerned { concern: named(&found.concern)?, kind: found.kind, count: found.count, keys })
    });
    Ok(concerned.collect())
}
