//! What happens in the company, and when: every act that is told one by one. The calls of its applications are in
//! `traffic`.

pub mod kestrel;
pub mod northwind;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    calendar::{Calendar, Dice},
    cast::CAST,
};

/// An act of one person, or of the operator, at its moment.
#[derive(Clone, Debug)]
pub struct Scene {
    pub at: DateTime<Utc>,
    pub who: &'static str,
    pub act: Act,
}

pub const OPERATOR: &str = "the operator";

/// A place: a team by its name, a workspace by the word in its slug.
pub type Place = &'static str;

#[derive(Clone, Debug)]
pub enum Act {
    /// The operator makes the first team, as for a customer who asked for it.
    Found,
    /// The operator gives a team a plan.
    Plan {
        team: Place,
        plan: &'static str,
        reason: &'static str,
    },
    /// The operator allows something beside the plan, until so many days from then.
    Allow {
        team: Place,
        key: &'static str,
        value: &'static str,
        reason: &'static str,
        days: i64,
    },
    /// The operator greets the first four, by mail too where there is mail.
    Welcome,
    LookAround,
    /// Opens a page, allowed or not.
    Open {
        place: Place,
        page: &'static str,
    },
    CreateTeam {
        name: &'static str,
        from: Place,
    },
    CreateWorkspace {
        team: Place,
        word: Place,
        name: &'static str,
    },
    /// Addresses of nobody in the cast are taken as they are.
    Invite {
        place: Place,
        people: &'static [&'static str],
        role: &'static str,
        days: Option<i64>,
    },
    Accept {
        place: Place,
    },
    ChangeRole {
        place: Place,
        of: &'static str,
        role: &'static str,
    },
    Remove {
        place: Place,
        whom: &'static str,
    },
    Leave {
        place: Place,
    },
    TeamRole {
        team: Place,
        of: &'static str,
        role: &'static str,
    },
    CreateKey {
        place: Place,
        key: &'static str,
        steward: &'static str,
        scopes: &'static [&'static str],
        days: &'static str,
    },
    /// The same for an agent.
    CreateToken {
        place: Place,
        token: &'static str,
        steward: &'static str,
        scopes: &'static [&'static str],
        days: &'static str,
    },
    Narrow {
        place: Place,
        key: &'static str,
        scopes: &'static [&'static str],
    },
    Rotate {
        place: Place,
        key: &'static str,
        overlap_days: &'static str,
    },
    Quarantine {
        place: Place,
        key: &'static str,
        reason: &'static str,
    },
    Revoke {
        place: Place,
        key: &'static str,
        reason: &'static str,
    },
    Limit {
        place: Place,
        key: &'static str,
        calls: &'static str,
    },
    SwitchOff {
        place: Place,
        module: &'static str,
    },
    SwitchOn {
        place: Place,
        module: &'static str,
    },
    /// On the account, in dollars, and only told of.
    AccountCap {
        team: Place,
        amount: &'static str,
    },
    /// A hard cap on the workspace's month: what is spent so far and a little more, or what is spent, which pauses it.
    Cap {
        place: Place,
        reached: bool,
    },
    Support {
        place: Place,
        reason: &'static str,
        hours: &'static str,
    },
    Archive {
        place: Place,
    },
}

/// Of the modules that the applications here use.
pub const RECORDS: &[&str] = &["tasks:read", "tasks:write", "activity:read", "activity:write"];

/// Everything, in order.
pub fn scenes(calendar: Calendar) -> Vec<Scene> {
    let mut scenes = northwind::scenes(calendar);
    scenes.extend(kestrel::scenes(calendar));
    scenes.extend(visits(calendar));
    scenes.retain(|scene| scene.at <= calendar.until);
    scenes.sort_by_key(|scene| scene.at);
    scenes
}

/// Three people a day who come to look, whoever they are.
fn visits(calendar: Calendar) -> Vec<Scene> {
    let mut dice = Dice::new(30);
    let mut scenes = Vec::new();
    for day in 1..30 {
        for _ in 0..3 {
            let minutes = i64::try_from(dice.below(600)).unwrap_or_default();
            let who = dice.one_of(CAST).map_or("", |member| member.name);
            scenes.push(Scene { at: calendar.day(day, "7:45") + TimeDelta::minutes(minutes), who, act: Act::LookAround });
        }
    }
    scenes
}
