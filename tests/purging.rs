//! What was archived goes for good when its date has come: not before, all of it, and nothing else.

use chrono::TimeDelta;
use sqlx::{Executor as _, PgConnection};
use stoa::{
    features::workspaces::server::purge_due,
    server::{events::Actor, http::request::RequestContext, scope::ServiceScope},
};
use uuid::Uuid;

use crate::{
    archive::{archive, events, fill, status},
    archive_races::until_waited_for,
    restore::restore,
    support::{Client, Console, Person, Team},
};

/// What is there to be purged of a workspace that `archived` left, and how many rows.
const OF_A_WORKSPACE: &[(&str, i64)] = &[
    ("api_key", 1),
    ("api_key_secret", 1),
    ("archive_receipt", 1),
    ("audit_stream", 1),
    ("audit_view", 1),
    ("idempotent_answer", 1),
    ("inbox_item", 2),
    ("invitation", 1),
    ("mail", 1),
    ("session_reach", 1),
    ("support_consent", 1),
    ("support_use", 1),
    ("workspace_grant", 4),
    ("workspace_membership", 4),
];

/// Its tables, by what the rules say.
pub async fn purged_tables(console: &Console, goes_with: &str) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar("select table_name from purge_rule where goes_with = $1 order by 1")
        .bind(goes_with)
        .fetch_all(&mut owner)
        .await
        .expect("rules")
}

/// How many rows of a table are of this workspace, or tenant.
pub async fn rows(console: &Console, table: &str, column: &str, id: Uuid) -> i64 {
    let mut owner = console.database.connect("stoa_owner").await;
    let sql = format!("select count(*) from {table} where {column} = $1");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(id).fetch_one(&mut owner).await.expect("a count")
}

/// Every row of a workspace that a rule says something of, as text.
async fn all_of(console: &Console, team: &Team) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    let mut all = Vec::new();
    for table in purged_tables(console, "workspace").await.iter().map(String::as_str).chain(["workspace", "audit_event"]) {
        let sql = format!("select {table}::text from {table} where workspace_id = $1 order by 1");
        let rows: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(team.workspace.0).fetch_all(&mut owner).await.expect("rows");
        all.extend(rows);
    }
    all
}

pub async fn run(console: &Console, statements: &[&str], id: Uuid) {
    let mut owner = console.database.connect("stoa_owner").await;
    for statement in statements {
        sqlx::query(sqlx::AssertSqlSafe((*statement).to_owned())).bind(id).execute(&mut owner).await.expect(statement);
    }
}

/// A workspace with something in every table, archived. Returns an application that had a key to it.
pub async fn archived(console: &Console, team: &Team) -> Client {
    fill(console, team).await;
    let client = console.client(&team.owner, &team.slug, &["settings:write"]).await;
    let body = serde_json::json!({ "name": "Shop" });
    let renamed = client.send(axum::http::Method::PATCH, "/workspace", &[("idempotency-key", "once")], Some(&body)).await;
    assert_eq!(renamed.status.as_u16(), 200, "{}", renamed.body);
    run(
        console,
        &[
            "insert into support_use (tenant_id, workspace_id, consent_id, session_hash, user_id, user_name, used_at)
             select tenant_id, workspace_id, id, '\\x00', granted_by, 'Opal', granted_at from support_consent where workspace_id = $1",
            "insert into mail (tenant_id, id, workspace_id, kind, recipient, about, created_at)
             select tenant_id, gen_random_uuid(), workspace_id, 'invitation', email, id, created_at from invitation where workspace_id = $1",
            "insert into inbox_item (user_id, id, tenant_id, workspace_id, kind, title, body, created_at)
             select user_id, gen_random_uuid(), tenant_id, workspace_id, 'x', 'x', 'x', joined_at
             from workspace_membership where workspace_id = $1 order by id limit 2",
            "update workspace set notify = '{audit@example.com}', allowed_networks = '{127.0.0.0/8}', credential_days = 30 where workspace_id = $1",
        ],
        team.workspace.0,
    )
    .await;
    assert_eq!(archive(console, team, &team.owner).await.status, 303);
    // Where the owner's session has been is written beside the request.
    for _ in 0..2_000 {
        if rows(console, "session_reach", "workspace_id", team.workspace.0).await == 1 {
            return client;
        }
    }
    panic!("nobody ever noted the owner's coming");
}

