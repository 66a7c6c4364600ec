//! Which files are taken at all.

use crate::{
    error::{AppError, FieldError},
    server::{Stoa, config::Assets},
};

/// Whether a file of that type and length may come.
///
/// # Errors
/// `Conflict` where this installation takes none, `Invalid` with each of the two that is beyond its limits.
pub fn why_not(stoa: &Stoa, content_type: &str, length: u64) -> Result<(), AppError> {
    let Some(assets) = &stoa.config.assets else {
        let says = "This installation takes no files: its operator has not said where they are kept (the section assets).";
        return Err(AppError::Conflict(says.to_owned()));
    };
    let problems = problems(assets, content_type, length);
    if problems.is_empty() { Ok(()) } else { Err(AppError::Invalid(problems)) }
}

fn problems(assets: &Assets, content_type: &str, length: u64) -> Vec<FieldError> {
    let mut problems = Vec::new();
    if !assets.takes(content_type) {
        let taken = assets.content_types.join(", ");
        problems
            .push(FieldError { field: "content_type", message: format!("content_type is none of those that are taken here: {taken}.") });
    }
    if length > assets.max_bytes {
        let most = assets.max_bytes;
        problems.push(FieldError { field: "size_bytes", message: format!("size_bytes is more than is taken here: {most} at most.") });
    }
    problems
}
