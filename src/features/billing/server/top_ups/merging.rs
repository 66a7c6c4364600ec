//! What is known of a top-up after something more was told: the same, in whatever order it was told, and however often.

use chrono::{DateTime, Utc};

use crate::{money::Micros, server::payment::What};

/// As it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub state: String,
    pub because: Option<String>,
    pub customer: Option<String>,
    pub session: Option<String>,
    pub payment: Option<String>,
    pub paid_at: Option<DateTime<Utc>>,
    pub paid: Option<i64>,
    pub refunded: i64,
    pub credited: i64,
    pub returned: i64,
    pub dispute_name: Option<String>,
    pub dispute: Option<String>,
}

/// How a dispute can end.
const ENDS: [&str; 4] = ["won", "lost", "warning_closed", "prevented"];

impl Known {
    /// With what was told beside it.
    #[must_use]
    pub fn hearing(mut self, what: &What, at: DateTime<Utc>) -> Self {
        let is_unpaid = matches!(self.state.as_str(), "asked" | "open");
        match what {
            What::Paid(amount) if self.paid.is_none() && amount.0 > 0 => {
                self.become_state("paid", None);
                (self.paid, self.paid_at) = (Some(amount.0), Some(at));
            }
            What::Announced if is_unpaid => self.become_state("announced", None),
            What::Declined if self.paid.is_none() => self.become_state("failed", Some("declined")),
            What::Expired if is_unpaid => self.become_state("failed", Some("expired")),
            // In all, and never less than was told before.
            What::Refunded(amount) => self.refunded = self.refunded.max(amount.0),
            What::Disputed { name, state, .. } if !self.has_ended(name) => {
                (self.dispute_name, self.dispute) = (Some(name.clone()), Some(state.clone()));
            }
            What::Paid(_) | What::Announced | What::Declined | What::Expired | What::Disputed { .. } => {}
        }
        self
    }

    /// Whether that dispute is over: what is told of it after that was told late.
    fn has_ended(&self, name: &str) -> bool {
        self.dispute_name.as_deref() == Some(name) && self.dispute.as_deref().is_some_and(|state| ENDS.contains(&state))
    }

    /// Whether something new is known of a dispute since then: how far it is, or that there is another one.
    pub fn has_news_of_dispute(&self, before: &Self) -> bool {
        (&before.dispute_name, &before.dispute) != (&self.dispute_name, &self.dispute)
    }

    fn become_state(&mut self, state: &str, because: Option<&str>) {
        state.clone_into(&mut self.state);
        self.because = because.map(str::to_owned);
    }

    /// What is to be credited: nothing before it is paid, and nothing twice.
    pub fn to_credit(&self) -> Option<Micros> {
        self.paid.filter(|_| self.credited == 0).map(Micros)
    }

    /// What of the credit goes back: the difference to what went back already. Before it was credited nothing does.
    pub fn to_return(&self) -> Option<Micros> {
        let missing = self.refunded.min(self.credited) - self.returned;
        (missing > 0).then_some(Micros(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open() -> Known {
        Known { state: "open".to_owned(), ..Known::default() }
    }

    /// Hears everything and posts what that asks for; returns what is known, and what was posted.
    fn told(events: &[What]) -> (Known, Vec<i64>) {
        events.iter().fold((open(), Vec::new()), |(known, mut posted), what| {
            let mut known = known.hearing(what, DateTime::UNIX_EPOCH);
            if let Some(amount) = known.to_credit() {
                known.credited = amount.0;
                posted.push(amount.0);
            }
            if let Some(amount) = known.to_return() {
                known.returned += amount.0;
                posted.push(-amount.0);
            }
            (known, posted)
        })
    }

    #[test]
    fn every_order_comes_to_the_same_books() {
        let events = [What::Announced, What::Paid(Micros(50)), What::Refunded(Micros(10)), What::Refunded(Micros(30))];
        let mut orders = vec![Vec::new()];
        for _ in 0..events.len() {
            orders = orders
                .into_iter()
                .flat_map(|order: Vec<usize>| {
                    (0..events.len())
                        .filter(|next| !order.contains(next))
                        .map(|next| [order.clone(), vec![next]].concat())
                        .collect::<Vec<_>>()
                })
                .collect();
        }
        assert_eq!(orders.len(), 24);
        for order in orders {
            // Each of them twice, as a provider may tell them.
            let told_so: Vec<What> = order.iter().flat_map(|index| [events[*index].clone(), events[*index].clone()]).collect();
            let (known, posted) = told(&told_so);
            assert_eq!((known.state.as_str(), known.credited, known.returned), ("paid", 50, 30), "{order:?}");
            assert_eq!(posted.iter().sum::<i64>(), 20, "{order:?}");
        }
    }

    #[test]
    fn no_more_goes_back_than_was_credited() {
        assert_eq!(told(&[What::Refunded(Micros(90))]).1, [0; 0]);
        assert_eq!(told(&[What::Refunded(Micros(90)), What::Paid(Micros(50))]).1, [50, -50]);
    }

    #[test]
    fn what_failed_can_still_be_paid_and_what_is_paid_stays_so() {
        let state = |events: &[What]| told(events).0.state;
        assert_eq!(state(&[What::Expired]), "failed");
        assert_eq!(state(&[What::Declined, What::Announced]), "failed", "announced before, and told late");
        assert_eq!(state(&[What::Announced, What::Expired]), "announced");
        assert_eq!(state(&[What::Expired, What::Paid(Micros(1))]), "paid");
        assert_eq!(state(&[What::Paid(Micros(1)), What::Declined, What::Expired, What::Announced]), "paid");
        assert_eq!(state(&[What::Paid(Micros(0))]), "open");
    }

    #[test]
    fn a_dispute_that_ended_stays_ended() {
        let disputed = |name: &str, state: &str| What::Disputed { name: name.to_owned(), state: state.to_owned(), amount: Micros(1) };
        let first = [disputed("one", "needs_response"), disputed("one", "lost"), disputed("one", "under_review")];
        assert_eq!(told(&first).0.dispute.as_deref(), Some("lost"));
        let second = [first.as_slice(), &[disputed("two", "needs_response")]].concat();
        assert_eq!(told(&second).0.dispute.as_deref(), Some("needs_response"), "another one is another");
    }
}
