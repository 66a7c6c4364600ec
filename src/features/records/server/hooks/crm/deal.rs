//! Deals and the stages that they go through: a deal is open, won or lost as its stage is.

use async_trait::async_trait;
use serde_json::{Value, json};

use super::super::{Change, ResourceHook, Writing, resource};
use crate::{
    error::AppError,
    features::records::server::{entry::problem, find},
    server::rest::instant,
};

/// Entries were posted to an account as what it is.
pub struct Account;

#[async_trait]
impl ResourceHook for Account {
    async fn before(&self, _scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        if !change.is_new() && change.changes("kind") {
            let says = "The kind of an account never changes, since entries were posted by it. Add another account, and put this one away.";
            return Err(AppError::Conflict(says.to_owned()));
        }
        Ok(())
    }
}

/// Deals keep the kind of their stage, to be found by it: it is what it was when they came there.
pub struct DealStage;

#[async_trait]
impl ResourceHook for DealStage {
    async fn before(&self, _scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        if !change.is_new() && change.changes("kind") {
            let says = "The kind of a stage never changes, since deals ended by it. Add another stage, and put this one away.";
            return Err(AppError::Conflict(says.to_owned()));
        }
        Ok(())
    }
}

pub struct Deal;

#[async_trait]
impl ResourceHook for Deal {
    async fn before(&self, scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        if change.value("amount_micros").is_some() && change.value("currency").is_none() {
            return Err(AppError::Invalid(vec![problem("currency", "is missing: amount_micros is in one")]));
        }
        if !change.changes("stage") {
            return Ok(());
        }
        let id = change.text("stage").and_then(|text| text.parse().ok()).ok_or(AppError::Internal)?;
        let stage = find(scope, resource("deal_stage")?, id).await?;
        let outcome = stage.data.get("kind").and_then(Value::as_str).ok_or(AppError::Internal)?;
        if change.text("outcome") != Some(outcome) {
            change.set("closed_at", (outcome != "open").then(|| json!(instant(scope.now()))))?;
            change.set("outcome", Some(json!(outcome)))?;
        }
        if change.is_new() { Ok(()) } else { change.happens_as("stage_changed") }
    }
}
