//! Billing: the plan that each tenant has, what is used of it, the caps that bound what is spent, and when billable calls
//! pause.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// Why the operator allowed something, in so many characters at most; the schema says the same.
pub const REASON_MAX: usize = 400;

/// What goes on while billable calls are paused, and what does not.
pub const WHILE_PAUSED: &str = "Calls to the modules' operations are answered 402 until then. Everything in this console goes on, and so do \
                                the API's own operations: reading billing, usage, the audit log and credentials; revoking, rotating and \
                                narrowing; members, settings and exports.";
