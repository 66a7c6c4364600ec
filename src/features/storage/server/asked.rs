//! What is asked for: how many days back, and which day's figures.

use chrono::{DateTime, Days, NaiveDate, Utc};

use crate::{error::FieldError, server::http::door::Parameters};

/// Name and days of what the page offers; the first is what it begins with.
pub const RANGES: [(&str, &str, u64); 3] = [("30d", "30 days", 30), ("90d", "90 days", 90), ("365d", "A year", 365)];
/// Days in one answer at most.
pub const DAYS_MOST: i64 = 400;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// As the address has it.
    pub range: &'static str,
    /// Both included, in UTC.
    pub first: NaiveDate,
    pub last: NaiveDate,
    /// Whose figures the table has; none for what is there now.
    pub day: Option<NaiveDate>,
    pub problems: Vec<FieldError>,
}

impl Asked {
    /// From the address of the page; what cannot be understood is named, and taken as not said.
    pub fn read(query: &Parameters, now: DateTime<Utc>) -> Self {
        let said = |name: &str| query.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let mut problems = Vec::new();
        let range = match said("range") {
            None => RANGES[0],
            Some(name) => RANGES.into_iter().find(|(known, ..)| *known == name).unwrap_or_else(|| {
                let known = RANGES.map(|(name, ..)| name).join(", ");
                problems.push(FieldError { field: "range", message: format!("There is no such time. There are {known}.") });
                RANGES[0]
            }),
        };
        let day = said("day").and_then(|text| {
            text.parse()
                .map_err(|_| problems.push(FieldError { field: "day", message: "This is no day. Write it as 2026-11-21.".to_owned() }))
                .ok()
        });
        let last = now.date_naive();
        Self { range: range.0, first: last - Days::new(range.2 - 1), last, day, problems }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(pairs: &[(&str, &str)]) -> Asked {
        let query = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::read(&query, "2026-11-22T12:00:00Z".parse().expect("a time"))
    }

    #[test]
    fn what_is_said_is_taken_and_what_cannot_be_is_named() {
        let plain = asked(&[]);
        assert_eq!((plain.range, plain.first.to_string(), plain.day), ("30d", "2026-10-24".to_owned(), None));
        assert_eq!(asked(&[("range", "90d")]).first.to_string(), "2026-08-25");
        let wrong = asked(&[("range", "ever"), ("day", "soon")]);
        assert_eq!(wrong.problems.iter().map(|problem| problem.field).collect::<Vec<_>>(), ["range", "day"]);
        assert_eq!((wrong.range, wrong.day), ("30d", None));
    }
}
