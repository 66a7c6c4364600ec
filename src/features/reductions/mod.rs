//! Reductions: records of a resource that are older than a moment are put away, or go for good with what is part of them. It
//! is looked at first, exported where that is wanted, and done as a job; no pause of billable calls blocks it. `docs/data.md`.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// What can be reduced is that many days old at least: nothing goes that was there yesterday.
pub const DAYS_LEAST: u32 = 1;
pub const DAYS_MOST: u32 = 36_500;
