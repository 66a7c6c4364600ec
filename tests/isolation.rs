//! No row of one tenant is seen or changed from another: by row-level security alone, by the application's own
//! filter alone, and by every page.

mod addresses;

use sqlx::{Connection as _, Executor as _, PgConnection, Row as _};
use stoa::{
    ids::TenantId,
    server::{
        events::Actor,
        http::request::RequestContext,
        modules::{self, Resource},
        scope::ServiceScope,
    },
};

use crate::{
    records::least,
    support::{Client, Console, Team},
};

/// Every table of the schema that has a tenant, from the catalogue and not from a list.
async fn tenant_tables(console: &Console) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
           and relname <> 'slug_directory'
           and exists (select from pg_attribute where attrelid = pg_class.oid and attname = 'tenant_id')
         order by 1",
    )
    .fetch_all(&mut owner)
    .await
    .expect("tables");
    assert!(tables.len() >= 7, "{tables:?}");
    tables
}

async fn reach(connection: &mut PgConnection, reach: &str, tenant: &str, workspace: &str, user: &str) {
    sqlx::query(
        "select set_config('app.reach', $1, false), set_config('app.tenant_id', $2, false),
                set_config('app.workspace_id', $3, false), set_config('app.user_id', $4, false)",
    )
    .bind(reach)
    .bind(tenant)
    .bind(workspace)
    .bind(user)
    .execute(connection)
    .await
    .expect("settings");
}

/// What the application's role sees of a table: None where it may not even look.
async fn seen(connection: &mut PgConnection, table: &str, and: &str) -> Option<i64> {
    let sql = format!("select count(*) from {table} where {and}");
    match sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql)).fetch_one(connection).await {
        Ok(count) => Some(count),
        Err(error) => {
            let code = error.as_database_error().and_then(|error| error.code()).map(std::borrow::Cow::into_owned);
            assert_eq!(code.as_deref(), Some("42501"), "{table}: {error}");
            None
        }
    }
}

#[tokio::test]
async fn without_a_reach_the_application_sees_nothing() {
    let console = Console::start().await;
    console.team("Acme").await;
    let mut app = console.database.connect("stoa_app").await;
    for table in tenant_tables(&console).await.iter().map(String::as_str).chain(["app_user", "form_answer"]) {
        assert_eq!(seen(&mut app, table, "true").await.unwrap_or(0), 0, "{table} without a setting");
    }
    // A reach without its ids, and one that does not exist, are nothing too.
    for word in ["workspace", "tenant", "service", "user", "everything"] {
        reach(&mut app, word, "", "", "").await;
        for table in tenant_tables(&console).await {
            assert_eq!(seen(&mut app, &table, "true").await.unwrap_or(0), 0, "{table} in an empty {word} reach");
        }
    }
}

#[tokio::test]
async fn by_row_level_security_alone_no_reach_shows_another_tenant() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    for team in [&acme, &zenith] {
        console.one_record_each(&team.owner, &team.slug).await;
    }
    let mut app = console.database.connect("stoa_app").await;
    let mut rows = 0;
    for word in ["workspace", "tenant", "service", "user"] {
        reach(&mut app, word, &acme.tenant.0.to_string(), &acme.workspace.0.to_string(), &acme.owner.user.0.to_string()).await;
        for table in tenant_tables(&console).await {
            let theirs = format!("tenant_id = '{}'", zenith.tenant.0);
            assert_eq!(seen(&mut app, &table, &theirs).await.unwrap_or(0), 0, "{table} of another tenant in a {word} reach");
            rows += seen(&mut app, &table, "true").await.unwrap_or(0);
        }
    }
    assert!(rows > 20, "only {rows} rows were seen at all: the test proves nothing");
}

#[tokio::test]
async fn a_workspace_reach_stops_at_the_workspace() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), acme.tenant, "test").await.expect("a scope");
    let other = stoa::features::workspaces::server::create(&mut scope, "other", "Other").await.expect("a workspace");
    stoa::features::members::server::add(&mut scope, acme.tenant, other, acme.admin.user, "Admin", stoa::access::WorkspaceRole::Owner)
        .await
        .expect("a member");
    scope.commit().await.expect("committed");
    let other_slug = console.database.text("select slug from workspace where workspace_id = $1", other.0).await;
    for slug in [&acme.slug, &other_slug] {
        console.one_record_each(&acme.admin, slug).await;
    }
    let mut app = console.database.connect("stoa_app").await;
    reach(&mut app, "workspace", &acme.tenant.0.to_string(), &acme.workspace.0.to_string(), &acme.owner.user.0.to_string()).await;
    for table in ["workspace", "workspace_membership", "workspace_grant", "audit_event", "record", "record_value", "record_count"] {
        let theirs = format!("workspace_id = '{}'", other.0);
        assert_eq!(seen(&mut app, table, &theirs).await, Some(0), "{table}");
        let ours = format!("workspace_id = '{}'", acme.workspace.0);
        assert!(seen(&mut app, table, &ours).await > Some(0), "{table}");
    }
}

