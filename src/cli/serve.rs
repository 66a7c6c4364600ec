//! `stoa serve`.

use std::{process::ExitCode, time::Duration};

use anyhow::{Context as _, bail};
use axum::Router;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    app,
    server::{Stoa, config::Config, http, telemetry},
};

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

/// Answers until the process is asked to stop.
pub async fn answer(stoa: Stoa, listener: TcpListener, beside: Router) -> anyhow::Result<()> {
    tracing::info!(listening = %listener.local_addr()?, console = %stoa.config.public_urls.console, "serving");
    keep_house(&stoa);
    let db = stoa.db.clone();
    http::serve(listener, http::router(stoa, app::doors(), app::operations(), beside), stopped()?).await?;
    db.close().await;
    tracing::info!("stopped");
    Ok(())
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

/// What has to be looked after while the server runs: the audit log's next months, rows whose time is over, and
/// the recorder's memory.
fn keep_house(stoa: &Stoa) {
    const OFTEN: Duration = Duration::from_mins(1);
    const UPKEEP: Duration = Duration::from_secs(5);
    let housed = stoa.clone();
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(OFTEN);
        while !housed.db.is_closed() {
            ticks.tick().await;
            if let Err(error) = tidy(&housed).await {
                tracing::error!(error = telemetry::chain(&error), "housekeeping failed");
            }
        }
    });
    if let Some(metrics) = stoa.metrics.clone() {
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(UPKEEP);
            loop {
                ticks.tick().await;
                metrics.run_upkeep();
            }
        });
    }
}

async fn tidy(stoa: &Stoa) -> sqlx::Result<()> {
    let now = stoa.clock.now();
    // Whatever keeps a partition from being made must not keep the rest from being swept.
    let partitions = sqlx::query("select ensure_partitions($1, 3)").bind(now.date_naive()).execute(&stoa.db).await;
    let idle = now - stoa.config.sessions.idle();
    let gone: i64 = sqlx::query_scalar("select sweep_expired($1, $2)").bind(now).bind(idle).fetch_one(&stoa.db).await?;
    if gone > 0 {
        tracing::info!(gone, "swept what had expired");
    }
    partitions.map(drop)
}
