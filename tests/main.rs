//! The console over HTTP, on a real Postgres, as the application's own role.
#![expect(clippy::disallowed_methods, reason = "a test reads its own environment, and a provider of its own stands on the system's clock")]
#![expect(
    clippy::format_push_string,
    clippy::redundant_closure_for_method_calls,
    clippy::type_complexity,
    reason = "in tests the plainest words win"
)]

mod support;

mod access;
mod catalogue;
mod doors;
mod events;
mod forms;
mod frame;
mod isolation;
mod migrations;
mod pages;
mod posture;
mod proof;
mod rest;
mod rest_keys;
mod scope;
mod sessions;
mod sessions_page;
mod sign_in;
mod support_access;
mod walls;
mod web;
