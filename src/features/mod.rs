//! What the console can do, one folder per noun.

pub mod deliveries;
pub mod inbox;
pub mod invitations;
pub mod members;
pub mod overview;
pub mod profile;
pub mod settings;
pub mod sign_in;
pub mod teams;
pub mod workspaces;
