//! Metering: what each answered call used is kept with the work it did, or, where it changed nothing, in a group commit
//! that its answer waits for; and what was kept becomes the sums that charts and bills are made from.

mod event;
mod group;
mod pieces;
mod rolling;

pub use event::{STORAGE, UsageEvent, append_statement};
pub use group::Usage;
pub use pieces::{Pieces, Stretches};
pub use rolling::{keep_rolling, roll_up};
