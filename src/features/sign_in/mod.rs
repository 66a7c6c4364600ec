//! Signing in and out: through the identity provider, and only through it.
//!
//! A sign-in is an attempt that is used once, bound to the browser that started it. Whoever comes for the first
//! time gets a personal tenant and a workspace of their own, if the operator's policy lets them in.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
