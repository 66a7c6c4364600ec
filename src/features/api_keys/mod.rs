//! API keys: what applications prove themselves with, each with scopes, an end, and a person who answers for it.
//!
//! A key belongs to its workspace and not to the person who made it. Its scopes may be narrowed and never widened.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// A key's name has this many characters at most; the schema says the same.
pub const NAME_MAX: usize = 80;
/// How long a key lives where nobody says otherwise, in days.
pub const DEFAULT_DAYS: i64 = 90;
/// How long one may live at most, in days; a workspace may set less.
pub const DAYS_MAX: i64 = 366;
/// What a key can be, now: the words that a list is narrowed down by.
pub const STATUSES: [&str; 4] = ["active", "quarantined", "expired", "revoked"];
/// Why a key is stopped, in so many characters at most; the schema says the same.
pub const REASON_MAX: usize = 400;
