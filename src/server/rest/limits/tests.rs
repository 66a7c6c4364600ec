//! What a node lets through of the shares that it is given, without a database.

use chrono::TimeDelta;

use super::{shares::Share, *};

const TENANT: TenantId = TenantId(Uuid::nil());

fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

/// As the database gives shares: one row a limit.
#[derive(Default)]
struct Given {
    minute: i64,
    before: u32,
    in_all: u32,
}

impl Given {
    fn share(&mut self, limit: u32, wanted: u32, moment: Moment) -> Share {
        if moment.minute > self.minute {
            self.before = if moment.minute == self.minute + 1 { self.in_all } else { 0 };
            (self.minute, self.in_all) = (moment.minute, 0);
        }
        let room = limit.saturating_sub(self.in_all + self.before * (MINUTE - moment.second) / MINUTE);
        let granted = wanted.min(room);
        self.in_all += granted;
        Share { granted, before: self.before, given: self.in_all }
    }
}

/// A call, as [`super::super::call`] makes it.
fn call(limits: &Limits, given: &mut Given, limit: u32, now: DateTime<Utc>) -> Counted {
    let key = Uuid::from_u128(7);
    if let Some(asked) = limits.wanted(key, Moment::of(now), now) {
        let (id, _, wanted) = asked.limits[0];
        let share = given.share(limit, wanted, Moment::of(now));
        limits.known().windows.entry(id).or_default().take(wanted, &share, Moment::of(now), now);
    }
    limits.count(key, TENANT, &[(key, limit)], false, now)
}

fn calls(limits: &Limits, given: &mut Given, limit: u32, now: DateTime<Utc>) -> usize {
    (0..1000).take_while(|_| call(limits, given, limit, now).refused.is_none()).count()
}

#[test]
fn a_minute_holds_so_many_calls_and_slides() {
    let (limits, mut given) = (Limits::default(), Given::default());
    assert_eq!(calls(&limits, &mut given, 60, start()), 60);
    let refused = call(&limits, &mut given, 60, start() + TimeDelta::seconds(30));
    assert_eq!((refused.refused, refused.rate.map(|rate| rate.remaining)), (Some((60, 31)), Some(0)));
    // Half of the minute before still counts.
    assert_eq!(calls(&limits, &mut given, 60, start() + TimeDelta::seconds(90)), 30);
    assert_eq!(calls(&limits, &mut given, 60, start() + TimeDelta::seconds(600)), 60);
}

#[test]
fn nodes_together_let_through_what_one_would_and_a_share_each_at_most() {
    for limit in [1, 2, 19, 20, 60, 601] {
        let (one, other, mut given) = (Limits::default(), Limits::default(), Given::default());
        let mut through = 0;
        // In turns, which is when most shares lie around.
        for _ in 0..limit + 100 {
            for node in [&one, &other] {
                through += u32::from(call(node, &mut given, limit, start()).refused.is_none());
            }
        }
        let share = (limit / 20).max(1);
        assert!((limit.saturating_sub(share)..=limit + 2 * share).contains(&through), "{through} of {limit}");
    }
}

#[test]
fn the_tighter_one_is_said_and_neither_is_counted_where_one_refuses() {
    let (key, workspace) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let limits = Limits::default();
    let both = [(key, 1), (workspace, 100)];
    let remaining =
        |limits: &Limits, of: &[(Uuid, u32)]| limits.count(key, TENANT, of, false, start()).rate.map(|rate| (rate.limit, rate.remaining));
    assert_eq!(remaining(&limits, &both), Some((1, 0)));
    let refused = limits.count(key, TENANT, &both, false, start());
    assert!(refused.is_early, "on credit it has been called, and nobody asked for a share yet");
    assert_eq!(remaining(&limits, &both[1..]), Some((100, 98)), "of two calls");
}

#[test]
fn who_was_given_nothing_asks_again_after_a_second() {
    let (limits, mut given) = (Limits::default(), Given::default());
    assert_eq!(calls(&limits, &mut given, 20, start()), 20);
    let key = Uuid::from_u128(7);
    let asks = |after: i64| limits.wanted(key, Moment::of(start()), start() + TimeDelta::milliseconds(after)).is_some();
    assert!(!asks(0) && !asks(999) && asks(1000));
    assert!(!limits.count(key, TENANT, &[(key, 20)], false, start()).is_early);
}

#[test]
fn a_call_that_comes_late_over_the_minutes_end_frees_nothing() {
    let (limits, mut given) = (Limits::default(), Given::default());
    let end = start() + TimeDelta::milliseconds(59_999);
    assert_eq!(calls(&limits, &mut given, 60, end + TimeDelta::milliseconds(1)), 60);
    assert_eq!(calls(&limits, &mut given, 60, end), 0);
}

#[test]
fn without_a_limit_nothing_is_said() {
    assert_eq!(Limits::default().count(Uuid::nil(), TENANT, &[], false, start()), Counted::default());
}

#[test]
fn those_that_stopped_calling_are_forgotten() {
    let limits = Limits::default();
    for caller in 0..100 {
        limits.count(Uuid::from_u128(caller), TENANT, &[(Uuid::from_u128(caller), 9)], false, start());
    }
    limits.count(Uuid::nil(), TENANT, &[(Uuid::nil(), 9)], false, start() + TimeDelta::minutes(5));
    let known = limits.known();
    assert_eq!((known.windows.len(), known.callers.len()), (1, 1));
}
