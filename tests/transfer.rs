//! A workspace moves between tenants of one owner, with everything that hangs on it, and its history stays true.

use sqlx::{Executor as _, PgConnection};
use stoa::{
    access::{TenantRole, workspace::ReadAudit},
    features::{billing, teams, workspaces},
    ids::TenantId,
    server::{
        chance,
        events::Actor,
        http::request::RequestContext,
        plans,
        scope::{InWorkspace, Intent, Scope, ServiceScope},
        sessions,
    },
};

use crate::{
    archive::{archive, fill},
    audit_log,
    restore::{members, restore},
    support::{Answer, Console, Person, Team, noon},
};

/// What names a workspace and stays with the tenant that it was in, and why.
const LEFT_BEHIND: &[&str] = &[
    "audit_event",       // append-only, and the tenant is in the leaf: read through workspace_tenancy
    "billing_pause",     // what was paused for that tenant's money
    "spend_alert",       // what was told of that tenant's money
    "denial",            // refusals on their way into the log of that tenant
    "inbox_item",        // a person's own: what was so when they were told
    "mail",              // what was sent, in whose name it was
    "outbox",            // envelopes are sent as they were written
    "session_reach",     // a person's own: what a session reached, and whose it was then
    "slug_directory",    // not by a key: the move changes its row
    "invoice_line",      // what it was billed for
    "usage_charge_line", // what it was charged for
    "usage_late",        // which charge an event is in
    "usage_event",       // what was used stays with whoever pays for it
    "usage_pending",     // the same, until it is added up
    "usage_rollup",      // the same, added up
    "usage_spend",       // the same, by the month
    "usage_sum",         // the same, by the hour and the day
    "spend_near",        // what is near its limit of that tenant's money
];

/// Another tenant that the person owns, on a plan.
pub async fn another_tenant(console: &Console, owner: &Person, name: &str, plan: &str) -> (TenantId, String) {
    let tenant = TenantId(chance::uuid(console.stoa.clock.now()));
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), tenant, "test").await.expect("a scope");
    teams::server::create(&mut scope, teams::server::TEAM, name).await.expect("a team");
    teams::server::add(&mut scope, owner.user, &owner.name, TenantRole::Owner).await.expect("an owner");
    let plan = plans::find(plan, noon()).expect("a plan");
    billing::server::set_plan(&mut scope, plan, "for a test").await.expect("a plan");
    scope.commit().await.expect("committed");
    (tenant, console.database.text("select slug from tenant where tenant_id = $1", tenant.0).await)
}

fn address(team: &Team) -> String {
    format!("/w/{}/settings/transfer", team.slug)
}

async fn send(console: &Console, team: &Team, person: &Person, to: &str, digest: &str) -> Answer {
    let key = console.form_key();
    let fields = [("form", key.as_str()), ("place", &team.slug), ("to", to), ("inventory", digest)];
    person.browser.post(&address(team), &fields).await
}

pub async fn transfer(console: &Console, team: &Team, to: &str) -> Answer {
    let page = team.owner.browser.get(&format!("{}?to={to}", address(team))).await;
    send(console, team, &team.owner, to, &page.field("inventory")).await
}

async fn home_of(console: &Console, team: &Team) -> String {
    console.database.text("select tenant_id::text from workspace where workspace_id = $1", team.workspace.0).await
}

async fn texts(console: &Console, sql: &str) -> Vec<String> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(&mut owner).await.expect("texts")
}

