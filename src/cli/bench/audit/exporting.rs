//! A file of the log, against `COPY … TO` of the same rows in the same order.

use std::{net::SocketAddr, time::Instant};

use anyhow::{Context as _, ensure};
use futures_util::TryStreamExt as _;
use sqlx::{Connection as _, PgConnection};

use super::filling::written_at;
use crate::cli::bench::api::{self, Place};

/// Taken twice, of which the first warms.
const TIMES: usize = 2;

/// What was taken.
struct Taken {
    lines: u32,
    bytes: usize,
    seconds: f64,
}

impl Taken {
    fn a_second(&self) -> f64 {
        f64::from(self.lines) / self.seconds
    }

    fn show(&self, what: &str) {
        let megabytes = self.bytes / 1_000_000;
        println!("{what}: {} lines, {megabytes} MB in {:.1} s, {:.0} lines/s", self.lines, self.seconds, self.a_second());
    }
}

/// Whether a file of so many rows comes fast enough. Prints what both take, and the memory.
pub async fn compare(place: &Place, mut owner: PgConnection, at: SocketAddr, rows: u32, at_least: f64) -> anyhow::Result<bool> {
    let until = chrono::DateTime::from_timestamp_millis(written_at(rows)).context("a time")?.to_rfc3339();
    println!("\nthe oldest {rows} rows of the log as CSV");
    let before = api::memory();
    let (mut copied, mut exported) = (None, None);
    for _ in 0..TIMES {
        copied = Some(copy(place, &mut owner, &until).await?);
        exported = Some(export(place, at, &until).await?);
    }
    owner.close().await?;
    let (copied, exported) = (copied.context("copied")?, exported.context("exported")?);
    copied.show("COPY … TO");
    exported.show("audit_log.export");
    println!("memory of this process, which gives and takes the file: {before} MB before, {} MB at most", peak());
    // The file says in its first line what its columns are.
    ensure!(copied.lines == rows && exported.lines == rows + 1, "both are to have {rows} rows");
    let ratio = exported.a_second() / copied.a_second();
    let holds = ratio >= at_least;
    println!("export: ratio {ratio:.3}, at least {at_least:.2}: {}", if holds { "PASS" } else { "short of the bound" });
    Ok(holds)
}

async fn export(place: &Place, at: SocketAddr, until: &str) -> anyhow::Result<Taken> {
    let mut address = url::Url::parse(&format!("http://{at}/api/v1/audit-log/export?format=csv"))?;
    address.query_pairs_mut().append_pair("to", until);
    let mut asking = reqwest::Client::builder().no_gzip().build()?.get(address);
    for (name, value) in &place.headers {
        asking = asking.header(*name, if *name == "accept" { "text/csv" } else { value.as_str() });
    }
    let since = Instant::now();
    let mut answer = asking.send().await?.error_for_status()?;
    let (mut lines, mut bytes) = (0, 0);
    while let Some(part) = answer.chunk().await? {
        count(&part, &mut lines, &mut bytes)?;
    }
    Ok(Taken { lines, bytes, seconds: since.elapsed().as_secs_f64() })
}

/// As the tables' owner, who sees every row without a reach.
async fn copy(place: &Place, owner: &mut PgConnection, until: &str) -> anyhow::Result<Taken> {
    // Identifiers and a time, each made here.
    let statement = format!(
        "copy (select id, occurred_at, action, actor_type, actor_id, actor_name, on_behalf_of_id, on_behalf_of_name, credential_id,
                      client, channel, route, target_type, target_id, target_name, outcome, reason, request_id, client_request_id,
                      ip, user_agent, input_hash, changes::text, leaf_version, leaf_hash
               from audit_event
               where tenant_id = '{}' and log_id = '{}' and occurred_at < '{until}'
               order by occurred_at desc, id desc) to stdout (format csv)",
        place.tenant.0, place.workspace.0
    );
    let since = Instant::now();
    let (mut lines, mut bytes) = (0, 0);
    let mut parts = owner.copy_out_raw(&statement).await?;
    while let Some(part) = parts.try_next().await? {
        count(&part, &mut lines, &mut bytes)?;
    }
    Ok(Taken { lines, bytes, seconds: since.elapsed().as_secs_f64() })
}

fn count(part: &[u8], lines: &mut u32, bytes: &mut usize) -> anyhow::Result<()> {
    *lines += u32::try_from(part.split(|byte| *byte == b'\n').count() - 1)?;
    *bytes += part.len();
    Ok(())
}

/// Resident at most since the process began, in megabytes; zero where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() / 1024
}
