//! Many who write while whoever seals is killed again and again: in the end every row is sealed once, and the trees hold.

use std::time::{Duration, Instant};

use stoa::server::{
    chance,
    events::{Actor, Log},
    http::request::RequestContext,
    proof,
    scope::ServiceScope,
};

use super::{assert_gapless, seal, verified};
use crate::{audit_log::renamed, support::Console};

const WRITERS: usize = 64;
const SEALERS: usize = 2;

/// `STOA_AUDIT_SECONDS` makes it longer.
fn lasting() -> Duration {
    Duration::from_secs(std::env::var("STOA_AUDIT_SECONDS").map_or(3, |seconds| seconds.parse().expect("a number of seconds")))
}

/// Seals until nothing waits: a log may still be in the hands of whoever was killed over it, until Postgres has noticed, and
/// is another turn's then. Returns how many rows were left.
async fn the_rest(console: &Console) -> usize {
    let patience = Instant::now() + Duration::from_mins(1);
    let mut left = 0;
    loop {
        left += seal(console).await.rows;
        let waiting = console.database.count("select count(*) from audit_unsealed").await;
        if waiting == 0 {
            return left;
        }
        assert!(Instant::now() < patience, "{waiting} rows wait for ever");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_killed_while_many_write_leaves_no_gap() {
    let console = Console::start_with(&[("STOA_DATABASE__MAX_CONNECTIONS", "12")]).await;
    let team = console.team("Acme").await;
    let end = Instant::now() + lasting();
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let (stoa, log) = (console.stoa.clone(), Log::Workspace(team.tenant, team.workspace));
        let (tenant, log) = (team.tenant, if writer % 8 == 0 { Log::Tenant(team.tenant) } else { log });
        writers.push(tokio::spawn(async move {
            let mut written = 0_usize;
            while Instant::now() < end {
                let request = RequestContext::internal(&stoa.clock, "console", "test");
                let Ok(mut scope) = ServiceScope::open_service(&stoa, &request, Actor::system("test"), tenant, "test").await else {
                    continue;
                };
                let event = match log {
                    Log::Tenant(_) => {
                        stoa::server::events::Event::new(stoa::server::events::EventKind::TenantRenamed, renamed("ten_x", "Acme").target)
                    }
                    _ => renamed(&format!("ws_{writer}"), &format!("Shop {written}")),
                };
                scope.record_in(log, event);
                // Some never commit: their rows were never there.
                if chance::bytes::<1>()[0] < 16 {
                    drop(scope);
                } else if scope.commit().await.is_ok() {
                    written += 1;
                }
            }
            written
        }));
    }
    let mut sealers = Vec::new();
    for _ in 0..SEALERS {
        let node = console.another_node(&[("STOA_DATABASE__MAX_CONNECTIONS", "2")]);
        sealers.push(tokio::spawn(async move {
            let mut killed = 0_u32;
            while Instant::now() < end {
                let turn = tokio::spawn({
                    let node = node.clone();
                    async move { proof::seal_now(&node).await }
                });
                let patience = Duration::from_millis(u64::from(chance::bytes::<1>()[0]) / 2);
                if tokio::time::timeout(patience, async {
                    while !turn.is_finished() {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                })
                .await
                .is_err()
                {
                    turn.abort();
                    killed += 1;
                }
            }
            killed
        }));
    }
    // Some lose their connection besides, in the middle of whatever they are at.
    let mut assassin = console.database.connect("stoa_app").await;
    while Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let sql = "select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and query ~ 'seal_rows|keep_checkpoint|audit_rows_to_seal'";
        sqlx::query(sql).execute(&mut assassin).await.expect("killed");
    }
    let (mut written, mut killed) = (0, 0);
    for writer in writers {
        written += writer.await.expect("a writer");
    }
    for sealer in sealers {
        killed += sealer.await.expect("a sealer");
    }
    assert!(written > WRITERS && killed > 0, "{written} rows, {killed} killed");
    let left = the_rest(&console).await;
    println!("{written} rows by {WRITERS} writers, {killed} sealers killed, {left} rows left to the last");
    assert_gapless(&console).await;
    let renamings = "select count(*) from audit_event where action in ('workspace.renamed', 'tenant.renamed')";
    assert_eq!(usize::try_from(console.database.count(renamings).await).expect("rows"), written);
    let report = verified(&console).await;
    assert_eq!(report.problems, Vec::<String>::new());
    assert!(report.checkpoints > 0);
}
