//! The server's half of assets. Their records are the engine's, which calls what is here by its hooks.

mod address;
mod answering;
mod disposition;
mod keeping;
mod limits;
mod removing;
mod serving;
mod store;
mod sweeping;
mod taking;

pub use address::{Grant, Place, Signed, sign};
pub use answering::{give, take};
pub use keeping::{Kept, keep};
pub use limits::why_not;
pub use removing::{remove, remove_all};
pub use sweeping::sweep;

/// The key of the module.
const MODULE: &str = "assets";
/// What does the work that no key asks for, as scopes and logs name it.
const JOB: &str = "assets.files";
