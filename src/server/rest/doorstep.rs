//! What is refused before anything else is done: a key that is none, by its check. Nothing is looked up for it, so that
//! garbage costs next to nothing.

use std::sync::LazyLock;

use axum::{extract::Request, response::Response};
use http::{HeaderValue, Method, header};

use super::{
    BASE, Operation,
    call::bearer,
    errors::failed,
    router::{DOCUMENT, exposed},
};
use crate::{
    error::{AppError, CallRefused},
    ids::RequestId,
    server::{Stoa, credentials::Credential, scope::Asks},
};

/// What usage of the server's figures names these by; which operation was meant is not looked up either.
pub const ROUTE: &str = "/api/v1/{misread}";

/// What asks nobody for a key, below [`BASE`].
pub fn open_to_all(operations: &[Operation]) -> Vec<&'static str> {
    let open = operations.iter().filter(|operation| operation.asks == Asks::Nothing).map(|operation| operation.path);
    open.chain([DOCUMENT]).collect()
}

/// Whether a call comes with a key that cannot be one, where one is asked for: not at what is `open`.
pub fn is_misread(request: &Request, open: &[&str]) -> bool {
    let Some(path) = request.uri().path().strip_prefix(BASE).filter(|path| path.starts_with('/')) else { return false };
    !open.contains(&path)
        && *request.method() != Method::OPTIONS
        && bearer(request.headers()).is_ok_and(|token| Credential::parse(token).is_none())
}

/// The same answer that the call would get behind the door, for pages of other origins too.
pub fn refuse_misread(stoa: &Stoa, id: RequestId) -> Response {
    static EXPOSED: LazyLock<Option<HeaderValue>> = LazyLock::new(|| {
        let names: Vec<_> = exposed().iter().map(|name| name.as_str().to_owned()).collect();
        HeaderValue::from_str(&names.join(",")).ok()
    });
    let mut response = failed(stoa, id, &AppError::Call(CallRefused::Unknown));
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Some(exposed) = &*EXPOSED {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
    }
    response
}
