//! Workspaces: the operational boundary, and the list of those a person belongs to.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// A display name has this many characters at most; the schema says the same.
pub const NAME_MAX: usize = 80;