#[tokio::test]
async fn a_move_takes_everything_along_and_everyone_stays_who_they_are() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    // Something in every table: a receipt, an invitation, a consent.
    assert_eq!(archive(&console, &team, &team.owner).await.status, 303);
    assert_eq!(restore(&console, &team, &team.owner).await.status, 303);
    fill(&console, &team).await;
    let entered = "insert into support_use (tenant_id, workspace_id, consent_id, session_hash, user_id, user_name, used_at)
         select tenant_id, workspace_id, id, '\\x00', granted_by, 'Opal', granted_at from support_consent where workspace_id = $1";
    sqlx::query(entered).bind(team.workspace.0).execute(&mut console.database.connect("stoa_owner").await).await.expect("entered");
    let standing = "insert into module_switch (tenant_id, workspace_id, module, enabled, changed_at) select tenant_id, workspace_id, 'cms', true, created_at from workspace where workspace_id = $1;
         insert into entitlement (tenant_id, id, workspace_id, key, allowed, reason, starts_at, created_at) select tenant_id, gen_random_uuid(), workspace_id, 'module:cms', 1, 'A trial.', created_at, created_at from workspace where workspace_id = $1;
         insert into spend_cap (tenant_id, id, workspace_id, micros, hard, updated_at) select tenant_id, gen_random_uuid(), workspace_id, 5000000, true, created_at from workspace where workspace_id = $1;
         insert into audit_hold (tenant_id, log_id, workspace_id, id, name, reason, by_operator, placed_by, placed_at) select tenant_id, workspace_id, workspace_id, gen_random_uuid(), 'A matter', 'Asked for.', true, 'operator', created_at from workspace where workspace_id = $1;
         insert into audit_retention (tenant_id, log_id, workspace_id, days, decided_by, decided_at) select tenant_id, workspace_id, workspace_id, 90, 'operator', created_at from workspace where workspace_id = $1;
         insert into asset_object (tenant_id, workspace_id, asset_id, id, bytes, created_at) select tenant_id, workspace_id, gen_random_uuid(), gen_random_uuid(), 5, created_at from workspace where workspace_id = $1;
         insert into storage_day (tenant_id, workspace_id, day, module, resource, records, record_bytes, archived, archived_bytes, files, file_bytes, archived_file_bytes, measured_at) select tenant_id, workspace_id, created_at::date, 'tasks', 'task', 1, 5, 0, 0, 0, 0, 0, created_at from workspace where workspace_id = $1;
         insert into record_retention (tenant_id, workspace_id, id, act, module, resource, basis, days, set_by, set_by_name, set_at, shown_at, next_run_at) select tenant_id, workspace_id, gen_random_uuid(), 'purge', 'tasks', 'task', 'archived', 30, gen_random_uuid(), 'Opal', created_at, created_at, created_at + interval '1 day' from workspace where workspace_id = $1;
         insert into reduction (tenant_id, workspace_id, id, act, module, resource, basis, before, expected, user_id, asked_by, started_at, touched_at, part_resources, part_fields) select tenant_id, workspace_id, gen_random_uuid(), 'purge', 'tasks', 'task', 'archived', created_at - interval '1 day', 1, gen_random_uuid(), 'Opal', created_at, created_at, '{}', '{}' from workspace where workspace_id = $1"
        .replace("$1", &format!("'{}'", team.workspace.0));
    sqlx::raw_sql(sqlx::AssertSqlSafe(standing)).execute(&mut console.database.connect("stoa_owner").await).await.expect("standing");
    console.one_record_each(&team.owner, &team.slug).await;
    let client = console.client(&team.owner, &team.slug, &["settings:write"]).await;
    for name in ["Acme Store", "Acme Shop"] {
        let body = serde_json::json!({ "name": name });
        let renamed = client.send(axum::http::Method::PATCH, "/workspace", &[("idempotency-key", name)], Some(&body)).await;
        assert_eq!(renamed.status.as_u16(), 200, "{}", renamed.body);
    }
    let before = members(&console, &team).await;
    let (new_home, slug) = another_tenant(&console, &team.owner, "Zenith", "team").await;

    let choice = team.owner.browser.get(&address(&team)).await;
    assert!(choice.text().contains("0 of 5 workspaces of the Team plan are used."), "{}", choice.text());
    let page = team.owner.browser.get(&format!("{}?to={slug}", address(&team))).await;
    for says in ["3 members join Zenith as member", "Acme Admin", "Acme Member", "Acme Auditor"] {
        assert!(page.text().contains(says), "{says}: {}", page.text());
    }
    let answer = transfer(&console, &team, &slug).await;
    assert_eq!((answer.status.as_u16(), answer.location()), (303, format!("/w/{}/settings", team.slug).as_str()), "{}", answer.text());

    assert_eq!(home_of(&console, &team).await, new_home.0.to_string());
    assert_eq!(members(&console, &team).await, before);
    for table in tables_with_workspace(&console).await.into_iter().filter(|table| !LEFT_BEHIND.contains(&table.as_str())) {
        let homes = texts(
            &console,
            &format!("select distinct tenant_id::text from {table} where workspace_id = '{}' and tenant_id is not null", team.workspace.0),
        )
        .await;
        assert_eq!(homes, [new_home.0.to_string()], "{table}");
    }
    for (person, role) in team.people() {
        let overview = person.browser.get(&format!("/w/{}", team.slug)).await;
        assert!(overview.text().contains("Zenith") && overview.text().contains(role.name()), "{role}: {}", overview.text());
        let list = person.browser.get(&format!("/t/{slug}/workspaces")).await;
        assert!(list.text().contains("Acme Shop"), "{role} is in the team: {}", list.text());
    }
    let left = team.owner.browser.get(&format!("/t/{}/workspaces", team.tenant_slug)).await;
    assert!(left.text().contains("0 of 1 workspace"), "{}", left.text());
    assert_eq!(left.count("main tbody tr"), 0, "{}", left.text());
}

