//! Agents: the Model Context Protocol over Streamable HTTP, revisions 2026-07-28 and 2025-11-25 at one address. What a tool does
//! is an operation of the API, run by the same code: same checks, same figures, same errors.

mod answers;
mod asking;
mod door;
mod generic;
mod speaking;
mod tools;

pub use door::{ROUTE, router, serving};
pub use speaking::Speaking;
