//! The operator's own streams, to a file and to standard output: written, on the disk, and only then counted, in one
//! transaction that nobody else writes beside.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    time::Duration,
};

use super::store::draining as store;
use crate::{
    error::AppError,
    features::audit_log::server::sealed_rows,
    ids::{LogId, TenantId},
    server::{Stoa, appending, events::Actor, http::request::RequestContext, queue::Ending, scope::ServiceScope},
};

const JOB: &str = "audit.drain";
/// Rows of a log in one transaction, and logs that are asked for at once.
const ROWS: i64 = 1000;
const LOGS: i32 = 128;
const LOOK: Duration = Duration::from_secs(2);
/// A place that takes nothing for so long fails: the transaction must not wait for it.
const STALLED: Duration = Duration::from_secs(15);

/// Where rows are written.
#[derive(Clone, Debug)]
enum Place {
    File(PathBuf),
    Stdout,
}

impl Place {
    fn all(stoa: &Stoa) -> Vec<Self> {
        let audit = &stoa.config.audit;
        audit.stream_file.clone().map(Self::File).into_iter().chain(audit.stream_stdout.then_some(Self::Stdout)).collect()
    }

    fn name(&self) -> &'static str {
        match self {
            Self::File(_) => "file",
            Self::Stdout => "stdout",
        }
    }

    async fn write(&self, lines: &[u8]) -> io::Result<()> {
        let written = async {
            match self {
                Self::File(file) => appending::append(file, lines).await,
                Self::Stdout => print(lines.to_vec()).await,
            }
        };
        tokio::time::timeout(STALLED, written).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }
}

async fn print(lines: Vec<u8>) -> io::Result<()> {
    let printed = tokio::task::spawn_blocking(move || {
        let mut out = io::stdout().lock();
        out.write_all(&lines)?;
        out.flush()
    });
    printed.await.map_err(io::Error::other)?
}

/// Writes until asked to stop, where the operator names a place at all.
pub async fn keep_draining(stoa: Stoa, mut ending: Ending) {
    if Place::all(&stoa).is_empty() {
        return;
    }
    while !*ending.borrow() {
        if let Err(error) = drain(&stoa).await {
            tracing::error!(%error, "the rows of audit logs could not be written beside the database; they wait");
        }
        tokio::select! {
            _ = ending.wait_for(|is_stopping| *is_stopping) => break,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Writes whatever is sealed and not written yet. One place that fails holds up no other.
///
/// # Errors
/// The database's.
pub async fn drain(stoa: &Stoa) -> Result<(), AppError> {
    for place in Place::all(stoa) {
        // What others are at, and what cannot be written, is left for another look.
        while drain_some(stoa, &place).await? {}
    }
    Ok(())
}

/// Whether there may be more.
async fn drain_some(stoa: &Stoa, place: &Place) -> Result<bool, AppError> {
    let due = store::due(&stoa.db, place.name(), &stoa.config.audit.stream_logs, LOGS).await?;
    let mut is_any = false;
    for (tenant, log) in due {
        match drain_log(stoa, place, tenant, log).await? {
            Ok(rows) => is_any |= rows > 0,
            Err(error) => {
                tracing::error!(place = place.name(), %error, "the rows of audit logs could not be written there; they wait");
                return Ok(false);
            }
        }
    }
    Ok(is_any)
}

/// One transaction's worth of a log. Returns how many rows were written.
async fn drain_log(stoa: &Stoa, place: &Place, tenant: TenantId, log: LogId) -> Result<io::Result<i64>, AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    let mut scope = ServiceScope::open_service(stoa, &request, Actor::system(JOB), tenant, JOB).await?;
    let Some(first) = store::begin(&mut scope, place.name(), log).await? else {
        scope.close().await?;
        return Ok(Ok(0));
    };
    let rows = sealed_rows(&mut scope, log, first, first + ROWS).await?;
    let Some(end) = rows.last().map(|row| row.seq + 1) else {
        scope.close().await?;
        return Ok(Ok(0));
    };
    let lines: Vec<u8> = rows.into_iter().flat_map(|row| row.line).collect();
    if let Err(error) = place.write(&lines).await {
        scope.close().await?;
        return Ok(Err(error));
    }
    store::advance(&mut scope, place.name(), log, first, end).await?;
    scope.commit().await?;
    metrics::counter!("stoa_audit_drained_total", "place" => place.name()).increment((end - first).unsigned_abs());
    Ok(Ok(end - first))
}
