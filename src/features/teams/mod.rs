//! Teams: the accounts that a person belongs to, personal or shared.
//!
//! A tenant is one account. The page lists every one of the person's, with their role and how many of its
//! workspaces they are in.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
