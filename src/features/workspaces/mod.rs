//! Workspaces: the operational boundary; the list of those a person belongs to, and how one begins, stops, comes back
//! and moves.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
pub mod word;

/// A display name has this many characters at most; the schema says the same.
pub const NAME_MAX: usize = 80;
