//! Workspaces: the operational boundary; the list of those a person belongs to, and how one begins, stops, comes back
//! and moves.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
pub mod word;

/// What a newcomer's first workspace is called until somebody names it.
pub const FIRST_NAME: &str = "My workspace";
/// A display name has this many characters at most; the schema says the same.
pub const NAME_MAX: usize = 80;
