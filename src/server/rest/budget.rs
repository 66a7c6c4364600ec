//! How much strangers may ask of a door that is open to all: so much each, and so much in all, in a stretch of time.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// In memory, for this node alone. It never grows past `in_all` addresses.
#[derive(Debug, Default)]
pub struct Budget {
    /// For one address; of IPv6, for one /64.
    pub each: u32,
    pub in_all: u32,
    pub window: TimeDelta,
    pub spent: Mutex<Spent>,
}

/// What was asked since `since`.
#[derive(Debug, Default)]
pub struct Spent {
    since: DateTime<Utc>,
    in_all: u32,
    by: HashMap<Option<IpAddr>, u32>,
}

impl Budget {
    /// Whether there is something left for whoever asks; if so, it is one less.
    pub fn spend(&self, from: Option<IpAddr>, now: DateTime<Utc>) -> bool {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if now - spent.since >= self.window {
            *spent = Spent { since: now, ..Spent::default() };
        }
        if spent.in_all >= self.in_all {
            return false;
        }
        let theirs = spent.by.entry(from.map(place_of)).or_default();
        if *theirs >= self.each {
            return false;
        }
        *theirs += 1;
        spent.in_all += 1;
        true
    }
}

fn place_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() & (u128::MAX << 64)).into()),
        ip @ IpAddr::V4(_) => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn it_runs_out_for_each_and_for_all_and_comes_back() {
        let budget = Budget { each: 2, in_all: 3, window: TimeDelta::minutes(1), ..Budget::default() };
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let (one, other) = (Some(from("203.0.113.7")), Some(from("203.0.113.8")));
        assert_eq!([one, one, one].map(|ip| budget.spend(ip, now)), [true, true, false]);
        assert_eq!([other, other, None].map(|ip| budget.spend(ip, now)), [true, false, false]);
        assert!(!budget.spend(one, now + TimeDelta::seconds(59)));
        assert!(budget.spend(one, now + TimeDelta::seconds(60)));
    }

    #[test]
    fn a_network_of_one_person_is_one_address() {
        let budget = Budget { each: 1, in_all: 9, window: TimeDelta::minutes(1), ..Budget::default() };
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        assert!(budget.spend(Some(from("2001:db8::1")), now));
        assert!(!budget.spend(Some(from("2001:db8::ffff:1")), now));
        assert!(budget.spend(Some(from("2001:db8:0:1::1")), now));
        assert!(budget.spend(Some(from("::ffff:203.0.113.7")), now));
        assert!(!budget.spend(Some(from("203.0.113.7")), now));
    }
}
