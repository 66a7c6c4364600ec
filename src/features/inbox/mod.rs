//! Inbox: what a person is told, kept for them; mail copies it where mail is configured.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// The job that mails an item: `{"user": uuid, "item": uuid}`, as `tell` puts it down.
pub const MAIL: &str = "inbox.mail";
