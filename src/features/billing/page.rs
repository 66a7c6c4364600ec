//! The pages about money: the account's Billing page, and a workspace's spend.

pub mod account;
mod alerts;
mod books;
mod caps;
pub mod choosing;
pub mod invoice;
pub mod ledger;
mod outlook;
mod pieces;
mod places;
mod plan;
pub mod spend;
pub mod top_ups;
