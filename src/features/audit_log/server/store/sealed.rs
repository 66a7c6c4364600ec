//! The SQL behind rows in the order in which they were sealed.

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    features::audit_log::server::Entry,
    ids::{AuditId, LogId},
    server::scope::ServiceScope,
};

/// A number of a log's tree, and its row, where that is still there.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub seq: i64,
    pub id: AuditId,
    pub occurred_at: DateTime<Utc>,
    pub leaf_hash: Vec<u8>,
    pub entry: Option<Entry>,
}

/// From `first` up to before `last`, of a log of the scope's tenant.
pub async fn sealed(scope: &mut ServiceScope, log: LogId, first: i64, last: i64) -> Result<Vec<Sealed>, AppError> {
    let rows = sqlx::query!(
        r#"select seq as "seq!", row_id as "id!: AuditId", occurred_at as "occurred_at!", leaf_hash as "leaf_hash!",
               is_there as "is_there!", action, actor_type, actor_id, actor_name, on_behalf_of_id, on_behalf_of_name, credential_id,
               client, channel, route, target_type, target_id, target_name, outcome, reason, request_id, client_request_id, ip,
               user_agent, input_hash, changes, leaf_version, erased
           from audit_sealed_rows($1, $2, $3)"#,
        log.0,
        first,
        last,
    )
    .fetch_all(scope.read())
    .await?;
    let sealed = rows.into_iter().map(|row| Sealed {
        seq: row.seq,
        id: row.id,
        occurred_at: row.occurred_at,
        entry: row.is_there.then(|| Entry {
            id: row.id,
            occurred_at: row.occurred_at,
            // Of a row that is there, every one of these is.
            action: row.action.unwrap_or_default(),
            actor_type: row.actor_type.unwrap_or_default(),
            actor_id: row.actor_id.unwrap_or_default(),
            actor_name: row.actor_name.unwrap_or_default(),
            on_behalf_of_id: row.on_behalf_of_id,
            on_behalf_of_name: row.on_behalf_of_name,
            credential_id: row.credential_id,
            client: row.client,
            channel: row.channel.unwrap_or_default(),
            route: row.route,
            target_type: row.target_type.unwrap_or_default(),
            target_id: row.target_id.unwrap_or_default(),
            target_name: row.target_name,
            outcome: row.outcome.unwrap_or_default(),
            reason: row.reason,
            request_id: row.request_id,
            client_request_id: row.client_request_id,
            ip: row.ip,
            user_agent: row.user_agent,
            input_hash: row.input_hash,
            changes: row.changes,
            leaf_version: row.leaf_version.unwrap_or_default(),
            leaf_hash: row.leaf_hash.clone(),
            erased: row.erased,
        }),
        leaf_hash: row.leaf_hash,
    });
    Ok(sealed.collect())
}
