//! Where a lead came from, where nobody says it.

use async_trait::async_trait;
use serde_json::json;

use super::super::{Change, ResourceHook, Writing};
use crate::error::AppError;

pub struct Lead;

#[async_trait]
impl ResourceHook for Lead {
    async fn before(&self, scope: &mut Writing, change: &mut Change) -> Result<(), AppError> {
        if change.value("source").is_some() {
            return Ok(());
        }
        // Where it came from does not change by being left out.
        let known = change.before.as_ref().and_then(|before| before.data.get("source").cloned());
        let source = known.unwrap_or_else(|| match scope.request().channel {
            "api" => json!("api"),
            "mcp" => json!("mcp"),
            _ => json!("manual"),
        });
        change.set("source", Some(source))
    }
}
