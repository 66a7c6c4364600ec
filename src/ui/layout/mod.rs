//! What stands around a page: the document, the console's frame, and the bare card for those outside it.

mod bare;
mod document;
mod frame;
mod inbox_link;
mod menus;
mod palette;
mod rail;
mod reading;
mod surroundings;
mod switcher;

pub use bare::Bare;
pub use document::{Assets, Document};
pub use frame::Frame;
pub use reading::Reading;
pub use surroundings::{Finding, Place, RailEntry, RailGroup, Surroundings, SwitcherEntry};
