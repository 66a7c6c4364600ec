//! The lines of a document that comes to a sum: read whole, or refused by what is wrong with the first that cannot be read.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::Change;
use crate::{error::AppError, features::records::server::entry::problem};

pub const LINES: &str = "lines";
const MOST: usize = 200;

/// # Errors
/// `Invalid`, by the line and the part of it.
pub fn read<L: DeserializeOwned>(change: &Change, least: usize) -> Result<Vec<L>, AppError> {
    let given = change.value(LINES).cloned().unwrap_or_default();
    let lines: Vec<L> = serde_path_to_error::deserialize(given).map_err(|error| {
        let (path, says) = (error.path().to_string(), error.inner().to_string());
        // Without a path it is the whole that is no list.
        wrong(if path == "." { "cannot be read".to_owned() } else { format!("at {path} cannot be read") } + ": " + &says)
    })?;
    if (least..=MOST).contains(&lines.len()) {
        return Ok(lines);
    }
    Err(wrong(format!("has {} lines, and not {least} to {MOST}", lines.len())))
}

/// `says` follows the name of the field.
pub fn wrong(says: impl AsRef<str>) -> AppError {
    AppError::Invalid(vec![problem(LINES, says.as_ref())])
}

/// JSON Schema of them, each as `line` says.
pub fn schema(line: &Value, least: usize) -> Value {
    json!({ "type": "array", "minItems": least, "maxItems": MOST, "items": line })
}
