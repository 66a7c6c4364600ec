//! The SQL behind events: one audit row, and one envelope in the outbox.

use chrono::SecondsFormat;
use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Log, Outcome, Row, leaf};
use crate::{
    error::AppError,
    ids::{EventId, TenantId, WorkspaceId},
};

/// Writes an event into its log and, where a tenant owns it, into the outbox. What was denied is in the log alone:
/// nothing came of it that anyone outside could act on, and whoever is refused must not be able to set off webhooks.
pub async fn append(connection: &mut PgConnection, log: &Log, row: &Row) -> Result<(), AppError> {
    let log_id = match log {
        Log::Installation => sqlx::query_scalar!("select id from installation").fetch_one(&mut *connection).await?,
        Log::Tenant(tenant) => tenant.0,
        Log::Workspace(_, workspace) => workspace.0,
    };
    insert_audit(connection, log_id, row).await?;
    if !row.tenant_id.is_nil() && row.event.outcome != Outcome::Denied {
        insert_outbox(connection, row).await?;
    }
    Ok(())
}

async fn insert_audit(connection: &mut PgConnection, log_id: Uuid, row: &Row) -> Result<(), AppError> {
    let leaf_hash = row.leaf(log_id);
    sqlx::query!(
        "insert into audit_event (
             tenant_id, occurred_at, id, log_id, workspace_id, action,
             actor_type, actor_id, actor_name, on_behalf_of_id, on_behalf_of_name, credential_id, channel, route,
             target_type, target_id, target_name, outcome, reason,
             request_id, client_request_id, ip, user_agent, input_hash,
             changes, salts, leaf_version, leaf_hash, client)
         values (
             $1, $2, $3, $4, $5, $6,
             $7, $8, $9, $10, $11, $12, $13, $14,
             $15, $16, $17, $18, $19,
             $20, $21, $22, $23, $24,
             $25::text::json, $26, $27, $28, $29)",
        row.tenant_id,
        row.occurred_at,
        row.id.0,
        log_id,
        row.workspace_id,
        row.event.kind.name(),
        row.actor.kind.name(),
        row.actor.id,
        row.actor.name,
        row.actor.on_behalf_of.as_ref().map(|(id, _)| id.to_string()),
        row.actor.on_behalf_of.as_ref().map(|(_, name)| name.clone()),
        row.actor.credential,
        row.channel,
        row.route,
        row.event.target.kind,
        row.event.target.id,
        row.event.target.name,
        row.event.outcome.name(),
        row.event.reason,
        row.request_id,
        row.client_request_id,
        row.ip,
        row.user_agent,
        row.input_hash.as_ref().map(<[u8; 32]>::as_slice),
        row.changes,
        row.salts.as_bytes(),
        leaf::VERSION,
        leaf_hash.as_slice(),
        row.client,
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn insert_outbox(connection: &mut PgConnection, row: &Row) -> Result<(), AppError> {
    // One id for both: the row and its envelope are one act.
    let id = EventId(row.id.0);
    let envelope = json!({
        "id": id,
        "type": row.event.kind.name(),
        "occurred_at": row.occurred_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        "tenant_id": TenantId(row.tenant_id),
        "workspace_id": row.workspace_id.map(WorkspaceId),
        "data": {
            "actor": { "type": row.actor.kind.name(), "id": row.actor.id, "name": row.actor.name },
            "target": { "type": row.event.target.kind, "id": row.event.target.id, "name": row.event.target.name },
            "changes": row.event.changes,
            "request_id": row.request_id,
            "audit_id": row.id,
        },
    });
    sqlx::query!(
        "insert into outbox (tenant_id, id, workspace_id, type, occurred_at, envelope)
         values ($1, $2, $3, $4, $5, $6)",
        row.tenant_id,
        id.0,
        row.workspace_id,
        row.event.kind.name(),
        row.occurred_at,
        envelope.to_string(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
