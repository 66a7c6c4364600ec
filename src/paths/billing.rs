//! The addresses of what an account pays, and its workspaces spend.

use std::fmt::Display;

use crate::ids::TopUpId;

/// Where Stripe tells what became of payments.
pub const STRIPE_EVENTS: &str = "/payments/stripe/events";

/// What an account has used, and how that is bounded.
pub fn billing(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing")
}

/// The plans, side by side.
pub fn billing_plan(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/plan")
}

/// What one of them would change.
pub fn billing_plan_to(tenant: impl Display, plan: &str) -> String {
    format!("/t/{tenant}/billing/plan?to={plan}#change")
}

/// Prepaid credit: what was topped up, and the form that does.
pub fn top_ups(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/top-ups")
}

/// One of them.
pub fn top_up(tenant: impl Display, id: TopUpId) -> String {
    format!("/t/{tenant}/billing/top-ups/{id}")
}

/// Where somebody goes to the payment provider's pages of cards and receipts.
pub fn billing_portal(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/portal")
}

/// Where a cap of the account, or of what is in it, is set.
pub fn billing_cap(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/cap")
}

pub fn remove_billing_cap(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/cap/remove")
}

/// Where it is chosen at which percentages people are told.
pub fn billing_alerts(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/alerts")
}

/// The month's usage as a table to save.
pub fn billing_csv(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/usage.csv")
}

/// Every entry of the account's books.
pub fn ledger(tenant: impl Display) -> String {
    format!("/t/{tenant}/billing/ledger")
}

/// What one entry posts and covers.
pub fn ledger_entry(tenant: impl Display, number: i64) -> String {
    format!("/t/{tenant}/billing/ledger/{number}")
}

pub fn invoice(tenant: impl Display, number: i64) -> String {
    format!("/t/{tenant}/billing/invoices/{number}")
}

pub fn invoice_csv(tenant: impl Display, number: i64) -> String {
    format!("/t/{tenant}/billing/invoices/{number}/invoice.csv")
}

pub fn invoice_json(tenant: impl Display, number: i64) -> String {
    format!("/t/{tenant}/billing/invoices/{number}/invoice.json")
}

/// What a workspace spends, and how that is bounded.
pub fn spend(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/spend")
}

/// Where a cap of the workspace or of a key is set.
pub fn spend_cap(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/spend/cap")
}

pub fn spend_alerts(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/spend/alerts")
}

pub fn remove_spend_cap(workspace: impl Display) -> String {
    format!("/w/{workspace}/settings/spend/cap/remove")
}
