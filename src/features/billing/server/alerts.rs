//! Alerts: so much of what bounds the spend of a month is used. Each threshold of each limit once in it, whoever looks and
//! however often.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    ledger::Funds,
    pausing::{Cap, Sums},
    percents::Percents,
    store,
    telling::{Change, Turn},
};
use crate::{
    error::AppError,
    ids::TenantId,
    money::{Micros, Nanos, percent},
    server::{plans::Plan, scope::ServiceScope},
};

/// In percent of a limit.
pub const THRESHOLDS: [i16; 4] = [50, 80, 95, 100];
const WHOLE: i16 = 100;

/// What is bounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// What the plan includes: beyond it calls pause, or are charged.
    Included {
        pauses: bool,
    },
    Cap {
        hard: bool,
    },
}

impl Kind {
    /// As stored. A cap is the same limit whether it refuses or tells.
    pub fn name(self) -> &'static str {
        match self {
            Self::Included { .. } => "included",
            Self::Cap { .. } => "cap",
        }
    }

    /// Whether billable calls pause where it is reached: that is told as the pause that it is.
    fn pauses(self) -> bool {
        matches!(self, Self::Included { pauses: true } | Self::Cap { hard: true })
    }
}

/// Whether people are told that it is reached that far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Nobody asked for it, or a higher one is told with it.
    Not,
    /// By the pause that it is.
    AsPause,
    Now,
}

/// Something that bounds the spend of a month: of the tenant, of a workspace or of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    pub kind: Kind,
    pub workspace: Option<Uuid>,
    pub credential: Option<Uuid>,
    pub micros: i64,
}

/// One that was found to be reached that far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// `included` or `cap`.
    pub kind: String,
    pub workspace: Option<Uuid>,
    pub credential: Option<Uuid>,
    pub micros: i64,
    pub threshold: i16,
    pub spent: i64,
    pub reached_at: DateTime<Utc>,
    /// People were told: it is chosen, and no higher one was reached with it.
    pub told: bool,
}

impl Alert {
    fn is_of(&self, limit: &Limit) -> bool {
        (self.kind.as_str(), self.workspace, self.credential, self.micros)
            == (limit.kind.name(), limit.workspace, limit.credential, limit.micros)
    }
}

/// All that bounds the spend. A plan that includes nothing bounds nothing; a cap of nothing does. Where a plan refuses what is
/// beyond, what is prepaid comes before that, and is bounded with what is included.
pub fn limits(plan: Option<&Plan>, funds: &Funds, caps: &[Cap]) -> Vec<Limit> {
    let whole = |plan: &Plan, included: i64| if plan.hard_caps { funds.whole(included).0 } else { included };
    let included = plan.and_then(|plan| Some((whole(plan, plan.included.filter(|micros| *micros > 0)?), plan.hard_caps)));
    let included = included.map(|(micros, pauses)| Limit { kind: Kind::Included { pauses }, workspace: None, credential: None, micros });
    let caps = caps.iter().map(|cap| Limit {
        kind: Kind::Cap { hard: cap.hard },
        workspace: cap.workspace,
        credential: cap.credential,
        micros: cap.micros,
    });
    included.into_iter().chain(caps).collect()
}

/// The thresholds of a limit that are reached and that nobody found yet, the highest last, and whether people are told: of the highest
/// that is chosen, and a lower one than was told already tells nobody anything.
fn found(limit: &Limit, spent: Nanos, chosen: &Percents, known: &[Alert]) -> Vec<(i16, bool)> {
    let used = percent(spent, Nanos::from(Micros(limit.micros)));
    let known: Vec<i16> = known.iter().filter(|alert| alert.is_of(limit)).map(|alert| alert.threshold).collect();
    let reached = THRESHOLDS.into_iter().filter(|threshold| used >= i64::from(*threshold));
    let highest = reached.clone().filter(|threshold| chosen.tells(*threshold)).max();
    reached.filter(|threshold| !known.contains(threshold)).map(|threshold| (threshold, Some(threshold) == highest)).collect()
}

/// Writes down what is found, and returns what people are to be told: of each limit the highest alone.
///
/// # Errors
/// The database's.
pub async fn raise(
    scope: &mut ServiceScope,
    tenant: TenantId,
    month: NaiveDate,
    limits: &[Limit],
    sums: &Sums,
) -> Result<Vec<Change>, AppError> {
    // Most turns reach nothing, and ask for nothing.
    let spent = |limit: &Limit| sums.spent(limit.workspace, limit.credential);
    let far: Vec<&Limit> = limits.iter().filter(|limit| !found(limit, spent(limit), &Percents::default(), &[]).is_empty()).collect();
    if far.is_empty() {
        return Ok(Vec::new());
    }
    let known = store::alerts::list(scope, tenant, month).await?;
    let of_account = store::percents::of_tenant(scope, tenant).await?;
    let of_workspaces = store::percents::of_workspaces(scope, tenant).await?;
    // A workspace that moved away has its choice with it.
    let every = Percents::default();
    let mut changes = Vec::new();
    for limit in far {
        let chosen = limit.workspace.map_or(&of_account, |id| of_workspaces.get(&id).unwrap_or(&every));
        for (threshold, told) in found(limit, spent(limit), chosen, &known) {
            let (workspace, credential, micros) = (limit.workspace, limit.credential, limit.micros);
            let turn = if told { turn(limit.kind, threshold, spent(limit)) } else { None };
            let told = match (told, &turn) {
                (false, _) => Told::Not,
                (true, None) => Told::AsPause,
                (true, Some(_)) => Told::Now,
            };
            let is_new = store::alerts::insert(scope, tenant, month, limit, threshold, spent(limit), told).await?;
            changes.extend(turn.filter(|_| is_new).map(|turn| Change { turn, workspace, credential, micros }));
        }
    }
    Ok(changes)
}

