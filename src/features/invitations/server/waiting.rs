//! Which invitations of a workspace nobody answers.

use chrono::{DateTime, TimeDelta, Utc};

use super::{super::LIFE_DAYS, store};
use crate::{access::AskWorkspace, error::AppError, server::scope::WorkspaceScope};

/// Whoever has not come after so many days may need to be asked again.
pub const PATIENCE_DAYS: i64 = 5;

/// The pending invitations, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub pending: i64,
    /// Those of them whose link opens nothing any more, and since when the first.
    pub expired: i64,
    pub expired_since: Option<DateTime<Utc>>,
    /// Those whose link is [`PATIENCE_DAYS`] old and still opens, and until when the first.
    pub unanswered: i64,
    pub ends_at: Option<DateTime<Utc>>,
}

/// Links that were made anew wait anew.
pub async fn waiting<P: AskWorkspace>(scope: &mut WorkspaceScope<P>) -> Result<Waiting, AppError> {
    let (tenant, workspace, now) = (scope.tenant().id, scope.workspace().id, scope.now());
    let soon = now + TimeDelta::days(LIFE_DAYS - PATIENCE_DAYS);
    store::waiting(scope, tenant, workspace, now, soon).await
}
