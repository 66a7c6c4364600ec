//! `stoa bench audit`: what the audit trail costs whoever writes, and whether it is found, sealed and taken away as fast
//! however long it is.

mod exporting;
mod filling;
mod searching;

use std::{net::SocketAddr, time::Instant};

use anyhow::{Context as _, ensure};
use sqlx::{Connection as _, PgConnection};

use super::{
    api::{self, Place},
    compare::{Pair, Rounds},
    console, listen,
};
use crate::{
    features::audit_log::server::{Logged as _, Source},
    server::{
        Stoa, proof,
        scope::{InWorkspace, Intent, WorkspaceScope},
    },
};
use filling::Filling;
use searching::{SEARCHES, Searching};

const CONNECTIONS: u16 = 32;
/// Of a search, how many times its 99th percentile in a short log may be, and how many times that of plain SQL.
const TIMES_AT_MOST: f64 = 2.0;
const TIMES_PLAIN_AT_MOST: f64 = 3.0;
/// Of the rows a second that `COPY … TO` gives, the share that a file has to reach.
const EXPORT_AT_LEAST: f64 = 0.3;
/// So many times as fast as rows come in a database of which nothing is known yet, so that it is never the square of what waits.
const SEALING_AT_LEAST: f64 = 10.0;
/// So many workspaces share what is not the one's.
const OTHERS: u32 = 20;

/// How long the log is, and how it is asked.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Audit {
    #[command(flatten)]
    rounds: Rounds,

    /// Rows of the log at first.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(60_000..))]
    few: u32,

    /// Rows of the log in the end.
    #[arg(long, default_value_t = 5_000_000, value_parser = clap::value_parser!(u32).range(60_000..))]
    many: u32,

    /// Rows of other logs, in the end.
    #[arg(long, default_value_t = 5_000_000)]
    beside: u32,

    /// Rows of the file that is taken.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(10_000..))]
    exported: u32,
}

/// Whether everything stays within its bound.
pub async fn run(audit: &Audit, stoa: Stoa) -> anyhow::Result<bool> {
    let rounds = audit.rounds.wide(CONNECTIONS);
    let at = listen(console(&stoa)).await?;
    rounds.introduce("audit", &stoa).await?;
    let mut all_hold = writing(&rounds, &stoa, at).await?;

    let place = Place::make(&stoa).await?;
    let mut filling = Filling::start(owner(&stoa).await?).await?;
    filling.fill(&place, 0..audit.few).await?;
    filling.settle().await?;
    let searching = Searching::of(&place, source(&place).await?)?;
    println!("\n{} rows in the log, and none in others", audit.few);
    let few = searching.measure(&rounds, at).await?;

    filling.fill(&place, audit.few..audit.many).await?;
    for _ in 0..OTHERS {
        filling.fill(&Place::make(&stoa).await?, 0..audit.beside / OTHERS).await?;
    }
    filling.settle().await?;
    println!("\n{} rows in the log, and {} in {OTHERS} others; {}", audit.many, audit.beside, filling.room().await?);
    let many = searching.measure(&rounds, at).await?;

    for ((name, _), (few, many)) in SEARCHES.iter().zip(few.iter().zip(&many)) {
        all_hold &= within(&format!("{name}, beside a log of {} rows", audit.few), many.ours, few.ours, TIMES_AT_MOST);
        all_hold &= within(&format!("{name}, beside plain SQL"), many.ours, many.plain, TIMES_PLAIN_AT_MOST);
    }
    all_hold &= exporting::compare(&place, owner(&stoa).await?, at, audit.exported, EXPORT_AT_LEAST).await?;
    searching.explain().await?;
    Ok(all_hold)
}

fn within(what: &str, is: f64, beside: f64, at_most: f64) -> bool {
    let holds = is <= beside * at_most;
    let verdict = if holds { "PASS" } else { "past the bound" };
    println!("{what}: p99 {is:.2} ms to {beside:.2} ms, {:.2} times, at most {at_most:.2}: {verdict}", is / beside);
    holds
}

/// What a row of the log costs a write: the same statements with it and without it; and the API's own writes, which make
/// the rows that are sealed, by themselves and with the sealer at work. Whether they are sealed faster than they come.
async fn writing(rounds: &Rounds, stoa: &Stoa, at: SocketAddr) -> anyhow::Result<bool> {
    let mut owner = owner(stoa).await?;
    let bare = Place::make(stoa).await?;
    let asked = bare.adding();
    let like = bare.add(at).await?;
    let without = listen(api::creating::bound(&bare, &like, false).await?).await?;
    let with = listen(api::creating::bound(&bare, &like, true).await?).await?;
    let pair = Pair { name: "with its row", ours: with, bound: without, asked: &asked, at_least: 0.0 };
    let share = rounds.ratio(&pair, "without").await?;
    println!("create a task, bare: with its row of the log {share:.3} of the requests a second without");
    // What bare handlers write is one row's hash over and over, and nothing for a sealer.
    sqlx::query("delete from audit_unsealed where tenant_id = $1").bind(bare.tenant.0).execute(&mut owner).await?;

    let place = Place::make(stoa).await?;
    let asked = place.adding();
    let alone = rounds.report("nobody seals", at, &asked).await?;
    let sealed = sealing(stoa, &mut owner).await?;
    let holds = sealed >= alone * SEALING_AT_LEAST;
    let verdict = if holds { "PASS" } else { "short of the bound" };
    println!("sealing: {:.1} times as fast as rows come, at least {SEALING_AT_LEAST:.0}: {verdict}", sealed / alone);
    let (ends, ending) = tokio::sync::watch::channel(false);
    let working = tokio::spawn(proof::keep_sealing(stoa.clone(), ending));
    let beside = rounds.report("sealed meanwhile", at, &asked).await?;
    ends.send(true).context("the sealer waits to be stopped")?;
    working.await?;
    println!("create a task: with the sealer at work {:.3} of the requests a second without", beside / alone);
    owner.close().await?;
    Ok(holds)
}

/// Seals what was written, and counts.
async fn sealing(stoa: &Stoa, owner: &mut PgConnection) -> anyhow::Result<f64> {
    let waiting: i64 = sqlx::query_scalar("select count(*) from audit_unsealed").fetch_one(owner).await?;
    let since = Instant::now();
    let sealed = proof::seal_now(stoa).await?;
    let seconds = since.elapsed().as_secs_f64();
    ensure!(i64::try_from(sealed.rows)? >= waiting && waiting > 0 && sealed.broken == 0, "{waiting} rows waited, {sealed:?}");
    let a_second = f64::from(u32::try_from(sealed.rows)?) / seconds;
    println!("sealed {} rows under {} checkpoints in {seconds:.1} s: {a_second:.0} rows/s", sealed.rows, sealed.checkpoints);
    Ok(a_second)
}

/// Not of a pool, whose statements end when they take long.
async fn owner(stoa: &Stoa) -> anyhow::Result<PgConnection> {
    let url = stoa.config.database.owner_url.as_ref().context("database.owner_url: is needed to fill tables")?;
    Ok(PgConnection::connect(url).await?)
}

/// The place's log, as its owner reads it.
async fn source(place: &Place) -> anyhow::Result<Source> {
    let slug = Some(place.slug.as_str());
    let mut scope =
        WorkspaceScope::<crate::access::workspace::ReadAudit>::open(&place.stoa, &place.visit, slug, Intent::Read, false).await?;
    let source = InWorkspace::source(&mut scope).await?;
    scope.close().await?;
    Ok(source)
}
