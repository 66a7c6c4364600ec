//! Invitations: how somebody becomes a member who is not one yet.
//!
//! An invitation names an address, a role and whoever invited. Its link holds a secret of which only a keyed hash is
//! kept, so that every "copy" and "resend" makes a new link and kills the one before. It is accepted once, by a form and
//! never by opening the link, by whoever the identity provider says the address belongs to.

pub mod model;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// A link opens for this long.
pub const LIFE_DAYS: i64 = 7;
/// Addresses in one go, at most.
pub const AT_ONCE: usize = 50;
