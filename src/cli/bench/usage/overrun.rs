//! What is spent beyond a limit by callers who do not wait for each other: over several workspaces and keys of one account, on
//! one node and on two.

use std::{
    net::SocketAddr,
    sync::Arc,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use futures_util::future::try_join_all;
use reqwest::{Client, StatusCode};
use tokio::sync::watch;

use super::says;
use crate::{
    access::tenant::ManageBilling,
    cli::bench::{console, listen, sample},
    features::{
        api_keys::server::Created,
        billing::server::caps::{CapOf, Wanted, set_as_payer},
        usage,
    },
    ids::TenantId,
    money::Micros,
    server::{
        Stoa,
        plans::{self, Dimension},
        scope::{Intent, TenantScope},
        usage::keep_rolling,
    },
};

const WORKSPACES: usize = 4;
const KEYS: usize = 16;
/// Writes that the limit has room for, so that callers are at full speed when they come to it.
const ROOM: i64 = 1_500;
/// Whoever is not refused by then never is.
const PATIENCE: Duration = Duration::from_mins(2);

/// Whether what is spent beyond stays within what was on its way, for one caller and for many.
pub async fn measure(stoa: &Stoa) -> anyhow::Result<bool> {
    println!("\nwhat is spent beyond a hard cap: at most one call for each caller, of the dearest");
    let other = crate::cli::assemble(stoa.config.clone())?;
    let (ends, ending) = watch::channel(false);
    let nodes = [stoa, &other];
    let rolling: Vec<_> =
        nodes.iter().map(|node| tokio::spawn(keep_rolling((*node).clone(), ending.clone(), usage::server::roll_up))).collect();
    let at = try_join_all(nodes.iter().map(|node| listen(console(node)))).await?;
    let mut all_hold = true;
    for nodes in [1, 2] {
        for callers in [1, 8, 64] {
            all_hold &= hammer(stoa, &at[..nodes], callers).await?;
        }
    }
    ends.send_replace(true);
    for done in rolling {
        done.await?;
    }
    Ok(all_hold)
}

/// Reads and writes until each caller is refused.
async fn hammer(stoa: &Stoa, nodes: &[SocketAddr], callers: usize) -> anyhow::Result<bool> {
    let team = sample::team_of(stoa, WORKSPACES, 1, "enterprise").await?;
    let secrets = secrets(stoa, &team).await?;
    let write = plans::rate(Dimension::RestWrite, stoa.clock.now()).nanos;
    let cap = write * ROOM;
    let slug = Some(team.owner.place.tenant_slug.as_str());
    let mut scope = TenantScope::<ManageBilling>::open(stoa, &team.owner.request, slug, Intent::Write, false).await?;
    set_as_payer(&mut scope, CapOf::Account, Wanted { micros: Micros(cap / 1000), hard: true }).await?;
    scope.commit().await?;
    crate::features::billing::server::assess(stoa, team.tenant).await?;

    let client = Client::builder().no_proxy().build()?;
    let answered = Arc::new(AtomicU64::new(0));
    let since = Instant::now();
    let callers_at_work = (0..callers).map(|n| {
        let (client, at, secret, answered) = (client.clone(), nodes[n % nodes.len()], secrets[n % secrets.len()].clone(), answered.clone());
        tokio::spawn(async move { call_until_refused(client, at, &secret, n, &answered).await })
    });
    for done in try_join_all(callers_at_work).await? {
        done?;
    }
    let seconds = since.elapsed().as_secs_f64();
    // What they asked for is refused by everybody now, on every node.
    for at in nodes {
        for secret in &secrets {
            let status = call(&client, *at, secret, 1).await?;
            ensure!(status == StatusCode::PAYMENT_REQUIRED, "answered {status} behind the limit");
        }
    }
    let beyond = spent(stoa, team.tenant).await? - cap;
    let bound = write * i64::try_from(callers)?;
    let holds = (0..bound).contains(&beyond);
    println!(
        "{} node{}, {callers:>2} callers: {} calls in {seconds:.2} s; {beyond} nano-dollars beyond ({:.1} writes), less than {bound}: {}",
        nodes.len(),
        if nodes.len() == 1 { " " } else { "s" },
        answered.load(Ordering::Relaxed),
        per(beyond, write),
        says(holds, "past the bound"),
    );
    Ok(holds)
}

#[expect(clippy::cast_precision_loss, reason = "a figure that is printed")]
fn per(nanos: i64, price: i64) -> f64 {
    nanos as f64 / price as f64
}

async fn secrets(stoa: &Stoa, team: &sample::Team) -> anyhow::Result<Vec<String>> {
    let mut secrets = Vec::new();
    for slug in slugs(stoa, team).await? {
        let mut scope = sample::keyring_of(stoa, &team.owner, &slug).await?;
        let made: Vec<Created> = sample::add_keys(&mut scope, KEYS / WORKSPACES, &["tasks:read", "tasks:write"]).await?;
        scope.commit().await?;
        secrets.extend(made.iter().map(|made| made.secret.reveal()));
    }
    Ok(secrets)
}

async fn slugs(stoa: &Stoa, team: &sample::Team) -> anyhow::Result<Vec<String>> {
    let mut owner = super::owner(stoa).await?;
    let ids: Vec<uuid::Uuid> = team.workspaces.iter().map(|workspace| workspace.0).collect();
    let sql = "select slug from workspace where tenant_id = $1 and workspace_id = any ($2) order by workspace_id";
    Ok(sqlx::query_scalar(sql).bind(team.tenant.0).bind(ids).fetch_all(&mut owner).await?)
}

async fn spent(stoa: &Stoa, tenant: TenantId) -> anyhow::Result<i64> {
    let mut owner = super::owner(stoa).await?;
    let sql = "select coalesce(sum(nanos), 0)::bigint from usage_event where tenant_id = $1";
    Ok(sqlx::query_scalar(sql).bind(tenant.0).fetch_one(&mut owner).await?)
}

async fn call_until_refused(client: Client, at: SocketAddr, secret: &str, turn: usize, answered: &AtomicU64) -> anyhow::Result<()> {
    let since = Instant::now();
    let mut n = turn;
    while since.elapsed() < PATIENCE {
        match call(&client, at, secret, n).await? {
            StatusCode::OK | StatusCode::CREATED => answered.fetch_add(1, Ordering::Relaxed),
            StatusCode::PAYMENT_REQUIRED => return Ok(()),
            other => anyhow::bail!("answered {other}"),
        };
        n += 1;
    }
    anyhow::bail!("nobody refused")
}

/// One read in two.
async fn call(client: &Client, at: SocketAddr, secret: &str, n: usize) -> anyhow::Result<StatusCode> {
    let address = format!("http://{at}/api/v1/tasks");
    let asking = if n.is_multiple_of(2) {
        client.get(address)
    } else {
        client.post(address).header("content-type", "application/json").body(r#"{"title":"Call the supplier"}"#)
    };
    let answer = asking.bearer_auth(secret).header("accept", "application/json").send().await.context("an answer")?;
    let status = answer.status();
    answer.bytes().await?;
    Ok(status)
}
