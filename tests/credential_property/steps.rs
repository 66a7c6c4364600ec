//! What can happen, one thing at a time; written so that a sequence of them shrinks to the few that matter.

use chrono::TimeDelta;
use proptest::{
    prelude::*,
    sample::{select, subsequence},
};
use stoa::access::WorkspaceRole::{self, Admin, Member, Owner, Readonly};

use super::{
    doors::World,
    model::{By, MODULES, Model, SCOPES, Scopes, manages},
};

/// More than this many keys in one sequence are not made.
const KEYS_MAX: usize = 6;

/// One thing that happens. Keys are meant by their place among those there are, counted around.
#[derive(Clone, Debug)]
pub enum Step {
    Make { by: Who, steward: Option<usize>, scopes: Vec<&'static str>, days: Option<i64> },
    Narrow { by: Who, key: usize, keep: Vec<bool> },
    Widen { by: Who, key: usize },
    Rotate { by: Who, key: usize, overlap: i64 },
    HandOver { by: Who, key: usize, to: usize },
    Quarantine { by: Who, key: usize },
    Lift { person: usize, key: usize },
    Revoke { by: Who, key: usize },
    Report { key: usize, secret: usize },
    Switch { by: Who, module: usize, on: bool },
    Allow { module: usize, on: bool, of_workspace: bool },
    ChangeRole { by: Who, of: usize, to: WorkspaceRole },
    Go { by: usize, of: usize, hands_over: bool },
    GoFromTeam { of: usize },
    ComeBack { of: usize, role: WorkspaceRole },
    Wait { hours: i64 },
    Archive { person: usize },
    Restore { person: usize },
}

#[derive(Clone, Copy, Debug)]
pub enum Who {
    Person(usize),
    Key(usize),
}

fn person() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(0_usize), 3 => Just(1), 1 => Just(2), 1 => Just(3)]
}

fn who() -> impl Strategy<Value = Who> {
    prop_oneof![2 => person().prop_map(Who::Person), 3 => (0..KEYS_MAX).prop_map(Who::Key)]
}

fn scopes() -> impl Strategy<Value = Vec<&'static str>> {
    let all: Vec<&'static str> = SCOPES.iter().map(|(name, ..)| *name).collect();
    prop_oneof![
        2 => Just(all.clone()),
        3 => subsequence(all, 0..=SCOPES.len()),
        2 => Just(vec!["members:read", "usage:read"]),
        2 => Just(vec!["credentials:read", "credentials:write", "members:write", "tasks:write"]),
        1 => Just(vec!["audit:read", "tasks:read"]),
        1 => Just(vec!["activity:write", "tasks:read", "tasks:write"]),
    ]
}

fn role() -> impl Strategy<Value = WorkspaceRole> {
    select(vec![Owner, Admin, Member, Readonly])
}

pub fn step() -> impl Strategy<Value = Step> {
    let key = || 0..KEYS_MAX;
    prop_oneof![
        8 => (who(), prop::option::of(0..4_usize), scopes(), select(vec![None, Some(1), Some(7), Some(90)]))
            .prop_map(|(by, steward, scopes, days)| Step::Make { by, steward, scopes, days }),
        4 => (who(), key(), prop::collection::vec(any::<bool>(), SCOPES.len())).prop_map(|(by, key, keep)| Step::Narrow { by, key, keep }),
        1 => (who(), key()).prop_map(|(by, key)| Step::Widen { by, key }),
        5 => (who(), key(), select(vec![0, 1, 7])).prop_map(|(by, key, overlap)| Step::Rotate { by, key, overlap }),
        5 => (who(), key(), 0..4_usize).prop_map(|(by, key, to)| Step::HandOver { by, key, to }),
        2 => (who(), key()).prop_map(|(by, key)| Step::Quarantine { by, key }),
        2 => (person(), key()).prop_map(|(person, key)| Step::Lift { person, key }),
        2 => (who(), key()).prop_map(|(by, key)| Step::Revoke { by, key }),
        1 => (key(), 0..4_usize).prop_map(|(key, secret)| Step::Report { key, secret }),
        3 => (who(), 0..2_usize, any::<bool>()).prop_map(|(by, module, on)| Step::Switch { by, module, on }),
        3 => (0..2_usize, any::<bool>(), any::<bool>()).prop_map(|(module, on, of_workspace)| Step::Allow { module, on, of_workspace }),
        5 => (who(), 0..4_usize, role()).prop_map(|(by, of, to)| Step::ChangeRole { by, of, to }),
        2 => (person(), 0..4_usize, any::<bool>()).prop_map(|(by, of, hands_over)| Step::Go { by, of, hands_over }),
        1 => (0..4_usize).prop_map(|of| Step::GoFromTeam { of }),
        2 => (0..4_usize, role()).prop_map(|(of, role)| Step::ComeBack { of, role }),
        4 => select(vec![1_i64, 25, 8 * 24, 31 * 24]).prop_map(|hours| Step::Wait { hours }),
        1 => person().prop_map(|person| Step::Archive { person }),
        2 => person().prop_map(|person| Step::Restore { person }),
    ]
}

