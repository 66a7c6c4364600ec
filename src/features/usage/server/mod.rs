//! The server's half of usage.

mod asked;
mod by_module;
mod events;
mod export;
mod figures;
mod filter;
mod period;
pub mod rest;
mod source;
mod span;
mod store;

pub use asked::{Asked, Measure, RANGES};
pub use by_module::calls_of_module;
pub use events::{EventsAsked, cursor, list, names_of};
pub use export::{EVENTS_MAX, export, export_events};
pub use figures::{Figures, Part, Row, Total, called, credentials, figures, total_of};
pub use filter::{By, CredentialFilter, Filter, NONE};
pub use period::{Grain, Times, day_start, month_start, spelt};
pub use source::{Metered, Source};
pub use store::Used;

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
