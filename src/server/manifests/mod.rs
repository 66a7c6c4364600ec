//! Which manifests are in force in this installation, and whether this node holds them: nodes that hold others do not
//! serve (docs/decisions/0016-one-set-of-manifests.md).

mod adopting;
mod changes;
mod holding;
mod past;
mod set;
mod store;

pub use adopting::{By, Weighed, adopt, gone, weigh};
pub use holding::{AGAIN, Holding, begin, keep, leave, refuse_beside};
pub use set::Set;
pub use store::current;