#[tokio::test]
async fn nothing_can_be_written_into_another_tenant() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let mut app = console.database.connect("stoa_app").await;
    reach(&mut app, "service", &acme.tenant.0.to_string(), "", "").await;
    let theirs = zenith.tenant.0;
    for statement in [
        format!(
            "insert into outbox (tenant_id, id, type, occurred_at, envelope) values ('{theirs}', gen_random_uuid(), 'x', now(), '{{}}')"
        ),
        format!(
            "insert into workspace (tenant_id, workspace_id, slug, name, created_at, updated_at) values ('{theirs}', gen_random_uuid(), 'x', 'x', now(), now())"
        ),
        format!(
            "insert into tenant_membership (tenant_id, id, user_id, role, joined_at) values ('{theirs}', gen_random_uuid(), '{}', 'owner', now())",
            acme.owner.user.0
        ),
    ] {
        let refused = app.execute(sqlx::AssertSqlSafe(statement.clone())).await.expect_err(&statement);
        assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{statement}");
    }
    for statement in [
        format!("update workspace set name = 'taken' where tenant_id = '{theirs}'"),
        format!("update tenant set name = 'taken' where tenant_id = '{theirs}'"),
        format!("delete from tenant_membership where tenant_id = '{theirs}'"),
        format!("delete from workspace_grant where tenant_id = '{theirs}'"),
    ] {
        let done = app.execute(sqlx::AssertSqlSafe(statement.clone())).await.expect(&statement);
        assert_eq!(done.rows_affected(), 0, "{statement}");
    }
    // Moving one's own row over is refused too.
    let moved = app.execute(sqlx::AssertSqlSafe(format!("update outbox set tenant_id = '{theirs}'"))).await.expect_err("refused");
    assert_eq!(moved.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"));
}

/// The application's own filters, with row-level security out of the way: a role above it, the same code.
#[tokio::test]
async fn by_the_applications_filter_alone_no_page_shows_another_tenant() {
    let console = Console::start().await;
    let mut admin = PgConnection::connect(&console.database.url("postgres")).await.expect("a superuser");
    let unguarded = format!("above_{}", console.database.name);
    for statement in [format!("create role {unguarded} login bypassrls"), format!("grant stoa_app to {unguarded}")] {
        admin.execute(sqlx::AssertSqlSafe(statement)).await.expect("a role above row-level security");
    }
    let config = crate::support::settings(&console.database.url(&unguarded), &[]);
    let unguarded_stoa = Console::assemble(config, console.stoa.clock.clone());
    let router = stoa::server::http::router(unguarded_stoa, stoa::app::doors(), stoa::app::operations(), axum::Router::new());
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    no_record_of_elsewhere_is_there(&console, router.clone(), &acme, &zenith).await;
    let browser = crate::support::Browser::new(router);
    browser.set_cookie("stoa_session", &acme.owner.browser.cookie("stoa_session").expect("a session"));
    let mut shown = 0;
    for path in [
        format!("/t/{}/teams", acme.tenant_slug),
        format!("/t/{}/workspaces", acme.tenant_slug),
        format!("/t/{}/people", acme.tenant_slug),
        format!("/t/{}/people/leave", acme.tenant_slug),
        format!("/t/{}/settings", acme.tenant_slug),
        format!("/t/{}/settings/delete", acme.tenant_slug),
        format!("/t/{}/settings/transfer", acme.tenant_slug),
        format!("/w/{}", acme.slug),
        format!("/w/{}/settings", acme.slug),
        format!("/w/{}/audit-log", acme.slug),
        format!("/w/{}/audit-log?q=-action:nothing.", acme.slug),
        format!("/w/{}/audit-log?q=actor:{}", acme.slug, zenith.owner.user),
        format!("/w/{}/audit-log/views", acme.slug),
        format!("/t/{}/audit-log", acme.tenant_slug),
        "/profile".to_owned(),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body.contains("Zenith"), "{path} shows another tenant");
        assert!(!answer.body.contains(&zenith.slug), "{path} shows another tenant");
        shown += usize::from(answer.body.contains("Acme"));
    }
    assert!(shown >= 4);
    assert_strangers_place_is_nowhere(&browser, &zenith).await;
    admin.execute(sqlx::AssertSqlSafe(format!("drop role {unguarded}"))).await.expect("dropped");
}

