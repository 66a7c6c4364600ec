//! Ids and slugs never change: the application's role cannot change one, whatever statement it sends, and no form or call
//! that renames a thing moves it.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use serde_json::json;
use sqlx::{Executor as _, PgConnection};

use crate::support::{Console, Team};

/// Identifiers that a role may change after all, and why.
const CHANGED: &[(&str, &str)] = &[
    ("stoa_service", "slug_directory.tenant_id"), // a workspace that moves: its slug stays, its tenant does not
    ("stoa_service", "workspace.tenant_id"),      // the same, through move_workspace
    ("stoa_service", "job.id"),                   // the queue's own books: nobody's thing
    ("stoa_service", "job.tenant_id"),
    ("stoa_service", "periodic_task.name"),         // the clock's own books
    ("stoa_service", "session_reach.session_hash"), // what a session reached: nobody's thing
    ("stoa_service", "session_reach.tenant_id"),
    ("stoa_service", "session_reach.user_id"),
    ("stoa_service", "session_reach.workspace_id"),
    ("stoa_service", "workspace_tenancy.former_tenant_id"), // the history of moves, which move_workspace writes
    ("stoa_service", "workspace_tenancy.tenant_id"),
    ("stoa_service", "workspace_tenancy.workspace_id"),
];

/// From the catalogue and not from a list: every column of every primary key, every slug, and who somebody is.
#[tokio::test]
async fn no_role_may_change_what_identifies_a_thing() {
    let console = Console::start().await;
    let mut owner = console.database.connect("stoa_owner").await;
    let found: Vec<(String, String, String)> = sqlx::query_as(
        "select role.name, relname::text, attname::text
         from pg_class
         join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
         cross join (values ('stoa_app'), ('stoa_service')) as role (name)
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
           and (attname in ('slug', 'issuer', 'subject', 'tenant_id', 'workspace_id') or exists (
               select from pg_constraint where conrelid = pg_class.oid and contype = 'p' and attnum = any (conkey)))
           and has_column_privilege(role.name, pg_class.oid, attname, 'update')
         order by 1, 2, 3",
    )
    .fetch_all(&mut owner)
    .await
    .expect("privileges");
    let found: BTreeSet<(String, String)> = found.into_iter().map(|(role, table, column)| (role, format!("{table}.{column}"))).collect();
    let expected: BTreeSet<(String, String)> = CHANGED.iter().map(|(role, column)| ((*role).to_owned(), (*column).to_owned())).collect();
    assert_eq!(found, expected);
    let mut identifiers: Vec<String> = sqlx::query_scalar(
        "select conrelid::regclass::text || '.' || attname from pg_constraint
         join pg_attribute on attrelid = conrelid and attnum = any (conkey) where contype = 'p'",
    )
    .fetch_all(&mut owner)
    .await
    .expect("columns");
    identifiers.retain(|column| ["tenant.tenant_id", "workspace.workspace_id", "app_user.id", "api_key.id"].contains(&column.as_str()));
    assert_eq!(identifiers.len(), 4, "the catalogue was read: {identifiers:?}");
}

async fn reach(app: &mut PgConnection, team: &Team, word: &str) {
    sqlx::query(
        "select set_config('app.reach', $1, false), set_config('app.tenant_id', $2, false), set_config('app.workspace_id', $3, false),
                set_config('app.user_id', $4, false)",
    )
    .bind(word)
    .bind(team.tenant.0.to_string())
    .bind(team.workspace.0.to_string())
    .bind(team.owner.user.0.to_string())
    .execute(app)
    .await
    .expect("a reach");
}

