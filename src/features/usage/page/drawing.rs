//! From figures to the chart's bars, bands and levels.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use super::{Shown, events_address};
use crate::{
    features::{
        billing::server::{PauseWindow, SpendCap},
        usage::server::{Asked, Figures, Grain, Measure, Source},
    },
    money::{Micros, Nanos},
    numbers::grouped,
    ui::charts::{Band, Bar, BarChart, Level},
};

/// A chart, ready to be drawn.
pub struct Drawn {
    caption: String,
    series: Vec<String>,
    bars: Vec<Bar>,
    bands: Vec<Band>,
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
            levels: if is_money { levels(&shown.caps, &shown.asked) } else { Vec::new() },
            shown: unit,
        }
    }

    pub fn view(self) -> impl IntoView {
        let Self { caption, series, bars, bands, levels, shown } = self;
        view! {
            <BarChart id="usage" caption=caption series=series bars=bars bands=bands band="Billable calls paused" levels=levels shown=shown/>
        }
    }
}

fn bars(figures: &Figures, asked: &Asked, source: &Source, is_money: bool) -> Vec<Bar> {
    let mut bars: Vec<Bar> = asked
        .bounds
        .windows(2)
        .map(|bounds| Bar {
            tick: asked.grain.tick(bounds[0], asked.zone),
            says: asked.grain.says(bounds[0], asked.zone),
            href: finer(asked, source, bounds[0], bounds[1]),
            values: vec![0; figures.parts.len()],
        })
        .collect();
    for row in &figures.rows {
        bars[row.bucket].values[row.part] = if is_money { row.nanos } else { row.events };
    }
    bars
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
    let last = to - chrono::TimeDelta::seconds(1);
    let other = [("range", "custom".to_owned()), ("from", day(from)), ("to", day(last)), ("grain", finer.name().to_owned())];
    asked.address(&source.address, &other)
}

fn band(pause: &PauseWindow, bounds: &[DateTime<Utc>]) -> Band {
    let (first, last) = (bounds[0], bounds[bounds.len() - 1]);
    let from = place(pause.since.max(first), bounds);
    let to = place(pause.ended_at.unwrap_or(last).min(last), bounds);
    Band { from, to, says: format!("Billable calls paused: {}", pause.reason.says()) }
}

/// Where a moment is, in thousandths of bars.
fn place(at: DateTime<Utc>, bounds: &[DateTime<Utc>]) -> i64 {
    let bar = bounds.windows(2).position(|pair| at < pair[1]).unwrap_or(bounds.len() - 2);
    let (start, end) = (bounds[bar], bounds[bar + 1]);
    let within = (at - start).num_seconds() * 1000 / (end - start).num_seconds().max(1);
    i64::try_from(bar).unwrap_or_default() * 1000 + within.clamp(0, 1000)
}

/// Caps are of a month: they are drawn where a bar is one.
fn levels(caps: &[SpendCap], asked: &Asked) -> Vec<Level> {
    if asked.grain != Grain::Month {
        return Vec::new();
    }
    let of_all = caps.iter().filter(|cap| cap.credential.is_none());
    of_all
        .map(|cap| {
            let kind = if cap.hard { "Hard" } else { "Soft" };
            let value = Nanos::from(Micros(cap.micros)).0;
            Level { value, says: format!("{kind} cap of this workspace: {} a month", Nanos(value).exact()) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
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
