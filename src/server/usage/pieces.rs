//! What stretches of time are made of, as sums are kept: whole days (UTC), then whole hours, and quarters at the edges.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Stretches of time, none of which is in two: together they are what was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    pub days: Stretches,
    pub hours: Stretches,
    /// What is left: sums of quarters of an hour that begin in it.
    pub quarters: Stretches,
}

/// One behind the other, as a statement takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stretches {
    pub from: Vec<DateTime<Utc>>,
    pub until: Vec<DateTime<Utc>>,
}

impl Stretches {
    fn push(&mut self, stretch: &Range<DateTime<Utc>>) {
        match self.until.last_mut() {
            Some(last) if *last == stretch.start => *last = stretch.end,
            _ => {
                self.from.push(stretch.start);
                self.until.push(stretch.end);
            }
        }
    }
}

impl Pieces {
    /// Of the stretches between each bound and the next, no day or hour of which is in two of them.
    pub fn between(bounds: &[DateTime<Utc>]) -> Self {
        let mut pieces = Self::default();
        for pair in bounds.windows(2) {
            pieces.add(&(pair[0]..pair[1]));
        }
        pieces
    }

    fn add(&mut self, times: &Range<DateTime<Utc>>) {
        match whole(times, DAY) {
            Some(days) => {
                self.add_hours(&(times.start..days.start));
                self.days.push(&days);
                self.add_hours(&(days.end..times.end));
            }
            None => self.add_hours(times),
        }
    }

    fn add_hours(&mut self, times: &Range<DateTime<Utc>>) {
        let hours = whole(times, HOUR);
        let rest = match &hours {
            Some(hours) => [times.start..hours.start, hours.end..times.end],
            None => [times.clone(), times.end..times.end],
        };
        if let Some(hours) = hours {
            self.hours.push(&hours);
        }
        for rest in rest.into_iter().filter(|rest| rest.start < rest.end) {
            self.quarters.push(&rest);
        }
    }
}

/// All whole days or hours within these times; none where there is none.
fn whole(times: &Range<DateTime<Utc>>, seconds: i64) -> Option<Range<DateTime<Utc>>> {
    let start = floor(times.start, seconds);
    let start = if start < times.start { start + TimeDelta::seconds(seconds) } else { start };
    let end = floor(times.end, seconds);
    (start < end).then_some(start..end)
}

fn floor(at: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    at - TimeDelta::seconds(at.timestamp().rem_euclid(seconds)) - TimeDelta::nanoseconds(i64::from(at.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("2026-11-{text}:00Z").parse().expect("a time")
    }

    fn said(stretches: &Stretches) -> Vec<String> {
        let text = |at: &DateTime<Utc>| at.format("%dT%H:%M").to_string();
        stretches.from.iter().zip(&stretches.until).map(|(from, until)| format!("{}-{}", text(from), text(until))).collect()
    }

    fn pieces(bounds: &[&str]) -> [Vec<String>; 3] {
        let pieces = Pieces::between(&bounds.iter().map(|text| at(text)).collect::<Vec<_>>());
        [said(&pieces.days), said(&pieces.hours), said(&pieces.quarters)]
    }

    const NONE: [&str; 0] = [];

    #[test]
    fn days_that_are_whole_are_days_and_stand_together() {
        assert_eq!(pieces(&["01T00:00", "02T00:00", "05T00:00"]), [vec!["01T00:00-05T00:00"], NONE.to_vec(), NONE.to_vec()]);
        let around = pieces(&["01T22:45", "04T01:30"]);
        assert_eq!(
            around,
            [vec!["02T00:00-04T00:00"], vec!["01T23:00-02T00:00", "04T00:00-04T01:00"], vec!["01T22:45-01T23:00", "04T01:00-04T01:30"]]
        );
    }

    #[test]
    fn days_of_other_zones_are_hours_and_of_half_hours_quarters_at_the_edges() {
        assert_eq!(pieces(&["01T05:00", "02T05:00", "03T05:00"]), [NONE.to_vec(), vec!["01T05:00-03T05:00"], NONE.to_vec()]);
        let kolkata = pieces(&["01T18:30", "02T18:30"]);
        assert_eq!(kolkata, [NONE.to_vec(), vec!["01T19:00-02T18:00"], vec!["01T18:30-01T19:00", "02T18:00-02T18:30"]]);
        assert_eq!(pieces(&["01T18:15", "01T18:45"]), [NONE.to_vec(), NONE.to_vec(), vec!["01T18:15-01T18:45"]]);
    }

    #[test]
    fn an_hour_that_is_in_two_stretches_is_told_apart() {
        assert_eq!(pieces(&["01T18:00", "01T18:30", "01T19:00"]), [NONE.to_vec(), NONE.to_vec(), vec!["01T18:00-01T19:00"]]);
    }
}
