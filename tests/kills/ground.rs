//! A Postgres cluster and a server process of the test's own, which can be killed and come back.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use stoa::{
    features::billing,
    server::{
        clock::Clock,
        database::{self, Installation, ROLES_SQL},
        embedded::postgres::{Cluster, Options},
        events::Actor,
        http::{self, request::RequestContext},
        plans,
        scope::ServiceScope,
    },
};
use tokio::net::TcpListener;

use super::Victim;
use crate::support::{Console, TestDatabase, settings};

const DATABASE: &str = "stoa_kills";
const PASSWORD: &str = "as-long-as-the-test";
/// For whatever was killed to answer again.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between two questions whether it does.
const BETWEEN: Duration = Duration::from_millis(20);

pub struct Ground {
    folder: PathBuf,
    cluster: Option<Cluster>,
    server: Child,
    pub database: TestDatabase,
    /// Of the server: `http://127.0.0.1:port`.
    pub base: String,
    pub secret: String,
}

impl Ground {
    pub async fn prepare() -> Self {
        let folder = std::env::temp_dir().join(format!("stoa-kills-{}", std::process::id()));
        let cluster = start(&folder).await;
        let database = make_database(&cluster).await;
        let secret = make_key(&database).await;
        let base = format!("http://{}", free_address().await);
        let server = serve(&database, &base);
        let ground = Self { folder, cluster: Some(cluster), server, database, base, secret };
        ground.ready().await;
        ground
    }

    /// At once, and with no word of farewell.
    pub fn kill(&mut self, victim: Victim) {
        if matches!(victim, Victim::Server | Victim::Both) {
            self.server.kill().expect("killed");
            self.server.wait().expect("gone");
        }
        if matches!(victim, Victim::Postgres | Victim::Both) {
            self.kill_postgres();
        }
    }

    /// All its processes at the same moment. Each has a group of its own, so that they are found by their parent.
    fn kill_postgres(&self) {
        let note = std::fs::read_to_string(self.folder.join("postgres/postmaster.pid")).expect("a running Postgres");
        let parent = note.lines().next().expect("a process id").trim().to_owned();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("kill -KILL {parent} {}", children(&parent).join(" "))).stderr(Stdio::null());
        // Of those that ended meanwhile it complains.
        let _ = shell.status().expect("a shell");
        let until = Instant::now() + PATIENCE;
        while std::fs::exists(format!("/proc/{parent}/cwd")).unwrap_or_default() {
            assert!(Instant::now() < until, "Postgres was not killed");
        }
    }

    pub async fn bring_back(&mut self, victim: Victim) {
        if matches!(victim, Victim::Postgres | Victim::Both) {
            // Its lock on the folder goes with it.
            drop(self.cluster.take());
            self.cluster = Some(start(&self.folder).await);
        }
        if matches!(victim, Victim::Server | Victim::Both) {
            self.server = serve(&self.database, &self.base);
        }
        self.ready().await;
    }

    async fn ready(&self) {
        let client = reqwest::Client::builder().build().expect("a client");
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = client.get(format!("{}/readyz", self.base)).send().await;
            match answer {
                Ok(answer) if answer.status().is_success() => return,
                other => assert!(Instant::now() < until, "it does not come back: {other:?}"),
            }
            tokio::time::sleep(BETWEEN).await;
        }
    }

    /// What waits is added up by the server, which does it by itself; then sums and events are the same.
    pub async fn hold_sums_to_events(&self) {
        let until = Instant::now() + PATIENCE;
        while self.database.count("select count(*) from usage_pending").await > 0 {
            assert!(Instant::now() < until, "what was used is not added up");
            tokio::time::sleep(BETWEEN).await;
        }
        let events = self.database.count("select count(*) from usage_event").await;
        assert_eq!(self.database.count("select sum(events)::bigint from usage_rollup").await, events, "sums and events differ");
        let nanos = self.database.count("select sum(nanos)::bigint from usage_event").await;
        assert_eq!(self.database.count("select sum(nanos)::bigint from usage_rollup").await, nanos, "what it costs differs");
        println!("STOA_KILL sums: {events} events, {nanos} nano-dollars, in sums as in events");
    }
}

impl Drop for Ground {
    /// Also where a round failed: nothing of it stays behind.
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        self.kill_postgres();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn children(parent: &str) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").expect("a list of processes").flatten();
    let of_parent = processes.filter(|process| {
        // `id (name) state parent …`, where names hold anything.
        let stat = std::fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)) == Some(parent)
    });
    of_parent.map(|process| process.file_name().to_string_lossy().into_owned()).collect()
}

/// With its durability on, as it comes.
async fn start(folder: &Path) -> Cluster {
    let until = Instant::now() + PATIENCE;
    loop {
        match Cluster::start(Options { data: folder.to_path_buf(), fresh: false, port: None }).await {
            Ok(cluster) => return cluster,
            // The kernel may still be taking the old one's memory back.
            Err(error) => assert!(Instant::now() < until, "Postgres does not start: {error:#}"),
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

async fn make_database(cluster: &Cluster) -> TestDatabase {
    let mut admin = PgConnection::connect(&cluster.superuser_url("postgres")).await.expect("the superuser");
    admin.execute(ROLES_SQL).await.expect("roles");
    for role in ["stoa_owner", "stoa_app"] {
        admin.execute(AssertSqlSafe(format!("alter role {role} password '{PASSWORD}'"))).await.expect("a password");
    }
    admin.execute(AssertSqlSafe(format!("create database {DATABASE} owner stoa_owner"))).await.expect("a database");
    let database = TestDatabase::at(&cluster.url_for("USER", PASSWORD, ""), DATABASE);
    let installation = Installation::new(false, Clock::system().now());
    database::migrate(&database.owner_url(), installation).await.expect("migrated");
    database
}

/// Of a workspace whose plan has no limit: this load is more than others call.
async fn make_key(database: &TestDatabase) -> String {
    let (clock, hands) = (Clock::system(), Clock::stopped_at(crate::support::noon()).1);
    let stoa = Console::assemble(settings(&database.app_url(), &[]), clock);
    let router = http::router(stoa.clone(), stoa::app::doors(), stoa::app::operations(), axum::Router::new());
    let console = Console { stoa, hands, database: database.clone(), router };
    let team = console.team("Acme").await;
    let request = RequestContext::internal(&console.stoa.clock, "cli", "test");
    let plan = plans::find("enterprise", console.stoa.clock.now()).expect("a plan without a limit");
    let mut scope = ServiceScope::open_service(&console.stoa, &request, Actor::operator(), team.tenant, "test").await.expect("a scope");
    billing::server::set_plan(&mut scope, plan, "Much is called.").await.expect("set");
    scope.commit().await.expect("committed");
    console.client(&team.owner, &team.slug, &["tasks:read", "tasks:write"]).await.secret
}

async fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    listener.local_addr().expect("an address").to_string()
}

/// As an operator runs it.
fn serve(database: &TestDatabase, base: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_stoa"))
        .arg("serve")
        .env("STOA_PUBLIC_URLS__CONSOLE", base)
        .env("STOA_LISTEN", base.trim_start_matches("http://"))
        .env("STOA_DATABASE__URL", database.app_url())
        .env("STOA_IDENTITY__ISSUER", "http://127.0.0.1:1/nobody")
        .env("STOA_IDENTITY__CLIENT_ID", "console")
        .env("STOA_SECRETS__PEPPER", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
        .env("STOA_SECRETS__AUDIT_KEY", crate::support::AUDIT_KEY)
        .env("STOA_LOG__LEVEL", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server runs")
}
