//! The catalogue of the database, held to the rules of its design. What is excepted is named here, with its reason.

use std::collections::BTreeSet;

use crate::support::Console;

/// Without a tenant, and why.
const WITHOUT_TENANT: &[&str] = &[
    "_sqlx_migrations", // which migrations ran
    "installation",     // this installation itself
    "app_user",         // people belong to no tenant
    "session",          // before any tenant is known
    "sign_in_attempt",  // before any person is known
    "form_answer",      // a person's own
    "slug_directory",   // finds the tenant
    "periodic_task",    // whose turn it is, by the name of a task
    "purge_rule",       // what becomes of tables
    "manifest_version", // of this installation's modules
    "manifest_set",     // which of them are in force
    "node",             // which nodes are there
    "audit_drain",      // how far logs are written beside the database, by log
    "audit_log_head",   // a log outlives its tenant, and a workspace's goes with it to another
];

/// Read by everyone or guarded by grants alone: no row-level security, and why.
const WITHOUT_ROW_SECURITY: &[&str] = &[
    "_sqlx_migrations", // no secrets, needed by /readyz
    "installation",     // one row, the same for all
    "session",          // keyed by hashes of secrets; its own grants
    "sign_in_attempt",  // keyed by hashes of secrets; its own grants
    "slug_directory",   // slugs are public words; no update, no delete
    "periodic_task",    // names of tasks; reached through its function alone
    "purge_rule",       // names of tables; reached through functions alone
    "manifest_version", // what every node reads in files; written through functions alone
    "manifest_set",     // the same
    "node",             // hashes of those; reached through functions alone
];

/// Every place where a tenant's table may not begin with `tenant_id`, and why.
const NOT_TENANT_FIRST: &[&str] = &[
    "tenant.tenant_slug_key",           // a slug is unique in the installation
    "tenant_membership_by_user",        // a person's own places, across tenants
    "workspace_membership_by_user",     // a person's own places, across tenants
    "inbox_item.inbox_item_pkey",       // a person's own, from any tenant
    "inbox_item_unread",                // a person's own, from any tenant
    "session_reach.session_reach_pkey", // a person's own, in any tenant
    "session_reach_by_session",         // goes with its session
    "invitation_by_id",                 // a link names the invitation alone
    "job_dead",                         // what the operator looks at
    "api_key_by_id",                    // a call names its key alone
    "api_key_secret_by_key",            // a call names its key alone
    "api_key_by_expiry",                // what ends soon, of whichever tenant
    "idempotent_answer_by_expiry",      // what has expired, of whichever tenant
    "asset_object_stray",               // what nobody keeps, of whichever tenant
    "audit_stream_due",                 // what has something to send, of whichever tenant
    "top_up_by_session",                // a payment provider names these alone
    "top_up_by_id",                     // a payment provider names these alone
    "top_up_by_payment",                // a payment provider names these alone
    "record_retention_due",             // whose turn it is, of whichever tenant
    "denial_waiting",                   // what is to be counted, of whichever tenant
];

async fn texts(console: &Console, sql: &'static str) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar(sql).fetch_all(&mut owner).await.expect("texts")
}

