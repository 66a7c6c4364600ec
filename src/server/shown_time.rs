//! Times as people read them: how long ago, and exactly when in UTC and in the reader's own zone.

use std::sync::LazyLock;

use chrono::{
    DateTime, SecondsFormat, Utc,
    format::{Item, StrftimeItems},
};
use chrono_tz::Tz;

/// Read once: a page shows a hundred times.
static IN_UTC: LazyLock<Vec<Item<'static>>> = LazyLock::new(|| StrftimeItems::new("%-d %b %Y, %H:%M:%S UTC").collect());
static IN_ZONE: LazyLock<Vec<Item<'static>>> = LazyLock::new(|| StrftimeItems::new("%-d %b, %H:%M").collect());

/// One moment, three ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// For machines: RFC 3339 in UTC.
    pub rfc3339: String,
    /// On hover: UTC, and the reader's zone where it is another.
    pub absolute: String,
    /// What stands in the page.
    pub relative: String,
}

/// Who reads a page, and when.
#[derive(Clone, Debug)]
pub struct Reader {
    pub now: DateTime<Utc>,
    pub zone: String,
}

impl Reader {
    pub fn shown(&self, at: DateTime<Utc>) -> Shown {
        shown_time(at, self.now, &self.zone)
    }
}

/// `zone` is an IANA name; an unknown one reads as UTC.
fn shown_time(at: DateTime<Utc>, now: DateTime<Utc>, zone: &str) -> Shown {
    let utc = at.format_with_items(IN_UTC.iter());
    let absolute = match zone.parse::<Tz>() {
        Ok(zone) if zone != Tz::UTC => format!("{utc} ({} {zone})", at.with_timezone(&zone).format_with_items(IN_ZONE.iter())),
        _ => utc.to_string(),
    };
    Shown { rfc3339: at.to_rfc3339_opts(SecondsFormat::Secs, true), absolute, relative: relative(at, now) }
}

fn relative(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds();
    let is_ahead = seconds < 0;
    // What is over is told in whole units; what is still to come to the nearest, so that "7 days" are not 6 a second later.
    let told = |unit: i64| if is_ahead { (seconds.abs() + unit / 2) / unit } else { seconds / unit };
    let units = [(31_536_000, "year"), (2_592_000, "month"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];
    // The largest that fits, by what the next smaller one would say: 20 days are no month.
    let fits = |length: i64, smaller: i64| if is_ahead { told(smaller) * smaller >= length } else { seconds >= length };
    let (amount, unit) =
        units.windows(2).find(|pair| fits(pair[0].0, pair[1].0)).map_or((0, "second"), |pair| (told(pair[0].0), pair[0].1));
    let plural = if amount == 1 { "" } else { "s" };
    match (amount, is_ahead) {
        (0, _) => "just now".to_owned(),
        (_, true) => format!("in {amount} {unit}{plural}"),
        (_, false) => format!("{amount} {unit}{plural} ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn a_time_is_told_from_now_and_kept_exact() {
        let at = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
        assert_eq!(shown_time(at, at + TimeDelta::seconds(5), "UTC").relative, "just now");
        assert_eq!(shown_time(at, at + TimeDelta::minutes(1), "UTC").relative, "1 minute ago");
        assert_eq!(shown_time(at, at + TimeDelta::days(45), "UTC").relative, "1 month ago");
        assert_eq!(shown_time(at, at + TimeDelta::hours(47), "UTC").relative, "1 day ago");
        assert_eq!(shown_time(at, at - TimeDelta::hours(3), "UTC").relative, "in 3 hours");
        assert_eq!(shown_time(at, at - TimeDelta::seconds(7 * 86_400 - 2), "UTC").relative, "in 7 days");
        assert_eq!(shown_time(at, at - TimeDelta::days(20), "UTC").relative, "in 20 days");
        assert_eq!(shown_time(at, at - TimeDelta::seconds(30 * 86_400 - 60), "UTC").relative, "in 1 month");
        assert_eq!(shown_time(at, at - TimeDelta::seconds(86_400 - 60), "UTC").relative, "in 1 day");
        assert_eq!(shown_time(at, at - TimeDelta::hours(23), "UTC").relative, "in 23 hours");
        assert_eq!(shown_time(at, at - TimeDelta::seconds(90 * 86_400 - 60), "UTC").relative, "in 3 months");
        assert_eq!(shown_time(at, at - TimeDelta::seconds(86_400 - 5), "UTC").relative, "in 1 day");
        assert_eq!(shown_time(at, at - TimeDelta::seconds(20), "UTC").relative, "just now");
        assert_eq!(shown_time(at, at, "UTC").absolute, "21 Sep 2026, 14:13:20 UTC");
        assert_eq!(shown_time(at, at, "Asia/Tokyo").absolute, "21 Sep 2026, 14:13:20 UTC (21 Sep, 23:13 Asia/Tokyo)");
        assert_eq!(shown_time(at, at, "Nowhere/Else").absolute, "21 Sep 2026, 14:13:20 UTC");
    }
}
