//! Audit streams: the rows of an audit log, sent to an https endpoint in the order in which they were sealed. At least
//! once, none left out: a stream that was paused, or whose receiver failed, goes on where it was (docs/audit-streams.md).

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// The job that sends a test: `{"stream": uuid}`.
pub const TEST: &str = "audit_stream.test";
/// Of one log, those that were ended not counted.
pub const STREAMS_MAX: i64 = 5;
pub const NAME_MAX: usize = 60;
pub const URL_MAX: usize = 2000;
/// How long the secret before the last rotation goes on signing beside it.
pub const OVERLAP_HOURS: i64 = 24;