#[tokio::test]
async fn whose_time_is_over_joins_nothing_on_the_way() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (new_home, slug) = another_tenant(&console, &team.owner, "Zenith", "team").await;
    // Over since an hour, and nobody has written that down yet; the other's last hour has begun.
    for (person, end) in [(&team.auditor, "2026-11-21T11:00:00Z"), (&team.member, "2026-11-21T12:59:00Z")] {
        let sql = format!("update workspace_membership set ends_at = '{end}' where user_id = '{}' and status = 'active'", person.user.0);
        console.database.connect("stoa_owner").await.execute(sqlx::AssertSqlSafe(sql)).await.expect("an end");
    }
    let page = team.owner.browser.get(&format!("{}?to={slug}", address(&team))).await;
    assert!(page.text().contains("2 members join Zenith") && !page.text().contains("Acme Auditor"), "{}", page.text());
    assert_eq!(transfer(&console, &team, &slug).await.status, 303);
    let joined = format!(
        "select person.name from tenant_membership join app_user as person on person.id = user_id where tenant_id = '{}' order by 1",
        new_home.0
    );
    assert_eq!(texts(&console, &joined).await, ["Acme Admin", "Acme Member", "Acme Owner"]);
    assert_eq!(team.auditor.browser.get(&format!("/w/{}", team.slug)).await.status, 404);
}

#[tokio::test]
async fn a_move_is_in_three_logs_and_the_workspaces_own_goes_on() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (new_home, slug) = another_tenant(&console, &team.owner, "Zenith", "team").await;
    console.hands.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(transfer(&console, &team, &slug).await.status, 303);
    let logs =
        texts(&console, "select log_id::text || ' ' || tenant_id from audit_event where action = 'workspace.transferred' order by 1").await;
    let mut expected = [
        format!("{} {}", team.tenant.0, team.tenant.0),
        format!("{} {}", new_home.0, new_home.0),
        format!("{} {}", team.workspace.0, new_home.0),
    ];
    expected.sort();
    assert_eq!(logs, expected);
    let joined =
        format!("select reason from audit_event where action = 'tenant.member_added' and log_id = '{}' and reason is not null", new_home.0);
    assert_eq!(texts(&console, &joined).await, vec!["the workspace Acme Shop was moved here"; 3]);
    assert_eq!(console.database.count("select count(*) from outbox where type = 'workspace.transferred'").await, 3);
    assert_eq!(console.database.count("select count(*) from inbox_item where kind = 'workspace.transferred'").await, 3);

    // Whoever reads the workspace's log reads on before the move; and only this workspace's.
    let cookie = team.owner.browser.cookie("stoa_session").expect("a session");
    let mut request = RequestContext::internal(&console.stoa.clock, "console", "test");
    request.session = Some(sessions::hash(cookie.parse().expect("an id")));
    let mut scope =
        Scope::<InWorkspace<ReadAudit>>::open(&console.stoa, &request, Some(&team.slug), Intent::Read, false).await.expect("a scope");
    assert_eq!(workspaces::server::former_tenants(&mut scope, new_home, team.workspace).await.expect("tenants"), [team.tenant]);
    let mut seen: Vec<(uuid::Uuid, String)> =
        sqlx::query_as("select distinct log_id, action from audit_event").fetch_all(scope.read()).await.expect("rows");
    seen.sort();
    let rows = ["member.added", "workspace.created", "workspace.transferred"].map(|action| (team.workspace.0, action.to_owned()));
    assert_eq!(seen, rows);
    scope.close().await.expect("closed");

    // The page does so too, row by row; the account that it left and the one it came to keep to their own.
    let list = team.auditor.browser.get(&audit_log::log_of(&team)).await;
    let mut shown = audit_log::actions(&list);
    assert_eq!(shown.remove(0), "workspace.transferred");
    shown.sort();
    assert_eq!(shown, ["member.added", "member.added", "member.added", "member.added", "workspace.created"]);
    for row in audit_log::rows(&list) {
        assert_eq!(team.auditor.browser.get(&format!("{}/{row}", audit_log::log_of(&team))).await.status, 200, "{row}");
    }
    let accounts = [&team.tenant_slug, &slug].map(|slug| format!("/t/{slug}/audit-log"));
    for account in accounts {
        let actions = audit_log::actions(&team.owner.browser.get(&account).await);
        assert!(actions.contains(&"workspace.transferred".to_owned()) && !actions.contains(&"member.added".to_owned()), "{actions:?}");
    }
}

