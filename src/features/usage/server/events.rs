//! The events behind the figures, newest first: in which times, and of what alone.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use super::{
    filter::{Filter, remedy},
    period::Times,
    source::{Metered, Source},
    span::{self, Edge},
    store::{self, Used},
};
use crate::{
    error::{AppError, FieldError},
    features::{api_keys, members},
    ids::{ApiKeyId, UserId},
    paths,
    server::{
        credentials::withholding,
        http::{Cursor, door::Parameters},
        scope::Scope,
    },
};

/// What a list of events asks for.
#[derive(Clone, Debug)]
pub struct EventsAsked {
    pub times: Times,
    pub filter: Filter,
    pub problems: Vec<FieldError>,
    entered: HashMap<&'static str, String>,
}

impl EventsAsked {
    /// Days are those of `zone`; without a time it is the last 30 days.
    pub fn read(query: &Parameters, zone: Tz, now: DateTime<Utc>) -> Self {
        let mut entered = HashMap::new();
        for name in ["from", "to"].into_iter().chain(Filter::FIELDS) {
            if let Some(value) = query.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()) {
                entered.insert(name, withholding(value).into_owned());
            }
        }
        let (filter, unknown) = Filter::read(query);
        let mut problems: Vec<FieldError> = unknown.into_iter().map(|field| FieldError { field, message: remedy(field) }).collect();
        let mut edge = |field: &'static str, edge| {
            let text: &String = entered.get(field)?;
            let read = span::read(text, edge, zone);
            read.map_err(|says| problems.push(FieldError { field, message: format!("{} ({text}) {says}", span::label(edge)) })).ok()
        };
        let (from, to) = (edge("from", Edge::Start), edge("to", Edge::End));
        let end = to.unwrap_or(now + TimeDelta::minutes(1));
        let mut times = from.unwrap_or(end - TimeDelta::days(30))..end;
        if let Err(message) = span::check(&times) {
            problems.push(FieldError { field: "to", message });
            times = now - TimeDelta::days(30)..now + TimeDelta::minutes(1);
        }
        Self { times, filter, problems, entered }
    }

    pub fn entered(&self, name: &str) -> String {
        self.entered.get(name).cloned().unwrap_or_default()
    }

    pub fn is_narrowed(&self) -> bool {
        !self.entered.is_empty()
    }

    /// As the query spells what is set.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let bounds = ["from", "to"].map(|name| (name, self.entered(name)));
        bounds.into_iter().filter(|(_, value)| !value.is_empty()).chain(self.filter.parts()).collect()
    }

    /// The same list at `path`, from after `after` on.
    pub fn address(&self, path: &str, after: &str) -> String {
        let parts = self.parts();
        let query: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).chain([("after", after)]).collect();
        paths::asking(path, &query)
    }
}

/// Where the next page begins: after this event.
pub fn cursor(used: &Used) -> Cursor {
    Cursor { key: used.occurred_at.timestamp_micros().to_string(), id: used.id }
}

/// # Errors
/// `Malformed` where it was not made here.
pub fn place(cursor: &Cursor) -> Result<(DateTime<Utc>, Uuid), AppError> {
    let at = cursor.key.parse().ok().and_then(DateTime::from_timestamp_micros);
    let at = at.filter(|at| span::is_in_time(*at));
    at.map(|at| (at, cursor.id)).ok_or(AppError::Malformed("where its page begins is damaged; go to the first page"))
}

/// One more than `most` says that there are more.
pub async fn list<R: Metered>(
    scope: &mut Scope<R>,
    source: &Source,
    times: &Times,
    filter: &Filter,
    after: Option<&Cursor>,
    most: i64,
) -> Result<Vec<Used>, AppError> {
    let before = after.map(place).transpose()?;
    let mut used = store::list(scope, source, times, filter, before, most).await?;
    for used in &mut used {
        used.user = used.user.filter(|user| source.knows(*user));
    }
    Ok(used)
}

/// What the credentials of these events are called.
pub async fn names_of<R: Metered>(scope: &mut Scope<R>, source: &Source, events: &[Used]) -> Result<HashMap<ApiKeyId, String>, AppError> {
    let mut ids: Vec<ApiKeyId> = events.iter().filter_map(|used| used.credential).collect();
    ids.sort();
    ids.dedup();
    api_keys::server::names(scope, source.tenant, source.workspace, source.own_keys, &ids).await
}

/// What those are called who answered for these events, as far as they were ever members.
pub async fn people_of<R: Metered>(scope: &mut Scope<R>, source: &Source, events: &[Used]) -> Result<HashMap<UserId, String>, AppError> {
    let mut ids: Vec<UserId> = events.iter().filter_map(|used| used.user).collect();
    ids.sort();
    ids.dedup();
    members::server::names(scope, source.tenant, source.workspace, &ids).await
}
