//! Stoa: the console and control plane that a company puts in front of its customers.
//!
//! This crate is compiled twice: for the server (`ssr`) and for the browser (`hydrate`). A line without `cfg`
//! is for both; a feature's pages and its `server` folder never reach the browser.

pub mod access;
#[cfg(feature = "ssr")]
pub mod app;
#[cfg(feature = "ssr")]
pub mod cli;
pub mod destinations;
pub mod error;
pub mod features;
pub mod ids;
pub mod money;
pub mod numbers;
pub mod paths;
#[cfg(feature = "ssr")]
pub mod server;
pub mod ui;

/// Called by the loader once, before it wakes the islands of a page.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
