//! The log as JSON Lines: one object a line, each with what the API gives of a row.

use crate::{
    error::AppError,
    features::audit_log::server::{Entry, rest::AuditRow},
};

pub fn written(entries: Vec<Entry>) -> Result<Vec<u8>, AppError> {
    let mut lines = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut lines, &AuditRow::from(entry)).map_err(|_| AppError::Internal)?;
        lines.push(b'\n');
    }
    Ok(lines)
}
