//! Usage: what calls used, added up, and shown where it was used.

#[cfg(feature = "ssr")]
pub mod server;
