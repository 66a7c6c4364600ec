//! From figures to the chart's bars, bands and levels.

use chrono::{DateTime, Datelike as _, TimeDelta, Utc};
use leptos::prelude::*;

use super::{
    Shown, events_address,
    pauses::{PauseShown, calls},
};
use crate::{
    features::{
        billing::server::SpendCap,
        usage::server::{Asked, CredentialFilter, Figures, Grain, Measure, Source},
    },
    money::{Micros, Nanos},
    numbers::grouped,
    server::standing,
    ui::charts::{Band, Bar, BarChart, Level, Mark},
};

/// A chart, ready to be drawn.
pub struct Drawn {
    caption: String,
    series: Vec<String>,
    bars: Vec<Bar>,
    bands: Vec<Band>,
    before: Option<&'static str>,
    levels: Vec<Level>,
    shown: fn(i64) -> String,
}

impl Drawn {
    pub fn of(shown: &Shown) -> Self {
        let is_money = shown.asked.measure == Measure::Amount && shown.source.sees_money;
        let (what, unit): (_, fn(i64) -> String) =
            if is_money { ("Amount, in US dollars", |nanos| Nanos(nanos).exact()) } else { ("Events", grouped) };
        Self {
            caption: format!("{what}, by {}", shown.asked.grain.name()),
            series: shown.figures.parts.iter().map(|part| part.label.clone()).collect(),
            bars: bars(&shown.figures, &shown.asked, &shown.source, is_money),
            bands: shown.pauses.iter().map(|pause| band(pause, &shown.asked.bounds)).collect(),
            before: shown.asked.compares.then_some("As long before"),
            levels: if is_money { levels(&shown.caps, &shown.asked) } else { Vec::new() },
            shown: unit,
        }
    }

    pub fn view(self) -> impl IntoView {
        let Self { caption, series, bars, bands, before, levels, shown } = self;
        view! {
            <BarChart
                id="usage"
                caption=caption
                series=series
                bars=bars
                bands=bands
                band="Billable calls paused"
                before=before
                levels=levels
                shown=shown
            />
        }
    }
}

fn bars(figures: &Figures, asked: &Asked, source: &Source, is_money: bool) -> Vec<Bar> {
    let before = asked.compares.then(|| asked.bounds_before());
    let mut bars: Vec<Bar> = asked
        .bounds
        .windows(2)
        .enumerate()
        .map(|(place, bounds)| Bar {
            tick: asked.grain.tick(bounds[0], asked.zone),
            says: asked.grain.says(bounds[0], asked.zone),
            href: finer(asked, source, bounds[0], bounds[1]),
            values: vec![0; figures.parts.len()],
            before: before.as_ref().map(|before| Mark { value: 0, says: counterpart(before[place], asked) }),
        })
        .collect();
    for row in &figures.rows {
        let bar = &mut bars[row.bucket];
        bar.values[row.part] = if is_money { row.nanos } else { row.events };
        if let (Some(mark), Some(before)) = (&mut bar.before, row.before) {
            mark.value += if is_money { before.nanos } else { before.events };
        }
    }
    bars
}

/// As many days before a month so far there is no whole month: it is named by where it begins.
fn counterpart(at: DateTime<Utc>, asked: &Asked) -> String {
    let is_cut = asked.grain == Grain::Month && at.with_timezone(&asked.zone).day() != 1;
    if is_cut { format!("from {} on", Grain::Day.says(at, asked.zone)) } else { asked.grain.says(at, asked.zone) }
}

/// The next finer view of a bar: a month by day, a day by hour, an hour event by event.
fn finer(asked: &Asked, source: &Source, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let finer = match asked.grain {
        Grain::Hour => return events_address(source, &(from..to), &asked.filter),
        Grain::Day => Grain::Hour,
        Grain::Month => Grain::Day,
    };
    let day = |at: DateTime<Utc>| at.with_timezone(&asked.zone).date_naive().to_string();
    // The last moment of it is of its last day.
    let last = to - TimeDelta::seconds(1);
    let other = [("range", "custom".to_owned()), ("from", day(from)), ("to", day(last)), ("grain", finer.name().to_owned())];
    asked.address(&source.address, &other)
}

fn band(pause: &PauseShown, bounds: &[DateTime<Utc>]) -> Band {
    let (first, last) = (bounds[0], bounds[bounds.len() - 1]);
    let PauseShown { window, refused } = pause;
    let from = place(window.since.max(first), bounds);
    let to = place(window.ended_at.unwrap_or(last).min(last), bounds);
    let refused = refused.map(|times| format!(" {} refused.", calls(times))).unwrap_or_default();
    Band { from, to, says: format!("Billable calls paused: {}{refused}", window.reason.says()) }
}

