//! Assets: files. Their records are the engine's; here is what a manifest cannot say: signed addresses, the way of the
//! bytes to the store and back, and that nothing stays there which nobody keeps.

#[cfg(feature = "ssr")]
pub mod server;
