//! Rows of an audit log as they were hashed: the committed fields, their salts, and the leaf worked out again from both.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::tree::Hash;
use crate::{
    error::AppError,
    server::{
        events::{FIELDS, LEAF_VERSION, SALT_LENGTH, commitment, leaf_of},
        scope::{Reach, Scope},
    },
};

/// Rows by their ids.
pub type Rows = HashMap<Uuid, StoredRow>;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub tenant: Uuid,
    pub occurred_at: DateTime<Utc>,
    pub id: Uuid,
}

/// A row, with all that its leaf is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRow {
    pub id: Uuid,
    pub version: i16,
    /// As it was written with the row.
    pub carried: Vec<u8>,
    /// In the order of [`FIELDS`]; the keyed hash of the input is apart.
    texts: Vec<Option<String>>,
    input_hash: Option<Vec<u8>>,
    pub salts: Vec<u8>,
    /// The names of fields whose values were erased, and what is left of each.
    pub erased: Vec<String>,
    pub commitments: Vec<u8>,
}

/// The one field whose value is bytes and no text.
pub const INPUT_HASH: &str = "input_hash";

impl StoredRow {
    /// The values of [`FIELDS`], in order.
    pub fn values(&self) -> [Option<&[u8]>; FIELDS.len()] {
        let mut values = [None; FIELDS.len()];
        for ((value, name), text) in values.iter_mut().zip(FIELDS).zip(&self.texts) {
            *value = if name == INPUT_HASH { self.input_hash.as_deref() } else { text.as_deref().map(str::as_bytes) };
        }
        values
    }

    /// What is left of a field that was erased.
    pub fn commitment_of(&self, field: &str) -> Option<Hash> {
        let place = self.erased.iter().position(|erased| erased == field)?;
        self.commitments.as_chunks::<32>().0.get(place).copied()
    }

    /// The leaf that the row's values and salts make; none where they are not those of any leaf.
    pub fn leaf(&self) -> Option<Hash> {
        let (salts, rest) = self.salts.as_chunks::<SALT_LENGTH>();
        if self.version != LEAF_VERSION || salts.len() != FIELDS.len() || !rest.is_empty() {
            return None;
        }
        let mut commitments = [[0; 32]; FIELDS.len()];
        for (((kept, name), value), salt) in commitments.iter_mut().zip(FIELDS).zip(self.values()).zip(salts) {
            *kept = self.commitment_of(name).unwrap_or_else(|| commitment(name, salt, value));
        }
        Some(leaf_of(&commitments))
    }

    /// Whether the row still makes the leaf that it was written with.
    pub fn is_whole(&self) -> bool {
        self.leaf().is_some_and(|leaf| leaf.as_slice() == self.carried)
    }
}

/// The rows of a log that are there, by their ids; in the scope's reach.
pub async fn read<R: Reach>(scope: &mut Scope<R>, log: Uuid, keys: &[Key]) -> Result<Rows, AppError> {
    let tenants: Vec<Uuid> = keys.iter().map(|key| key.tenant).collect();
    let times: Vec<DateTime<Utc>> = keys.iter().map(|key| key.occurred_at).collect();
    let ids: Vec<Uuid> = keys.iter().map(|key| key.id).collect();
    let rows = sqlx::query_as!(
        StoredRow,
        r#"select event.id, event.leaf_version as version, event.leaf_hash as carried, event.input_hash, event.salts,
               coalesce(event.erased, '{}') as "erased!", coalesce(event.commitments, '') as "commitments!",
               array[event.id::text, event.log_id::text, event.tenant_id::text, event.workspace_id::text,
                   event.project_id::text, event.environment,
                   to_char(event.occurred_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                   event.action, event.actor_type, event.actor_id, event.actor_name,
                   event.on_behalf_of_id, event.on_behalf_of_name, event.credential_id, event.client,
                   event.channel, event.route, event.target_type, event.target_id, event.target_name,
                   event.outcome, event.reason, event.request_id, event.client_request_id, event.ip, event.user_agent,
                   null, event.changes::text] as "texts!: Vec<Option<String>>"
           from unnest($1::uuid[], $2::timestamptz[], $3::uuid[]) as wanted (tenant_id, occurred_at, id)
           cross join lateral (
               select one.*
               from audit_event as one
               where one.tenant_id = wanted.tenant_id and one.log_id = $4 and one.occurred_at = wanted.occurred_at and one.id = wanted.id
               -- One lookup by the whole key for each: see migration 351.
               offset 0) as event"#,
        &tenants,
        &times,
        &ids,
        log,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
