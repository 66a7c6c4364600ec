//! Errors as the API says them: a code for programs, a sentence for people, and a page for each code.

use std::borrow::Cow;

use axum::{
    extract::{Extension, Path, State, rejection::QueryRejection},
    response::Response,
};
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::json_response;
use crate::{
    error::{AppError, CallRefused},
    ids::RequestId,
    paths,
    server::{
        Stoa,
        credentials::withholding,
        http::{Page, Problem, page, request::RequestContext},
        manifests,
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
         Send a live one of the kind that the address asks for as a bearer token: an API key, or at the MCP endpoint an MCP token.";
    ModuleNotEntitled = "module_not_entitled", FORBIDDEN,
        "The account's plan does not have the module; the answer names the module and the first plan that has it.";
    ModuleNotEnabled = "module_not_enabled", FORBIDDEN,
        "The module is switched off in the workspace; the answer names it. An owner or admin can switch it on, on the page Modules.";
    MissingRequiredScope = "missing_required_scope", FORBIDDEN,
        "The credential does not hold the scope that the operation asks for; the answer names it. Scopes of a credential are never widened: create one that holds it.";
    PolicyDenied = "policy_denied", FORBIDDEN,
        "The workspace's policy refuses the call: the role of the key's steward, the network that the call came from, that agents \
         are paused, or that the account's plan has no room for the workspace, which is read only then. The message says which.";
    BillingPaused = "billing_paused", PAYMENT_REQUIRED,
        "Billable calls are paused: what is included and prepaid is used up, or a spend cap is reached. The answer's billing object says which, \
         and when the next month begins. Reading billing, usage, audit, credentials and modules, narrowing, revoking and exporting go on.";
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
    RateLimited = "rate_limited", TOO_MANY_REQUESTS,
        "More calls in a minute than the key or the plan allows. Retry-After says when to call again, and the RateLimit headers how much is left.";
    InternalError = "internal_error", INTERNAL_SERVER_ERROR,
        "Something went wrong on the server's side. The cause is in its log, under the request_id.";
    Unavailable = "unavailable", SERVICE_UNAVAILABLE,
        "The server cannot answer just now. Try again with the same idempotency key.";
}

impl ErrorCode {
    fn of(error: &AppError) -> Self {
        match error {
            AppError::Call(CallRefused::MissingScope(_)) => Self::MissingRequiredScope,
            AppError::Call(CallRefused::Network | CallRefused::OtherWorkspace | CallRefused::AgentsPaused)
            | AppError::NotAllowed(_)
            | AppError::Blocked(_)
            | AppError::SignInNotRecent(_)
            | AppError::ReadOnly { .. } => Self::PolicyDenied,
            AppError::Call(_) | AppError::SignedOut | AppError::SignInRefused { .. } => Self::Unauthorized,
            AppError::ModuleNotEntitled { .. } => Self::ModuleNotEntitled,
            AppError::ModuleNotEnabled(_) => Self::ModuleNotEnabled,
            AppError::Paused(_) => Self::BillingPaused,
            AppError::RateLimited { .. } => Self::RateLimited,
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
pub fn failed(stoa: &Stoa, request_id: RequestId, error: &AppError) -> Response {
    let code = ErrorCode::of(error);
    let message = match error {
        // Said to people who act in the console; a caller acts in the name of a steward.
        AppError::NotAllowed(refused) => {
            format!(
                "The role of this credential's steward does not allow it: {} takes the role {}.",
                refused.permission(),
                refused.who_can()
            )
        }
        AppError::Invalid(_) => "Some fields cannot be taken as they are; field_errors says which, and why.".to_owned(),
        other => other.to_string(),
    };
    let field_errors = match error {
        AppError::Invalid(errors) => {
            Some(errors.iter().map(|error| FieldFailure { field: error.field, message: withholding(&error.message) }).collect())
        }
        _ => None,
    };
    let required_scope = match error {
        AppError::Call(CallRefused::MissingScope(scope)) => Some(*scope),
        _ => None,
    };
    let message = withholding(&message);
    let failure = Failure { field_errors, required_scope, more: more(error), ..Failure::new(stoa, code, &message, request_id) };
    let mut response = envelope(code, failure);
    if let AppError::RateLimited { retry_after, .. } = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*retry_after));
    }
    if code == ErrorCode::Unavailable {
        response.headers_mut().insert(header::RETRY_AFTER, manifests::AGAIN);
    }
    if code == ErrorCode::Unauthorized {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// The answer in place of a bare one.
pub fn bare(stoa: &Stoa, request_id: RequestId, status: StatusCode) -> Response {
    let code = ErrorCode::of_status(status);
    envelope(code, Failure::new(stoa, code, code.says(), request_id))
}

/// What an error says, in the order of its names.
#[derive(Serialize)]
struct Failure<'a> {
    code: &'static str,
    docs_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_errors: Option<Vec<FieldFailure<'a>>>,
    message: &'a str,
    request_id: RequestId,
    #[serde(skip_serializing_if = "Option::is_none")]
    required_scope: Option<&'static str>,
    #[serde(flatten)]
    more: Option<Value>,
}

/// What only some errors say beyond that.
fn more(error: &AppError) -> Option<Value> {
    Some(match error {
        AppError::ModuleNotEntitled { module, plan } => json!({ "module": module, "plan": plan }),
        AppError::ModuleNotEnabled(module) => json!({ "module": module }),
        AppError::ReadOnly { plan, .. } => json!({ "plan": plan }),
        AppError::RateLimited { retry_after, .. } => json!({ "retry_after_seconds": retry_after }),
        AppError::Paused(pause) => json!({ "billing": {
            "reason": pause.reason.name(),
            "cap": { "amount_micros": pause.limit_micros, "currency": "USD" },
            "paused_since": pause.since,
            "resets_at": pause.resets_at,
        } }),
        _ => return None,
    })
}

#[derive(Serialize)]
struct FieldFailure<'a> {
    field: &'static str,
    message: Cow<'a, str>,
}

impl<'a> Failure<'a> {
    fn new(stoa: &Stoa, code: ErrorCode, message: &'a str, request_id: RequestId) -> Self {
        let docs_url = stoa.config.public_urls.console_url(&paths::error_docs(code.name())).into();
        Self { code: code.name(), docs_url, field_errors: None, message, request_id, required_scope: None, more: None }
    }
}

fn envelope(code: ErrorCode, error: Failure<'_>) -> Response {
    #[derive(Serialize)]
    struct Envelope<'a> {
        error: Failure<'a>,
    }
    json_response(code.status(), &Envelope { error })
}

/// A query that is not what the operation takes.
pub fn bad_query(error: &QueryRejection) -> AppError {
    use std::error::Error as _;
    let says = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    AppError::invalid("query", format!("The query cannot be read: {says}."))
}

/// The page that `docs_url` leads to.
pub async fn error_page(State(stoa): State<Stoa>, Extension(context): Extension<RequestContext>, Path(name): Path<String>) -> Response {
    let Some(code) = ErrorCode::ALL.iter().copied().find(|code| code.name() == name) else {
        return Problem::answer(AppError::NotFound);
    };
    let page = Page::bare(code.name(), move || {
        view! {
            <h1><code>{code.name()}</code></h1>
            <p>"HTTP " {code.status().as_u16()} " " {code.status().canonical_reason().unwrap_or_default()}</p>
            <p>{code.says()}</p>
            <p><a class="link" href=paths::API_DOCS>"API reference"</a></p>
        }
    });
    page::render(&stoa, &context, page).await
}
