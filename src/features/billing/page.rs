//! The pages about money: the account's Billing page, and a workspace's spend.

pub mod account;
mod caps;
pub mod choosing;
mod pieces;
mod plan;
pub mod spend;