#[tokio::test]
async fn every_table_forces_row_level_security_or_is_named_here() {
    let console = Console::start().await;
    let unprotected = texts(
        &console,
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)
         order by 1",
    )
    .await;
    let expected: BTreeSet<&str> = WITHOUT_ROW_SECURITY.iter().copied().collect();
    assert_eq!(unprotected.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn every_protected_table_has_an_owner_policy_and_grants_go_to_parents_only() {
    let console = Console::start().await;
    let without_owner = texts(
        &console,
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relrowsecurity
           and not exists (select from pg_policy where polrelid = pg_class.oid and 'stoa_owner'::regrole = any (polroles))",
    )
    .await;
    assert_eq!(without_owner, Vec::<String>::new());
    let granted_partitions = texts(
        &console,
        "select relname::text from pg_class
         where relispartition and (has_table_privilege('stoa_app', oid, 'select, insert, update, delete')
            or has_table_privilege('stoa_service', oid, 'select, insert, update, delete'))",
    )
    .await;
    assert_eq!(granted_partitions, Vec::<String>::new());
    let partitions = texts(&console, "select relname::text from pg_class where relispartition and relkind = 'r' order by 1").await;
    let expected =
        ["audit_event", "usage_event"].map(|log| ["2026_11", "2026_12", "2027_01", "default"].map(|part| format!("{log}_{part}")));
    assert_eq!(partitions, expected.concat());
}

#[tokio::test]
async fn what_a_tenant_owns_is_keyed_by_tenant_first() {
    let console = Console::start().await;
    let without = texts(
        &console,
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
           and (relname = 'slug_directory' or not exists (
               select from pg_attribute where attrelid = pg_class.oid and attname = 'tenant_id'))
         order by 1",
    )
    .await;
    let expected: BTreeSet<&str> = WITHOUT_TENANT.iter().copied().collect();
    assert_eq!(without.iter().map(String::as_str).collect::<BTreeSet<_>>(), expected);

    let keys = texts(
        &console,
        "select conrelid::regclass::text || '.' || conname from pg_constraint
         where contype in ('p', 'u') and connamespace = 'public'::regnamespace
           and exists (select from pg_attribute where attrelid = conrelid and attname = 'tenant_id')
           and conrelid <> 'slug_directory'::regclass
           and (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) <> 'tenant_id'",
    )
    .await;
    let indexes = texts(
        &console,
        "select indexrelid::regclass::text from pg_index
         join pg_class on pg_class.oid = indrelid
         where relnamespace = 'public'::regnamespace and relname <> 'slug_directory'
           and exists (select from pg_attribute where attrelid = indrelid and attname = 'tenant_id')
           and not exists (select from pg_constraint where conindid = indexrelid)
           and not (select relispartition from pg_class where oid = indexrelid)
           and (select attname from pg_attribute where attrelid = indrelid and attnum = indkey[0]) <> 'tenant_id'",
    )
    .await;
    let found: BTreeSet<String> = keys.into_iter().chain(indexes).collect();
    assert_eq!(found, NOT_TENANT_FIRST.iter().map(|name| (*name).to_owned()).collect());

    let references = texts(
        &console,
        "select conname::text from pg_constraint
         where contype = 'f' and connamespace = 'public'::regnamespace and conparentid = 0
           and exists (select from pg_attribute where attrelid = conrelid and attname = 'tenant_id')
           and exists (select from pg_attribute where attrelid = confrelid and attname = 'tenant_id')
           and (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) <> 'tenant_id'",
    )
    .await;
    assert_eq!(references, Vec::<String>::new());
}

#[tokio::test]
async fn functions_that_work_across_tenants_belong_to_a_role_that_cannot_log_in() {
    let console = Console::start().await;
    let functions = texts(
        &console,
        "select proname || ' ' || proowner::regrole
         from pg_proc where pronamespace = 'public'::regnamespace and prosecdef order by 1",
    )
    .await;
    assert!(functions.len() >= 6);
    for function in &functions {
        // Only the owner of a partitioned table can add a partition to it.
        let owner = if function.starts_with("ensure_partitions ") { "stoa_owner" } else { "stoa_service" };
        assert_eq!(function.split(' ').nth(1), Some(owner), "{function}");
    }
    let open = texts(
        &console,
        "select proname::text from pg_proc
         where pronamespace = 'public'::regnamespace and prosecdef and has_function_privilege('public', oid, 'execute')",
    )
    .await;
    assert_eq!(open, Vec::<String>::new());
    let roles = texts(
        &console,
        "select rolname || ' login=' || rolcanlogin || ' super=' || rolsuper || ' bypass=' || rolbypassrls
         from pg_roles where rolname in ('stoa_owner', 'stoa_app', 'stoa_service') order by 1",
    )
    .await;
    assert_eq!(
        roles,
        [
            "stoa_app login=true super=false bypass=false",
            "stoa_owner login=true super=false bypass=false",
            "stoa_service login=false super=false bypass=false"
        ]
    );
}

/// A temporary table of the caller's would be found before the schema's own by a function that works for another role.
#[tokio::test]
async fn no_function_finds_what_its_caller_made() {
    let console = Console::start().await;
    let misled = texts(
        &console,
        "select oid::regprocedure::text from pg_proc
         where pronamespace = 'public'::regnamespace and (prosecdef or proconfig is not null)
           and not ('search_path=pg_catalog, public, pg_temp' = any (coalesce(proconfig, '{}')))",
    )
    .await;
    assert_eq!(misled, Vec::<String>::new(), "set search_path = pg_catalog, public, pg_temp");
}

#[tokio::test]
async fn the_project_and_environment_columns_are_there_from_the_start() {
    let console = Console::start().await;
    for table in ["audit_event", "outbox"] {
        let mut owner = console.database.connect("stoa_owner").await;
        let columns: i64 = sqlx::query_scalar(
            "select count(*) from information_schema.columns
             where table_name = $1 and column_name in ('project_id', 'environment') and is_nullable = 'YES'",
        )
        .bind(table)
        .fetch_one(&mut owner)
        .await
        .expect("a count");
        assert_eq!(columns, 2, "{table}");
    }
    assert_eq!(
        console
            .database
            .count("select count(*) from information_schema.columns where table_name = 'workspace_grant' and column_name = 'project_id'")
            .await,
        1
    );
}

/// What the row of a workspace or tenant keeps when it is purged. Every other column goes back to its default.
const KEPT_COLUMNS: &[&str] = &[
    "tenant_id",
    "workspace_id",
    "kind",
    "slug",
    "name",
    "status",
    "version",
    "created_at",
    "updated_at",
    "archived_at",
    "archived_by",
    "deleted_at",
    "purge_at",
    "purged_at",
    "plan",
];

/// What they lose then: name a new column here and let `stoa_service` update it, or keep it in `purge_workspace` and
/// `purge_tenant`.
const CLEARED_COLUMNS: &[&str] = &[
    "absolute_hours",
    "agents_paused_at",
    "alert_percents",
    "allowed_domains",
    "allowed_networks",
    "credential_days",
    "default_role",
    "idle_minutes",
    "members_create_workspaces",
    "notify",
    "on_leak",
    "over_plan",
    "require_multi_factor",
];

#[tokio::test]
async fn every_table_of_a_tenant_says_what_becomes_of_it_when_its_time_is_over() {
    let console = Console::start().await;
    let undecided = texts(
        &console,
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
           and exists (select from pg_attribute where attrelid = pg_class.oid and attname in ('tenant_id', 'workspace_id'))
           and not exists (select from purge_rule where table_name = relname)",
    )
    .await;
    assert_eq!(undecided, Vec::<String>::new(), "call purge_with(table, 'workspace' | 'tenant') or keep_when_purged(table, why)");
    let wrong = texts(
        &console,
        "select table_name from purge_rule
         where to_regclass('public.' || quote_ident(table_name)) is null
            or not exists (select from pg_attribute where attrelid = to_regclass('public.' || quote_ident(table_name)) and attname = 'tenant_id')
            or (goes_with = 'workspace') > exists (
                select from pg_attribute where attrelid = to_regclass('public.' || quote_ident(table_name)) and attname = 'workspace_id')
            or (goes_with is not null) > has_table_privilege('stoa_service', 'public.' || quote_ident(table_name), 'delete')",
    )
    .await;
    assert_eq!(wrong, Vec::<String>::new());
    // What stays would hold on to what goes, and nothing could be purged any more.
    let held = texts(
        &console,
        "select conrelid::regclass || ' refers to ' || confrelid::regclass from pg_constraint
         join purge_rule as referred on confrelid = to_regclass('public.' || quote_ident(referred.table_name)) and referred.goes_with is not null
         left join purge_rule as referring on conrelid = to_regclass('public.' || quote_ident(referring.table_name))
         where contype = 'f' and conparentid = 0
           and (referring.goes_with is null or (referred.goes_with = 'workspace' and referring.goes_with = 'tenant'))",
    )
    .await;
    assert_eq!(held, Vec::<String>::new());
}

#[tokio::test]
async fn what_a_purged_row_keeps_is_named() {
    let console = Console::start().await;
    let columns = texts(
        &console,
        "select distinct attname::text from pg_attribute
         where attrelid in ('tenant'::regclass, 'workspace'::regclass) and attnum > 0 and not attisdropped and attgenerated = ''",
    )
    .await;
    let named: BTreeSet<&str> = KEPT_COLUMNS.iter().chain(CLEARED_COLUMNS).copied().collect();
    assert_eq!(columns.iter().map(String::as_str).collect::<BTreeSet<_>>(), named);
    let stuck = texts(
        &console,
        "select attrelid::regclass || '.' || attname from pg_attribute
         where attrelid in ('tenant'::regclass, 'workspace'::regclass) and attnum > 0 and not attisdropped and attgenerated = ''
           and not has_column_privilege('stoa_service', attrelid, attnum, 'update')",
    )
    .await;
    for cleared in CLEARED_COLUMNS {
        assert!(!stuck.iter().any(|column| column.ends_with(&format!(".{cleared}"))), "purging cannot clear {cleared}: {stuck:?}");
    }
    for function in ["purge_workspace", "purge_tenant"] {
        let mut owner = console.database.connect("stoa_owner").await;
        let source: String = sqlx::query_scalar("select prosrc from pg_proc where proname = $1")
            .bind(function)
            .fetch_one(&mut owner)
            .await
            .expect("a source");
        for cleared in CLEARED_COLUMNS {
            assert!(!source.contains(&format!("'{cleared}'")), "{function} keeps {cleared}");
        }
    }
}
