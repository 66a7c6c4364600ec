//! Many callers at once come to the end of what may be spent: how far beyond they come, who is refused then, and what goes on.

use std::sync::atomic::{AtomicI64, Ordering};

use axum::{
    Router,
    http::{Method, StatusCode},
};
use futures_util::future::join_all;
use serde_json::json;
use stoa::{
    app,
    features::{
        billing::{
            self,
            server::ledger::{self, Act},
        },
        usage, workspaces,
    },
    money::Micros,
    server::{chance, http, usage::keep_rolling},
};
use tokio::sync::watch;

use crate::{
    billing::{DOLLAR, cap_account, payer},
    support::{Client, Console, Team},
    workspaces::give_plan,
};

const CALLERS: usize = 64;
/// What the dearest call of these costs, in nano-dollars.
const WRITE: i64 = 100_000;
const READ: i64 = 20_000;

/// An account with keys in several workspaces, called on two nodes that add up as servers do.
struct Crowd {
    console: Console,
    team: Team,
    /// On the one node and the other, by turns.
    clients: Vec<Client>,
    ends: watch::Sender<bool>,
}

impl Crowd {
    async fn gather(plan: &str) -> Self {
        let console = Console::start().await;
        let team = console.team("Acme").await;
        give_plan(&console, &team, plan).await;
        run(
            &console,
            &team,
            "insert into entitlement (tenant_id, id, key, allowed, reason, starts_at, created_at)
                              values ($1, gen_random_uuid(), 'calls_per_minute', null, 'A test.', now() - interval '1 year', now())",
        )
        .await;
        let mut slugs = vec![team.slug.clone()];
        for name in ["Shop two", "Shop three"] {
            let mut scope = console.service(&team).await;
            let workspace = workspaces::server::create(&mut scope, "shop", name).await.expect("a workspace");
            stoa::features::members::server::add(
                &mut scope,
                team.tenant,
                workspace,
                team.owner.user,
                "Acme Owner",
                stoa::access::WorkspaceRole::Owner,
            )
            .await
            .expect("added");
            scope.commit().await.expect("committed");
            slugs.push(console.database.text("select slug from workspace where workspace_id = $1", workspace.0).await);
        }
        let other = console.another_node(&[]);
        let (ends, ending) = watch::channel(false);
        let mut routers = Vec::new();
        for node in [console.stoa.clone(), other] {
            tokio::spawn(keep_rolling(node.clone(), ending.clone(), usage::server::roll_up));
            routers.push(http::router(node, app::doors(), app::operations(), Router::new()));
        }
        let mut clients = Vec::new();
        for n in 0..6 {
            let client = console.client(&team.owner, &slugs[n % slugs.len()], &["tasks:read", "tasks:write", "billing:read"]).await;
            clients.push(Client::with(routers[n % 2].clone(), &client.secret));
        }
        Self { console, team, clients, ends }
    }

    /// Each calls until it is refused. Returns what was answered, in nano-dollars.
    async fn call(&self) -> i64 {
        let answered = AtomicI64::new(0);
        join_all((0..CALLERS).map(|n| {
            let (client, answered) = (&self.clients[n % self.clients.len()], &answered);
            async move {
                for turn in n..n + 5_000 {
                    let (reply, price) = if turn % 2 == 0 {
                        (client.get("/tasks").await, READ)
                    } else {
                        (client.post("/tasks", &json!({ "title": "Call the supplier" })).await, WRITE)
                    };
                    match reply.status {
                        StatusCode::OK | StatusCode::CREATED => answered.fetch_add(price, Ordering::Relaxed),
                        StatusCode::PAYMENT_REQUIRED => return,
                        other => panic!("{other}: {}", reply.body),
                    };
                }
                panic!("nobody refused");
            }
        }))
        .await;
        answered.into_inner()
    }

    /// By whichever key on whichever node.
    async fn refused_everywhere(&self, reason: &str) {
        for client in &self.clients {
            let refused = client.get("/tasks").await;
            assert_eq!((refused.status, refused.code()), (StatusCode::PAYMENT_REQUIRED, "billing_paused"), "{}", refused.body);
            assert_eq!(refused.body["error"]["billing"]["reason"], reason);
            let written = client.send(Method::POST, "/tasks", &[], Some(&json!({ "title": "Another" }))).await;
            assert_eq!(written.status, StatusCode::PAYMENT_REQUIRED);
            assert_eq!(client.get("/billing").await.status, StatusCode::OK, "what is free goes on");
        }
    }

    async fn spent(&self) -> i64 {
        let sql = "select coalesce(sum(nanos), 0)::bigint::text from usage_event where tenant_id = $1";
        self.console.database.text(sql, self.team.tenant.0).await.parse().expect("a sum")
    }

    fn disperse(self) {
        self.ends.send_replace(true);
    }
}

async fn run(console: &Console, team: &Team, sql: &'static str) {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query(sql).bind(team.tenant.0).execute(&mut owner).await.expect("done");
}

