//! The web ground: what surrounds every request, and the typed doors that features hang in it.

pub mod assets;
mod csv;
pub mod cursor;
pub mod door;
mod download;
mod files;
pub mod form;
mod headers;
mod health;
pub mod live;
pub mod page;
mod problem;
pub mod request;
mod router;
mod serve;
mod surroundings;
mod whereabouts;

pub use csv::{Cells, Sheet};
pub use cursor::Cursor;
pub use door::{Door, FormAnswer, Submission, Visit};
pub use download::Download;
pub use form::Fields;
pub use headers::panicked;
pub use page::Page;
pub use problem::Problem;
pub use router::router;
pub use serve::serve;
pub use surroundings::Surrounded;
pub use whereabouts::Whereabouts;
