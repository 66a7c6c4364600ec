//! Records: what the modules keep, as their manifests declare it. One engine for all of them: no module has code of its
//! own here.

#[cfg(feature = "ssr")]
pub mod server;
