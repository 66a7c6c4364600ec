//! Overview: the first page of a workspace, where a newcomer lands.

#[cfg(feature = "ssr")]
pub mod page;
