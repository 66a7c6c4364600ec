//! Modules: what a workspace can do beyond the control plane, and whether it does.
//!
//! Two authorities decide, and both have to say yes: the plan (or the operator beside it) entitles a workspace to a
//! module, and the workspace switches it on. Switching off is always allowed, stops the module's calls with the next
//! one on every node, and keeps its records.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// How far back calls are counted before a module is switched off, in days.
pub const CALLS_DAYS: i64 = 30;
