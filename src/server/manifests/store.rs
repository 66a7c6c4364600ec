//! The SQL behind sets of manifests.

use chrono::{DateTime, Utc};
use sqlx::{PgPool, types::Json};
use uuid::Uuid;

use super::{changes::Counted, set::Held};
use crate::{error::AppError, server::scope::ServiceScope};

/// What is in force, as a node learns it when it says that it is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// None before the first set.
    pub number: Option<i64>,
    pub hash: Option<String>,
    /// Whether a node that holds it was there since it was put in force.
    pub held: Option<bool>,
    /// Other nodes that hold it now.
    pub holders: i64,
    /// Those that held it, were not heard for a while, and did not say that they leave.
    pub silent: i64,
}

pub async fn beat(db: &PgPool, node: Uuid, hash: &str) -> Result<Beat, AppError> {
    let beat = sqlx::query_as!(
        Beat,
        r#"select number, hash, held, holders as "holders!", silent as "silent!" from node_beats($1, $2)"#,
        node,
        hash,
    )
    .fetch_one(db)
    .await?;
    Ok(beat)
}

pub async fn leave(db: &PgPool, node: Uuid) -> Result<(), AppError> {
    sqlx::query!("select node_leaves($1)", node).execute(db).await?;
    Ok(())
}

/// The hash of the set in force.
pub async fn current(db: &PgPool) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select hash from manifest_set order by number desc limit 1").fetch_optional(db).await
}

/// One manifest of one set.
#[derive(Clone, Debug)]
pub struct Kept {
    pub number: i64,
    pub module: String,
    pub version: i64,
    pub hash: String,
    pub manifest: String,
    pub first_seen_at: DateTime<Utc>,
}

/// Every manifest of every set, in the order in which they were put in force.
pub async fn history(scope: &mut ServiceScope) -> Result<Vec<Kept>, AppError> {
    let kept = sqlx::query_as!(
        Kept,
        r#"
        select sets.number, known.module, known.version, known.hash, known.manifest, known.first_seen_at
        from manifest_set as sets
        cross join jsonb_each_text(sets.modules) as part (module, version)
        join manifest_version as known on known.module = part.module and known.version = part.version::bigint
        order by sets.number, known.module
        "#,
    )
    .fetch_all(scope.read())
    .await?;
    Ok(kept)
}

/// Records of all workspaces are counted: that may take longer than anything that somebody waits for at a page.
pub async fn take_time(scope: &mut ServiceScope) -> Result<(), AppError> {
    sqlx::query!("select set_config('statement_timeout', '10min', true)").fetch_one(scope.read()).await?;
    Ok(())
}

pub async fn count(scope: &mut ServiceScope, counted: &Counted) -> Result<i64, AppError> {
    let connection = scope.read();
    let count = match counted {
        Counted::Records { resource } => {
            sqlx::query_scalar!(
                r#"select coalesce(sum(records), 0)::bigint as "count!" from count_kinds_of_records() where resource = $1"#,
                resource,
            )
            .fetch_one(connection)
            .await?
        }
        Counted::BesideStates { resource, states } => {
            sqlx::query_scalar!(r#"select count_records_beside_states($1, $2) as "count!""#, resource, states).fetch_one(connection).await?
        }
        Counted::Holding { resource, field, besides } => {
            sqlx::query_scalar!(r#"select count_records_with_field($1, $2, $3) as "count!""#, resource, field, besides)
                .fetch_one(connection)
                .await?
        }
        Counted::Without { resource, field } => {
            sqlx::query_scalar!(r#"select count_records_without_field($1, $2) as "count!""#, resource, field).fetch_one(connection).await?
        }
        Counted::Keys { noun } => sqlx::query_scalar!(r#"select count_keys_of_noun($1) as "count!""#, noun).fetch_one(connection).await?,
    };
    Ok(count)
}

/// Returns its number; none where another set was put in force since `after`.
pub async fn adopt(
    scope: &mut ServiceScope,
    after: i64,
    hash: &str,
    manifests: &[Held],
    now: DateTime<Utc>,
) -> Result<Option<i64>, AppError> {
    let number = sqlx::query_scalar!("select adopt_manifests($1, $2, $3, $4)", after, hash, Json(manifests) as _, now)
        .fetch_one(scope.write())
        .await?;
    Ok(number)
}
