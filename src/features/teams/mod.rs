//! Teams: the accounts that a person belongs to, personal or shared.
//!
//! A tenant is one account. A personal one has exactly one person, until it is made a team. In a team, a role says
//! what somebody is to the account (`roles`); being in it is not being in its workspaces.

pub mod roles;

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// A display name has this many characters at most; the schema says the same.
pub const NAME_MAX: usize = 80;
/// A deleted team's rows stay for this long, in days.
pub const KEPT_DAYS: i64 = 30;
