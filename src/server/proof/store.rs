//! The SQL behind the proof of audit logs. The tables are reached through functions alone, which ask for the scope's reach.

use chrono::{DateTime, Utc};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    rows::Key,
    tree::{Edge, Hash, Subtree},
};
use crate::{
    error::AppError,
    server::scope::{Reach, Scope, ServiceScope},
};

/// A log that this transaction has to itself, as far as it is sealed.
#[derive(Clone, Debug)]
pub struct Head {
    pub origin: String,
    pub size: i64,
    pub edge: Vec<u8>,
    pub signed_size: i64,
    pub unsigned_since: Option<DateTime<Utc>>,
    /// The newest checkpoint.
    pub note: Option<String>,
}

/// A leaf of a log.
#[derive(Clone, Debug)]
pub struct Leaf {
    pub seq: i64,
    pub tenant_id: Uuid,
    pub row_id: Uuid,
    pub occurred_at: DateTime<Utc>,
    pub leaf_hash: Vec<u8>,
}

impl Leaf {
    pub fn key(&self) -> Key {
        Key { tenant: self.tenant_id, occurred_at: self.occurred_at, id: self.row_id }
    }
}

/// A checkpoint as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub size: i64,
    pub root: Vec<u8>,
    pub key_id: String,
    pub note: String,
    pub signed_at: DateTime<Utc>,
}

/// A log that has leaves, whosever it is.
#[derive(Clone, Debug)]
pub struct Log {
    pub log_id: Uuid,
    pub origin: String,
    pub size: i64,
    pub edge: Vec<u8>,
    pub signed_size: i64,
    pub tenants: Vec<Uuid>,
}

/// How far a log is sealed and signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub size: i64,
    pub signed_size: i64,
    pub note: Option<String>,
    pub key_id: Option<String>,
    pub signed_at: Option<DateTime<Utc>>,
}

pub async fn logs_to_seal(db: &PgPool, unsigned_before: DateTime<Utc>, most: i32) -> Result<Vec<(Uuid, Uuid)>, AppError> {
    let rows = sqlx::query!(r#"select tenant_id as "tenant!", log_id as "log!" from audit_logs_to_seal($1, $2)"#, unsigned_before, most)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.tenant, row.log)).collect())
}

/// None where somebody else seals the log just now.
pub async fn begin(scope: &mut ServiceScope, tenant: Uuid, log: Uuid, origin: &str) -> Result<Option<Head>, AppError> {
    let head = sqlx::query_as!(
        Head,
        r#"select origin as "origin!", size as "size!", edge as "edge!", signed_size as "signed_size!", unsigned_since, note
           from begin_sealing($1, $2, $3)"#,
        tenant,
        log,
        origin,
    )
    .fetch_optional(scope.note())
    .await?;
    Ok(head)
}

pub async fn waiting(scope: &mut ServiceScope, tenant: Uuid, log: Uuid, most: i32) -> Result<Vec<Key>, AppError> {
    let rows = sqlx::query!(r#"select occurred_at as "at!", row_id as "id!" from audit_rows_to_seal($1, $2, $3)"#, tenant, log, most)
        .fetch_all(scope.read())
        .await?;
    Ok(rows.into_iter().map(|row| Key { tenant, occurred_at: row.at, id: row.id }).collect())
}

/// Appends the leaves of `keys` behind the first `from`, and what became whole with them.
pub async fn seal(
    scope: &mut ServiceScope,
    log: Uuid,
    from: i64,
    keys: &[Key],
    whole: &[(Subtree, Hash)],
    edge: &Edge,
) -> Result<(), AppError> {
    let (tenant, now) = (scope.reach().tenant.0, scope.now());
    let (times, rows): (Vec<_>, Vec<_>) = keys.iter().map(|key| (key.occurred_at, key.id)).unzip();
    let levels: Vec<i16> = whole.iter().map(|(subtree, _)| i16::try_from(subtree.level).unwrap_or(i16::MAX)).collect();
    let places: Vec<i64> = whole.iter().map(|(subtree, _)| i64::try_from(subtree.place).unwrap_or(i64::MAX)).collect();
    let hashes: Vec<Vec<u8>> = whole.iter().map(|(_, hash)| hash.to_vec()).collect();
    sqlx::query!(
        "select seal_rows($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        tenant,
        log,
        from,
        &times,
        &rows,
        &levels,
        &places,
        &hashes,
        edge.to_bytes(),
        now,
    )
    .execute(scope.note())
    .await?;
    Ok(())
}

pub async fn keep_checkpoint(scope: &mut ServiceScope, log: Uuid, size: i64, root: &Hash, key: &str, note: &str) -> Result<(), AppError> {
    let (tenant, now) = (scope.reach().tenant.0, scope.now());
    sqlx::query!("select keep_checkpoint($1, $2, $3, $4, $5, $6, $7)", tenant, log, size, root.as_slice(), key, note, now)
        .execute(scope.note())
        .await?;
    Ok(())
}

/// Log, size and note of checkpoints that the witness was not given.
pub async fn unwitnessed(db: &PgPool, most: i32) -> Result<Vec<(Uuid, i64, String)>, AppError> {
    let rows = sqlx::query!(r#"select log_id as "log!", size as "size!", note as "note!" from unwitnessed_checkpoints($1)"#, most)
        .fetch_all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.log, row.size, row.note)).collect())
}

