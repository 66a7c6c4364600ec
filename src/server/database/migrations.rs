//! Schema changes: applied by the owner, one node at a time.

use sqlx::{Connection as _, PgConnection, migrate::Migrator};

pub static MIGRATOR: Migrator = sqlx::migrate!();

/// What an administrator runs once for the cluster.
pub const ROLES_SQL: &str = include_str!("../../../migrations/roles.sql");

/// Audit partitions are made this many months ahead.
const MONTHS_AHEAD: i32 = 3;

/// Brings the database of `owner_url` up to date and returns how many migrations were applied.
pub async fn migrate(owner_url: &str, installation: Installation) -> anyhow::Result<usize> {
    let mut owner = PgConnection::connect(owner_url).await?;
    let before = applied(&mut owner).await?;
    MIGRATOR.run(&mut owner).await?;
    let after = applied(&mut owner).await?;
    // So that `/readyz` and `doctor` can tell.
    sqlx::query("grant select on _sqlx_migrations to stoa_app").execute(&mut owner).await?;
    sqlx::query("select ensure_partitions($1, $2)").bind(installation.at.date_naive()).bind(MONTHS_AHEAD).execute(&mut owner).await?;
    sqlx::query("insert into installation (id, demo, created_at) values ($1, $2, $3) on conflict do nothing")
        .bind(installation.id)
        .bind(installation.demo)
        .bind(installation.at)
        .execute(&mut owner)
        .await?;
    owner.close().await?;
    Ok(after - before)
}

/// How the installation is named when it is first made.
#[derive(Clone, Copy, Debug)]
pub struct Installation {
    pub id: uuid::Uuid,
    pub demo: bool,
    pub at: chrono::DateTime<chrono::Utc>,
}

impl Installation {
    pub fn new(demo: bool, at: chrono::DateTime<chrono::Utc>) -> Self {
        Self { id: crate::server::chance::uuid(at), demo, at }
    }
}

async fn applied(owner: &mut PgConnection) -> sqlx::Result<usize> {
    let known: Option<String> = sqlx::query_scalar("select to_regclass('_sqlx_migrations')::text").fetch_one(&mut *owner).await?;
    if known.is_none() {
        return Ok(0);
    }
    let count: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations where success").fetch_one(owner).await?;
    Ok(usize::try_from(count).unwrap_or_default())
}
