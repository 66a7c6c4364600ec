//! What a browser saves as a file.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};

/// A file, made for whoever asked and kept by nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Plain ASCII, without quotes: `members-shop-7f3k2q.csv`.
    pub name: String,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// What a program that fetches it is told beside.
    headers: Vec<(&'static str, &'static str)>,
}

impl Download {
    pub fn csv(name: impl Into<String>, body: Vec<u8>) -> Self {
        Self { name: name.into(), content_type: "text/csv; charset=utf-8", body, headers: Vec::new() }
    }

    /// Of any other type.
    pub fn of(name: impl Into<String>, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { name: name.into(), content_type, body, headers: Vec::new() }
    }

    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        let name: String = self.name.chars().filter(|c| c.is_ascii_alphanumeric() || "-._".contains(*c)).collect();
        let mut response = self.body.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        for (name, value) in self.headers {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        response
    }
}
