//! Opening a workspace for what somebody asked for and is done later, when they are gone: with the role that they have then, or
//! by a rule that they set and that still stands.

use chrono::{DateTime, SecondsFormat, Utc};

use super::{InWorkspace, Person, Reach as _, Scope, Transaction, opening};
use crate::{
    access::AskWorkspace,
    error::AppError,
    ids::{ApiKeyId, RetentionRuleId, TenantId, UserId, WorkspaceId},
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
        Self::open_absent(stoa, request, &statement((tenant, workspace), (user, key), stoa.clock.now()), acting).await
    }

    /// For what a rule does: nobody is there, and the rule acts. With the version under which something was begun, the rule stays
    /// as it is until this scope ends; without one it has to be its turn, which is nobody else's until then.
    ///
    /// # Errors
    /// `NotFound` where the rule does not stand so, has had its turn, or the workspace is not live.
    pub async fn open_by_rule(
        stoa: &Stoa,
        request: &RequestContext,
        (tenant, workspace): (TenantId, WorkspaceId),
        (rule, version): (RetentionRuleId, Option<i64>),
    ) -> Result<Self, AppError> {
        let version = version.map_or_else(|| "null".to_owned(), |version| version.to_string());
        let statement = format!(
            "begin; select * from open_by_rule('{}'::uuid, '{}'::uuid, '{}'::uuid, {version}::bigint, '{}'::timestamptz)",
            tenant.0,
            workspace.0,
            rule.0,
            stoa.clock.now().to_rfc3339_opts(SecondsFormat::Micros, true),
        );
        Self::open_absent(stoa, request, &statement, |_| Actor::rule(rule)).await
    }

    async fn open_absent(
        stoa: &Stoa,
        request: &RequestContext,
        statement: &str,
        acting: impl FnOnce(&Person) -> Actor,
    ) -> Result<Self, AppError> {
        let (transaction, rows) = Transaction::open(&stoa.db, statement.to_owned()).await?;
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
