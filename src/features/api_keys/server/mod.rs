//! The server's half of API keys.

mod operations;
pub mod rest;
mod store;

pub use operations::{Created, NewKey, Rotated, create, find, lift, list, narrow, quarantine, revoke, rotate};
pub use store::{Filter, Key, Secret};