pub async fn note_witnessed(db: &PgPool, log: Uuid, size: i64) -> Result<(), AppError> {
    sqlx::query!("select note_witnessed($1, $2)", log, size).execute(db).await?;
    Ok(())
}

/// Every log that has a leaf.
pub async fn logs(db: &PgPool) -> Result<Vec<Log>, AppError> {
    let logs = sqlx::query_as!(
        Log,
        r#"select log_id as "log_id!", origin as "origin!", size as "size!", edge as "edge!", signed_size as "signed_size!",
               tenants as "tenants!"
           from audit_logs()"#
    )
    .fetch_all(db)
    .await?;
    Ok(logs)
}

/// Whoever may have rows: every tenant, and the installation.
pub async fn tenants(db: &PgPool) -> Result<Vec<Uuid>, AppError> {
    Ok(sqlx::query_scalar!(r#"select audit_tenants() as "tenant!""#).fetch_all(db).await?)
}

/// From `first` up to before `last`.
pub async fn leaves<R: Reach>(scope: &mut Scope<R>, log: Uuid, first: i64, last: i64) -> Result<Vec<Leaf>, AppError> {
    let leaves = sqlx::query_as!(
        Leaf,
        r#"select seq as "seq!", tenant_id as "tenant_id!", row_id as "row_id!", occurred_at as "occurred_at!",
               leaf_hash as "leaf_hash!"
           from audit_leaves($1, $2, $3)"#,
        log,
        first,
        last,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(leaves)
}

/// The rows of a log that say what of it went; the number of one that waits for its seal is past all others.
pub async fn records<R: Reach>(scope: &mut Scope<R>, log: Uuid) -> Result<Vec<Leaf>, AppError> {
    let leaves = sqlx::query_as!(
        Leaf,
        r#"select coalesce(seq, 9223372036854775807) as "seq!", tenant_id as "tenant_id!", row_id as "row_id!",
               occurred_at as "occurred_at!", leaf_hash as "leaf_hash!"
           from audit_records($1)"#,
        log,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(leaves)
}

/// Which of these rows are sealed, and at which number.
pub async fn seals<R: Reach>(scope: &mut Scope<R>, log: Uuid, rows: &[Uuid]) -> Result<Vec<(Uuid, i64)>, AppError> {
    let seals =
        sqlx::query!(r#"select row_id as "row!", seq as "seq!" from audit_seals($1, $2)"#, log, rows).fetch_all(scope.read()).await?;
    Ok(seals.into_iter().map(|seal| (seal.row, seal.seq)).collect())
}

/// Hashes of the tree: of each level those from one place up to before another.
pub async fn hashes<R: Reach>(scope: &mut Scope<R>, log: Uuid, wanted: &[(u32, u64, u64)]) -> Result<Vec<(Subtree, Hash)>, AppError> {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let levels: Vec<i16> = wanted.iter().map(|(level, ..)| i16::try_from(*level).unwrap_or(i16::MAX)).collect();
    let firsts: Vec<i64> = wanted.iter().map(|(_, first, _)| whole(*first)).collect();
    let lasts: Vec<i64> = wanted.iter().map(|(.., last)| whole(*last)).collect();
    let rows = sqlx::query!(
        r#"select level as "level!", place as "place!", hash as "hash!" from audit_hashes($1, $2, $3, $4)"#,
        log,
        &levels,
        &firsts,
        &lasts,
    )
    .fetch_all(scope.read())
    .await?;
    let read = |level: i16, place: i64, hash: Vec<u8>| {
        let subtree = Subtree { level: u32::try_from(level).ok()?, place: u64::try_from(place).ok()? };
        Some((subtree, hash.try_into().ok()?))
    };
    Ok(rows.into_iter().filter_map(|row| read(row.level, row.place, row.hash)).collect())
}

/// Over more than `after` leaves, the smallest first.
pub async fn checkpoints<R: Reach>(scope: &mut Scope<R>, log: Uuid, after: i64, most: i32) -> Result<Vec<Kept>, AppError> {
    let kept = sqlx::query_as!(
        Kept,
        r#"select size as "size!", root as "root!", key_id as "key_id!", note as "note!", signed_at as "signed_at!"
           from audit_checkpoints($1, $2, $3)"#,
        log,
        after,
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(kept)
}

/// None where nothing of the log was ever sealed.
pub async fn standing<R: Reach>(scope: &mut Scope<R>, log: Uuid) -> Result<Option<Standing>, AppError> {
    let standing = sqlx::query_as!(
        Standing,
        r#"select size as "size!", signed_size as "signed_size!", note, key_id, signed_at from audit_standing($1)"#,
        log,
    )
    .fetch_optional(scope.read())
    .await?;
    Ok(standing)
}

/// A page of a tenant's rows, of whichever log, in the order of their keys: log and key.
pub async fn keys(scope: &mut ServiceScope, after: Option<Key>, most: i64) -> Result<Vec<(Uuid, Key)>, AppError> {
    let tenant = scope.reach().tenant.0;
    let (after_time, after_id) = after.map_or((DateTime::<Utc>::MIN_UTC, Uuid::nil()), |key| (key.occurred_at, key.id));
    let after_time = after_time.max(DateTime::UNIX_EPOCH);
    let rows = sqlx::query!(
        "select log_id, occurred_at, id
         from audit_event
         where tenant_id = $1 and occurred_at >= $2 and (occurred_at, id) > ($2, $3)
         order by occurred_at, id
         limit $4",
        tenant,
        after_time,
        after_id,
        most,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(rows.into_iter().map(|row| (row.log_id, Key { tenant, occurred_at: row.occurred_at, id: row.id })).collect())
}

/// Of these rows of the scope's tenant, those that wait for their seal.
pub async fn still_waiting(scope: &mut ServiceScope, log: Uuid, keys: &[Key]) -> Result<Vec<Uuid>, AppError> {
    let tenant = scope.reach().tenant.0;
    let (times, rows): (Vec<_>, Vec<_>) = keys.iter().map(|key| (key.occurred_at, key.id)).unzip();
    let waiting = sqlx::query_scalar!(r#"select audit_waiting($1, $2, $3, $4) as "row!""#, tenant, log, &times, &rows)
        .fetch_all(scope.read())
        .await?;
    Ok(waiting)
}

/// Log and id of rows of the scope's tenant that wait for their seal and are not there.
pub async fn missing_before_seal(scope: &mut ServiceScope, most: i32) -> Result<Vec<(Uuid, Uuid)>, AppError> {
    let tenant = scope.reach().tenant.0;
    let rows = sqlx::query!(r#"select log_id as "log!", row_id as "row!" from audit_missing_before_seal($1, $2)"#, tenant, most)
        .fetch_all(scope.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.log, row.row)).collect())
}
