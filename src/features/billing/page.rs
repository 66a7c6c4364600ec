//! The pages about money: the account's Billing page, and a workspace's spend.

pub mod account;
mod caps;
mod outlook;
mod pieces;
mod plan;
pub mod spend;
