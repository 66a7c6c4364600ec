//! The server's half of audit streams.

mod batch;
mod draining;
mod operations;
mod pace;
mod place;
pub mod rest;
mod secret;
mod sending;
mod store;
mod telling;
mod testing;
mod wanted;

pub use draining::{drain, keep_draining};
pub use operations::{Shown, archive, change, create, find, list, pause, paused_by_move, resume, rotate, test};
pub use place::{Holding, Place};
pub use secret::Secret;
pub use sending::{keep_sending, send_due};
pub use store::{Live, Stream, live_in};
pub use testing::test_now;
pub use wanted::{Start, Wanted, host_of};