#[tokio::test]
async fn there_and_back_again_leaves_a_history_of_both() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (_, slug) = another_tenant(&console, &team.owner, "Zenith", "team").await;
    for to in [&slug, &team.tenant_slug, &slug, &team.tenant_slug] {
        let answer = transfer(&console, &team, to).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    assert_eq!(home_of(&console, &team).await, team.tenant.0.to_string());
    assert_eq!(console.database.count("select count(*) from workspace_tenancy").await, 2);
    assert_eq!(console.database.count("select count(*) from tenant_membership where role = 'member'").await, 6, "they stay in both");
}

#[tokio::test]
async fn what_is_not_possible_is_said_and_nothing_moves() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let zenith = console.team("Zenith").await;
    let (_, full) = another_tenant(&console, &team.owner, "Full", "developer").await;
    let (_, open) = another_tenant(&console, &team.owner, "Open", "team").await;
    let fields = [("form", console.form_key()), ("place", full.clone()), ("name", "Only".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(team.owner.browser.post(&format!("/t/{full}/workspaces/new"), &fields).await.status, 303);
    let personal = texts(
        &console,
        &format!(
            "select slug from tenant join tenant_membership using (tenant_id) where kind = 'personal' and user_id = '{}'",
            team.owner.user.0
        ),
    )
    .await;
    for (to, status, says) in [
        (full.as_str(), 409, "the Builder plan, which allows 2"),
        (personal[0].as_str(), 409, "A personal account has one person"),
        (zenith.tenant_slug.as_str(), 404, ""),
        (team.tenant_slug.as_str(), 404, ""),
        ("nowhere-222222", 404, ""),
    ] {
        let page = team.owner.browser.get(&format!("{}?to={to}", address(&team))).await;
        let digest = if status == 409 { page.field("inventory") } else { String::new() };
        assert_eq!(page.count("main button[disabled]"), usize::from(status == 409), "{to}");
        let answer = send(&console, &team, &team.owner, to, &digest).await;
        assert_eq!(answer.status, status, "{to}: {}", answer.text());
        assert!(answer.text().contains(says), "{to}: {}", answer.text());
    }
    assert_eq!(send(&console, &team, &team.owner, &open, "stale").await.status, 409);
    assert_eq!(send(&console, &team, &team.admin, &open, "").await.status, 403);
    assert_eq!(send(&console, &team, &zenith.owner, &open, "").await.status, 404);
    // An owner of the workspace who does not own the team it is in.
    let mut owner = console.database.connect("stoa_owner").await;
    let demote = format!(
        "update tenant_membership set role = case user_id when '{}' then 'billing' else 'owner' end where tenant_id = '{}'",
        team.owner.user.0, team.tenant.0
    );
    owner.execute(sqlx::AssertSqlSafe(demote)).await.expect("demoted");
    let refused = transfer(&console, &team, &open).await;
    assert_eq!(refused.status, 409);
    assert!(refused.text().contains("Only an owner of Acme moves workspaces out of it"), "{}", refused.text());
    console.hands.advance(chrono::TimeDelta::minutes(16));
    assert_eq!(send(&console, &team, &team.owner, &open, "").await.status, 403, "the sign-in is not recent");
    assert_eq!(home_of(&console, &team).await, team.tenant.0.to_string());
    assert_eq!(console.database.count("select count(*) from workspace_tenancy").await, 0);
}

#[tokio::test]
async fn the_database_itself_moves_only_for_an_owner_of_both() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let zenith = console.team("Zenith").await;
    let (open, _) = another_tenant(&console, &team.owner, "Open", "team").await;
    for (reach, user, to) in [
        ("workspace", &team.owner, zenith.tenant),
        ("workspace", &team.admin, open),
        ("workspace", &zenith.owner, zenith.tenant),
        ("tenant", &team.owner, open),
        ("service", &team.owner, open),
        ("", &team.owner, open),
    ] {
        let mut app = console.database.connect("stoa_app").await;
        set_reach(&mut app, reach, &team, user).await;
        let refused = sqlx::query("select move_workspace($1, '{}', '{}', now())").bind(to.0).execute(&mut app).await.expect_err("refused");
        assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("42501"), "{reach} {refused}");
    }
    // Nobody comes along unsaid, and nobody who is not in the workspace comes along.
    let mut app = console.database.connect("stoa_app").await;
    set_reach(&mut app, "workspace", &team, &team.owner).await;
    let refused = sqlx::query("select move_workspace($1, '{}', '{}', now())").bind(open.0).execute(&mut app).await.expect_err("refused");
    assert_eq!(refused.as_database_error().and_then(|error| error.code()).as_deref(), Some("23514"), "{refused}");
    // While it says what happened, the transaction reaches nothing else.
    set_reach(&mut app, "move", &team, &team.owner).await;
    for table in ["workspace", "workspace_membership", "tenant", "tenant_membership", "audit_event", "invitation"] {
        let count: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}"))).fetch_one(&mut app).await.expect("a count");
        assert_eq!(count, 0, "{table}");
    }
    assert_eq!(home_of(&console, &team).await, team.tenant.0.to_string());
}