fn turn(kind: Kind, threshold: i16, spent: Nanos) -> Option<Turn> {
    match (kind, threshold) {
        (kind, WHOLE) if kind.pauses() => None,
        (Kind::Cap { .. }, WHOLE) => Some(Turn::Reached),
        (kind, percent) => Some(Turn::Alerted { kind, percent, spent }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAP: Limit = Limit { kind: Kind::Cap { hard: false }, workspace: None, credential: None, micros: 10 };

    fn alert(limit: &Limit, threshold: i16) -> Alert {
        let Limit { kind, workspace, credential, micros } = *limit;
        Alert {
            kind: kind.name().to_owned(),
            workspace,
            credential,
            micros,
            threshold,
            spent: 0,
            reached_at: DateTime::UNIX_EPOCH,
            told: true,
        }
    }

    #[test]
    fn of_several_at_once_the_highest_is_told() {
        let every = Percents::default();
        assert_eq!(found(&CAP, Nanos(4_999), &every, &[]), []);
        assert_eq!(found(&CAP, Nanos(5_000), &every, &[]), [(50, true)]);
        assert_eq!(found(&CAP, Nanos(9_500), &every, &[]), [(50, false), (80, false), (95, true)]);
        assert_eq!(found(&CAP, Nanos(9_999), &every, &[]), [(50, false), (80, false), (95, true)], "all of it is not said before it is");
        assert_eq!(found(&CAP, Nanos(90_000), &every, &[]), [(50, false), (80, false), (95, false), (100, true)]);
        assert_eq!(found(&Limit { micros: 0, ..CAP }, Nanos(0), &every, &[]).last(), Some(&(100, true)), "a cap of nothing is reached");
    }

    #[test]
    fn what_was_found_is_not_found_again_and_another_limit_is_another() {
        let every = Percents::default();
        let known = [alert(&CAP, 50), alert(&CAP, 80)];
        assert_eq!(found(&CAP, Nanos(8_500), &every, &known), []);
        assert_eq!(found(&CAP, Nanos(9_600), &every, &known), [(95, true)]);
        let raised = Limit { micros: 16, ..CAP };
        assert_eq!(found(&raised, Nanos(8_500), &every, &known), [(50, true)]);
        assert_eq!(found(&Limit { kind: Kind::Cap { hard: true }, ..CAP }, Nanos(8_500), &every, &known), [], "it is the same limit");
        assert_eq!(found(&Limit { kind: Kind::Included { pauses: true }, ..CAP }, Nanos(5_000), &every, &known), [(50, true)]);
        assert_eq!(found(&Limit { workspace: Some(Uuid::max()), ..CAP }, Nanos(5_000), &every, &known), [(50, true)]);
        assert_eq!(found(&CAP, Nanos(8_500), &every, &[alert(&CAP, 80)]), [(50, false)], "a lower one tells nobody anything");
    }

    #[test]
    fn of_what_is_not_chosen_nobody_is_told() {
        let chosen = Percents::read(&[50]).expect("percents");
        assert_eq!(found(&CAP, Nanos(8_500), &chosen, &[]), [(50, true), (80, false)]);
        assert_eq!(found(&CAP, Nanos(9_600), &chosen, &[alert(&CAP, 50), alert(&CAP, 80)]), [(95, false)]);
        assert_eq!(found(&CAP, Nanos(10_000), &chosen, &[alert(&CAP, 50)]), [(80, false), (95, false), (100, true)]);
    }

    #[test]
    fn what_pauses_is_told_as_a_pause() {
        assert_eq!(turn(Kind::Cap { hard: true }, 100, Nanos(1)), None);
        assert_eq!(turn(Kind::Included { pauses: true }, 100, Nanos(1)), None);
        assert_eq!(turn(Kind::Cap { hard: false }, 100, Nanos(1)), Some(Turn::Reached));
        let kind = Kind::Included { pauses: false };
        assert_eq!(turn(kind, 100, Nanos(1)), Some(Turn::Alerted { kind, percent: 100, spent: Nanos(1) }));
    }
}
