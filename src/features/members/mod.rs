//! Members: who belongs to a workspace, and as what.
//!
//! A membership says that a person is in; a grant beside it says as what. A person sees a workspace only through
//! an active membership, whatever they are in the team. An auditor's membership can have an end date. Who leaves the
//! team leaves its workspaces too (`server::ending`).

pub mod model;
#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
