//! Adding events up: a node that took some in does it within a second, and any node what another left behind.

use std::time::Duration;

use crate::{
    error::AppError,
    ids::TenantId,
    server::{Stoa, queue::Ending},
};

/// In one transaction at most.
const TOGETHER: i32 = 5000;
/// Events gather this long. Caps are compared with sums, so that what is spent beyond a cap is what is called meanwhile.
const GATHERING: Duration = Duration::from_millis(500);

/// Adds up what waits, of all tenants, as far as one transaction goes. Returns whose it was: none where nothing waits.
///
/// # Errors
/// The database's; what was not added up waits.
pub async fn roll_up(stoa: &Stoa) -> Result<Vec<TenantId>, AppError> {
    let tenants = sqlx::query_scalar!(r#"select roll_up_usage($1) as "tenant!""#, TOGETHER).fetch_all(&stoa.db).await?;
    Ok(tenants.into_iter().map(TenantId).collect())
}

/// Runs `task` soon after something was taken in here, until asked to stop.
pub async fn keep_rolling<F, Fut>(stoa: Stoa, mut ending: Ending, task: F)
where
    F: Fn(Stoa) -> Fut,
    Fut: Future<Output = Result<(), AppError>>,
{
    let arrived = stoa.usage().arrived.clone();
    while !*ending.borrow() {
        tokio::select! {
            _ = ending.wait_for(|is_stopping| *is_stopping) => break,
            () = arrived.notified() => {}
        }
        tokio::time::sleep(GATHERING).await;
        if let Err(error) = task(stoa.clone()).await {
            tracing::error!(%error, "what was used could not be added up; it waits");
        }
    }
}
