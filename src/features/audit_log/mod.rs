//! The audit log: what happened in a workspace or a tenant, who did it and how it ended. It is written by the scope of
//! every act (`server::events`) and only read here: listed newest first, narrowed down, looked at row by row, and taken
//! away as a table. Reading leaves no row; searching and taking away do.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
