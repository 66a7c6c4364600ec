//! The demonstration's database and its roles, made by the cluster's superuser; those of others are left alone.

use anyhow::{Context as _, bail};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::server::{chance, database::ROLES_SQL};

const DATABASE: &str = "stoa_demo";

/// As its two roles.
pub struct Urls {
    pub owner: String,
    pub app: String,
}

/// Roles with new passwords, and a database of their own.
pub async fn prepare(superuser: &str, fresh: bool) -> anyhow::Result<Urls> {
    let mut admin = PgConnection::connect(superuser).await.context("STOA_DEMO_DATABASE_URL: the database does not answer")?;
    refuse_others(superuser, &mut admin).await?;
    admin.execute(ROLES_SQL).await?;
    let mut urls = Vec::new();
    for role in ["stoa_owner", "stoa_app"] {
        let password = chance::secret();
        // base64url holds nothing that could end the literal.
        admin.execute(AssertSqlSafe(format!("alter role {role} password '{password}'"))).await?;
        let mut url: url::Url = superuser.parse().context("STOA_DEMO_DATABASE_URL is not an address")?;
        let _ = url.set_username(role);
        let _ = url.set_password(Some(&password));
        url.set_path(DATABASE);
        urls.push(url.to_string());
    }
    let exists = exists(&mut admin).await?;
    if exists && fresh {
        admin.execute(AssertSqlSafe(format!("drop database {DATABASE} with (force)"))).await?;
    }
    if !exists || fresh {
        admin.execute(AssertSqlSafe(format!("create database {DATABASE} owner stoa_owner"))).await?;
    }
    admin.close().await?;
    let app = urls.pop().unwrap_or_default();
    let owner = urls.pop().unwrap_or_default();
    Ok(Urls { owner, app })
}

/// Roles are the whole cluster's: where another Stoa lives, new passwords would lock it out.
async fn refuse_others(superuser: &str, admin: &mut PgConnection) -> anyhow::Result<()> {
    let others: i64 = sqlx::query_scalar(
        "select count(*) from pg_database join pg_roles on pg_roles.oid = datdba
         where rolname = 'stoa_owner' and datname <> $1",
    )
    .bind(DATABASE)
    .fetch_one(&mut *admin)
    .await?;
    if others > 0 {
        bail!("this Postgres holds another Stoa, whose roles would get new passwords; give the demonstration one of its own");
    }
    if exists(admin).await? {
        let mut url: url::Url = superuser.parse().context("STOA_DEMO_DATABASE_URL is not an address")?;
        url.set_path(DATABASE);
        refuse_unmarked(url.as_str()).await?;
    }
    Ok(())
}

async fn exists(admin: &mut PgConnection) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(DATABASE).fetch_one(admin).await
}

/// What was not made by a demonstration is not touched by one.
async fn refuse_unmarked(url: &str) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(url).await?;
    let (tables, has_installation): (i64, bool) = sqlx::query_as(
        "select (select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'),
                to_regclass('public.installation') is not null",
    )
    .fetch_one(&mut connection)
    .await?;
    // Empty, or without its row yet: a first start that was cut short.
    let is_ours = if has_installation {
        sqlx::query_scalar("select demo from installation").fetch_optional(&mut connection).await?.unwrap_or(true)
    } else {
        tables == 0
    };
    connection.close().await?;
    if !is_ours {
        bail!("the database {DATABASE} was not made by a demonstration; this one leaves it alone");
    }
    Ok(())
}
