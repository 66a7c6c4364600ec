//! Profile: what a person says about themselves, and how the console looks to them.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// A person's name has this many characters at most; the schema says the same.
pub const NAME_MAX: usize = 120;
