//! What the server itself looks after on a clock: the audit log's next months, and rows whose time is over.

use chrono::TimeDelta;

use super::{Stoa, queue::Periodic};
use crate::error::AppError;

/// Partitions of the audit log are made for this month and the next two.
const MONTHS: i32 = 3;
/// An item of the inbox goes this long after it was read.
const READ_ITEMS: TimeDelta = TimeDelta::days(180);
/// The list of mails reaches back this far.
const MAILS: TimeDelta = TimeDelta::days(90);

pub fn tasks() -> Vec<Periodic> {
    vec![
        Periodic::new("audit.partition", TimeDelta::hours(1), partition),
        Periodic::new("expired.sweep", TimeDelta::minutes(1), sweep_expired),
        Periodic::new("kept.sweep", TimeDelta::hours(1), sweep_kept),
    ]
}

async fn partition(stoa: Stoa) -> Result<(), AppError> {
    sqlx::query("select ensure_partitions($1, $2)").bind(stoa.clock.now().date_naive()).bind(MONTHS).execute(&stoa.db).await?;
    Ok(())
}

/// Sessions, answers to forms and to calls, and attempts to sign in.
async fn sweep_expired(stoa: Stoa) -> Result<(), AppError> {
    let now = stoa.clock.now();
    let idle = now - stoa.config.sessions.idle();
    let gone: i64 = sqlx::query_scalar("select sweep_expired($1, $2)").bind(now).bind(idle).fetch_one(&stoa.db).await?;
    let answers: i64 = sqlx::query_scalar("select sweep_answers($1)").bind(now).fetch_one(&stoa.db).await?;
    told(gone + answers);
    Ok(())
}

/// Items that were read, and the list of mails.
async fn sweep_kept(stoa: Stoa) -> Result<(), AppError> {
    let now = stoa.clock.now();
    let gone: i64 = sqlx::query_scalar("select sweep_kept($1, $2)").bind(now - READ_ITEMS).bind(now - MAILS).fetch_one(&stoa.db).await?;
    told(gone);
    Ok(())
}

fn told(gone: i64) {
    if gone > 0 {
        tracing::info!(gone, "swept what had expired");
    }
}
