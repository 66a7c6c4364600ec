//! The time right before another, piece by piece: as many months where both ends are a month's, as many days where they are a
//! day's, and else as much time to the second.

use chrono::{DateTime, Datelike as _, Months, NaiveDate, Utc};
use chrono_tz::Tz;

use super::period::{Grain, day_start, month_start};

/// The counterpart of each bound. Days are the calendar's: the one before a day of 25 hours has 24, and is its counterpart.
pub fn bounds_before(bounds: &[DateTime<Utc>], grain: Grain, zone: Tz) -> Vec<DateTime<Utc>> {
    let (first, last) = (bounds[0], bounds[bounds.len() - 1]);
    let days: Option<Vec<NaiveDate>> = bounds.iter().map(|at| day_begun(*at, zone)).collect();
    match (days, grain) {
        (Some(days), Grain::Month) if days.iter().all(|day| month_start(*day) == *day) => {
            let months = months_between(days[0], days[days.len() - 1]);
            days.iter().map(|day| day_start(day.checked_sub_months(Months::new(months)).unwrap_or(*day), zone)).collect()
        }
        (Some(days), Grain::Day | Grain::Month) => {
            let length = days[days.len() - 1] - days[0];
            days.iter().map(|day| day_start(day.checked_sub_signed(length).unwrap_or(*day), zone)).collect()
        }
        _ => bounds.iter().map(|at| *at - (last - first)).collect(),
    }
}

/// The day that begins at that very moment.
fn day_begun(at: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
    let day = at.with_timezone(&zone).date_naive();
    (day_start(day, zone) == at).then_some(day)
}

fn months_between(from: NaiveDate, to: NaiveDate) -> u32 {
    let count = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
    u32::try_from(count(to) - count(from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{super::period::cut, *};

    fn day(text: &str, zone: Tz) -> DateTime<Utc> {
        day_start(text.parse().expect("a day"), zone)
    }

    fn before(from: DateTime<Utc>, to: DateTime<Utc>, grain: Grain, zone: Tz) -> (Vec<DateTime<Utc>>, Vec<DateTime<Utc>>) {
        let bounds = cut(&(from..to), grain, zone, 2000).expect("few");
        let before = bounds_before(&bounds, grain, zone);
        (bounds, before)
    }

    #[test]
    fn it_ends_where_the_other_begins_and_has_as_many_pieces() {
        use chrono_tz::{America::New_York, Asia::Kathmandu};
        for (from, to) in [("2026-10-28", "2026-11-04"), ("2026-10-01", "2026-12-01"), ("2026-11-01", "2026-11-02")] {
            for zone in [Tz::UTC, New_York, Kathmandu] {
                for grain in Grain::ALL {
                    let (bounds, before) = before(day(from, zone), day(to, zone), grain, zone);
                    assert_eq!(before.len(), bounds.len());
                    assert_eq!(before.last(), bounds.first(), "{from} {zone} {grain:?}");
                    assert!(before.windows(2).all(|pair| pair[0] < pair[1]), "{before:?}");
                }
            }
        }
    }

    #[test]
    fn days_are_the_calendars_and_months_are_whole() {
        use chrono_tz::America::New_York;
        let (_, days) = before(day("2026-11-02", New_York), day("2026-11-03", New_York), Grain::Day, New_York);
        assert_eq!((days[1] - days[0]).num_hours(), 25, "the day before has 25 hours");
        let (_, months) = before(day("2026-03-01", Tz::UTC), day("2026-05-01", Tz::UTC), Grain::Month, Tz::UTC);
        assert_eq!(months, ["2026-01-01", "2026-02-01", "2026-03-01"].map(|text| day(text, Tz::UTC)));
        let (_, so_far) = before(day("2026-11-01", Tz::UTC), day("2026-11-24", Tz::UTC), Grain::Month, Tz::UTC);
        assert_eq!(so_far, ["2026-10-09", "2026-11-01"].map(|text| day(text, Tz::UTC)), "a month so far: as many days");
        let hour = day("2026-11-02", Tz::UTC) + TimeDelta::minutes(15);
        let (_, hours) = before(hour, hour + TimeDelta::minutes(90), Grain::Hour, Tz::UTC);
        assert_eq!((hours[0], hours[hours.len() - 1]), (hour - TimeDelta::minutes(90), hour));
    }
}
