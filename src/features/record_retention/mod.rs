//! Record retention: rules by which records of a resource are put away or go for good by themselves, once they are so old. A
//! rule begins a reduction, once a day at most, and does nothing that nobody could do by hand. `docs/data.md`.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// What is new or takes more than before waits for so long, so that a mistake can be withdrawn; the schema says the same.
pub const GRACE_HOURS: i64 = 24;