/// By every operation of every module, over a router whose connections row-level security does not hold.
async fn no_record_of_elsewhere_is_there(console: &Console, router: axum::Router, acme: &Team, zenith: &Team) {
    let all: Vec<&str> = stoa::server::rest::scopes().map(|kind| kind.name).collect();
    let client = Client::with(router, &console.client(&acme.owner, &acme.slug, &all).await.secret);
    console.change("update tenant set plan = 'business' where tenant_id = $1", acme.tenant.0).await;
    let theirs = console.one_record_each(&zenith.owner, &zenith.slug).await;
    console.one_record_each(&acme.owner, &acme.slug).await;
    let versions = "select sum(version)::text || ' of ' || count(*)::text from record where workspace_id = $1";
    let before = console.database.text(versions, zenith.workspace.0).await;
    let mut tried = 0;
    for operation in stoa::app::operations().into_iter().filter(|operation| operation.gate.module.is_some()) {
        for (_, id) in theirs.iter().filter(|(first, _)| operation.path.starts_with(first)) {
            let path = operation.path.replace("{record}", &id.to_string());
            let of_it = |resource: &&Resource| resource.operations.iter().any(|exposed| exposed.id == operation.id);
            let mut whole = least(modules::resources().find(of_it).expect("its resource"), |_| *id);
            whole["related"] = serde_json::json!(id);
            let body = (operation.method != axum::http::Method::GET).then_some(whole);
            let reply = client.send(operation.method.clone(), &path, &[], body.as_ref()).await;
            match (operation.path.contains('{'), &body) {
                (false, None) => assert_eq!(reply.body["data"].as_array().map(Vec::len), Some(1), "{path}: {}", reply.body),
                // Complete and the like take no body.
                _ => assert!(matches!(reply.status.as_u16(), 404 | 422), "{path}: {}", reply.body),
            }
            assert!(!reply.body["data"].to_string().contains(&id.to_string()), "{path} shows another workspace's record");
            let empty = client.send(operation.method.clone(), &path, &[], body.map(|_| serde_json::json!({})).as_ref()).await;
            assert!(!operation.path.contains('{') || empty.status == 404, "{path}: {}", empty.body);
            tried += 1;
        }
    }
    assert!(tried >= 10, "only {tried} were tried");
    assert_eq!(console.database.text(versions, zenith.workspace.0).await, before);
}

async fn assert_strangers_place_is_nowhere(browser: &crate::support::Browser, team: &Team) {
    let nowhere = browser.get("/w/nowhere-222222").await;
    for path in [
        format!("/w/{}", team.slug),
        format!("/w/{}/settings", team.slug),
        format!("/w/{}/audit-log", team.slug),
        format!("/w/{}/audit-log.csv", team.slug),
    ] {
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        let sameness = |text: String| text.split("Request").next().unwrap_or_default().to_owned();
        assert_eq!(sameness(answer.text()), sameness(nowhere.text()), "{path} tells more than that there is nothing");
    }
    for path in [
        format!("/t/{}/teams", team.tenant_slug),
        format!("/t/{}/workspaces", team.tenant_slug),
        format!("/t/{}/audit-log", team.tenant_slug),
    ] {
        assert_eq!(browser.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn another_tenants_pages_are_not_there() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    assert_strangers_place_is_nowhere(&acme.owner.browser, &zenith).await;
    let answer = acme
        .owner
        .browser
        .post(
            &format!("/w/{}/settings/name", zenith.slug),
            &[("form", &console.form_key()), ("place", &zenith.slug), ("version", "1"), ("name", "Taken")],
        )
        .await;
    assert_eq!(answer.status, 404);
    assert_eq!(console.database.count("select count(*) from workspace where name = 'Taken'").await, 0);
}

#[tokio::test]
async fn being_in_the_team_is_not_being_in_the_workspace() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let grace = console.signed_in_as("Grace").await;
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), acme.tenant, "test").await.expect("a scope");
    stoa::features::teams::server::add(&mut scope, grace.user, "Grace", stoa::access::TenantRole::Owner).await.expect("added");
    scope.commit().await.expect("committed");
    assert_eq!(grace.browser.get(&format!("/w/{}", acme.slug)).await.status, 404);
    let listed = grace.browser.get(&format!("/t/{}/workspaces", acme.tenant_slug)).await;
    assert_eq!(listed.status, 200);
    assert!(!listed.body.contains("Acme Shop"));
}

#[tokio::test]
async fn whoever_loses_their_membership_is_out_at_the_next_request() {
    let console = Console::start().await;
    let acme = console.team("Acme").await;
    let path = format!("/w/{}", acme.slug);
    assert_eq!(acme.member.browser.get(&path).await.status, 200);
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query("update workspace_membership set status = 'ended' where user_id = $1 and tenant_id = $2")
        .bind(acme.member.user.0)
        .bind(acme.tenant.0)
        .execute(&mut owner)
        .await
        .expect("ended");
    assert_eq!(acme.member.browser.get(&path).await.status, 404);
}

#[tokio::test]
async fn a_service_scope_holds_one_tenant() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), acme.tenant, "test").await.expect("a scope");
    let names: Vec<String> =
        sqlx::query("select name from workspace").fetch_all(scope.read()).await.expect("rows").iter().map(|row| row.get("name")).collect();
    assert_eq!(names, ["Acme Shop"]);
    // Making a member of someone else's workspace is refused by the key and by the policy.
    let refused = stoa::features::members::server::add(
        &mut scope,
        TenantId(zenith.tenant.0),
        zenith.workspace,
        acme.owner.user,
        "Owner",
        stoa::access::WorkspaceRole::Owner,
    )
    .await;
    assert!(refused.is_err());
}
