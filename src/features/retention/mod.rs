//! How long audit logs are kept: what the plan allows and what is chosen, legal holds, and what goes by law. Rows that were
//! sealed go through functions of the database alone, and the log says which; `docs/audit-retention.md`.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// The matter that a hold is for, in so many characters at most; the schema says the same.
pub const NAME_MAX: usize = 80;
/// Why it is put on, or lifted.
pub const REASON_MAX: usize = 400;
/// The longest time that can be chosen; for ever is longer.
pub const DAYS_MOST: u16 = 36_500;
/// What is shorter than what holds is so after so many days; the schema says the same.
pub const GRACE_DAYS: u16 = 30;
