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
        let source = match scope.request().channel {
            "api" => "api",
            "mcp" => "mcp",
            _ => "manual",
        };
        change.set("source", Some(json!(source)))
    }
}
