//! The server's half of usage.

mod asked;
mod before;
mod channel;
mod events;
mod export;
mod figures;
mod filter;
mod glance;
mod period;
pub mod rest;
mod source;
mod span;
mod store;

pub use asked::{Asked, CLIENT, Measure, PREVIOUS, RANGES};
pub use channel::Channel;
pub use events::{EventsAsked, cursor, list, names_of, people_of};
pub use export::{EVENTS_MAX, export, export_events};
pub use figures::{Choices, Figures, Part, Row, Total, called, choices, explain, figures, total_of};
pub use filter::{By, CredentialFilter, Filter, NONE, OTHERS};
pub use glance::{Glance, glance};
pub use period::{Grain, Times, day_start, month_start, spelt};
pub use source::{Metered, Source};
pub use store::{Used, calls_of_module, came_since};

use crate::{
    error::AppError,
    features::billing,
    server::{Stoa, usage},
};

/// Adds up what waits, and pauses or resumes whoever that concerns. A tenant that this fails for keeps no other.
///
/// # Errors
/// The database's; what was not added up waits for the next turn.
pub async fn roll_up(stoa: Stoa) -> Result<(), AppError> {
    loop {
        let tenants = usage::roll_up(&stoa).await?;
        if tenants.is_empty() {
            return Ok(());
        }
        for tenant in tenants {
            if let Err(error) = billing::server::assess(&stoa, tenant).await {
                tracing::error!(%error, %tenant, "whether billable calls pause was not decided; it is within a minute");
            }
        }
    }
}
