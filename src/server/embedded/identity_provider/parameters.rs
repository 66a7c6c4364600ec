//! A request's parameters as RFC 6749 reads them (section 3.1): each once, and one without a value is not there.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::rejection::FormRejection;

/// What a handler takes: the query of a GET, the form of a POST.
pub(super) type Sent = Result<Form<Vec<(String, String)>>, FormRejection>;

pub(super) struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// None of a request that cannot be read, or that says something twice.
    pub(super) fn read(sent: Sent) -> Option<Self> {
        let Form(pairs) = sent.ok()?;
        let count = pairs.len();
        let mut parameters: BTreeMap<_, _> = pairs.into_iter().collect();
        if parameters.len() < count {
            return None;
        }
        parameters.retain(|_, value| !value.is_empty());
        Some(Self(parameters))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}
