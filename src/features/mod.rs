//! What the console can do, one folder per noun.

pub mod api_keys;
pub mod assets;
pub mod audit_log;
pub mod audit_streams;
pub mod billing;
pub mod deliveries;
pub mod inbox;
pub mod invitations;
pub mod members;
pub mod modules;
pub mod overview;
pub mod profile;
pub mod record_retention;
pub mod records;
pub mod reductions;
pub mod retention;
pub mod search;
pub mod security;
pub mod sessions;
pub mod settings;
pub mod sign_in;
pub mod storage;
pub mod support_access;
pub mod teams;
pub mod usage;
pub mod workspaces;
