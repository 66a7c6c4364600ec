//! The server's half of retention: for how long a log is kept, and who may say so.

mod apply;
mod erasing;
mod holds;
mod place;
pub mod rest;
mod store;

pub use apply::{apply, trim};
pub use erasing::{Erased, Person, erase, find_person, values_in};
pub use holds::{all, are_on, lift, lift_as_operator, of_account, on, place as hold};
pub use place::{Holds, Keeps, Kept, Place, of_log};
pub use store::{Choice, Span, holds::Hold};

use chrono::{DateTime, Utc};

use crate::{
    error::AppError,
    features::retention::DAYS_MOST,
    server::{
        events::{Event, EventKind, Target},
        plans::AUDIT_DAYS_LEAST,
        scope::{Reach, Scope},
    },
};

const STALE: AppError = AppError::Stale("How long the log is kept");

/// How long one log is kept, and what holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// What the plan, or an exception to it, allows at most; of the installation's log nothing does.
    pub allowed: Span,
    /// What is chosen for the log; none where nothing ever was.
    pub chosen: Option<Choice>,
    pub holds: Vec<Hold>,
}

impl Standing {
    /// For how many days rows are kept at that moment; none for ever.
    pub fn days(&self, now: DateTime<Utc>) -> Option<i32> {
        let chosen = self.chosen.as_ref().and_then(|chosen| chosen.span().days_at(now));
        [self.allowed.days_at(now), chosen].into_iter().flatten().min()
    }

    /// What will be so, and from when, where a shorter time was decided on.
    pub fn coming(&self, now: DateTime<Utc>) -> Option<(Option<i32>, DateTime<Utc>)> {
        let chosen = self.chosen.as_ref().and_then(|chosen| chosen.span().coming(now));
        let soonest = [self.allowed.coming(now), chosen].into_iter().flatten().min()?;
        let days = self.days(soonest);
        (days != self.days(now)).then_some((days, soonest))
    }

    /// What was chosen last, in force or not yet.
    pub fn wanted(&self) -> Option<i32> {
        self.chosen.as_ref().and_then(|chosen| chosen.span().wanted())
    }

    pub fn version(&self) -> i64 {
        self.chosen.as_ref().map_or(0, |chosen| chosen.version)
    }
}

/// The short of it, as a list of rows says it: for how many days they are kept now (none for ever), and whether a hold is on.
pub async fn kept<R: Kept>(scope: &mut Scope<R>) -> Result<(Option<i32>, bool), AppError> {
    let place = R::place(scope);
    store::kept(scope, &place).await
}

pub async fn standing<R: Reach>(scope: &mut Scope<R>, place: &Place) -> Result<Standing, AppError> {
    Ok(Standing {
        allowed: store::allowance(scope, place).await?.unwrap_or_default(),
        chosen: store::choice(scope, place).await?,
        holds: store::holds::of_log(scope, place).await?.into_iter().filter(|hold| hold.lifted_at.is_none()).collect(),
    })
}

/// Chooses for how many days the log is kept; none for ever, as far as the plan allows. Says whether that is another choice.
///
/// # Errors
/// `Invalid` for days out of reach, `Stale` where somebody else chose since that version.
pub async fn choose<R: Keeps>(scope: &mut Scope<R>, place: &Place, days: Option<i32>, version: Option<i64>) -> Result<bool, AppError> {
    let range = i32::from(AUDIT_DAYS_LEAST)..=i32::from(DAYS_MOST);
    if days.is_some_and(|days| !range.contains(&days)) {
        return Err(AppError::invalid(
            "days",
            format!("Choose {AUDIT_DAYS_LEAST} to {DAYS_MOST} days, or leave it empty to keep rows for as long as the plan allows."),
        ));
    }
    store::one_at_a_time(scope, place).await?;
    let before = standing(scope, place).await?;
    if version.is_some_and(|version| version != before.version()) {
        return Err(STALE);
    }
    if before.wanted() == days {
        return Ok(false);
    }
    let by = decider(scope);
    let from = store::choose(scope, place, days, &by).await?;
    let from = from.map(|from| from.to_rfc3339());
    let event = Event::new(EventKind::AuditLogRetentionSet, place.target())
        .changing("days", Some(&said(before.wanted())), Some(&said(days)))
        .changing("in_force_from", None, from.as_deref());
    scope.record_in(place.log, event);
    Ok(true)
}

/// Whose word it is, by an id and no name: it stays in the log when names go.
fn decider<R: Reach>(scope: &Scope<R>) -> String {
    scope.actor().user.map_or_else(|| scope.actor().id.clone(), |user| user.to_string())
}

fn said(days: Option<i32>) -> String {
    days.map_or_else(|| "for ever".to_owned(), |days| days.to_string())
}

impl Place {
    fn target(&self) -> Target {
        Target { kind: "audit_log", id: self.id.to_string(), name: Some(self.name.clone()) }
    }
}
