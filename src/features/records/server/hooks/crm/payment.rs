//! Payments of an invoice: never more than is left of it, and the one that reaches its total makes it paid. What was entered
//! wrongly is taken back by one below zero.

use async_trait::async_trait;
use serde_json::json;

use super::{
    super::{Change, ResourceHook, Writing, resource},
    invoice::micros,
};
use crate::{
    error::AppError,
    features::records::server::{
        Record,
        changing::{advance, held_live},
        entry::problem,
    },
};

pub struct Payment;

#[async_trait]
impl ResourceHook for Payment {
    async fn before(&self, scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        // Held until the call ends: whoever pays at the same time waits, and sees what is left then.
        let invoice = invoice(scope, change).await?;
        let (amount, left, paid) = (micros(&change.after, "amount_micros"), left(&invoice), micros(&invoice, "paid_micros"));
        let wrong = |says: &str| Err(AppError::Invalid(vec![problem("amount_micros", says)]));
        match invoice.status.as_deref() {
            Some("sent" | "paid") if amount == 0 => wrong("is 0. Enter what was paid, or below zero what is taken back"),
            Some("sent" | "paid") if amount < -paid => wrong(&format!("takes back more than was paid of this invoice, which is {paid}")),
            Some("sent" | "paid") if amount <= left => change.set("currency", invoice.data.get("currency").cloned()),
            Some("sent") => wrong(&format!("is more than is left to pay of this invoice, which is {left}")),
            Some("draft") => Err(AppError::Conflict("This invoice is a draft. Send it first.".to_owned())),
            status => {
                let status = status.unwrap_or_default();
                Err(AppError::Conflict(format!("This invoice is {status}: nothing of it is left to pay.")))
            }
        }
    }

    async fn after(&self, scope: &mut Writing, change: &Change) -> Result<(), AppError> {
        let invoice = invoice(scope, change).await?;
        let amount = micros(&change.after, "amount_micros");
        // No more than is left, and no less than nothing: this cannot run over.
        let paid = micros(&invoice, "paid_micros") + amount;
        let of = resource("invoice")?;
        let verb = match invoice.status.as_deref() {
            Some("paid") => Some("unsettle"),
            _ => (amount == left(&invoice)).then_some("settle"),
        };
        let transition = verb.map(|verb| of.transition(verb).ok_or(AppError::Internal)).transpose()?;
        advance(scope, of, invoice, transition, &[("paid_micros", json!(paid))]).await.map(drop)
    }
}

async fn invoice(scope: &mut Writing, change: &Change) -> Result<Record, AppError> {
    let id = change.text("invoice").and_then(|text| text.parse().ok()).ok_or(AppError::Internal)?;
    held_live(scope, resource("invoice")?, id, None).await
}

fn left(invoice: &Record) -> i64 {
    micros(invoice, "total_micros") - micros(invoice, "paid_micros")
}
