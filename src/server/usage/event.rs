//! One thing that was used, at the rate of its moment.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::{TenantId, WorkspaceId},
    server::{
        chance,
        clock::Clock,
        http::request::RequestContext,
        modules::Module,
        plans::{self, Dimension},
        scope::{Caller, ServiceScope, WorkspaceScope},
    },
};

/// The operation of what is stored: nobody calls it.
pub const STORAGE: &str = "storage.measure";

/// A row of `usage_event`; its fields are the columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsageEvent {
    tenant_id: Uuid,
    occurred_at: DateTime<Utc>,
    id: Uuid,
    workspace_id: Uuid,
    #[serde(serialize_with = "by_name")]
    dimension: Dimension,
    module: Option<Cow<'static, str>>,
    operation: &'static str,
    quantity: i64,
    /// Nano-dollars: quantity times rate.
    nanos: i64,
    rate_version: NaiveDate,
    credential_id: Option<Uuid>,
    /// Who acted, or answered at that moment for the credential that did.
    user_id: Option<Uuid>,
    channel: &'static str,
    request_id: Uuid,
}

impl UsageEvent {
    /// One call of an operation, by a key.
    pub fn of_call<P: AskWorkspace>(
        scope: &WorkspaceScope<P>,
        caller: &Caller,
        dimension: Dimension,
        module: Option<&'static Module>,
        operation: &'static str,
    ) -> Self {
        Self {
            id: scope.new_id(),
            module: module.map(|module| Cow::Borrowed(module.key())),
            credential_id: Some(caller.key.0),
            user_id: Some(scope.person().id.0),
            channel: scope.request().channel,
            request_id: scope.request().id.0,
            ..Self::bare(scope.tenant().id, scope.workspace().id, dimension, operation, scope.now())
        }
    }

    /// One call of an operation that nobody made: what benches hold the real ones against.
    pub fn like_a_call(tenant: TenantId, workspace: WorkspaceId, dimension: Dimension, operation: &'static str, clock: &Clock) -> Self {
        Self { module: Some(Cow::Borrowed("tasks")), ..Self::bare(tenant, workspace, dimension, operation, clock.now()) }
    }

    /// The same by a key, for whom somebody answered.
    #[must_use]
    pub fn by(self, key: Uuid, user: Uuid) -> Self {
        Self { credential_id: Some(key), user_id: Some(user), ..self }
    }

    /// What somebody did in the console that is metered: an operation by its name over the API.
    pub fn of_person<P: AskWorkspace>(scope: &WorkspaceScope<P>, dimension: Dimension, operation: &'static str) -> Self {
        Self {
            id: scope.new_id(),
            user_id: scope.actor().user.map(|user| user.0),
            channel: scope.request().channel,
            request_id: scope.request().id.0,
            ..Self::bare(scope.tenant().id, scope.workspace().id, dimension, operation, scope.now())
        }
    }

    /// What lay in a workspace on a day, of one module: so many bytes.
    pub fn of_storage(scope: &ServiceScope, request: &RequestContext, workspace: WorkspaceId, module: String, bytes: i64) -> Self {
        let (dimension, now) = (Dimension::StorageGbDay, scope.now());
        let bare = Self::bare(scope.reach().tenant, workspace, dimension, STORAGE, now);
        Self {
            id: scope.new_id(),
            module: Some(Cow::Owned(module)),
            quantity: bytes,
            nanos: dimension.cost(bytes, plans::rate(dimension, now).nanos),
            channel: "system",
            request_id: request.id.0,
            ..bare
        }
    }

    /// The same once more, now.
    #[must_use]
    pub fn again(&self, clock: &Clock) -> Self {
        let now = clock.now();
        Self { occurred_at: now, id: chance::uuid(now), request_id: chance::uuid(now), ..self.clone() }
    }

    fn bare(tenant: TenantId, workspace: WorkspaceId, dimension: Dimension, operation: &'static str, now: DateTime<Utc>) -> Self {
        let rate = plans::rate(dimension, now);
        Self {
            tenant_id: tenant.0,
            occurred_at: now,
            id: Uuid::nil(),
            workspace_id: workspace.0,
            dimension,
            module: None,
            operation,
            quantity: 1,
            nanos: rate.nanos,
            rate_version: rate.version,
            credential_id: None,
            user_id: None,
            channel: "api",
            request_id: Uuid::nil(),
        }
    }

    /// The same, at the rate of another dimension.
    #[must_use]
    pub fn under(self, dimension: Dimension) -> Self {
        let rate = plans::rate(dimension, self.occurred_at);
        Self { dimension, nanos: rate.nanos, rate_version: rate.version, ..self }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn by_name<S: Serializer>(dimension: &Dimension, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(dimension.name())
}

/// The statement that keeps them, for the round trip that commits; none where there is nothing to keep.
///
/// # Errors
/// `Internal` where one cannot be written down.
pub fn append_statement(events: &[UsageEvent]) -> Result<Option<String>, AppError> {
    if events.is_empty() {
        return Ok(None);
    }
    let text = serde_json::to_string(events).map_err(|_| AppError::Internal)?;
    // Identifiers, times, numbers and words of ours, and quoted all the same.
    Ok(Some(format!("select append_usage('{}'::jsonb)", text.replace('\'', "''"))))
}
