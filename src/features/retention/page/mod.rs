//! The pages of retention: a workspace's, and the account's, where its legal holds are too.

mod account;
mod choosing;
mod holding;
mod workspace;

pub use account::{choose as choose_of_account, hold, lift, show as show_account, show_refused as show_account_refused};
pub use workspace::{choose, show, show_refused};

use crate::error::AppError;
use crate::server::http::{Visit, door::RefusedForm};

/// What a refused form says beside what it says of its fields.
fn refusal<R>(visit: &Visit<R>) -> Option<String> {
    let refused = visit.refused.as_ref()?;
    (!matches!(refused.error, AppError::Invalid(_))).then(|| refused.error.to_string())
}

fn errors<R>(visit: &Visit<R>) -> Vec<crate::error::FieldError> {
    visit.refused.as_ref().map(RefusedForm::field_errors).unwrap_or_default()
}
