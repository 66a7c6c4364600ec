//! Pages of a list, and the small conversions that every operation needs.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, SubsecRound as _, Utc};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{error::AppError, server::http::form::line_of};

const LIMIT_DEFAULT: i64 = 25;
const LIMIT_MAX: i64 = 100;

/// What every list takes in its query.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct PageQuery {
    /// 1 to 100; 25 where it is not said.
    #[schemars(with = "Option<i64>", range(min = 1, max = 100))]
    limit: Option<String>,
    /// From `next_cursor` of the page before, with the same filters.
    #[schemars(length(min = 1))]
    cursor: Option<String>,
}

impl PageQuery {
    pub fn new(limit: Option<String>, cursor: Option<String>) -> Self {
        Self { limit, cursor }
    }

    pub fn limit(&self) -> Result<i64, AppError> {
        let Some(text) = &self.limit else { return Ok(LIMIT_DEFAULT) };
        text.parse()
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| AppError::invalid("limit", format!("limit is not a number from 1 to {LIMIT_MAX}.")))
    }

    /// What the page before ended with.
    pub fn after<T: std::str::FromStr>(&self) -> Result<Option<T>, AppError> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        URL_SAFE_NO_PAD
            .decode(cursor)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|text| text.parse().ok())
            .map(Some)
            .ok_or_else(|| AppError::invalid("cursor", "This cursor is none that this list gave. Begin without one."))
    }

    /// Cuts what was fetched (one more than the limit) to the page, and says where the next one begins.
    pub fn cut<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> String) -> Result<(Vec<T>, Option<String>), AppError> {
        let limit = usize::try_from(self.limit()?).unwrap_or_default();
        if items.len() <= limit {
            return Ok((items, None));
        }
        items.truncate(limit);
        let next = items.last().map(|item| cursor(&key(item)));
        Ok((items, next))
    }
}

/// As [`PageQuery::after`] reads it.
pub fn cursor(after: &str) -> String {
    URL_SAFE_NO_PAD.encode(after)
}

/// RFC 3339 in UTC.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// A moment in RFC 3339, with any offset, to the millisecond as [`instant`] gives it.
pub fn moment(field: &'static str, text: &str) -> Result<DateTime<Utc>, AppError> {
    let unreadable = || AppError::invalid(field, format!("{field} is not a time in RFC 3339, such as 2027-01-31T18:00:00Z."));
    DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc().trunc_subsecs(3)).map_err(|_| unreadable())
}

/// A line of text, held to the rules of a form's field.
pub fn line(field: &'static str, label: &str, max: usize, value: &str) -> Result<String, AppError> {
    line_of(field, label, max, value)
}
