//! The schema as it changes: on filled data, by its owner, and back from a backup.

use std::{path::Path, process::Command};

use sqlx::{Connection as _, Executor as _, PgConnection, migrate::Migrate as _};
use stoa::server::database::{Installation, MIGRATOR, migrate};

use crate::support::{Console, TestDatabase, noon};

/// After each migration its sample rows go in, so that every later one meets a database that is not empty; and the
/// rows must still be there, counted, at the end.
#[tokio::test]
async fn each_migration_runs_on_a_database_that_is_not_empty() {
    let database = TestDatabase::empty().await;
    let mut owner = PgConnection::connect(&database.owner_url()).await.expect("the owner");
    owner.ensure_migrations_table("_sqlx_migrations").await.expect("the table of migrations");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/samples");
    let mut filled = Vec::new();
    for migration in MIGRATOR.iter() {
        owner.apply("_sqlx_migrations", migration).await.unwrap_or_else(|error| panic!("{}: {error}", migration.description));
        let file = samples.join(format!("{}.sql", migration.version));
        let Ok(sql) = std::fs::read_to_string(&file) else { continue };
        for statement in sql.split(";\n").map(str::trim).filter(|statement| !statement.is_empty()) {
            let done =
                owner.execute(sqlx::AssertSqlSafe(statement.to_owned())).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
            let table = statement.split_whitespace().skip_while(|word| *word != "into").nth(1).expect("a table").to_owned();
            filled.push((table, i64::try_from(done.rows_affected()).expect("few rows")));
        }
    }
    assert!(filled.len() >= 8, "the samples fill {} tables", filled.len());
    for (table, rows) in filled {
        let count: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}"))).fetch_one(&mut owner).await.expect("a count");
        assert_eq!(count, rows, "{table} after all migrations");
    }
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let database = TestDatabase::empty().await;
    let first = migrate(&database.owner_url(), Installation::new(false, noon())).await.expect("migrated");
    assert_eq!(first, MIGRATOR.iter().count());
    let id = database.count("select count(*) from installation").await;
    assert_eq!(migrate(&database.owner_url(), Installation::new(true, noon())).await.expect("migrated"), 0);
    assert_eq!(database.count("select count(*) from installation").await, id);
    assert_eq!(database.count("select count(*) from installation where demo").await, 0, "what it was made as, it stays");
}

#[tokio::test]
async fn the_application_cannot_migrate() {
    let console = Console::start().await;
    let mut app = console.database.connect("stoa_app").await;
    for statement in [
        "create table mine (x int)",
        "alter table tenant add column x int",
        "drop table tenant",
        "alter table tenant disable row level security",
    ] {
        let refused = app.execute(statement).await.expect_err(statement);
        assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{statement}");
    }
}

/// The documented backup, as the owner, with row security on: everything is in it, and it comes back.
#[tokio::test]
async fn a_backup_holds_everything_and_comes_back() {
    let console = Console::start().await;
    console.team("Acme").await;
    console.team("Zenith").await;
    let restored = TestDatabase::empty().await;
    let bin =
        std::env::var("STOA_TEST_POSTGRES_BIN").expect("STOA_TEST_POSTGRES_BIN names the folder of pg_dump; scripts/postgres says it");
    let file = std::env::temp_dir().join(format!("{}.dump", console.database.name));
    let dump = Command::new(format!("{bin}/pg_dump"))
        .args(["--enable-row-security", "--format=custom", "--file"])
        .arg(&file)
        .arg(console.database.owner_url())
        .output()
        .expect("pg_dump runs");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    // Giving functions to stoa_service takes this while the restore runs (docs/operations.md).
    let mut owner = restored.connect("stoa_owner").await;
    owner.execute("grant create on schema public to stoa_service").await.expect("granted");
    let restore = Command::new(format!("{bin}/pg_restore"))
        .args(["--exit-on-error", "--no-comments", "--enable-row-security", "--dbname"])
        .arg(restored.owner_url())
        .arg(&file)
        .output()
        .expect("pg_restore runs");
    let _ = std::fs::remove_file(&file);
    assert!(restore.status.success(), "{}", String::from_utf8_lossy(&restore.stderr));
    owner.execute("revoke create on schema public from stoa_service").await.expect("revoked");
    for (table, sql) in [
        ("app_user", "select count(*) from app_user"),
        ("tenant", "select count(*) from tenant"),
        ("workspace", "select count(*) from workspace"),
        ("workspace_grant", "select count(*) from workspace_grant"),
        ("session", "select count(*) from session"),
        ("slug_directory", "select count(*) from slug_directory"),
        ("audit_event", "select count(*) from audit_event"),
        ("outbox", "select count(*) from outbox"),
    ] {
        let before = console.database.count(sql).await;
        assert!(before > 0, "{table} was empty");
        assert_eq!(restored.count(sql).await, before, "{table}");
    }
    // And it is as guarded as it was.
    let mut app = restored.connect("stoa_app").await;
    let seen: i64 = sqlx::query_scalar("select count(*) from tenant").fetch_one(&mut app).await.expect("a count");
    assert_eq!(seen, 0);
}
