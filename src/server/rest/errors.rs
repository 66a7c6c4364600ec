//! Errors as the API says them: a code for programs, a sentence for people, and a page for each code.

use axum::{
    extract::{Extension, Path, Request, State, rejection::QueryRejection},
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use serde_json::{Value, json};

use super::answer::json_response;
use crate::{
    error::{AppError, CallRefused},
    paths,
    server::{
        Stoa,
        http::{Page, Problem, page, request::RequestContext},
    },
};

macro_rules! codes {
    ($($code:ident = $name:literal, $status:ident, $says:literal;)+) => {
        /// Every error code of the API.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ErrorCode { $($code,)+ }

        impl ErrorCode {
            pub const ALL: &'static [Self] = &[$(Self::$code,)+];

            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            pub fn status(self) -> StatusCode {
                match self { $(Self::$code => StatusCode::$status,)+ }
            }

            /// When it is given, and what to do then.
            pub fn says(self) -> &'static str {
                match self { $(Self::$code => $says,)+ }
            }
        }
    };
}

codes! {
    Unauthorized = "unauthorized", UNAUTHORIZED,
        "No credential came with the call, or one that is unknown, revoked, expired, quarantined, of another kind, or of an archived workspace. \
         Send a live API key as a bearer token.";
    MissingRequiredScope = "missing_required_scope", FORBIDDEN,
        "The credential does not hold the scope that the operation asks for; the answer names it. Scopes of a credential are never widened: create one that holds it.";
    PolicyDenied = "policy_denied", FORBIDDEN,
        "The workspace's policy refuses the call: the role of the key's steward, or the network that the call came from. The message says which.";
    ResourceNotFound = "resource_not_found", NOT_FOUND,
        "There is nothing with that identifier in the credential's workspace.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED,
        "The address is known, the method is not. The Allow header lists those that are.";
    Conflict = "conflict", CONFLICT,
        "The call is allowed and cannot be carried out as things are now. The message says why and what would help.";
    IdempotencyConflict = "idempotency_conflict", CONFLICT,
        "The idempotency key came with another body before. Use a new key for a new request.";
    VersionConflict = "version_conflict", PRECONDITION_FAILED,
        "The resource was changed since the version that If-Match names. Read it again, and decide again.";
    PayloadTooLarge = "payload_too_large", PAYLOAD_TOO_LARGE,
        "The body is larger than the operation takes.";
    ValidationFailed = "validation_failed", UNPROCESSABLE_ENTITY,
        "Something in the body, the query or a header cannot be taken as it is. field_errors says what, field by field.";
    InternalError = "internal_error", INTERNAL_SERVER_ERROR,
        "Something went wrong on the server's side. The cause is in its log, under the request_id.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE,
        "The server cannot answer just now. Try again with the same idempotency key.";
}

impl ErrorCode {
    fn of(error: &AppError) -> Self {
        match error {
            AppError::Call(CallRefused::MissingScope(_)) => Self::MissingRequiredScope,
            AppError::Call(CallRefused::Network) | AppError::NotAllowed(_) | AppError::Blocked(_) | AppError::SignInNotRecent(_) => {
                Self::PolicyDenied
            }
            AppError::Call(_) | AppError::SignedOut | AppError::SignInRefused { .. } => Self::Unauthorized,
            AppError::NotFound | AppError::Gone(_) => Self::ResourceNotFound,
            AppError::Invalid(_) | AppError::Malformed(_) => Self::ValidationFailed,
            AppError::Stale(_) => Self::VersionConflict,
            AppError::Conflict(_) | AppError::FormExpired | AppError::WrongPlace => Self::Conflict,
            AppError::IdempotencyConflict => Self::IdempotencyConflict,
            AppError::TooLarge => Self::PayloadTooLarge,
            AppError::Unavailable => Self::Unavailable,
            AppError::Internal => Self::InternalError,
        }
    }

    /// For what axum and the layers around it answer by themselves.
    fn of_status(status: StatusCode) -> Self {
        Self::ALL.iter().copied().find(|code| code.status() == status).unwrap_or(if status.is_client_error() {
            Self::ValidationFailed
        } else {
            Self::InternalError
        })
    }
}

/// The answer of a call that failed.
pub fn failed(stoa: &Stoa, context: &RequestContext, error: &AppError) -> Response {
    let code = ErrorCode::of(error);
    let message = match error {
        // Said to people who act in the console; a caller acts in the name of a steward.
        AppError::NotAllowed(refused) => {
            format!("The role of this key's steward does not allow it: {} takes the role {}.", refused.permission(), refused.who_can())
        }
        AppError::Invalid(_) => "Some fields cannot be taken as they are; field_errors says which, and why.".to_owned(),
        other => other.to_string(),
    };
    let mut response = envelope(stoa, context, code, &message, details(error));
    if code == ErrorCode::Unauthorized {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The answer in place of a bare one.
pub fn bare(stoa: &Stoa, context: &RequestContext, status: StatusCode) -> Response {
    let code = ErrorCode::of_status(status);
    envelope(stoa, context, code, code.says(), json!({}))
}

fn envelope(stoa: &Stoa, context: &RequestContext, code: ErrorCode, message: &str, details: Value) -> Response {
    let mut error = json!({
        "code": code.name(),
        "message": message,
        "request_id": context.id,
        "docs_url": stoa.config.public_urls.console_url(&paths::error_docs(code.name())),
    });
    if let (Value::Object(error), Value::Object(details)) = (&mut error, details) {
        error.extend(details);
    }
    json_response(code.status(), &json!({ "error": error }))
}

fn details(error: &AppError) -> Value {
    match error {
        AppError::Invalid(errors) => {
            let fields: Vec<Value> = errors.iter().map(|error| json!({ "field": error.field, "message": error.message })).collect();
            json!({ "field_errors": fields })
        }
        AppError::Call(CallRefused::MissingScope(scope)) => json!({ "required_scope": scope }),
        _ => json!({}),
    }
}

/// A query that is not what the operation takes.
pub fn bad_query(error: &QueryRejection) -> AppError {
    use std::error::Error as _;
    let says = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    AppError::invalid("query", format!("The query cannot be read: {says}."))
}

/// The page that `docs_url` leads to.
pub async fn error_page(
    State(stoa): State<Stoa>,
    Extension(context): Extension<RequestContext>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let Some(code) = ErrorCode::ALL.iter().copied().find(|code| code.name() == name) else {
        return Problem::answer(AppError::NotFound);
    };
    let page = Page::bare(code.name(), move || {
        view! {
            <h1><code>{code.name()}</code></h1>
            <p>"HTTP " {code.status().as_u16()} " " {code.status().canonical_reason().unwrap_or_default()}</p>
            <p>{code.says()}</p>
        }
    });
    page::render(&stoa, &context, page, request).await
}
