//! The demonstration's machine room: what `stoa demo` brings along so that it needs nothing but itself.
//!
//! A Postgres of its own, started and stopped with the console, and an identity provider that knows five people and
//! asks no passwords. Both are compiled under the `demo` feature only; a release holds neither.

pub mod identity_provider;
pub mod postgres;
