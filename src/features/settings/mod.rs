//! Settings: what can be changed about a workspace as a whole.

#[cfg(feature = "ssr")]
pub mod page;
