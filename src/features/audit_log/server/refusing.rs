//! How many calls were refused while something refused them.

use chrono::{DateTime, TimeDelta, Utc};

use super::store;
use crate::{
    error::AppError,
    ids::{ApiKeyId, TenantId, WorkspaceId},
    server::scope::{Reach, Scope},
};

/// A row that counts is written when its minute is over, by a task that comes once in one.
const COUNTED_WITHIN: TimeDelta = TimeDelta::minutes(2);

/// Something that refused calls for a time, as their rows name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusing {
    /// How the reason of each row begins.
    pub reason: &'static str,
    /// Of this one alone; none of all.
    pub credential: Option<ApiKeyId>,
    pub since: DateTime<Utc>,
    /// None while it goes on.
    pub ended_at: Option<DateTime<Utc>>,
}

/// How many calls each refused in this workspace. Whoever asks may read the audit log.
pub async fn refused_while<R: Reach>(
    scope: &mut Scope<R>,
    tenant: TenantId,
    workspace: WorkspaceId,
    refusing: &[Refusing],
) -> Result<Vec<i64>, AppError> {
    let now = scope.now();
    let until: Vec<DateTime<Utc>> = refusing.iter().map(|one| until(one, refusing, now)).collect();
    store::refused_while(scope, tenant, workspace, refusing, &until).await
}

/// Its last rows come late; those of the next of its kind are not its own.
fn until(one: &Refusing, all: &[Refusing], now: DateTime<Utc>) -> DateTime<Utc> {
    let end = one.ended_at.map_or(now, |end| end + COUNTED_WITHIN) + TimeDelta::microseconds(1);
    let is_next = |other: &&Refusing| other.reason == one.reason && other.credential == one.credential && other.since > one.since;
    all.iter().filter(is_next).map(|next| next.since).min().map_or(end, |next| next.min(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_come_late_are_its_own_until_the_next_begins() {
        let at = |minute: i64| DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).expect("a time");
        let one =
            |since, ended_at: Option<i64>| Refusing { reason: "Because.", credential: None, since: at(since), ended_at: ended_at.map(at) };
        let all = [one(0, Some(10)), one(11, Some(20)), one(40, None), Refusing { reason: "Other.", ..one(21, Some(22)) }];
        let ends: Vec<i64> = all.iter().map(|each| (until(each, &all, at(60)) - at(0)).num_minutes()).collect();
        assert_eq!(ends, [11, 22, 60, 24]);
    }
}
