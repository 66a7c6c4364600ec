//! What a list of the log is narrowed down to, read from the address's query.

use std::{collections::HashMap, ops::Range};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::bound::{Bound, Written};
use crate::{
    error::FieldError,
    ids::RequestId,
    server::{credentials, events::Outcome, http::door::Parameters},
};

/// No row is outside of it: every statement has bounds in time, so that Postgres can leave partitions out.
pub const ALL_TIME: Range<DateTime<Utc>> = DateTime::UNIX_EPOCH..DateTime::from_timestamp(253_402_300_799, 0).expect("a time");

const TEXT_MAX: usize = 200;
/// A request's rows are written while it runs; its id says when it began, its clock may differ a little.
const REQUEST_BEFORE: TimeDelta = TimeDelta::minutes(5);
const REQUEST_AFTER: TimeDelta = TimeDelta::hours(24);

/// What lets a row through; all that is given has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The whole id, or a part of the name, of who acted or for whom they did.
    pub actor: Option<String>,
    /// A whole name, or its beginning up to a dot: `member.`.
    pub action: Option<String>,
    /// The whole id, or a part of the name.
    pub target: Option<String>,
    pub outcome: Option<Outcome>,
    pub request: Option<RequestId>,
    /// Looked at again and again: only what happened since.
    pub since: Option<DateTime<Utc>>,
    pub from: Option<Bound>,
    pub to: Option<Bound>,
    /// Whose days they are.
    pub zone: Tz,
}

/// What the query asked for: the filter that it makes, and what of it could not be understood.
#[derive(Clone, Debug)]
pub struct Asked {
    pub filter: Filter,
    pub problems: Vec<FieldError>,
    entered: HashMap<&'static str, String>,
}

impl Asked {
    /// As a page asks, in days. `zone` is the reader's.
    pub fn read(query: &Parameters, zone: &str) -> Self {
        Self::written(query, Written::Days, zone.parse().unwrap_or(Tz::UTC))
    }

    /// As a program asks, in exact times.
    pub fn read_exact(query: &Parameters) -> Self {
        Self::written(query, Written::Times, Tz::UTC)
    }

    fn written(query: &Parameters, written: Written, zone: Tz) -> Self {
        let mut reading = Reading { query, problems: Vec::new(), entered: HashMap::new() };
        let mut filter = Filter {
            actor: reading.text("actor", "The actor"),
            action: reading.action(),
            target: reading.text("target", "The target"),
            outcome: reading.outcome(),
            request: reading.request(),
            since: None,
            from: reading.bound("from", "From", written),
            to: reading.bound("to", "To", written),
            zone,
        };
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && to.end(zone) <= from.start(zone)
        {
            filter.to = None;
            reading.problem("to", written.backwards(from, to));
        }
        Self { filter, problems: reading.problems, entered: reading.entered }
    }

    /// What stands in a field: what was entered, right or wrong.
    pub fn entered(&self, name: &str) -> String {
        self.entered.get(name).cloned().unwrap_or_default()
    }
}

impl Filter {
    pub fn is_empty(&self) -> bool {
        self.parts().is_empty()
    }

    /// The filters that are set, in order, as the query spells them.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let parts = [
            ("actor", self.actor.clone()),
            ("action", self.action.clone()),
            ("target", self.target.clone()),
            ("outcome", self.outcome.map(|outcome| outcome.name().to_owned())),
            ("request", self.request.map(|request| request.to_string())),
            ("from", self.from.map(|from| from.to_string())),
            ("to", self.to.map(|to| to.to_string())),
        ];
        parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// When the rows happened.
    pub fn times(&self) -> Range<DateTime<Utc>> {
        let began = self.request.and_then(|request| {
            let (seconds, nanos) = request.0.get_timestamp()?.to_unix();
            DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
        });
        let starts = [Some(ALL_TIME.start), self.since, self.from.map(|from| from.start(self.zone)), began.map(|at| at - REQUEST_BEFORE)];
        let ends = [Some(ALL_TIME.end), self.to.map(|to| to.end(self.zone)), began.map(|at| at + REQUEST_AFTER)];
        starts.into_iter().flatten().max().unwrap_or(ALL_TIME.start)..ends.into_iter().flatten().min().unwrap_or(ALL_TIME.end)
    }

    /// The action, where it is a whole name.
    pub fn whole_action(&self) -> Option<&str> {
        self.action.as_deref().filter(|action| !action.ends_with('.'))
    }

    /// The action, where it is the beginning of several.
    pub fn action_start(&self) -> Option<&str> {
        self.action.as_deref().filter(|action| action.ends_with('.'))
    }
}

