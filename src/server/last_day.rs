//! Last days: what people mean by an end date, and the moment it comes to.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// The moment at which a day is over in a zone (an IANA name; an unknown one reads as UTC).
pub fn end_of(day: NaiveDate, zone: &str) -> Option<DateTime<Utc>> {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    let midnight = day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
    // Where clocks are put forward at midnight, the next day begins an hour later.
    (0..=2).find_map(|hours| zone.from_local_datetime(&(midnight + TimeDelta::hours(hours))).earliest()).map(|moment| moment.to_utc())
}

/// The last day, in a zone, before a moment.
pub fn before(end: DateTime<Utc>, zone: &str) -> NaiveDate {
    let zone: Tz = zone.parse().unwrap_or(Tz::UTC);
    (end - TimeDelta::microseconds(1)).with_timezone(&zone).date_naive()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_day_lasts_to_its_own_midnight() {
        for (zone, ends) in [
            ("UTC", "2026-12-01T00:00:00+00:00"),
            ("Asia/Tokyo", "2026-11-30T15:00:00+00:00"),
            ("America/New_York", "2026-12-01T05:00:00+00:00"),
            ("Nowhere/Else", "2026-12-01T00:00:00+00:00"),
        ] {
            let end = end_of(day("2026-11-30"), zone).expect("a moment");
            assert_eq!(end.to_rfc3339(), ends, "{zone}");
            assert_eq!(before(end, zone), day("2026-11-30"), "{zone}");
        }
    }

    #[test]
    fn a_midnight_that_does_not_exist_is_an_hour_later() {
        // Clocks in Asunción went from 23:59:59 to 01:00:00 then.
        let end = end_of(day("2023-09-30"), "America/Asuncion").expect("a moment");
        assert_eq!(end.to_rfc3339(), "2023-10-01T04:00:00+00:00");
        assert_eq!(before(end, "America/Asuncion"), day("2023-09-30"));
    }

    #[test]
    fn the_last_day_of_all_time_has_no_end() {
        assert_eq!(end_of(NaiveDate::MAX, "UTC"), None);
    }
}