/// Used before, of which so much was not: as if by calls, added up already.
async fn use_up(crowd: &Crowd, nanos: i64) {
    let (team, now) = (&crowd.team, crowd.console.stoa.clock.now());
    let event = json!([{
        "tenant_id": team.tenant.0, "occurred_at": now, "id": chance::uuid(now), "workspace_id": team.workspace.0,
        "dimension": "rest.read", "module": "tasks", "operation": "tasks.list", "quantity": 1, "nanos": nanos,
        "rate_version": "2026-11-01", "channel": "api", "request_id": chance::uuid(now),
    }]);
    let mut app = crowd.console.database.connect("stoa_app").await;
    sqlx::query("select append_usage($1::jsonb)").bind(event.to_string()).execute(&mut app).await.expect("appended");
    usage::server::roll_up(crowd.console.stoa.clone()).await.expect("added up");
}

/// Whatever is on its way when the limit is reached is answered, and nothing that comes later: less than one call for each
/// caller, of the dearest, in all.
fn within(spent: i64, limit: i64) {
    let beyond = spent - limit;
    let bound = i64::try_from(CALLERS).expect("few") * WRITE;
    assert!((0..bound).contains(&beyond), "{beyond} nano-dollars beyond {limit}, and no more than {bound} may be on its way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_spends_no_more_beyond_a_cap_than_was_on_its_way() {
    let crowd = Crowd::gather("team").await;
    let payer = payer(&crowd.console, &crowd.team).await;
    let limit = 40_000_000;
    assert_eq!(cap_account(&crowd.console, &crowd.team, &payer, "account", "0.04", "hard").await.status, StatusCode::SEE_OTHER);
    let answered = crowd.call().await;
    assert_eq!(crowd.spent().await, answered, "what was answered is what was used");
    within(answered, limit);
    crowd.refused_everywhere("tenant_cap").await;
    // Whoever comes now finds nobody's way open: not one more is answered.
    assert_eq!(crowd.call().await, 0);
    assert_eq!(crowd.spent().await, answered);
    // Raised, it runs on the next call, and to the new end.
    assert_eq!(cap_account(&crowd.console, &crowd.team, &payer, "account", "0.06", "hard").await.status, StatusCode::SEE_OTHER);
    let more = crowd.call().await;
    assert!(more > 0, "it runs again");
    within(answered + more, 60_000_000);
    crowd.disperse();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_uses_up_a_balance_and_runs_again_with_a_top_up() {
    let crowd = Crowd::gather("developer").await;
    use_up(&crowd, 5 * DOLLAR - 30_000_000).await;
    let answered = crowd.call().await;
    within(answered, 30_000_000);
    crowd.refused_everywhere("balance_exhausted").await;
    let (stoa, tenant) = (&crowd.console.stoa, crowd.team.tenant);
    // What was on its way is paid for with it.
    ledger::by_hand(stoa, tenant, Act::TopUp(Micros(20_000)), "wire-1", "for a test").await.expect("entered");
    let more = crowd.call().await;
    assert!(more > 0, "it runs again on the next call");
    within(answered + more, 50_000_000);
    crowd.refused_everywhere("balance_exhausted").await;
    billing::server::assess(stoa, tenant).await.expect("assessed");
    let open = "select count(*)::text from billing_pause where tenant_id = $1 and ended_at is null";
    assert_eq!(crowd.console.database.text(open, tenant.0).await, "1", "and the pause is written down once");
    crowd.disperse();
}

#[tokio::test]
async fn near_its_end_a_call_asks_for_itself_before_anything_is_added_up() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "team").await;
    let payer = payer(&console, &team).await;
    let client = console.client(&team.owner, &team.slug, &["tasks:read", "tasks:write", "members:read", "billing:read"]).await;
    cap_account(&console, &team, &payer, "account", "0.00005", "hard").await;
    // Nobody adds up here: 20 000, 40 000, 60 000 nano-dollars of 50 000.
    for _ in 0..3 {
        assert_eq!(client.get("/tasks").await.status, StatusCode::OK);
    }
    let refused = client.get("/tasks").await;
    assert_eq!((refused.status, refused.code()), (StatusCode::PAYMENT_REQUIRED, "billing_paused"), "{}", refused.body);
    assert_eq!(console.database.count("select count(*) from billing_pause").await, 0, "nobody has written it down");
    assert_eq!(client.get("/members").await.status, StatusCode::OK);
    assert_eq!(client.get("/billing").await.body["data"]["paused"]["reason"], "tenant_cap");
    usage::server::roll_up(console.stoa.clone()).await.expect("added up");
    assert_eq!(console.database.count("select count(*) from billing_pause where ended_at is null").await, 1);
    assert_eq!(console.database.count("select count(*) from spend_near").await, 0, "it is reached, and near no more");
    assert_eq!(client.get("/tasks").await.status, StatusCode::PAYMENT_REQUIRED);
    // Of another month nothing is reached.
    console.hands.advance(chrono::TimeDelta::days(10));
    assert_eq!(client.get("/tasks").await.status, StatusCode::OK);
}