pub async fn sign_in_again(console: &Console, person: &Person) {
    person.browser.set_cookie("stoa_session", &console.new_session(person.user, &person.name).await);
}

async fn purged_at(console: &Console, team: &Team) -> String {
    console.database.text("select coalesce(purged_at::text, 'not') from workspace where workspace_id = $1", team.workspace.0).await
}

/// Just so many seconds before the date on which it was archived ends.
fn to_the_last_second(console: &Console) {
    console.hands.advance(TimeDelta::days(30) - TimeDelta::seconds(1));
}

#[tokio::test]
async fn nothing_goes_before_the_date_and_everything_on_it() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let robot = archived(&console, &team).await;
    let before = all_of(&console, &team).await;
    to_the_last_second(&console);
    purge_due(console.stoa.clone()).await.expect("looked");
    assert_eq!(all_of(&console, &team).await, before);
    for (table, count) in OF_A_WORKSPACE {
        assert_eq!(rows(&console, table, "workspace_id", team.workspace.0).await, *count, "{table}");
    }
    let log = rows(&console, "audit_event", "workspace_id", team.workspace.0).await;

    console.hands.advance(TimeDelta::seconds(1));
    purge_due(console.stoa.clone()).await.expect("purged");
    for table in purged_tables(&console, "workspace").await {
        // The envelope of the event itself waits to be sent.
        let left = i64::from(table == "outbox");
        assert_eq!(rows(&console, &table, "workspace_id", team.workspace.0).await, left, "{table}");
    }
    assert_eq!(rows(&console, "audit_event", "workspace_id", team.workspace.0).await, log + 1);
    assert_eq!(events(&console, &team, "workspace.purged").await, 1);
    let stays = "select concat_ws(' ', slug, name, status, cardinality(notify), cardinality(allowed_networks), credential_days, purged_at = purge_at)
                 from workspace where workspace_id = $1";
    assert_eq!(console.database.text(stays, team.workspace.0).await, format!("{} Shop archived 0 0 366 t", team.slug));

    let gone = robot.get("/me").await;
    assert_eq!(gone.status.as_u16(), 401);
    assert!(gone.body["error"]["message"].as_str().expect("words").contains("not known"), "{}", gone.body);
    for person in [&team.owner, &team.auditor] {
        sign_in_again(&console, person).await;
        for path in ["", "/archived", "/archived/audit-log"] {
            assert_eq!(person.browser.get(&format!("/w/{}{path}", team.slug)).await.status, 404, "{path}");
        }
        let list = person.browser.get(&format!("/t/{}/workspaces", team.tenant_slug)).await;
        assert!(list.status == 200 && !list.body.contains(&team.slug), "{}", list.text());
    }
    assert_eq!(restore(&console, &team, &team.owner).await.status, 404);
    let inventory = team.owner.browser.get(&format!("/t/{}/settings/delete", team.tenant_slug)).await;
    assert!(!inventory.text().contains("archived workspace"), "{}", inventory.text());
}

#[tokio::test]
async fn the_event_counts_what_went_and_is_the_systems() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    archived(&console, &team).await;
    let envelopes = rows(&console, "outbox", "workspace_id", team.workspace.0).await;
    let switches = rows(&console, "module_switch", "workspace_id", team.workspace.0).await;
    assert!(switches > 0, "the archiving switched modules off");
    console.hands.advance(TimeDelta::days(31));
    purge_due(console.stoa.clone()).await.expect("purged");
    let says = "select concat_ws(' ', actor_type, actor_id, channel, target_name) from audit_event where action = 'workspace.purged' and log_id = $1";
    assert_eq!(console.database.text(says, team.workspace.0).await, "system workspaces.purge system Shop");
    let changes = "select changes::text from audit_event where action = 'workspace.purged' and log_id = $1";
    let changes: serde_json::Value =
        serde_json::from_str(&console.database.text(changes, team.workspace.0).await).expect("a list of changes");
    let mut counted: Vec<(String, i64)> = changes.as_array().expect("a list")[1..]
        .iter()
        .map(|change| {
            assert_eq!(change["after"], "0");
            let count = change["before"].as_str().and_then(|count| count.parse().ok()).expect("a count");
            (change["field"].as_str().expect("a table").to_owned(), count)
        })
        .collect();
    counted.sort();
    let mut expected: Vec<(String, i64)> = OF_A_WORKSPACE.iter().map(|(table, count)| ((*table).to_owned(), *count)).collect();
    expected.extend([("outbox".to_owned(), envelopes), ("module_switch".to_owned(), switches)]);
    expected.sort();
    assert_eq!(counted, expected);
    assert_eq!(changes[0]["field"], "purged_at");
}

