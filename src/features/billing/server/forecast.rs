//! How the month ends if it goes on as it did lately. An assumption, said with every figure; nothing is said where there is less
//! than a day to go by.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::store;
use crate::{
    error::AppError,
    ids::TenantId,
    money::Nanos,
    server::{
        scope::{Reach, Scope},
        standing::month_of,
    },
};

/// So far back at most: a week has its weekend.
const WINDOW: TimeDelta = TimeDelta::days(7);
const LEAST: TimeDelta = TimeDelta::days(1);
/// What is added up is of a quarter of an hour.
const QUARTER: i64 = 900;

/// What a credential of a workspace spent lately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    pub workspace: Uuid,
    pub credential: Option<Uuid>,
    /// Within the window.
    pub nanos: i64,
    /// When something was used first, as far as was looked back.
    pub since: DateTime<Utc>,
    /// It was used earlier too.
    pub is_older: bool,
}

/// How fast something is spent: so much in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub nanos: i64,
    pub seconds: i64,
}

impl Pace {
    /// What it adds in so many seconds, rounded down.
    fn adds(self, seconds: i64) -> i128 {
        i128::from(self.nanos) * i128::from(seconds.max(0)) / i128::from(self.seconds.max(1))
    }

    /// In how many seconds it adds that much, rounded up; none where it never does.
    fn takes(self, nanos: i64) -> Option<i64> {
        if nanos <= 0 {
            return Some(0);
        }
        if self.nanos <= 0 {
            return None;
        }
        let (wanted, pace) = (i128::from(nanos) * i128::from(self.seconds), i128::from(self.nanos));
        i64::try_from((wanted + pace - 1) / pace).ok()
    }

    pub fn a_day(self) -> Nanos {
        Nanos(i64::try_from(self.adds(86_400)).unwrap_or(i64::MAX))
    }

    /// The assumption, in words: "at the pace of the last 7 days".
    pub fn says(self) -> String {
        let (days, hours) = (self.seconds / 86_400, self.seconds / 3600);
        if self.seconds >= WINDOW.num_seconds() {
            "at the pace of the last 7 days".to_owned()
        } else if days >= 2 {
            format!("at the pace of the last {days} days, since something was used first")
        } else {
            format!("at the pace of the last {hours} hours, since something was used first")
        }
    }
}

/// When a limit of the month is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaching {
    Already,
    At(DateTime<Utc>),
    NotThisMonth,
    /// Too little was used for saying.
    Unknown,
}

/// What was spent lately, of all that the reader sees.
#[derive(Clone, Debug)]
pub struct Lately {
    now: DateTime<Utc>,
    from: DateTime<Utc>,
    recent: Vec<Recent>,
}

impl Lately {
    pub async fn load<R: Reach>(scope: &mut Scope<R>, tenant: TenantId, workspace: Option<Uuid>) -> Result<Self, AppError> {
        let now = scope.now();
        let from = window(now);
        let recent = store::sums::recent(scope, tenant, workspace, from, month_of(from)).await?;
        Ok(Self { now, from, recent })
    }

    /// Of these alone.
    pub fn retain(&mut self, sees: impl Fn(&Recent) -> bool) {
        self.recent.retain(sees);
    }

    /// Of all of it, of one workspace, or of one of its credentials. None where there is less than a day to go by.
    pub fn pace(&self, workspace: Option<Uuid>, credential: Option<Uuid>) -> Option<Pace> {
        let of = |recent: &&Recent| {
            workspace.is_none_or(|workspace| recent.workspace == workspace) && (credential.is_none() || recent.credential == credential)
        };
        let first = self.recent.iter().filter(of).map(|recent| if recent.is_older { self.from } else { recent.since }).min()?;
        let seconds = (self.now - first.max(self.from)).num_seconds();
        let nanos = self.recent.iter().filter(of).map(|recent| recent.nanos).sum();
        (seconds >= LEAST.num_seconds()).then_some(Pace { nanos, seconds })
    }

    /// What is spent by then, where so much is now.
    pub fn by(&self, pace: Pace, spent: Nanos, ends: DateTime<Utc>) -> Nanos {
        let all = i128::from(spent.0) + pace.adds((ends - self.now).num_seconds());
        Nanos(i64::try_from(all).unwrap_or(i64::MAX))
    }

    /// When so much is spent, where that is before the month ends.
    pub fn reaching(&self, pace: Option<Pace>, spent: Nanos, limit: Nanos, ends: DateTime<Utc>) -> Reaching {
        if spent >= limit {
            return Reaching::Already;
        }
        let Some(pace) = pace else { return Reaching::Unknown };
        let seconds = pace.takes(limit.0.saturating_sub(spent.0)).filter(|seconds| *seconds < (ends - self.now).num_seconds());
        seconds.map_or(Reaching::NotThisMonth, |seconds| Reaching::At(self.now + TimeDelta::seconds(seconds)))
    }
}

