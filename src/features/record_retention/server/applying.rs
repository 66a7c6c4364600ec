//! The turn of each rule, once a day at most: it begins a reduction of what is so old by then, as whoever set it could have by
//! hand. Twice, or on two nodes at once, it begins one.

use chrono::{DateTime, Days, TimeDelta, Utc};
use uuid::Uuid;

use super::{Rule, find, store};
use crate::{
    access::workspace::ManageSettings,
    error::AppError,
    features::reductions::server::{self as reductions, Act, Asked, By},
    ids::{ReductionId, RetentionRuleId, TenantId, WorkspaceId},
    server::{Stoa, http::request::RequestContext, plans::Dimension, scope::WorkspaceScope, usage::UsageEvent},
};

const JOB: &str = "record_retention.apply";
/// What the reductions that rules begin are metered as: the operation that begins one by hand.
const OPERATION: &str = "reductions.start";
/// Rules that are listed at a time.
const BATCH: i32 = 200;

/// What came of a rule's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A reduction.
    Began,
    /// Nothing was so old.
    Nothing,
    /// A legal hold keeps everything.
    Held,
    /// Another reduction of the resource ran: it has its turn again within the day.
    Busy,
    /// It had missed turns, as its workspace was archived, no node ran or its manifest was gone: it waits for a day once more.
    Rested,
    /// The manifest does not have that of the resource any more.
    Undeclared,
    /// It could not be done: it has its turn again within the hour or so.
    Failed,
}

impl Outcome {
    pub const ALL: [Self; 7] = [Self::Began, Self::Nothing, Self::Held, Self::Busy, Self::Rested, Self::Undeclared, Self::Failed];

    /// As stored, and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Nothing => "nothing",
            Self::Held => "held",
            Self::Busy => "busy",
            Self::Rested => "rested",
            Self::Undeclared => "undeclared",
            Self::Failed => "failed",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }
}

/// Gives every rule its turn whose time has come. One that fails keeps no other, and has its turn again within the hour.
///
/// # Errors
/// The database's, where it cannot say which these are.
pub async fn apply(stoa: Stoa) -> Result<(), AppError> {
    let now = stoa.clock.now();
    let mut after = RetentionRuleId(Uuid::nil());
    loop {
        let due = store::due(&stoa.db, now, after, BATCH).await?;
        let Some((_, _, last)) = due.last() else { return Ok(()) };
        after = *last;
        for (tenant, workspace, rule) in due {
            if let Err(error) = take_turn(&stoa, (tenant, workspace), rule).await {
                tracing::error!(%workspace, %rule, %error, "a retention rule did not have its turn; it has it again");
                if let Err(error) = put_off(&stoa, (tenant, workspace), rule).await {
                    tracing::error!(%workspace, %rule, %error, "nor was it put off");
                }
            }
        }
    }
}

async fn take_turn(stoa: &Stoa, place: (TenantId, WorkspaceId), id: RetentionRuleId) -> Result<(), AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    let mut scope = match WorkspaceScope::<ManageSettings>::open_by_rule(stoa, &request, place, (id, None)).await {
        Ok(scope) => scope,
        // Another node was first, or somebody removed it just now.
        Err(AppError::NotFound) => return Ok(()),
        Err(error) => return Err(error),
    };
    let rule = find(&mut scope, id).await?;
    let (outcome, reduction) = begin(&mut scope, &rule).await?;
    let now = scope.now();
    let next = match outcome {
        Outcome::Busy => now + TimeDelta::hours(1),
        Outcome::Rested => now + TimeDelta::days(1),
        _ => next_turn(rule.next_run_at, now),
    };
    let (tenant, workspace) = place;
    store::had_turn(&mut scope, tenant, workspace, id, (outcome.name(), reduction, next)).await?;
    scope.commit().await
}

/// Says that it failed, and puts it behind those that wait, so that one that cannot be done keeps no other.
async fn put_off(stoa: &Stoa, (tenant, workspace): (TenantId, WorkspaceId), id: RetentionRuleId) -> Result<(), AppError> {
    let request = RequestContext::internal(&stoa.clock, "system", JOB);
    match WorkspaceScope::<ManageSettings>::open_by_rule(stoa, &request, (tenant, workspace), (id, None)).await {
        Ok(mut scope) => {
            let next = scope.now() + TimeDelta::hours(1);
            store::had_turn(&mut scope, tenant, workspace, id, (Outcome::Failed.name(), None, next)).await?;
            scope.commit().await
        }
        Err(AppError::NotFound) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn begin(scope: &mut WorkspaceScope<ManageSettings>, rule: &Rule) -> Result<(Outcome, Option<ReductionId>), AppError> {
    let now = scope.now();
    let Some(resource) = rule.resource() else { return Ok((Outcome::Undeclared, None)) };
    // Nobody has looked at what grew old meanwhile.
    if has_missed(rule.next_run_at, now) || rule.outcome() == Some(Outcome::Undeclared) {
        return Ok((Outcome::Rested, None));
    }
    if reductions::is_running(scope, resource.name).await? {
        return Ok((Outcome::Busy, None));
    }
    let before = Asked::days_ago(&rule.days.to_string(), now)?;
    let looked = reductions::preview(scope, Asked::new(&rule.act, resource.name, before, now)?).await?;
    if looked.is_held && looked.asked.act == Act::Purge {
        return Ok((Outcome::Held, None));
    }
    if looked.counted.records == 0 {
        return Ok((Outcome::Nothing, None));
    }
    let by = By { user: rule.set_by, key: None, name: "Retention rule".to_owned(), rule: Some((rule.id, rule.version)) };
    let begun = reductions::begin(scope, &looked, by).await?;
    let used = UsageEvent::of_person(scope, Dimension::BulkOperation, OPERATION);
    scope.meter(used);
    Ok((Outcome::Began, Some(begun.id)))
}

/// Whether it did not have its turn for so long that whoever has it should have time to look first.
fn has_missed(due: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - due > TimeDelta::days(2)
}

/// At the same time of the day on the day (UTC) after this one, however late this turn came.
fn next_turn(due: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    let tomorrow = now.date_naive().checked_add_days(Days::new(1)).unwrap_or(now.date_naive());
    tomorrow.and_time(due.time()).and_utc()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_outcome_is_known_by_its_name() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::named(outcome.name()), Some(outcome));
        }
    }

    proptest! {
        #[test]
        fn the_next_turn_is_on_the_next_day_and_never_on_this_one(due in 0_i64..4_000_000_000, late in 0_i64..200_000) {
            let due = DateTime::from_timestamp(due, 0).expect("a time");
            let now = due + TimeDelta::seconds(late);
            let next = next_turn(due, now);
            prop_assert!(next > now && next.date_naive() == now.date_naive() + Days::new(1) && next.time() == due.time());
            prop_assert_eq!(has_missed(due, now), late > 2 * 86_400);
        }
    }
}