#[tokio::test]
async fn a_purged_slug_stays_taken() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    archived(&console, &team).await;
    console.hands.advance(TimeDelta::days(30));
    purge_due(console.stoa.clone()).await.expect("purged");
    let mut owner = console.database.connect("stoa_owner").await;
    let again = "insert into slug_directory (slug, kind, tenant_id, workspace_id) values ($1, 'workspace', $2, gen_random_uuid())";
    let refused = sqlx::query(again).bind(&team.slug).bind(team.tenant.0).execute(&mut owner).await.expect_err("taken");
    assert_eq!(refused.as_database_error().and_then(|error| error.constraint()), Some("slug_directory_pkey"));
}

#[tokio::test]
async fn live_ones_other_tenants_and_those_whose_time_is_not_over_are_untouched() {
    let console = Console::start().await;
    let (acme, zenith, later) = (console.team("Acme").await, console.team("Zenith").await, console.team("Later").await);
    for team in [&acme, &zenith] {
        archived(&console, team).await;
    }
    assert_eq!(restore(&console, &zenith, &zenith.owner).await.status, 303);
    console.hands.advance(TimeDelta::minutes(10));
    archived(&console, &later).await;
    console.hands.advance(TimeDelta::days(30) - TimeDelta::minutes(5));
    let before = [all_of(&console, &zenith).await, all_of(&console, &later).await];
    purge_due(console.stoa.clone()).await.expect("purged");
    assert_ne!(purged_at(&console, &acme).await, "not");
    assert_eq!([all_of(&console, &zenith).await, all_of(&console, &later).await], before);
}

#[tokio::test]
async fn what_was_written_while_it_was_another_tenants_goes_too() {
    let console = Console::start().await;
    let (acme, former) = (console.team("Acme").await, console.team("Former").await);
    archived(&console, &acme).await;
    let place = acme.workspace.0;
    run(
        &console,
        &[&format!(
            "insert into workspace_tenancy select tenant_id, workspace_id, '{}', created_at from workspace where workspace_id = $1",
            former.tenant.0
        )],
        place,
    )
    .await;
    run(&console, &[&format!("update mail set tenant_id = '{}' where workspace_id = $1", former.tenant.0)], place).await;
    let theirs = all_of(&console, &former).await;
    console.hands.advance(TimeDelta::days(30));
    purge_due(console.stoa.clone()).await.expect("purged");
    assert_eq!(rows(&console, "mail", "workspace_id", place).await, 0);
    assert_eq!(rows(&console, "workspace_tenancy", "workspace_id", place).await, 1, "its older log is found by it");
    assert_eq!(all_of(&console, &former).await, theirs);
}

#[tokio::test]
async fn one_that_cannot_be_purged_keeps_no_other_and_loses_nothing() {
    let console = Console::start().await;
    let (stuck, acme) = (console.team("Stuck").await, console.team("Acme").await);
    for team in [&stuck, &acme] {
        archived(&console, team).await;
    }
    let mut owner = console.database.connect("stoa_owner").await;
    for statement in [
        "create table holds_on (tenant_id uuid, workspace_id uuid, id uuid,
             foreign key (tenant_id, workspace_id, id) references workspace_membership (tenant_id, workspace_id, id))"
            .to_owned(),
        format!(
            "insert into holds_on select tenant_id, workspace_id, id from workspace_membership where workspace_id = '{}'",
            stuck.workspace.0
        ),
    ] {
        owner.execute(sqlx::AssertSqlSafe(statement)).await.expect("held");
    }
    let before = all_of(&console, &stuck).await;
    console.hands.advance(TimeDelta::days(30));
    purge_due(console.stoa.clone()).await.expect("the others were purged");
    assert_ne!(purged_at(&console, &acme).await, "not");
    assert_eq!(all_of(&console, &stuck).await, before);
    owner.execute("drop table holds_on").await.expect("let go");
    purge_due(console.stoa.clone()).await.expect("purged");
    assert_ne!(purged_at(&console, &stuck).await, "not", "it has its turn the next time");
}

