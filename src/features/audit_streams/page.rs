//! The pages of audit streams, under their log: all of them, a new one, and one with how far it is.

mod ending;
mod form;
mod list;
mod once;
mod pieces;
mod stream;

pub use ending::{archive, show_ending};
pub use form::{create, show_new};
pub use list::show_all;
pub use stream::{change, pause, resume, rotate, show, test};
