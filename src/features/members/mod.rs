//! Members: who belongs to a workspace, and as what.
//!
//! A membership says that a person is in; a grant beside it says as what. A person sees a workspace only through
//! an active membership, whatever they are in the team. Who leaves the team leaves its workspaces (`server::ending`).

#[cfg(feature = "ssr")]
pub mod server;
