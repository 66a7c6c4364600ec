//! Billing: so far the plan that each tenant has, and what it allows.

#[cfg(feature = "ssr")]
pub mod server;
