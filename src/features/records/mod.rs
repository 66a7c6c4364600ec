//! Records: what the modules keep, as their manifests declare it. One engine for all of them, and hooks for what a manifest
//! cannot say.

#[cfg(feature = "ssr")]
pub mod server;
