//! Uploads that no asset was ever completed with go after a day.

use chrono::TimeDelta;

use super::{removing::remove, store};
use crate::{error::AppError, server::Stoa};

/// An upload is completed by then, or never.
const AFTER: TimeDelta = TimeDelta::hours(24);
/// So many in one go; the others wait for the next.
const AT_ONCE: i32 = 500;

/// Removes what nobody keeps, of all tenants.
///
/// # Errors
/// Where it cannot even be listed. What the store does not let go is logged and has its turn again.
pub async fn sweep(stoa: Stoa) -> Result<(), AppError> {
    let strays = store::strays(&stoa.db, stoa.clock.now() - AFTER, AT_ONCE).await?;
    let found = strays.len();
    let mut failed = 0;
    for (place, object) in strays {
        if let Err(error) = remove(&stoa, place, object).await {
            tracing::warn!(asset = %place.asset, %error, "an upload that nobody completed was not removed");
            failed += 1;
        }
    }
    if found > 0 {
        tracing::info!(removed = found - failed, failed, "removed uploads that nobody completed");
    }
    Ok(())
}
