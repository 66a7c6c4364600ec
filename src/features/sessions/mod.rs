//! Sessions: where a person is signed in, with what, and what it was used for; and how they end it from here.
//!
//! What a session is and how it is proven belongs to the server (`src/server/sessions/mod.rs`); this is its owner's view.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