/// Where a moment is, in thousandths of bars.
fn place(at: DateTime<Utc>, bounds: &[DateTime<Utc>]) -> i64 {
    let bar = bounds.windows(2).position(|pair| at < pair[1]).unwrap_or(bounds.len() - 2);
    let (start, end) = (bounds[bar], bounds[bar + 1]);
    let within = (at - start).num_seconds() * 1000 / (end - start).num_seconds().max(1);
    i64::try_from(bar).unwrap_or_default() * 1000 + within.clamp(0, 1000)
}

/// Caps are of a month (UTC): where a bar is one they are drawn as they are, and where it is less, as the even share of a bar: spent so,
/// the cap would just last. Of a key alone where only that key's bars are drawn, or nothing would ever reach it.
fn levels(caps: &[SpendCap], asked: &Asked) -> Vec<Level> {
    let key = match asked.filter.credential {
        Some(CredentialFilter::Of(key)) => Some(key.0),
        _ => None,
    };
    let hours = hours_of_month(asked.bounds[asked.bounds.len() - 1] - TimeDelta::seconds(1));
    let (share, each) = match asked.grain {
        Grain::Month => (1, ""),
        Grain::Day => (hours / 24, "day"),
        Grain::Hour => (hours, "hour"),
    };
    let drawn = caps.iter().filter(|cap| cap.credential.is_none() || cap.credential == key);
    drawn
        .map(|cap| {
            let kind = if cap.hard { "Hard" } else { "Soft" };
            let of = if cap.credential.is_some() { "this key" } else { "this workspace" };
            let (whole, value) = (Nanos::from(Micros(cap.micros)), Nanos::from(Micros(cap.micros)).0 / share);
            let share = if share == 1 { String::new() } else { format!(", spread evenly {} a{} {each}", Nanos(value), article(each)) };
            Level { value, says: format!("{kind} cap of {of}: {} a month{share}", whole.exact()) }
        })
        .collect()
}

fn article(noun: &str) -> &'static str {
    if noun == "hour" { "n" } else { "" }
}

/// Of the calendar month (UTC) that the moment is in.
fn hours_of_month(at: DateTime<Utc>) -> i64 {
    let month = standing::month_of(at).and_time(chrono::NaiveTime::MIN).and_utc();
    (standing::month_after(at) - month).num_hours()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn a_cap_is_spread_over_the_bars_of_its_month() {
        let caps = [
            SpendCap { workspace: None, credential: None, micros: 30_000_000, hard: true },
            SpendCap { workspace: None, credential: Some(uuid::Uuid::max()), micros: 15_000_000, hard: false },
        ];
        let drawn = |query: &[(&str, &str)]| {
            let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            let asked = Asked::read(&query, "UTC", at("2026-11-23T12:00:00Z"));
            levels(&caps, &asked).into_iter().map(|level| (level.value, level.says)).collect::<Vec<_>>()
        };
        let month = drawn(&[("range", "month"), ("grain", "month")]);
        assert_eq!(month, [(30_000_000_000, "Hard cap of this workspace: $30.00 a month".to_owned())]);
        let day = drawn(&[("range", "month"), ("grain", "day")]);
        assert_eq!(day, [(1_000_000_000, "Hard cap of this workspace: $30.00 a month, spread evenly $1.00 a day".to_owned())]);
        let key = crate::ids::ApiKeyId(uuid::Uuid::max()).to_string();
        let hour = drawn(&[("range", "24h"), ("credential", &key)]);
        assert_eq!(hour.len(), 2, "{hour:?}");
        assert_eq!(hour[1], (20_833_333, "Soft cap of this key: $15.00 a month, spread evenly $0.02 an hour".to_owned()));
    }

    #[test]
    fn a_moment_stands_where_its_bar_is() {
        let bounds = ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-03T01:00:00Z"].map(at);
        let of = |text| place(at(text), &bounds);
        assert_eq!(of("2026-11-01T00:00:00Z"), 0);
        assert_eq!(of("2026-11-01T12:00:00Z"), 500);
        assert_eq!(of("2026-11-02T00:00:00Z"), 1000);
        assert_eq!(of("2026-11-02T12:30:00Z"), 1500, "a day of 25 hours is as wide as any");
        assert_eq!(of("2026-11-03T01:00:00Z"), 2000);
    }
}
