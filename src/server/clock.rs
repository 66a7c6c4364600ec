//! The time, as a parameter: production asks the system, tests move the hands.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, SubsecRound as _, TimeDelta, Utc};

#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// A clock that stands still until its hands are moved.
    pub fn stopped_at(start: DateTime<Utc>) -> (Self, Hands) {
        let hands = Hands(Arc::new(Mutex::new(start)));
        let read = hands.clone();
        (Self(Arc::new(move || read.read())), hands)
    }

    /// Now, in whole microseconds: what Postgres keeps, so that what is hashed is what is stored.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// Moves a stopped clock.
#[derive(Clone, Debug)]
pub struct Hands(Arc<Mutex<DateTime<Utc>>>);

impl Hands {
    fn read(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub fn advance(&self, by: TimeDelta) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now += by;
    }
}
