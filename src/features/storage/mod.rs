//! What a workspace stores, module by module, how that grows and what it costs a day. It is measured once a day; what is
//! there now is said as it is. `docs/data.md`.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
