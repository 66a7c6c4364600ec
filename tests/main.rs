//! The console over HTTP, on a real Postgres, as the application's own role.

mod support;

mod access;
mod catalogue;
mod doors;
mod events;
mod forms;
mod isolation;
mod migrations;
mod pages;
mod scope;
mod sessions;
mod sign_in;
mod walls;
mod web;
