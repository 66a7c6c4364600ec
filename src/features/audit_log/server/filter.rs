//! What a list of the log is narrowed down to, read from the address's query: a line, fields beside it, and days.

use std::{collections::HashMap, ops::Range};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    bound::{Bound, Within, Written},
    line::{Line, Qualifier, Term, VALUE_MAX, Wants, spelt},
};
use crate::{
    error::FieldError,
    server::{
        credentials::{self, WITHHELD},
        http::door::Parameters,
    },
};

/// No row is outside of it: every statement has bounds in time, so that Postgres can leave partitions out.
pub const ALL_TIME: Range<DateTime<Utc>> = DateTime::UNIX_EPOCH..DateTime::from_timestamp(253_402_300_799, 0).expect("a time");

/// The parameter that holds the line.
pub const LINE: &str = "q";
/// What can be asked beside the line, each by a parameter of its own.
const FIELDS: [(Qualifier, &str); 5] = [
    (Qualifier::Actor, "The actor"),
    (Qualifier::Action, "The action"),
    (Qualifier::Target, "The target"),
    (Qualifier::Outcome, "The outcome"),
    (Qualifier::Request, "The request"),
];
/// Every parameter that narrows the list down.
pub const PARAMETERS: [&str; 9] = [LINE, "actor", "action", "target", "outcome", "request", "range", "from", "to"];

/// A request's rows are written while it runs; its id says when it began, its clock may differ a little.
const REQUEST_BEFORE: TimeDelta = TimeDelta::minutes(5);
const REQUEST_AFTER: TimeDelta = TimeDelta::hours(24);

