//! The machine room: everything that only the server has, and that no feature owns.
//!
//! A feature's `server` folder stands on this one; nothing here knows a feature.

pub mod appending;
pub mod chance;
pub mod clock;
pub mod config;
pub mod credentials;
pub mod database;
#[cfg(feature = "demo")]
pub mod embedded;
pub mod events;
pub mod housekeeping;
pub mod http;
pub mod identity;
pub mod last_day;
pub mod mail;
pub mod manifests;
pub mod mcp;
pub mod modules;
pub mod objects;
pub mod outbound;
pub mod payment;
pub mod plans;
pub mod proof;
pub mod queue;
pub mod rest;
pub mod scope;
pub mod seats;
pub mod sessions;
mod shown_time;
pub mod standing;
mod state;
pub mod telemetry;
pub mod usage;

pub use shown_time::{Reader, Shown};
pub use state::{Parts, Stoa};
