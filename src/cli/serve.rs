//! `stoa serve`.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use axum::Router;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{
    app, features,
    server::{Stoa, config::Config, http, manifests, proof, queue, scope::write_denials, telemetry, usage},
};

const UPKEEP: Duration = Duration::from_secs(5);
/// Jobs are counted every so many upkeeps.
const COUNTED: u32 = 3;
/// A periodic task that runs at a stop has this long to end; the next node does it again.
const HOUSE_GRACE: Duration = Duration::from_secs(20);

pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    telemetry::start_logging(&config.log);
    let listen = config.listen;
    let stoa = super::assemble(config)?;
    if is_demo(&stoa).await? {
        bail!(
            "this database belongs to a demonstration (its installation says so) and must not serve anyone; \
             set database.url to another one"
        );
    }
    let listener = TcpListener::bind(listen).await.with_context(|| format!("listening on {listen}"))?;
    answer(stoa, listener, Router::new()).await?;
    Ok(ExitCode::SUCCESS)
}

/// Answers and works until the process is asked to stop.
pub async fn answer(stoa: Stoa, listener: TcpListener, beside: Router) -> anyhow::Result<()> {
    let asked = stopped()?;
    let began = manifests::begin(&stoa).await?;
    tracing::info!(listening = %listener.local_addr()?, console = %stoa.config.public_urls.console, "serving");
    let (stopping, ending) = watch::channel(false);
    let upkeep = tokio::spawn(keep_figures(stoa.clone()));
    let working = tokio::spawn(queue::work(stoa.clone(), app::jobs(), ending.clone()));
    let housekeeping = tokio::spawn(queue::keep_time(stoa.clone(), app::periodic(), ending.clone()));
    // It is there for as long as it answers anybody, and that is longer than until it was asked to stop.
    let (leaving, left) = watch::channel(false);
    let holding = tokio::spawn(manifests::keep(stoa.clone(), began, left));
    let rolling = tokio::spawn(usage::keep_rolling(stoa.clone(), ending.clone(), features::usage::server::roll_up));
    let sealing = tokio::spawn(proof::keep_sealing(stoa.clone(), ending.clone()));
    let streaming = tokio::spawn(features::audit_streams::server::keep_sending(stoa.clone(), ending.clone()));
    let draining = tokio::spawn(features::audit_streams::server::keep_draining(stoa.clone(), ending));
    let node = stoa.clone();
    let told = async move {
        asked.await;
        stopping.send_replace(true);
        node.stop();
    };
    let (db, refused) = (stoa.db.clone(), stoa.clone());
    let served = http::serve(listener, http::router(stoa, app::doors(), app::operations(), beside), told).await;
    // All were told together with the listener, and have their own patience.
    drop(tokio::join!(
        working,
        tokio::time::timeout(HOUSE_GRACE, housekeeping),
        tokio::time::timeout(HOUSE_GRACE, rolling),
        tokio::time::timeout(HOUSE_GRACE, sealing),
        tokio::time::timeout(HOUSE_GRACE, streaming),
        tokio::time::timeout(HOUSE_GRACE, draining),
    ));
    // What was refused in the last second is counted here alone.
    drop(tokio::time::timeout(HOUSE_GRACE, write_denials(&refused)).await);
    leaving.send_replace(true);
    if let Ok(began) = holding.await {
        manifests::leave(&refused, &began).await;
    }
    upkeep.abort();
    db.close().await;
    tracing::info!("stopped");
    Ok(served?)
}

/// SIGTERM, or Ctrl-C.
fn stopped() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Unmigrated, the database says nothing about itself; `/readyz` does.
async fn is_demo(stoa: &Stoa) -> anyhow::Result<bool> {
    let known: bool = sqlx::query_scalar("select to_regclass('installation') is not null")
        .fetch_one(&stoa.db)
        .await
        .context("database.url: the database does not answer (`stoa doctor` says more)")?;
    if !known {
        bail!("the database has not been migrated: run `stoa migrate`");
    }
    Ok(sqlx::query_scalar("select coalesce((select demo from installation), false)").fetch_one(&stoa.db).await?)
}

/// What each node looks after by itself: the recorder's memory, and how many jobs there are.
async fn keep_figures(stoa: Stoa) {
    let mut ticks = tokio::time::interval(UPKEEP);
    for tick in 0_u32.. {
        ticks.tick().await;
        if let Some(metrics) = &stoa.metrics {
            metrics.run_upkeep();
        }
        if tick.is_multiple_of(COUNTED)
            && let Ok(counts) = queue::count(&stoa).await
        {
            #[expect(clippy::cast_precision_loss, reason = "a figure for a chart")]
            for (state, count) in [("waiting", counts.waiting as f64), ("dead", counts.dead as f64)] {
                metrics::gauge!("stoa_jobs", "state" => state).set(count);
            }
        }
    }
}