struct Reading<'a> {
    query: &'a Parameters,
    problems: Vec<FieldError>,
    entered: HashMap<&'static str, String>,
}

impl Reading<'_> {
    fn problem(&mut self, field: &'static str, message: impl Into<String>) {
        self.problems.push(FieldError { field, message: message.into() });
    }

    /// What was entered, trimmed. What cannot be looked for is named, and what looks like a secret is not kept either:
    /// the search itself is written down.
    fn text(&mut self, field: &'static str, label: &str) -> Option<String> {
        let value = self.query.get(field).map(|value| value.trim()).filter(|value| !value.is_empty())?.to_owned();
        if credentials::is_like_one(&value) {
            self.problem(field, format!("{label} looks like a secret. Search for its id instead; the secret is not kept here."));
            return None;
        }
        self.entered.insert(field, value.clone());
        if value.chars().count() > TEXT_MAX {
            self.problem(field, format!("{label} is longer than {TEXT_MAX} characters. Enter a part of it."));
            return None;
        }
        if value.chars().any(char::is_control) {
            self.problem(field, format!("{label} contains a character that cannot be searched for. Type it again by hand."));
            return None;
        }
        Some(value)
    }

    fn action(&mut self) -> Option<String> {
        let action = self.text("action", "The action")?;
        if action.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._".contains(&byte)) {
            return Some(action);
        }
        self.problem("action", "This is no action. Write one as member.added, or the beginning of several as member. with its dot.");
        None
    }

    fn outcome(&mut self) -> Option<Outcome> {
        let entered = self.text("outcome", "The outcome")?;
        let outcome = Outcome::ALL.into_iter().find(|outcome| outcome.name() == entered);
        if outcome.is_none() {
            self.problem("outcome", "This outcome is not known. Choose succeeded, denied or failed.");
        }
        outcome
    }

    fn request(&mut self) -> Option<RequestId> {
        let request = self.text("request", "The request")?.parse().ok();
        if request.is_none() {
            self.problem("request", "This is no request id. It begins with req_ and stands on every error page.");
        }
        request
    }

    fn bound(&mut self, field: &'static str, label: &str, written: Written) -> Option<Bound> {
        let entered = self.text(field, label)?;
        let bound = written.read(&entered);
        if bound.is_none() {
            self.problem(field, format!("{label} ({entered}) is not {}.", written.says()));
        }
        bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &[(&str, &str)], zone: &str) -> Asked {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::read(&query, zone)
    }

    fn range(from: &str, to: &str, zone: &str) -> (String, String) {
        let times = asked(&[("from", from), ("to", to)], zone).filter.times();
        (times.start.to_rfc3339(), times.end.to_rfc3339())
    }

    #[test]
    fn a_day_is_the_readers_own() {
        let day = |zone| range("2026-11-22", "2026-11-22", zone);
        let utc = |start: &str, end: &str| (format!("{start}+00:00"), format!("{end}+00:00"));
        assert_eq!(day("UTC"), utc("2026-11-22T00:00:00", "2026-11-23T00:00:00"));
        assert_eq!(day("Asia/Kolkata"), utc("2026-11-21T18:30:00", "2026-11-22T18:30:00"));
        assert_eq!(day("America/Los_Angeles"), utc("2026-11-22T08:00:00", "2026-11-23T08:00:00"));
        // The clocks go back: a day of 25 hours.
        assert_eq!(range("2026-11-01", "2026-11-01", "America/Los_Angeles"), utc("2026-11-01T07:00:00", "2026-11-02T08:00:00"));
        // Midnight is skipped, and once a whole day was.
        assert_eq!(range("2026-04-24", "", "Africa/Cairo").0, "2026-04-23T22:00:00+00:00");
        assert_eq!(range("2011-12-30", "", "Pacific/Apia").0, "2011-12-30T10:00:00+00:00");
        assert_eq!(day("Nowhere/Else"), day("UTC"));
    }

    #[test]
    fn what_is_wrong_is_named_and_the_rest_is_kept() {
        let asked = asked(
            &[
                ("from", "22.11.2026"),
                ("to", "2026-11-22"),
                ("outcome", "fine"),
                ("actor", " ada "),
                ("action", "Member"),
                ("request", "x"),
            ],
            "UTC",
        );
        let named: Vec<_> = asked.problems.iter().map(|problem| problem.field).collect();
        assert_eq!(named, ["action", "outcome", "request", "from"]);
        assert_eq!(asked.filter.parts(), [("actor", "ada".to_owned()), ("to", "2026-11-22".to_owned())]);
        assert_eq!(asked.entered("from"), "22.11.2026");
    }

    #[test]
    fn the_days_have_an_order_and_an_end() {
        let backwards = asked(&[("from", "2026-11-22"), ("to", "2026-11-21")], "UTC");
        assert_eq!(backwards.problems[0].field, "to");
        assert_eq!(backwards.filter.to, None);
        for nonsense in ["2026-02-30", "99999-01-01", "0000-00-00", "-2026-01-01", "2026-11-22T00:00", "9999-12-31"] {
            assert_eq!(asked(&[("to", nonsense)], "Asia/Kolkata").problems.len(), 1, "{nonsense}");
        }
    }

    #[test]
    fn programs_name_exact_times() {
        let exact = |from: &str, to: &str| {
            Asked::read_exact(&[("from", from), ("to", to)].map(|(name, value)| (name.to_owned(), value.to_owned())).into())
        };
        let asked = exact("2026-11-22T01:00:00.5+01:00", "2026-11-22T00:00:01Z");
        assert_eq!(asked.problems, []);
        let times = asked.filter.times();
        assert_eq!(
            (times.start.to_rfc3339(), times.end.to_rfc3339()),
            ("2026-11-22T00:00:00.500+00:00".into(), "2026-11-22T00:00:01+00:00".into())
        );
        assert_eq!(asked.filter.parts()[0].1, "2026-11-22T00:00:00.500000Z");
        for (from, to, field) in [
            ("2026-11-22", "", "from"),
            ("", "2026-11-22T00:00:00 01:00", "to"),
            ("", "+99999-01-01T00:00:00Z", "to"),
            ("2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z", "to"),
        ] {
            assert_eq!(exact(from, to).problems.iter().map(|problem| problem.field).collect::<Vec<_>>(), [field], "{from} {to}");
        }
    }

    #[test]
    fn what_looks_like_a_secret_is_neither_searched_nor_shown_again() {
        let asked = asked(&[("target", "stoa_key_live_01h455vb4pex5vsknk084sn02q_SECRET")], "UTC");
        assert_eq!((asked.problems.len(), asked.filter.is_empty(), asked.entered("target").as_str()), (1, true, ""));
    }

    #[test]
    fn an_action_is_whole_or_a_beginning() {
        let of = |action| asked(&[("action", action)], "UTC").filter;
        assert_eq!((of("member.added").whole_action(), of("member.added").action_start()), (Some("member.added"), None));
        assert_eq!((of("member.").whole_action(), of("member.").action_start()), (None, Some("member.")));
    }

    #[test]
    fn a_requests_rows_are_looked_for_around_its_own_time() {
        let at = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
        let request = RequestId(crate::server::chance::uuid(at)).to_string();
        let times = asked(&[("request", &request)], "UTC").filter.times();
        assert!(times.contains(&at) && times.end - times.start < TimeDelta::days(2), "{times:?}");
        assert_eq!(asked(&[("request", "req_7zzzzzzzzzzzzzzzzzzzzzzzzz")], "UTC").filter.times(), ALL_TIME);
    }
}
