//! Usage: what calls used, added up, and shown where it was used. Chart, table, file and API give the same figures, and
//! they are the sums of the events at every moment: what is rolled up and what still waits are read together.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;