#[tokio::test]
async fn the_database_refuses_every_attempt_to_change_an_id_or_a_slug() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.client(&team.owner, &team.slug, &["members:read"]).await;
    console.invited(&team, "grace@example.com", "member").await;
    let before = identities(&console).await;
    let mut app = console.database.connect("stoa_app").await;
    for word in ["workspace", "tenant", "service", "user", "move"] {
        reach(&mut app, &team, word).await;
        for statement in [
            "update tenant set slug = 'acme'",
            "update tenant set tenant_id = gen_random_uuid()",
            "update workspace set slug = 'shop'",
            "update workspace set workspace_id = gen_random_uuid()",
            "update workspace set tenant_id = gen_random_uuid()",
            "update workspace set name = 'x', slug = 'shop'",
            "update slug_directory set slug = 'shop'",
            "update slug_directory set tenant_id = gen_random_uuid()",
            "delete from slug_directory",
            "update app_user set id = gen_random_uuid()",
            "update app_user set subject = 'somebody else'",
            "update api_key set id = gen_random_uuid()",
            "update api_key set workspace_id = gen_random_uuid()",
            "update tenant_membership set user_id = gen_random_uuid()",
            "update workspace_membership set id = gen_random_uuid()",
            "update workspace_membership set user_id = gen_random_uuid()",
            "update workspace_grant set membership_id = gen_random_uuid()",
            "update invitation set id = gen_random_uuid()",
            "update audit_event set id = gen_random_uuid()",
            "insert into workspace select * from workspace on conflict (tenant_id, workspace_id) do update set slug = 'shop'",
        ] {
            let refused = app.execute(statement).await.expect_err(statement);
            assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{word}: {statement}");
        }
    }
    assert_eq!(identities(&console).await, before);
}

async fn identities(console: &Console) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar(
        "select tenant_id || slug from tenant union all select tenant_id || '/' || workspace_id || slug from workspace
         union all select slug || kind || tenant_id || coalesce(workspace_id::text, '') from slug_directory
         union all select id || issuer || subject from app_user union all select id || '/' || workspace_id from api_key order by 1",
    )
    .fetch_all(&mut owner)
    .await
    .expect("identities")
}

#[tokio::test]
async fn whatever_is_renamed_keeps_its_id_and_its_slug() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let client = console.client(&team.owner, &team.slug, &["settings:read", "settings:write"]).await;
    let before = identities(&console).await;
    for (page, form, place) in [
        (format!("/w/{}/settings", team.slug), format!("/w/{}/settings/name", team.slug), team.slug.clone()),
        (format!("/t/{}/settings", team.tenant_slug), format!("/t/{}/settings/name", team.tenant_slug), team.tenant_slug.clone()),
        ("/profile".to_owned(), "/profile".to_owned(), team.owner.user.to_string()),
    ] {
        let shown = team.owner.browser.get(&page).await;
        let (key, version) = (console.form_key(), shown.field("version"));
        // What a form does not ask for, it does not take either.
        let fields = [
            ("form", key.as_str()),
            ("place", &place),
            ("version", &version),
            ("name", "Renamed"),
            ("time_zone", "UTC"),
            ("theme", "system"),
            ("slug", "taken"),
            ("id", "taken"),
            ("subject", "taken"),
        ];
        let answer = team.owner.browser.post(&form, &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{form}: {}", answer.text());
    }
    let called = client.send(Method::PATCH, "/workspace", &[], Some(&json!({ "name": "Called" }))).await;
    assert_eq!(called.status, StatusCode::OK, "{}", called.body);
    let slug = client.send(Method::PATCH, "/workspace", &[], Some(&json!({ "name": "Called", "slug": "taken" }))).await;
    assert_eq!(slug.code(), "validation_failed", "{}", slug.body);
    for (sql, id, name) in [
        ("select name from workspace where workspace_id = $1", team.workspace.0, "Called"),
        ("select name from tenant where tenant_id = $1", team.tenant.0, "Renamed"),
        ("select name from app_user where id = $1", team.owner.user.0, "Renamed"),
    ] {
        assert_eq!(console.database.text(sql, id).await, name);
    }
    assert_eq!(identities(&console).await, before);
}