async fn set_reach(app: &mut PgConnection, reach: &str, team: &Team, person: &Person) {
    sqlx::query(
        "select set_config('app.reach', $1, false), set_config('app.tenant_id', $2, false),
                set_config('app.workspace_id', $3, false), set_config('app.user_id', $4, false)",
    )
    .bind(reach)
    .bind(team.tenant.0.to_string())
    .bind(team.workspace.0.to_string())
    .bind(person.user.0.to_string())
    .execute(app)
    .await
    .expect("a reach");
}

#[tokio::test]
async fn a_move_and_a_new_workspace_do_not_both_take_the_last_place() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let (_, slug) = another_tenant(&console, &team.owner, "Zenith", "developer").await;
    let digest = team.owner.browser.get(&format!("{}?to={slug}", address(&team))).await.field("inventory");
    let fields = [("form", console.form_key()), ("place", slug.clone()), ("name", "Next".to_owned())];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let path = format!("/t/{slug}/workspaces/new");
    let (made, moved) = tokio::join!(team.owner.browser.post(&path, &fields), send(&console, &team, &team.owner, &slug, &digest));
    let mut statuses = [made.status.as_u16(), moved.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409], "{} / {}", made.text(), moved.text());
}

async fn tables_with_workspace(console: &Console) -> Vec<String> {
    texts(
        console,
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
           and (select count(*) from pg_attribute
                where attrelid = pg_class.oid and attname in ('tenant_id', 'workspace_id') and not attisdropped) = 2
         order by 1",
    )
    .await
}

/// A table that names a workspace follows it by its key, or is named above with its reason.
#[tokio::test]
async fn every_table_of_a_workspace_moves_with_it_or_is_named() {
    let console = Console::start().await;
    let following = texts(
        &console,
        "select conrelid::regclass::text from pg_constraint
         where contype = 'f' and confupdtype = 'c'
           and confrelid in ('workspace'::regclass, 'workspace_membership'::regclass, 'api_key'::regclass, 'support_consent'::regclass, 'record'::regclass)",
    )
    .await;
    let lost: Vec<String> = tables_with_workspace(&console)
        .await
        .into_iter()
        .filter(|table| table != "workspace" && !following.contains(table) && !LEFT_BEHIND.contains(&table.as_str()))
        .collect();
    assert_eq!(lost, Vec::<String>::new(), "give it a key to its workspace, `on update cascade`, or name it with its reason");
    let stuck = texts(
        &console,
        "select conname::text from pg_constraint
         where contype = 'f' and confupdtype <> 'c' and confrelid in ('workspace'::regclass, 'workspace_membership'::regclass, 'api_key'::regclass, 'support_consent'::regclass, 'record'::regclass)",
    )
    .await;
    assert_eq!(stuck, Vec::<String>::new(), "such a key keeps a workspace from moving");
}
