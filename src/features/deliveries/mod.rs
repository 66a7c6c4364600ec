//! Deliveries: what was mailed on a workspace's behalf, to whom, and how that went. Never what the mails said.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
