//! The server's half of usage.

mod by_module;

pub use by_module::calls_of_module;

use crate::{
    error::AppError,
    features::billing,
    server::{Stoa, usage},
};

/// Adds up what waits, and pauses or resumes whoever that concerns.
///
/// # Errors
/// The first failure; what was not done waits for the next turn.
pub async fn roll_up(stoa: Stoa) -> Result<(), AppError> {
    for tenant in usage::roll_up(&stoa).await? {
        billing::server::assess(&stoa, tenant).await?;
    }
    Ok(())
}
