//! Inbox: what a person is told, kept for them; mail copies it where mail is configured.

#[cfg(feature = "ssr")]
pub mod server;
