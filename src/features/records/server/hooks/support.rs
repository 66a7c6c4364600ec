//! The hooks of Support: what a queue promises for its tickets, and what a message does to the ticket that it is in.

use async_trait::async_trait;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{Change, ResourceHook, Writing, resource};
use crate::{
    error::AppError,
    features::records::server::{
        Record,
        changing::{advance, held_live},
        entry::problem,
        find,
    },
    server::rest::instant,
};

pub struct Ticket;

#[async_trait]
impl ResourceHook for Ticket {
    async fn before(&self, scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        if !change.changes("queue") {
            return Ok(());
        }
        let id = change.text("queue").and_then(|text| text.parse().ok()).ok_or(AppError::Internal)?;
        let queue = find(scope, resource("queue")?, id).await?;
        if change.value("priority").is_none() {
            change.set("priority", queue.data.get("default_priority").cloned())?;
        }
        // Promised from when it came, whichever queue it is in by now.
        let due = |name: &str| {
            let minutes = queue.data.get(name).and_then(Value::as_i64)?;
            Some(json!(instant(change.after.created_at + TimeDelta::minutes(minutes))))
        };
        let (response, resolution) = (due("first_response_minutes"), due("resolution_minutes"));
        change.set("first_response_due_at", response)?;
        change.set("resolution_due_at", resolution)
    }
}

pub struct Message;

#[async_trait]
impl ResourceHook for Message {
    async fn before(&self, scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        if is_inbound(change) && change.text("visibility") == Some("internal") {
            let says = "is internal, and what came from whoever asked is public. Add a comment for what only colleagues see";
            return Err(AppError::Invalid(vec![problem("visibility", says)]));
        }
        if ticket(scope, change).await?.status.as_deref() == Some("closed") {
            return Err(AppError::Conflict("This ticket is closed, and takes no further messages. Add another ticket.".to_owned()));
        }
        Ok(())
    }

    async fn after(&self, scope: &mut Writing, change: &Change) -> Result<(), AppError> {
        let ticket = ticket(scope, change).await?;
        let is_inbound = is_inbound(change);
        let verb = match ticket.status.as_deref() {
            Some("pending" | "waiting_on_customer") if is_inbound => Some("open"),
            Some("resolved") if is_inbound => Some("reopen"),
            _ => None,
        };
        let answers = !is_inbound && change.text("visibility") == Some("public") && !ticket.data.contains_key("first_responded_at");
        let answered = answers.then(|| ("first_responded_at", json!(instant(scope.now()))));
        let of = resource("ticket")?;
        let transition = verb.map(|verb| of.transition(verb).ok_or(AppError::Internal)).transpose()?;
        advance(scope, of, ticket, transition, answered.as_slice()).await.map(drop)
    }
}

fn is_inbound(change: &Change) -> bool {
    change.text("direction") == Some("inbound")
}

/// Held until the call ends: of two messages at the same moment, one is the first answer.
async fn ticket(scope: &mut Writing, change: &Change) -> Result<Record, AppError> {
    let id = change.text("ticket").and_then(|text| text.parse().ok()).ok_or(AppError::Internal)?;
    held_live(scope, resource("ticket")?, id, None).await
}
