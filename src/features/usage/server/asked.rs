//! What the address of the figures asks for: which time, how finely cut, split by what, and of what alone.

use std::collections::HashMap;

use chrono::{DateTime, Days, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    before::bounds_before,
    channel::Channel,
    filter::{By, Filter, remedy},
    period::{Grain, Times, cut, day_after, day_start, month_start, next_hour},
    span::{self, Edge},
};
use crate::{
    error::FieldError,
    paths,
    server::{credentials::withholding, http::door::Parameters},
};

/// Bars of a page's chart at most; more are cut more coarsely.
pub const BARS_MAX: usize = 200;
/// Hours, days or months of one answer of the API at most.
pub const BUCKETS_MAX: usize = 1000;

/// Asks for a split by client of agents: by credential, of their channel alone.
pub const CLIENT: &str = "client";

/// What figures can be compared with: as long a time, right before.
pub const PREVIOUS: &str = "previous";

/// Words for stretches of time that end now.
pub const RANGES: [(&str, &str); 5] =
    [("24h", "Last 24 hours"), ("7d", "Last 7 days"), ("30d", "Last 30 days"), ("month", "This month"), ("custom", "From – to")];
const RANGE_DEFAULT: &str = "30d";

/// What the chart's bars are as high as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    #[default]
    Events,
    Amount,
}

#[derive(Clone, Debug)]
pub struct Asked {
    pub times: Times,
    pub grain: Grain,
    /// Where each hour, day or month begins, and where the last one ends.
    pub bounds: Vec<DateTime<Utc>>,
    pub by: By,
    pub filter: Filter,
    pub measure: Measure,
    /// Each figure stands beside its counterpart of as long before.
    pub compares: bool,
    /// Which page of the table, from 1. Another question begins at the first again.
    pub page: usize,
    pub zone: Tz,
    pub problems: Vec<FieldError>,
    /// What was entered, right or wrong.
    entered: HashMap<&'static str, String>,
}

impl Asked {
    /// As a page asks. What cannot be understood is named, and the rest holds; too fine a cut is made coarser.
    pub fn read(query: &Parameters, zone: &str, now: DateTime<Utc>) -> Self {
        let mut asked = Self::reading(query, zone.parse().unwrap_or(Tz::UTC), now);
        while let Err(problem) = asked.cut(BARS_MAX) {
            let coarser = asked.grain.coarser();
            if asked.grain == coarser {
                break;
            }
            if asked.entered.contains_key("grain") && asked.problems.iter().all(|known| known.field != "grain") {
                asked.problems.push(problem);
            }
            asked.grain = coarser;
        }
        asked
    }

    /// As a program asks: nothing is guessed.
    ///
    /// # Errors
    /// All that cannot be understood.
    pub fn read_exact(query: &Parameters, now: DateTime<Utc>) -> Result<Self, Vec<FieldError>> {
        let named = query.get("time_zone").map(|zone| zone.trim()).filter(|zone| !zone.is_empty());
        let zone = named.map_or(Some(Tz::UTC), |zone| zone.parse().ok());
        let mut asked = Self::reading(query, zone.unwrap_or(Tz::UTC), now);
        if zone.is_none() {
            let message = "This time zone is not known. Write one as the IANA database does: Europe/Berlin.".to_owned();
            asked.problems.push(FieldError { field: "time_zone", message });
        }
        if let Err(problem) = asked.cut(BUCKETS_MAX) {
            asked.problems.push(problem);
        }
        if asked.problems.is_empty() { Ok(asked) } else { Err(asked.problems) }
    }

    fn reading(query: &Parameters, zone: Tz, now: DateTime<Utc>) -> Self {
        let mut reading = Reading { query, problems: Vec::new(), entered: HashMap::new() };
        let (range, times) = reading.times(zone, now);
        let grain = reading.chosen("grain", Grain::named, "This grain is not known. Choose hour, day or month.");
        // A client of agents is a credential, and they alone come through this channel.
        let split = |word: &str| if word == CLIENT { Some((By::Credential, Some(Channel::Mcp))) } else { Some((By::named(word)?, None)) };
        let says = "This split is not known. Choose dimension, module, credential, client, member, operation or channel.";
        let (by, through) = reading.chosen("by", split, says).unwrap_or_default();
        let previous = |word: &str| (word == PREVIOUS).then_some(());
        let compares = reading.chosen("compare", previous, "This comparison is not known. Choose previous, or leave it out.").is_some();
        let page = reading.chosen("page", page_named, "This page is not known. Write a number from 1 on.").unwrap_or(1);
        let measure = if reading.enter("measure").as_deref() == Some("amount") { Measure::Amount } else { Measure::Events };
        let (mut filter, unknown) = Filter::read(query);
        filter.channel = filter.channel.or(through);
        for field in unknown {
            reading.enter(field);
            reading.problem(field, remedy(field));
        }
        let grain = grain.unwrap_or_else(|| grain_of(range, &times));
        let Reading { problems, entered, .. } = reading;
        let bounds = vec![times.start, times.end];
        Self { times, grain, bounds, by, filter, measure, compares, page, zone, problems, entered }
    }

    fn cut(&mut self, most: usize) -> Result<(), FieldError> {
        let grain = self.grain.name();
        self.bounds = cut(&self.times, self.grain, self.zone, most).ok_or_else(|| FieldError {
            field: "grain",
            message: format!("This time has more than {most} {grain}s. Choose a coarser grain, or a shorter time."),
        })?;
        Ok(())
    }

