//! The pages of support access: an owner's, and the operator's.

mod consents;
mod desk;

pub use consents::{end, grant, show, show_refused};
pub use desk::{enter, show as show_desk};
