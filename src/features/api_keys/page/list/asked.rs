//! What the list's address asks for, and the addresses of the same list elsewhere.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    access::workspace::ReadCredentials,
    features::api_keys::{
        STATUSES,
        server::{Filter, list_page, search},
    },
    ids::UserId,
    paths,
    server::{credentials::Kind, http::Visit, scope::InWorkspace},
};

pub const UNUSED_DAYS: [i64; 3] = [30, 60, 90];
pub const ENDING_DAYS: [i64; 2] = [7, 30];

/// What the address asks for. What it cannot mean is as if it were not said.
#[derive(Clone, Debug)]
pub struct Asked {
    pub kind: Kind,
    pub slug: String,
    pub text: String,
    pub status: String,
    steward: Option<UserId>,
    pub unused: Option<i64>,
    /// Within so many days.
    ending: Option<i64>,
    after: String,
}

impl Asked {
    pub fn of(kind: Kind, visit: &Visit<InWorkspace<ReadCredentials>>) -> Self {
        Self {
            kind,
            slug: visit.scope.workspace().slug.clone(),
            text: search::shown(visit.asked("q")),
            status: STATUSES.into_iter().find(|status| *status == visit.asked("status")).unwrap_or_default().to_owned(),
            steward: visit.asked("steward").parse().ok(),
            unused: visit.asked("unused").parse().ok().filter(|days| UNUSED_DAYS.contains(days)),
            ending: visit.asked("ending").parse().ok().filter(|days| ENDING_DAYS.contains(days)),
            after: visit.asked("after").to_owned(),
        }
    }

    pub fn filter(&self, now: DateTime<Utc>) -> Filter {
        Filter {
            kind: Some(self.kind),
            text: self.text.clone(),
            status: self.status.clone(),
            steward: self.steward,
            unused_since: self.unused.map(|days| now - TimeDelta::days(days)),
            ends_by: self.ending.map(|days| now + TimeDelta::days(days)),
            after: self.after.parse().ok(),
            limit: 0,
        }
    }

    pub fn is_narrowed(&self) -> bool {
        !self.text.is_empty() || !self.status.is_empty() || self.steward.is_some() || self.unused.is_some() || self.ending.is_some()
    }

    pub fn steward(&self) -> String {
        self.steward.map(|id| id.to_string()).unwrap_or_default()
    }

    pub fn unused(&self) -> String {
        self.unused.map(|days| days.to_string()).unwrap_or_default()
    }

    pub fn ending(&self) -> String {
        self.ending.map(|days| days.to_string()).unwrap_or_default()
    }

    /// This list, from elsewhere on.
    pub fn address(&self, more: &[(&str, &str)]) -> String {
        self.on(&list_page(self.kind, &self.slug), more)
    }

    pub fn on(&self, path: &str, more: &[(&str, &str)]) -> String {
        let (steward, unused, ending) = (self.steward(), self.unused(), self.ending());
        let mut said =
            vec![("q", self.text.as_str()), ("status", &self.status), ("steward", &steward), ("unused", &unused), ("ending", &ending)];
        said.extend_from_slice(more);
        paths::asking(path, &said)
    }
}