    /// Where the counterpart of each hour, day or month of as long before begins, and where the last one ends.
    pub fn bounds_before(&self) -> Vec<DateTime<Utc>> {
        bounds_before(&self.bounds, self.grain, self.zone)
    }

    /// As long a time, right before.
    pub fn before(&self) -> Times {
        let bounds = self.bounds_before();
        bounds[0]..bounds[bounds.len() - 1]
    }

    /// What stands in a field.
    pub fn entered(&self, name: &str) -> String {
        self.entered.get(name).cloned().unwrap_or_default()
    }

    pub fn range(&self) -> String {
        match self.entered("range") {
            range if !range.is_empty() => range,
            _ if self.entered.contains_key("from") || self.entered.contains_key("to") => "custom".to_owned(),
            _ => RANGE_DEFAULT.to_owned(),
        }
    }

    /// All that is asked, as a query spells it.
    pub fn parts(&self) -> Vec<(&'static str, String)> {
        let mut parts: Vec<(&'static str, String)> = ["range", "from", "to", "grain"].map(|name| (name, self.entered(name))).to_vec();
        parts.push(("by", self.by.name().to_owned()));
        parts.extend(self.filter.parts());
        if self.measure == Measure::Amount {
            parts.push(("measure", "amount".to_owned()));
        }
        if self.compares {
            parts.push(("compare", PREVIOUS.to_owned()));
        }
        parts.retain(|(_, value)| !value.is_empty());
        parts
    }

    /// The same question at `path`, but for what `other` says instead.
    pub fn address(&self, path: &str, other: &[(&'static str, String)]) -> String {
        let kept = self.parts().into_iter().filter(|(name, _)| !other.iter().any(|(another, _)| another == name));
        let parts: Vec<(&str, String)> = kept.chain(other.iter().cloned()).collect();
        let query: Vec<(&str, &str)> = parts.iter().map(|(name, value)| (*name, value.as_str())).collect();
        paths::asking(path, &query)
    }
}

fn page_named(text: &str) -> Option<usize> {
    text.parse().ok().filter(|page| *page > 0)
}

/// Where nobody says how finely: so that there are some dozens.
fn grain_of(range: &str, times: &Times) -> Grain {
    let days = (times.end - times.start).num_days();
    if range == "24h" || days <= 2 {
        Grain::Hour
    } else if days <= 93 {
        Grain::Day
    } else {
        Grain::Month
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

    fn enter(&mut self, field: &'static str) -> Option<String> {
        let entered = self.query.get(field).map(|value| value.trim()).filter(|value| !value.is_empty())?;
        // It stands in addresses, and in what is said of it.
        let entered = withholding(entered).into_owned();
        self.entered.insert(field, entered.clone());
        Some(entered)
    }

    fn chosen<T>(&mut self, field: &'static str, named: impl Fn(&str) -> Option<T>, otherwise: &str) -> Option<T> {
        let entered = self.enter(field)?;
        let chosen = named(&entered);
        if chosen.is_none() {
            self.problem(field, otherwise);
        }
        chosen
    }

    /// The word for the time, and the time.
    fn times(&mut self, zone: Tz, now: DateTime<Utc>) -> (&'static str, Times) {
        let named = |text: &str| RANGES.into_iter().map(|(word, _)| word).find(|word| *word == text);
        let range = self.chosen("range", named, "This range is not known. Choose one of the list.");
        let edges = [("from", Edge::Start), ("to", Edge::End)].map(|(field, edge)| {
            let entered = self.enter(field)?;
            let read = span::read(&entered, edge, zone).and_then(span::whole_quarter);
            read.map_err(|says| self.problem(field, format!("{} ({entered}) {says}", span::label(edge)))).ok()
        });
        match (range, edges) {
            (None | Some("custom"), [from, to]) if from.is_some() || to.is_some() => ("custom", self.between(from, to, zone, now)),
            (range, _) => {
                let word = range.filter(|word| *word != "custom").unwrap_or(RANGE_DEFAULT);
                (word, until_now(word, zone, now))
            }
        }
    }

    fn between(&mut self, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>, zone: Tz, now: DateTime<Utc>) -> Times {
        let end = to.unwrap_or_else(|| end_of_day(zone, now));
        let start = from.unwrap_or_else(|| end - TimeDelta::days(30));
        match span::check(&(start..end)) {
            Ok(()) => start..end,
            Err(says) => {
                self.problem("to", says);
                until_now(RANGE_DEFAULT, zone, now)
            }
        }
    }
}

fn until_now(word: &str, zone: Tz, now: DateTime<Utc>) -> Times {
    let today = now.with_timezone(&zone).date_naive();
    let days_ago = |days| day_start(today.checked_sub_days(Days::new(days)).unwrap_or(today), zone);
    match word {
        "24h" => {
            let end = next_hour(now, zone);
            next_hour(end - TimeDelta::hours(24) - TimeDelta::minutes(15), zone)..end
        }
        "7d" => days_ago(6)..end_of_day(zone, now),
        "month" => day_start(month_start(today), zone)..end_of_day(zone, now),
        _ => days_ago(29)..end_of_day(zone, now),
    }
}

fn end_of_day(zone: Tz, now: DateTime<Utc>) -> DateTime<Utc> {
    day_start(day_after(now.with_timezone(&zone).date_naive()), zone)
}
