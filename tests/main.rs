//! The console over HTTP, on a real Postgres, as the application's own role.
#![expect(clippy::disallowed_methods, reason = "a test reads its own environment, and a provider of its own stands on the system's clock")]
#![expect(
    clippy::format_push_string,
    clippy::redundant_closure_for_method_calls,
    clippy::type_complexity,
    reason = "in tests the plainest words win"
)]

mod support;

mod acceptance;
mod access;
mod catalogue;
mod doors;
mod events;
mod forms;
mod frame;
mod inbox;
mod invitations;
mod isolation;
mod leaving;
mod mail;
mod members;
mod migrations;
mod pages;
mod periodic;
mod queue;
mod scope;
mod sessions;
mod sign_in;
mod walls;
mod web;
