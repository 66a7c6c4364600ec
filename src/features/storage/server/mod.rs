//! The server's half of storage: what is there now, what was there on each day, and measuring it.

mod asked;
mod export;
mod figures;
mod measuring;
pub mod rest;
mod store;

pub use asked::{Asked, RANGES};
pub use export::export;
pub use figures::{Figures, cost_of_a_day, figures, sized};
pub use measuring::measure;
pub use store::{Day, Held};
