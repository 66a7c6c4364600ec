//! Whoever charges or closes is killed at random moments, and so are their connections: run again, the books are the same as
//! if nobody had been.

use std::{process::Stdio, time::Duration};

use chrono::{TimeDelta, Utc};
use stoa::features::usage;

use super::{append, event, hold_true};
use crate::{
    support::{Console, Team, node},
    usage::Dice,
    workspaces::give_plan,
};

const ROUNDS: u64 = 10;

/// The months before this one were never closed, and much was used in them.
async fn a_quarter(console: &Console, team: &Team, dice: &mut Dice) {
    let now = Utc::now();
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query(
        "update ledger_head set period = (date_trunc('month', $2 at time zone 'UTC') - interval '3 months')::date,
             open_hour = (date_trunc('month', $2 at time zone 'UTC') - interval '3 months') at time zone 'UTC'
         where tenant_id = $1",
    )
    .bind(team.tenant.0)
    .bind(now)
    .execute(&mut owner)
    .await
    .expect("set back");
    let events: Vec<_> = (0..3_000)
        .map(|_| {
            let ago = TimeDelta::seconds(i64::try_from(dice.below(60 * 86_400)).expect("small"));
            let dimension = ["rest.read", "rest.write", "mcp.call"][usize::try_from(dice.below(3)).expect("small")];
            event(team, now - ago, dimension, i64::try_from(dice.below(90_000_000)).expect("small"))
        })
        .collect();
    for some in events.chunks(500) {
        assert_eq!(append(console, some).await, 500);
    }
    usage::server::roll_up(console.stoa.clone()).await.expect("added up");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_while_charging_or_closing_the_books_are_the_same() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    give_plan(&console, &team, "builder").await;
    let mut dice = Dice(11);
    a_quarter(&console, &team, &mut dice).await;
    let mut superuser = console.database.connect("postgres").await;
    for round in 0..ROUNDS {
        let what = ["close", "charge"][usize::try_from(round % 2).expect("small")];
        let mut child = node::program(&console, None)
            .args(["billing", what, &team.tenant_slug])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        tokio::time::sleep(Duration::from_millis(30 + dice.below(400))).await;
        if round % 3 == 2 {
            // Postgres takes the connection away instead.
            sqlx::query(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'stoa_app'",
            )
            .execute(&mut superuser)
            .await
            .expect("terminated");
        }
        // SIGKILL, whether it had come to an end or not.
        drop(child.kill());
        child.wait().expect("it ended");
        hold_true(&console).await;
    }
    let (done, said) = node::run(&console, None, &["billing", "close", &team.tenant_slug]);
    assert!(done, "{said}");
    let (done, said) = node::run(&console, None, &["billing", "charge", &team.tenant_slug]);
    assert!(done, "{said}");
    hold_true(&console).await;
    let count = async |sql| console.database.count(sql).await;
    assert_eq!(
        count("select sum(nanos)::bigint from usage_charge").await,
        count("select sum(nanos)::bigint from usage_event").await,
        "each once"
    );
    assert_eq!(count("select count(*) from invoice").await, 3);
    assert_eq!(count("select count(*) from audit_event where action = 'invoice.issued'").await, 3);
    let charges = count("select count(*) from ledger_entry where kind = 'charge'").await;
    assert_eq!(count("select count(*) from audit_event where action = 'usage.charged'").await, charges);
}