/// Lets it happen, to the model and at the doors. Returns what each says came of it, where there is something to say.
pub async fn happen(step: &Step, model: &mut Model, world: &mut World<'_>) -> Option<(bool, bool)> {
    let keys = model.keys.len();
    let by = |who: &Who| match *who {
        Who::Person(person) => Some(By::Person(person)),
        Who::Key(key) => (keys > 0).then(|| By::Key(key % keys)),
    };
    let meant = |key: &usize| (keys > 0).then(|| key % keys);
    Some(match step {
        Step::Make { by: who, steward, scopes, days } => {
            let (by, scopes): (_, Scopes) = (by(who).filter(|_| keys < KEYS_MAX)?, scopes.iter().copied().collect());
            (model.make(by, *steward, &scopes, *days), world.make(by, *steward, &scopes, *days).await)
        }
        Step::Narrow { by: who, key, keep } => {
            let (by, key) = (by(who)?, meant(key)?);
            let kept = |(scope, keep): (&&'static str, &bool)| keep.then_some(*scope);
            let scopes: Scopes = model.keys[key].scopes.iter().zip(keep).filter_map(kept).collect();
            (model.narrow(by, key, &scopes), world.narrow(by, key, &scopes).await)
        }
        Step::Widen { by: who, key } => {
            let (by, key) = (by(who)?, meant(key)?);
            let scopes: Scopes = SCOPES.iter().map(|(name, ..)| *name).collect();
            (model.narrow(by, key, &scopes), world.narrow(by, key, &scopes).await)
        }
        Step::Rotate { by: who, key, overlap } => {
            let (by, key) = (by(who)?, meant(key)?);
            (model.rotate(by, key, *overlap), world.rotate(by, key, *overlap).await)
        }
        Step::HandOver { by: who, key, to } => {
            let (by, key) = (by(who)?, meant(key)?);
            (model.hand_over(by, key, *to), world.hand_over(by, key, *to).await)
        }
        Step::Quarantine { by: who, key } => {
            let (by, key) = (by(who)?, meant(key)?);
            (model.quarantine(by, key), world.quarantine(by, key).await)
        }
        Step::Lift { person, key } => (model.lift(*person, meant(key)?), world.lift(*person, meant(key)?).await),
        Step::Revoke { by: who, key } => {
            let (by, key) = (by(who)?, meant(key)?);
            (model.revoke(by, key), world.revoke(by, key).await)
        }
        Step::Report { key, secret } => {
            let key = meant(key)?;
            let secret = secret % model.keys[key].secrets.len();
            model.report(key, secret);
            world.report(key, secret).await;
            return None;
        }
        Step::Switch { by: who, module, on } => (model.switch(by(who)?, *module, *on), world.switch(by(who)?, *module, *on).await),
        other => return place_changes(other, by, model, world).await,
    })
}

/// What happens to people, to the place and to time.
async fn place_changes(step: &Step, by: impl Fn(&Who) -> Option<By>, model: &mut Model, world: &mut World<'_>) -> Option<(bool, bool)> {
    Some(match step {
        Step::Allow { module, on, of_workspace } => {
            if model.archived_at.is_some() {
                return None;
            }
            let allowed = &mut model.allowed[*module];
            *(if *of_workspace { &mut allowed.0 } else { &mut allowed.1 }) = Some(*on);
            world.allow(&format!("module:{}", MODULES[*module].0), if *on { "on" } else { "off" }, *of_workspace).await;
            return None;
        }
        Step::ChangeRole { by: who, of, to } => (model.change_role(by(who)?, *of, *to), world.change_role(by(who)?, *of, *to).await),
        Step::Go { by, of, hands_over } => {
            // Whoever removes somebody takes over; whoever leaves names one who manages.
            let managers = (0..4).find(|other| other != of && model.roles[*other].is_some_and(manages));
            let heir = if by == of { managers } else { Some(*by) }.filter(|_| *hands_over);
            (model.go(*by, *of, heir), world.go(*by, *of, heir).await)
        }
        Step::GoFromTeam { of } => {
            if model.archived_at.is_some() {
                return None;
            }
            (model.go_from_team(*of), world.go_from_team(*of).await)
        }
        Step::ComeBack { of, role } => {
            if model.roles[*of].is_some() || model.archived_at.is_some() {
                return None;
            }
            let to_team = !std::mem::replace(&mut model.in_team[*of], true);
            model.roles[*of] = Some(*role);
            world.come_back(*of, *role, to_team).await;
            return None;
        }
        Step::Wait { hours } => {
            world.console.hands.advance(TimeDelta::hours(*hours));
            model.now = world.console.stoa.clock.now();
            return None;
        }
        Step::Archive { person } => (model.archive(*person), world.archive(*person).await),
        Step::Restore { person } => (model.restore(*person), world.restore(*person).await),
        _ => return None,
    })
}