/// What lets a row through; all that is given has to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub line: Line,
    /// What the fields ask for, beside the text that stands in each.
    fields: Vec<(&'static str, String, Term)>,
    /// Looked at again and again: only what happened since.
    since: Option<DateTime<Utc>>,
    pub within: Option<Within>,
    /// Where a stretch was chosen, its first day.
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
    pub fn read(query: &Parameters, zone: &str, now: DateTime<Utc>) -> Self {
        Self::written(query, Written::Days, zone.parse().unwrap_or(Tz::UTC), now)
    }

    /// As a program asks, in exact times.
    pub fn read_exact(query: &Parameters, now: DateTime<Utc>) -> Self {
        Self::written(query, Written::Times, Tz::UTC, now)
    }

    fn written(query: &Parameters, written: Written, zone: Tz, now: DateTime<Utc>) -> Self {
        let mut reading = Reading { query, problems: Vec::new(), entered: HashMap::new() };
        let line = reading.line();
        let fields = FIELDS.into_iter().filter_map(|(qualifier, label)| reading.field(qualifier, label, &line)).collect();
        let mut filter = Filter {
            line,
            fields,
            since: None,
            within: reading.within(),
            from: reading.bound("from", "From", written),
            to: reading.bound("to", "To", written),
            zone,
        };
        if let Some(within) = filter.within {
            if filter.from.is_some() || filter.to.is_some() {
                reading.problem("range", "A range and days of its own are both given. Clear From and To, or choose any time.");
                filter.within = None;
            } else {
                filter.from = Some(Bound::Day(within.first_day(now, zone)));
            }
        }
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
        let line = (!self.line.text().is_empty()).then(|| (LINE, self.line.text().to_owned()));
        let fields = self.fields.iter().map(|(name, value, _)| (*name, value.clone()));
        let days: [(&'static str, Option<String>); 2] = match self.within {
            Some(within) => [("range", Some(within.name().to_owned())), ("to", None)],
            None => [("from", self.from.map(|from| from.to_string())), ("to", self.to.map(|to| to.to_string()))],
        };
        line.into_iter().chain(fields).chain(days.into_iter().filter_map(|(name, value)| Some((name, value?)))).collect()
    }

    /// The same, with what the fields ask for in the line: as a view keeps it.
    pub fn as_view(&self) -> Vec<(&'static str, String)> {
        let line = Some(self.line.text().to_owned()).filter(|line| !line.is_empty());
        let fields = self.fields.iter().filter_map(|(_, value, term)| Some(spelt(term.wants.qualifier()?, value)));
        let line = line.into_iter().chain(fields).collect::<Vec<_>>().join(" ");
        let days = self.parts().into_iter().filter(|(name, _)| ["range", "from", "to"].contains(name));
        [(LINE, line)].into_iter().filter(|(_, line)| !line.is_empty()).chain(days).collect()
    }

    /// Everything that a row has to be like, but for when it happened.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.fields.iter().map(|(_, _, term)| term).chain(self.line.terms())
    }

    /// The same, of what happened from then on.
    #[must_use]
    pub fn since(&self, at: DateTime<Utc>) -> Self {
        Self { since: Some(at), ..self.clone() }
    }

    /// When the rows happened.
    pub fn times(&self) -> Range<DateTime<Utc>> {
        let began = self.terms().find_map(|term| match &term.wants {
            Wants::Request(request) if !term.is_left_out => {
                let (seconds, nanos) = request.0.get_timestamp()?.to_unix();
                DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
            }
            _ => None,
        });
        let starts = [Some(ALL_TIME.start), self.since, self.from.map(|from| from.start(self.zone)), began.map(|at| at - REQUEST_BEFORE)];
        let ends = [Some(ALL_TIME.end), self.to.map(|to| to.end(self.zone)), began.map(|at| at + REQUEST_AFTER)];
        starts.into_iter().flatten().max().unwrap_or(ALL_TIME.start)..ends.into_iter().flatten().min().unwrap_or(ALL_TIME.end)
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
        if credentials::is_like_one(&value) || value.contains(WITHHELD) {
            self.problem(field, format!("{label} looks like a secret. Search for its id instead; the secret is not kept here."));
            return None;
        }
        self.entered.insert(field, value.clone());
        if value.chars().count() > VALUE_MAX {
            self.problem(field, format!("{label} is longer than {VALUE_MAX} characters. Enter a part of it."));
            return None;
        }
        if value.chars().any(char::is_control) {
            self.problem(field, format!("{label} contains a character that cannot be searched for. Type it again by hand."));
            return None;
        }
        Some(value)
    }

    /// The line, or none at all where a part of it cannot be understood.
    fn line(&mut self) -> Line {
        let Some(entered) = self.query.get(LINE).map(|line| line.trim()).filter(|line| !line.is_empty()) else {
            return Line::default();
        };
        if !credentials::is_like_one(entered) && !entered.contains(WITHHELD) {
            self.entered.insert(LINE, entered.to_owned());
        }
        Line::read(entered).unwrap_or_else(|problems| {
            self.problems.extend(problems.into_iter().map(|message| FieldError { field: LINE, message }));
            Line::default()
        })
    }

    fn field(&mut self, qualifier: Qualifier, label: &str, line: &Line) -> Option<(&'static str, String, Term)> {
        let name = qualifier.name();
        let value = self.text(name, label)?;
        if line.terms().iter().any(|term| term.wants.qualifier() == Some(qualifier)) {
            self.problem(name, format!("{label} is asked for in this field, and in the line with “{name}:”. Leave one of them out."));
            return None;
        }
        match qualifier.read(&value) {
            Ok(wants) => Some((name, value, Term { is_left_out: false, wants })),
            Err(says) => {
                self.problem(name, capitalized(&says));
                None
            }
        }
    }

    fn within(&mut self) -> Option<Within> {
        let entered = self.text("range", "The range")?;
        let within = Within::ALL.into_iter().find(|within| within.name() == entered);
        if within.is_none() {
            let known = Within::ALL.map(Within::name).join(", ");
            self.problem("range", format!("This range is not known. Choose one of {known}."));
        }
        within
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

/// A sentence of its own.
fn capitalized(says: &str) -> String {
    let mut characters = says.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RequestId;

    fn asked(query: &[(&str, &str)], zone: &str) -> Asked {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::read(&query, zone, now())
    }

    fn now() -> DateTime<Utc> {
        "2026-11-22T20:00:00Z".parse().expect("a time")
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
            Asked::read_exact(&[("from", from), ("to", to)].map(|(name, value)| (name.to_owned(), value.to_owned())).into(), now())
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
    fn a_line_and_fields_ask_together_and_never_for_the_same() {
        let both = asked(&[("q", "outcome:denied shop"), ("actor", "ada"), ("from", "2026-11-22")], "UTC");
        assert_eq!((both.problems.len(), both.filter.terms().count()), (0, 3));
        let parts = [("q", "outcome:denied shop"), ("actor", "ada"), ("from", "2026-11-22")].map(|(name, value)| (name, value.to_owned()));
        assert_eq!(both.filter.parts(), parts);
        for line in ["actor:grace", "-actor:grace", "x ACTOR:grace"] {
            let twice = asked(&[("q", line), ("actor", "ada")], "UTC");
            assert_eq!(twice.problems[0].field, "actor", "{line}");
            assert!(twice.problems[0].message.contains("“actor:”"), "{line}: {}", twice.problems[0].message);
            assert_eq!(twice.filter.parts(), [("q", line.to_owned())], "{line}");
        }
        let wrong = asked(&[("q", " actor: x:y "), ("target", "shop")], "UTC");
        assert_eq!(wrong.problems.iter().map(|problem| problem.field).collect::<Vec<_>>(), ["q", "q"]);
        assert_eq!((wrong.entered("q").as_str(), wrong.filter.parts()), ("actor: x:y", vec![("target", "shop".to_owned())]));
    }

    #[test]
    fn a_stretch_ends_now_and_begins_where_the_reader_is() {
        let start = |range, zone| asked(&[("range", range)], zone).filter.times().start.to_rfc3339();
        assert_eq!(start("today", "UTC"), "2026-11-22T00:00:00+00:00");
        // It is half past one in the night of the 23rd there.
        assert_eq!(start("today", "Asia/Kolkata"), "2026-11-22T18:30:00+00:00");
        assert_eq!(start("7d", "UTC"), "2026-11-16T00:00:00+00:00");
        assert_eq!(asked(&[("range", "7d")], "UTC").filter.parts(), [("range", "7d".to_owned())]);
        assert_eq!(asked(&[("range", "8d")], "UTC").problems[0].field, "range");
        let both = asked(&[("range", "7d"), ("to", "2026-11-22")], "UTC");
        assert_eq!((both.problems[0].field, both.filter.parts()), ("range", vec![("to", "2026-11-22".to_owned())]));
    }

    #[test]
    fn a_requests_rows_are_looked_for_around_its_own_time() {
        let at: DateTime<Utc> = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
        let request = RequestId(crate::server::chance::uuid(at)).to_string();
        let times = asked(&[("request", &request)], "UTC").filter.times();
        assert!(times.contains(&at) && times.end - times.start < TimeDelta::days(2), "{times:?}");
        assert_eq!(asked(&[("request", "req_7zzzzzzzzzzzzzzzzzzzzzzzzz")], "UTC").filter.times(), ALL_TIME);
    }
}
