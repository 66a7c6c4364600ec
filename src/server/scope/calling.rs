//! Opening a scope for an API call: one round trip that proves the key, finds its workspace and sets the reach.

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::{Row as _, postgres::PgRow};
use uuid::Uuid;

use super::{
    Intent, Scope, Transaction, denials, opening,
    reach::{InWorkspace, Opened},
};
use crate::{
    access::AskWorkspace,
    error::{AppError, CallRefused},
    ids::{ApiKeyId, TenantId, WorkspaceId},
    server::{
        Stoa,
        credentials::Kind,
        events::{Actor, Log},
        http::request::RequestContext,
        standing::Standing,
    },
};

/// The key that a call was made with, proven. Or the token, where it came to the MCP endpoint.
#[derive(Clone, Debug)]
pub struct Caller {
    pub kind: Kind,
    pub key: ApiKeyId,
    pub key_name: String,
    /// Which of the key's secrets: two live side by side while a rotation overlaps.
    pub secret: Uuid,
    pub scopes: Vec<String>,
    pub expires_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
    /// Of its own, beside the plan's.
    pub calls_per_minute: Option<i32>,
    pub tenant: TenantId,
    pub workspace: WorkspaceId,
    pub workspace_slug: String,
}

impl Caller {
    pub fn holds(&self, scope: &str) -> bool {
        self.scopes.iter().any(|held| held == scope)
    }
}

/// What a caller sent, ready to be compared: the hashes of its secret, one for each pepper in use.
#[derive(Clone, Debug)]
pub struct Presented {
    pub kind: Kind,
    pub id: Uuid,
    pub hashes: Vec<(String, [u8; 32])>,
}

impl<P: AskWorkspace> Scope<InWorkspace<P>> {
    /// Opens a scope for whoever sent a key: its workspace, with its steward's role as it is now or the key's own at most,
    /// whichever is less. `pass` is asked of a key that is proven and may be used, and decides before its role does.
    ///
    /// # Errors
    /// `Call` with what is wrong with the key; whatever `pass` refuses with; `NotAllowed` where one of the two roles
    /// does not reach.
    pub async fn open_call(
        stoa: &Stoa,
        request: &RequestContext,
        presented: &Presented,
        intent: Intent,
        pass: impl FnOnce(&Caller, &Standing) -> Result<(), AppError>,
    ) -> Result<(Self, Caller, Standing), AppError> {
        let now = stoa.clock.now();
        let (transaction, rows) = Transaction::open(&stoa.db, call_statement(request, presented, intent, now)).await?;
        let Some(row) = rows.first() else { return Err(CallRefused::Unknown.into()) };
        if row.try_get::<Option<Kind>, _>("kind")? != Some(presented.kind) {
            return Err(CallRefused::Unknown.into());
        }
        stoa.manifests().ask(row.try_get("manifests")?)?;
        let caller = caller(presented.kind, row)?;
        let steward = opening::person(row)?.ok_or(AppError::Internal)?;
        let actor = Actor::api_key(caller.key, &caller.key_name, &steward);
        let max_role = Some(row.try_get("max_role")?);
        let log = Log::Workspace(TenantId(row.try_get("tenant_id")?), WorkspaceId(row.try_get("workspace_id")?));
        let standing = Standing::read(row.try_get("tenant_plan")?, row.try_get("standing")?, now)?;
        let passed = refusal(&row.try_get::<String, _>("state")?).map_or(Ok(()), |refused| Err(refused.into()));
        let admitted = match passed.and_then(|()| pass(&caller, &standing)) {
            Err(error) => Err(error),
            Ok(()) => opening::read(row)?
                .ok_or(AppError::Internal)
                .and_then(|opened| <InWorkspace<P> as super::Reach>::admit(Opened { max_role, ..opened })),
        };
        let reach = match admitted {
            Ok(reach) => reach,
            Err(error) => {
                // Given back before the next is asked for: nobody waits for a second connection holding a first.
                transaction.rollback().await?;
                denials::note(stoa, request, &actor, log, <InWorkspace<P> as super::Reach>::ASKS, &error).await;
                return Err(error);
            }
        };
        Ok((Self::with(stoa, request, transaction, actor, reach), caller, standing))
    }
}

/// Begins a transaction, proves the key and sets the reach of its workspace, in one round trip.
pub fn call_statement(request: &RequestContext, presented: &Presented, intent: Intent, now: DateTime<Utc>) -> String {
    // Identifiers, hexadecimal digits, a time and an address, each written by us: nothing of a caller's own text.
    let peppers = presented.hashes.iter().map(|(pepper, _)| format!("'{}'", only_hex(pepper))).collect::<Vec<_>>().join(",");
    let hashes = presented.hashes.iter().map(|(_, hash)| format!("'\\x{}'::bytea", opening::hex(hash))).collect::<Vec<_>>().join(",");
    format!(
        "begin{}; select opened.*, api_key_kind(opened.key_id) as kind, \
         (select hash from manifest_set order by number desc limit 1) as manifests \
         from open_call('{}'::uuid, array[{peppers}]::text[], array[{hashes}]::bytea[], '{}'::timestamptz, {}) as opened",
        if intent == Intent::Read { " read only" } else { "" },
        presented.id,
        now.to_rfc3339_opts(SecondsFormat::Micros, true),
        request.ip.map_or_else(|| "null".to_owned(), |ip| format!("'{ip}'::inet")),
    )
}

fn only_hex(text: &str) -> String {
    text.chars().filter(char::is_ascii_hexdigit).collect()
}

/// What is wrong with a key that is proven.
fn refusal(state: &str) -> Option<CallRefused> {
    match state {
        "active" => None,
        "revoked" => Some(CallRefused::Revoked),
        "quarantined" => Some(CallRefused::Quarantined),
        "expired" => Some(CallRefused::Expired),
        "network" => Some(CallRefused::Network),
        "unowned" => Some(CallRefused::Unowned),
        _ => Some(CallRefused::Archived),
    }
}

fn caller(kind: Kind, row: &PgRow) -> sqlx::Result<Caller> {
    Ok(Caller {
        kind,
        key: ApiKeyId(row.try_get("key_id")?),
        key_name: row.try_get("key_name")?,
        secret: row.try_get("secret_id")?,
        scopes: row.try_get("scopes")?,
        expires_at: row.try_get("expires_at")?,
        last_used_at: row.try_get("last_used_at")?,
        calls_per_minute: row.try_get("calls_per_minute")?,
        tenant: TenantId(row.try_get("tenant_id")?),
        workspace: WorkspaceId(row.try_get("workspace_id")?),
        workspace_slug: row.try_get("workspace_slug")?,
    })
}
