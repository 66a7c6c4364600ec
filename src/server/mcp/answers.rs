//! From what an operation answers to a tool's result.

use axum::{body::Body, response::Response};
use http::StatusCode;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

use crate::error::AppError;

/// An answer of the API at most: a page of a hundred records, each of them full.
const ANSWER_MAX: usize = 32 * 1024 * 1024;

/// What a call came to.
pub enum Came {
    /// A result, of one that went well or of one that was refused.
    To(CallToolResult),
    /// The credential does not let anybody in: that is said to the client, not to its model.
    ToNobody(Response),
}

/// # Errors
/// `Internal` where the answer cannot be read.
pub async fn came_to(response: Response) -> Result<Came, AppError> {
    if response.status() == StatusCode::UNAUTHORIZED {
        return Ok(Came::ToNobody(response));
    }
    let went_well = response.status().is_success();
    let body: Body = response.into_body();
    let bytes = axum::body::to_bytes(body, ANSWER_MAX).await.map_err(|_| AppError::Internal)?;
    let text = String::from_utf8(bytes.into()).map_err(|_| AppError::Internal)?;
    let content = vec![ContentBlock::text(text.clone())];
    if !went_well {
        return Ok(Came::To(CallToolResult::error(content)));
    }
    let structured: Value = serde_json::from_str(&text).map_err(|_| AppError::Internal)?;
    let mut result = CallToolResult::success(content);
    result.structured_content = Some(structured);
    Ok(Came::To(result))
}
