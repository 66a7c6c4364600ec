//! Opening a workspace for what somebody asked for and is done later, when they are gone: with the role that they have then.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{InWorkspace, Person, Reach as _, Scope, Transaction, opening};
use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::{ApiKeyId, TenantId, UserId, WorkspaceId},
    server::{Stoa, events::Actor, http::request::RequestContext},
};

impl<P: AskWorkspace> Scope<InWorkspace<P>> {
    /// `acting` says how the log names whoever asked.
    ///
    /// # Errors
    /// `NotFound` where they are not in the workspace any more or it is not live, `NotAllowed` where their role does not reach.
    pub async fn open_errand(
        stoa: &Stoa,
        request: &RequestContext,
        (tenant, workspace): (TenantId, WorkspaceId),
        (user, key): (UserId, Option<ApiKeyId>),
        acting: impl FnOnce(&Person) -> Actor,
    ) -> Result<Self, AppError> {
        let (transaction, rows) = Transaction::open(&stoa.db, statement((tenant, workspace), (user, key), stoa.clock.now())).await?;
        let admitted = match rows.first().map(opening::read).transpose()?.flatten() {
            Some(opened) => {
                let actor = acting(&opened.person);
                InWorkspace::<P>::admit(opened).map(|reach| (reach, actor))
            }
            None => Err(AppError::NotFound),
        };
        match admitted {
            Ok((reach, actor)) => Ok(Self::with(stoa, request, transaction, actor, reach)),
            Err(error) => {
                transaction.rollback().await?;
                Err(error)
            }
        }
    }
}

/// Identifiers and a time, each written by us.
fn statement((tenant, workspace): (TenantId, WorkspaceId), (user, key): (UserId, Option<ApiKeyId>), now: DateTime<Utc>) -> String {
    let key = key.map_or_else(|| "null".to_owned(), |key| format!("'{}'", key.0));
    format!(
        "begin; select * from open_errand('{}'::uuid, '{}'::uuid, '{}'::uuid, {key}::uuid, '{}'::timestamptz)",
        tenant.0,
        workspace.0,
        user.0,
        now.to_rfc3339_opts(SecondsFormat::Micros, true),
    )
}
