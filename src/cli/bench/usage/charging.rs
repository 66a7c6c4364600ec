//! Charging, as the clock has it: some hours one by one, the rest of a month with its close, and the hours since then.

use std::time::Instant;

use anyhow::Context as _;
use chrono::{DateTime, Months, TimeDelta, Utc};

use super::{books, filling::Filling};
use crate::{
    features::billing::server::ledger,
    server::{Parts, Stoa, clock::Clock, http::assets::Files, identity::RelyingParty},
};

/// So long after an hour it is charged.
const LATER: TimeDelta = TimeDelta::minutes(6);

/// Whether the books balance before and after. Prints what each step takes.
pub async fn measure(stoa: &Stoa, filling: &mut Filling, hours: u32) -> anyhow::Result<bool> {
    println!("\ncharging what {} teams used, from {} on", filling.tenants(), filling.first.date_naive());
    books::hold_true(filling.connection(), "before anything is charged").await?;
    forget_the_peak();
    let before = peak();
    let first = filling.first;
    let ends = first.checked_add_months(Months::new(1)).context("a month after")?;
    // Nothing is used yet in the hour before the first.
    let (clock, hands) = Clock::stopped_at(first + LATER);
    let node = at(stoa, &clock)?;
    step(&node, filling, "what each month includes").await?;
    let since = Instant::now();
    let mut longest = 0.0_f64;
    for _ in 0..hours {
        hands.advance(TimeDelta::hours(1));
        let hour = Instant::now();
        ledger::settle_due(node.clone()).await?;
        longest = longest.max(hour.elapsed().as_secs_f64());
    }
    let seconds = since.elapsed().as_secs_f64();
    let (events, charges) = charged(filling).await?;
    println!(
        "{hours} hours, one by one: {seconds:.1} s, {:.2} s an hour, {longest:.2} s the longest; {charges} charges of {events} events, {:.0} events/s",
        seconds / f64::from(hours),
        per_second(events, seconds),
    );
    hands.advance(ends + LATER - clock.now());
    step(&node, filling, "the rest of the month, with its close and its invoice").await?;
    let now: DateTime<Utc> = stoa.clock.now();
    hands.advance(now - clock.now());
    step(&node, filling, "this month, at once").await?;
    let again = Instant::now();
    ledger::settle_due(node).await?;
    println!("nothing left to charge: {:.2} s", again.elapsed().as_secs_f64());
    println!("memory of this process: {before} MB before, {} MB at most", peak());
    books::hold_true(filling.connection(), "when all is charged").await?;
    Ok(true)
}

async fn step(node: &Stoa, filling: &mut Filling, what: &str) -> anyhow::Result<()> {
    let (before, charges_before) = charged(filling).await?;
    let since = Instant::now();
    ledger::settle_due(node.clone()).await?;
    let seconds = since.elapsed().as_secs_f64();
    let (after, charges_after) = charged(filling).await?;
    let (events, charges) = (after - before, charges_after - charges_before);
    println!("{what}: {seconds:.1} s; {charges} charges of {events} events, {:.0} events/s", per_second(events, seconds));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a figure that is printed")]
fn per_second(events: i64, seconds: f64) -> f64 {
    events as f64 / seconds
}

async fn charged(filling: &mut Filling) -> anyhow::Result<(i64, i64)> {
    let sql = "select coalesce(sum(events), 0)::bigint, count(distinct charge_id) from usage_charge_line";
    Ok(sqlx::query_as(sql).fetch_one(filling.connection()).await?)
}

/// A node whose clock is this one.
fn at(stoa: &Stoa, clock: &Clock) -> anyhow::Result<Stoa> {
    Ok(Stoa::new(Parts {
        db: stoa.db.clone(),
        identity: RelyingParty::new(&stoa.config, clock.clone())?,
        metrics: None,
        files: Files::load(None)?,
        clock: clock.clone(),
        config: stoa.config.clone(),
    }))
}

/// From here on.
fn forget_the_peak() {
    // Where the system does not know that, the peak is that of all before.
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}

/// Resident at most, in megabytes; zero where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
