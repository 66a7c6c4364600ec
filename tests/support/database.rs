//! A database for one test, copied from a template that was migrated once.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool, postgres::PgPoolOptions};
use stoa::server::database::{self, Installation, MIGRATOR, ROLES_SQL};
use uuid::Uuid;

#[derive(Clone)]
pub struct TestDatabase {
    base: String,
    pub name: String,
}

impl TestDatabase {
    /// A migrated database that nobody else has.
    pub async fn fresh() -> Self {
        let base = base();
        let mut admin = PgConnection::connect(&format!("{base}/postgres").replace("USER", "postgres"))
            .await
            .expect("STOA_TEST_DATABASE names a running Postgres; `scripts/postgres start` starts one and says what to export");
        let template = template(&base, &mut admin).await;
        let name = format!("test_{}", Uuid::from_bytes(stoa::server::chance::bytes()).simple());
        admin
            .execute(AssertSqlSafe(format!("create database {name} template {template} owner stoa_owner")))
            .await
            .expect("a copy of the template");
        Self { base, name }
    }

    /// One that somebody else made; `address` has `USER` where the role goes, and no database.
    pub fn at(address: &str, name: &str) -> Self {
        Self { base: address.trim_end_matches('/').to_owned(), name: name.to_owned() }
    }

    /// Those of all tests so far.
    pub async fn all() -> Vec<Self> {
        let base = base();
        let mut admin = PgConnection::connect(&format!("{base}/postgres").replace("USER", "postgres")).await.expect("a superuser");
        let names: Vec<String> = sqlx::query_scalar("select datname::text from pg_database where datname like 'test\\_%' order by 1")
            .fetch_all(&mut admin)
            .await
            .expect("names");
        names.into_iter().map(|name| Self { base: base.clone(), name }).collect()
    }

    /// One without any schema.
    pub async fn empty() -> Self {
        let base = base();
        let mut admin = PgConnection::connect(&format!("{base}/postgres").replace("USER", "postgres")).await.expect("a superuser");
        admin.execute(ROLES_SQL).await.expect("roles");
        let name = format!("test_{}", Uuid::from_bytes(stoa::server::chance::bytes()).simple());
        admin.execute(AssertSqlSafe(format!("create database {name} owner stoa_owner"))).await.expect("a database");
        Self { base, name }
    }

    pub fn url(&self, role: &str) -> String {
        format!("{}/{}", self.base, self.name).replace("USER", role)
    }

    pub fn app_url(&self) -> String {
        self.url("stoa_app")
    }

    pub fn owner_url(&self) -> String {
        self.url("stoa_owner")
    }

    /// A pool as the owner, who sees everything through a policy of their own.
    pub async fn owner(&self) -> PgPool {
        PgPoolOptions::new().max_connections(2).connect(&self.owner_url()).await.expect("the owner connects")
    }

    pub async fn connect(&self, role: &str) -> PgConnection {
        PgConnection::connect(&self.url(role)).await.expect("the role connects")
    }

    /// One text, as the owner.
    pub async fn text(&self, sql: &'static str, id: Uuid) -> String {
        let mut owner = self.connect("stoa_owner").await;
        sqlx::query_scalar(sql).bind(id).fetch_one(&mut owner).await.expect("one text")
    }

    /// Every row of every table as text: for what must be in none of them.
    pub async fn dump(&self) -> String {
        let mut owner = self.connect("stoa_owner").await;
        let tables: Vec<String> = sqlx::query_scalar(
            "select relname::text from pg_class
             where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1",
        )
        .fetch_all(&mut owner)
        .await
        .expect("tables");
        let mut dump = String::new();
        for table in tables {
            let sql = format!("select coalesce(string_agg({table}::text, '\n'), '') from {table}");
            dump += &sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_one(&mut owner).await.expect("rows");
        }
        dump
    }

    /// One count, as the owner.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut owner = self.connect("stoa_owner").await;
        sqlx::query_scalar(sql).fetch_one(&mut owner).await.expect("one count")
    }
}

/// The server's address with `USER` where the role goes.
fn base() -> String {
    let url = std::env::var("STOA_TEST_DATABASE")
        .expect("STOA_TEST_DATABASE is set; `scripts/postgres start` starts a Postgres and says what to export");
    let url = url.trim_end_matches("/postgres");
    let (scheme, rest) = url.split_once("://").expect("a postgres:// address");
    let host = rest.split_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://USER@{host}")
}

/// Made by whoever comes first, for as long as the migrations are these.
async fn template(base: &str, admin: &mut PgConnection) -> String {
    let fingerprint = MIGRATOR
        .iter()
        .flat_map(|migration| migration.checksum.iter())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    let template = format!("stoa_template_{fingerprint:016x}");
    let lock = i64::from_ne_bytes(fingerprint.to_ne_bytes());
    sqlx::query("select pg_advisory_lock($1)").bind(lock).execute(&mut *admin).await.expect("the lock");
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datistemplate)")
        .bind(&template)
        .fetch_one(&mut *admin)
        .await
        .expect("an answer");
    if !exists {
        admin.execute(ROLES_SQL).await.expect("roles");
        admin.execute(AssertSqlSafe(format!("drop database if exists {template}"))).await.expect("dropped");
        admin.execute(AssertSqlSafe(format!("create database {template} owner stoa_owner"))).await.expect("created");
        let url = format!("{base}/{template}").replace("USER", "stoa_owner");
        database::migrate(&url, Installation::new(false, super::noon())).await.expect("migrated");
        admin.execute(AssertSqlSafe(format!("alter database {template} is_template true"))).await.expect("marked");
    }
    sqlx::query("select pg_advisory_unlock($1)").bind(lock).execute(&mut *admin).await.expect("unlocked");
    template
}
