//! The server's half of API keys.

mod bounds;
mod concerns;
mod effect;
mod holding;
mod leaks;
mod limits;
mod operations;
mod readable;
mod reading;
pub mod rest;
pub mod search;
mod stewards;
mod stopping;
mod store;
mod telling;
mod warnings;
mod words;

pub use concerns::{Concern, Concerned, ConcernedKey, IDLE_DAYS, SOON_DAYS, concerns};
pub use effect::{why_not_offered, without_effect};
pub use holding::{Holder, holding};
pub use limits::{CALLS_MAX, limit};
pub use operations::{Created, NewKey, OVERLAP_DAYS_MAX, Rotated, create, narrow, rotate, who_can};
pub use reading::{beginnings, called, days_max, export, find, find_of, list, matching, secrets};
pub use stewards::{
    Stewarded, all_of_workspace, hand_over, hand_over_all, known_to, listed_stewards, made_by, revoke_all, revoke_all_of_workspace,
    scopes_out_of_reach,
};
pub use stopping::{lift, quarantine, revoke};
pub use store::{Called, Filter, Key, Secret, names};
pub use warnings::warn_expiring;
pub use words::{ApiKeys, McpTokens, Of, hint, list_page, page_of, target, words};