/// Where the window begins: at a whole quarter of an hour.
fn window(now: DateTime<Utc>) -> DateTime<Utc> {
    let from = now - WINDOW;
    from - TimeDelta::seconds(from.timestamp().rem_euclid(QUARTER)) - TimeDelta::nanoseconds(i64::from(from.timestamp_subsec_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: Uuid = Uuid::from_u128(1);
    const KEY: Uuid = Uuid::from_u128(2);
    const DOLLAR: i64 = 1_000_000_000;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    fn lately(recent: Vec<Recent>) -> Lately {
        let now = at("2026-11-21T00:00:00Z");
        Lately { now, from: window(now), recent }
    }

    fn recent(credential: Option<Uuid>, dollars: i64, since: &str) -> Recent {
        Recent { workspace: SHOP, credential, nanos: dollars * DOLLAR, since: at(since), is_older: false }
    }

    const ENDS: &str = "2026-12-01T00:00:00Z";

    #[test]
    fn a_month_ends_as_the_last_days_went_on() {
        let lately = lately(vec![recent(None, 7, "2026-11-01T00:00:00Z"), recent(Some(KEY), 7, "2026-11-19T00:00:00Z")]);
        let pace = lately.pace(None, None).expect("a pace");
        assert_eq!((pace.a_day(), pace.says().as_str()), (Nanos(2 * DOLLAR), "at the pace of the last 7 days"));
        assert_eq!(lately.by(pace, Nanos(30 * DOLLAR), at(ENDS)), Nanos(50 * DOLLAR));
        let key = lately.pace(Some(SHOP), Some(KEY)).expect("a pace");
        assert_eq!(
            (key.a_day(), key.says().as_str()),
            (Nanos(3_500_000_000), "at the pace of the last 2 days, since something was used first")
        );
        assert_eq!(lately.pace(Some(KEY), None), None, "of a workspace that used nothing nothing is said");
    }

    #[test]
    fn a_limit_is_reached_when_the_pace_fills_it_and_never_too_early() {
        let lately = lately(vec![recent(None, 7, "2026-11-01T00:00:00Z")]);
        let pace = lately.pace(None, None);
        let reaching = |spent, limit| lately.reaching(pace, Nanos(spent), Nanos(limit), at(ENDS));
        assert_eq!(reaching(5 * DOLLAR, 5 * DOLLAR), Reaching::Already);
        assert_eq!(reaching(3 * DOLLAR, 5 * DOLLAR), Reaching::At(at("2026-11-23T00:00:00Z")));
        // A nano-dollar more takes a part of a second more: the next whole one.
        assert_eq!(reaching(3 * DOLLAR - 1, 5 * DOLLAR), Reaching::At(at("2026-11-23T00:00:01Z")));
        assert_eq!(reaching(0, 10 * DOLLAR), Reaching::NotThisMonth, "with the month itself");
        assert_eq!(reaching(DOLLAR, 10 * DOLLAR), Reaching::At(at("2026-11-30T00:00:00Z")));
        assert_eq!(reaching(0, i64::MAX), Reaching::NotThisMonth);
    }

    #[test]
    fn too_little_says_nothing_and_nothing_lately_says_that_it_stays() {
        let new = lately(vec![recent(None, 7, "2026-11-20T00:15:00Z")]);
        assert_eq!(new.pace(None, None), None, "less than a day");
        assert_eq!(new.reaching(None, Nanos(1), Nanos(2), at(ENDS)), Reaching::Unknown);
        assert_eq!(new.reaching(None, Nanos(2), Nanos(2), at(ENDS)), Reaching::Already, "which needs no pace");
        let old = lately(vec![Recent { is_older: true, ..recent(None, 7, "2026-11-20T23:00:00Z") }]);
        assert_eq!(old.pace(None, None).map(Pace::a_day), Some(Nanos(DOLLAR)), "it was used before, and then not for days");
        let quiet = lately(vec![recent(None, 0, "2026-11-02T00:00:00Z")]);
        let pace = quiet.pace(None, None).expect("a pace");
        assert_eq!(quiet.by(pace, Nanos(9), at(ENDS)), Nanos(9));
        assert_eq!(quiet.reaching(Some(pace), Nanos(9), Nanos(10), at(ENDS)), Reaching::NotThisMonth);
    }

    #[test]
    fn no_sum_is_too_large() {
        let much = lately(vec![Recent { nanos: i64::MAX, ..recent(None, 0, "2026-11-02T00:00:00Z") }]);
        let pace = much.pace(None, None).expect("a pace");
        assert_eq!(much.by(pace, Nanos(i64::MAX), at(ENDS)), Nanos(i64::MAX));
        assert_eq!(window(at("2026-11-21T10:07:08.5Z")), at("2026-11-14T10:00:00Z"));
    }
}