#[tokio::test]
async fn of_nodes_that_purge_at_once_one_does() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    archived(&console, &team).await;
    console.hands.advance(TimeDelta::days(30));
    let nodes = [console.stoa.clone(), console.another_node(&[]), console.another_node(&[])];
    for done in futures_util::future::join_all(nodes.map(purge_due)).await {
        done.expect("purged, or found nothing to do");
    }
    assert_eq!(events(&console, &team, "workspace.purged").await, 1);
}

/// A purge of the team's workspace at its date, in a transaction that is not committed yet.
async fn purging(console: &Console, team: &Team) -> PgConnection {
    let mut app = console.database.connect("stoa_app").await;
    app.execute("begin").await.expect("begun");
    sqlx::query("select set_config('app.reach', 'service', true), set_config('app.tenant_id', $1, true)")
        .bind(team.tenant.0.to_string())
        .execute(&mut app)
        .await
        .expect("a reach");
    let gone: Option<serde_json::Value> = sqlx::query_scalar("select purge_workspace($1, $2, $3)")
        .bind(team.tenant.0)
        .bind(team.workspace.0)
        .bind(console.stoa.clock.now() + TimeDelta::days(30))
        .fetch_one(&mut app)
        .await
        .expect("purged");
    assert!(gone.is_some());
    app
}

#[tokio::test]
async fn a_restore_that_waits_for_a_purge_restores_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    archived(&console, &team).await;
    let mut purge = purging(&console, &team).await;
    let (answer, ()) = tokio::join!(restore(&console, &team, &team.owner), async {
        until_waited_for(&console, &mut purge, 1).await;
        purge.execute("commit").await.expect("committed");
    });
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert_eq!(status(&console, &team).await, "archived");
    assert_eq!(events(&console, &team, "workspace.restored").await, 0);
}

#[tokio::test]
async fn a_purge_that_waits_for_a_restore_purges_nothing() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    archived(&console, &team).await;
    let mut restoring = console.database.connect("stoa_owner").await;
    restoring.execute("begin").await.expect("begun");
    for statement in [
        "select 1 from tenant where tenant_id = (select tenant_id from workspace where workspace_id = $1) for no key update",
        "update workspace set status = 'active', archived_at = null, archived_by = null, purge_at = null where workspace_id = $1",
    ] {
        sqlx::query(statement).bind(team.workspace.0).execute(&mut restoring).await.expect(statement);
    }
    console.hands.advance(TimeDelta::days(30));
    let (done, ()) = tokio::join!(purge_due(console.stoa.clone()), async {
        until_waited_for(&console, &mut restoring, 1).await;
        restoring.execute("commit").await.expect("committed");
    });
    done.expect("nothing was left to do");
    assert_eq!((status(&console, &team).await.as_str(), purged_at(&console, &team).await.as_str()), ("active", "not"));
    assert_eq!(rows(&console, "workspace_membership", "workspace_id", team.workspace.0).await, 4);
}

#[tokio::test]
async fn the_database_purges_only_as_the_server_itself_and_only_what_is_due() {
    let console = Console::start().await;
    let (team, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    archived(&console, &team).await;
    let (date, purge) = (console.stoa.clock.now() + TimeDelta::days(30), "select purge_workspace($1, $2, $3)");
    for (reach, tenant) in [("workspace", &team), ("tenant", &team), ("", &team), ("service", &zenith)] {
        let mut app = console.database.connect("stoa_app").await;
        sqlx::query(
            "select set_config('app.reach', $1, false), set_config('app.tenant_id', $2, false), set_config('app.workspace_id', $3, false)",
        )
        .bind(reach)
        .bind(tenant.tenant.0.to_string())
        .bind(team.workspace.0.to_string())
        .execute(&mut app)
        .await
        .expect("a reach");
        let refused = sqlx::query(purge).bind(team.tenant.0).bind(team.workspace.0).bind(date).execute(&mut app).await.expect_err(reach);
        assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{reach}");
    }
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    for (place, moment) in [(&team, date - TimeDelta::seconds(1)), (&zenith, date)] {
        let mut scope =
            ServiceScope::open_service(&console.stoa, &request, Actor::operator(), place.tenant, "test").await.expect("a scope");
        let gone: Option<serde_json::Value> = sqlx::query_scalar(purge)
            .bind(place.tenant.0)
            .bind(place.workspace.0)
            .bind(moment)
            .fetch_one(scope.read())
            .await
            .expect("an answer");
        assert_eq!(gone, None);
    }
}
