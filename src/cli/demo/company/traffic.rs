//! The applications that call the API with the company's keys: how often, when, and what for.

mod calls;

use std::{collections::HashMap, iter::Peekable, sync::Arc, vec};

use axum::Router;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tracing::instrument::WithSubscriber as _;

pub use calls::Doing;
use calls::{Call, Outcome};

use super::{
    calendar::{Dice, Rhythm},
    story::{Place, kestrel, northwind},
};

/// At the same time at most, as a handful of machines would.
const TOGETHER: usize = 16;
/// Those that are made at the same time share one moment, which is off by this much at most.
const MINUTES: i64 = 10;
/// So many open tasks of a workspace are remembered, to be read and completed.
const REMEMBERED: usize = 200;

/// One that calls with a key.
#[derive(Debug)]
pub struct Application {
    pub key: &'static str,
    pub place: Place,
    /// On a weekday, at the pace of one.
    calls: f64,
    rhythm: Rhythm,
    /// What it does, as often as it stands here.
    does: &'static [Doing],
    pub agent: &'static str,
    pub ip: [u8; 4],
}

use Doing::{AddEntry, AddTask, CompleteTask, EditTask, ListEntries, ListMembers, ListTasks, ReadTask};
const APPLICATIONS: &[Application] = &[
    of(
        "Web shop",
        northwind::PRODUCTION,
        120.0,
        Rhythm::Shop,
        &[AddEntry, AddEntry, AddTask, ReadTask, ListTasks, ListEntries],
        "northwind-shop/4.2",
        31,
    ),
    of(
        "Mobile app",
        northwind::PRODUCTION,
        70.0,
        Rhythm::Shop,
        &[ListTasks, ListTasks, ReadTask, ReadTask, AddEntry],
        "northwind-app/2.9 (iOS)",
        32,
    ),
    of(
        "Nightly import",
        northwind::PRODUCTION,
        45.0,
        Rhythm::Nightly,
        &[AddTask, AddTask, AddEntry, ListTasks],
        "northwind-import/1.0",
        33,
    ),
    of(
        "Support desk",
        northwind::PRODUCTION,
        55.0,
        Rhythm::Office,
        &[ListEntries, AddEntry, ReadTask, CompleteTask],
        "helpdesk-bridge/7",
        34,
    ),
    of(
        "Reporting",
        northwind::PRODUCTION,
        18.0,
        Rhythm::Steady,
        &[ListTasks, ListEntries, ListEntries, ListTasks, AddEntry],
        "metabase/0.56",
        35,
    ),
    of("Partner trial", northwind::PRODUCTION, 6.0, Rhythm::Office, &[ListTasks, ListEntries], "curl/8.16.0", 90),
    of("Courier webhook", northwind::PRODUCTION, 14.0, Rhythm::Office, &[AddEntry, CompleteTask], "courier-hooks/3", 36),
    of("Team directory", northwind::PRODUCTION, 4.0, Rhythm::Steady, &[ListMembers], "directory-sync/1.4", 37),
    of(
        "Handheld scanners",
        northwind::WAREHOUSE,
        60.0,
        Rhythm::Office,
        &[ReadTask, CompleteTask, AddEntry, ListTasks],
        "scanner-fw/11.3",
        41,
    ),
    of("Stock sync", northwind::WAREHOUSE, 48.0, Rhythm::Steady, &[ListTasks, AddTask, ListTasks, EditTask], "stock-sync/5", 42),
    of("Returns desk", northwind::RETURNS, 25.0, Rhythm::Office, &[AddTask, CompleteTask, ListTasks], "returns-desk/1", 43),
    of("Client portal", kestrel::SITES, 40.0, Rhythm::Office, &[ListTasks, ReadTask, AddEntry, AddTask], "kestrel-portal/3.1", 51),
    of("Time sheets", kestrel::SITES, 20.0, Rhythm::Office, &[AddEntry, AddEntry, ListEntries], "timesheets/2", 52),
    of("Render farm", kestrel::LAB, 26.0, Rhythm::Steady, &[AddTask, CompleteTask, ReadTask, AddEntry], "render-farm/0.9", 53),
];

const fn of(
    key: &'static str,
    place: Place,
    calls: f64,
    rhythm: Rhythm,
    does: &'static [Doing],
    agent: &'static str,
    host: u8,
) -> Application {
    Application { key, place, calls, rhythm, does, agent, ip: [203, 0, 113, host] }
}

/// What the applications know and remember.
pub struct Traffic {
    /// The share of the calls that are made.
    pace: f64,
    dice: Dice,
    /// Tasks that are open, by workspace.
    open: HashMap<Place, Vec<String>>,
    /// Calls that were answered with what was asked for.
    pub answered: u64,
    /// Old newsletter called once and was forgotten.
    newsletter_went: bool,
}

/// Of each key, the oldest first.
pub type Secrets = HashMap<&'static str, Vec<String>>;

/// The calls of an hour that are still to be made, in order.
pub struct Hour(Peekable<vec::IntoIter<Due>>);

impl Hour {
    /// Takes those that are made together next, of those that are due by then.
    pub fn next_by(&mut self, by: DateTime<Utc>) -> Vec<Due> {
        let by = self.0.peek().map_or(by, |first| by.min(first.at + TimeDelta::minutes(MINUTES)));
        let mut together = Vec::new();
        while together.len() < TOGETHER
            && let Some(call) = self.0.next_if(|call| call.at <= by)
        {
            together.push(call);
        }
        together
    }
}

/// A call and its moment.
pub struct Due {
    at: DateTime<Utc>,
    application: &'static Application,
    doing: Doing,
}

static NEWSLETTER: Application = of("Old newsletter", northwind::PRODUCTION, 0.0, Rhythm::Steady, &[AddEntry], "mailer/1.1", 38);

impl Traffic {
    pub fn new(pace: f64) -> Self {
        Self { pace, dice: Dice::new(20), open: HashMap::new(), answered: 0, newsletter_went: false }
    }

    /// The calls of the hour that begins at `hour`, in order, by those who hold a secret.
    pub fn of_hour(&mut self, hour: DateTime<Utc>, until: DateTime<Utc>, secrets: &Secrets) -> Hour {
        let mut due = Vec::new();
        let minute = |dice: &mut Dice| hour + TimeDelta::seconds(i64::try_from(dice.below(3600)).unwrap_or_default());
        for application in APPLICATIONS.iter().filter(|application| secrets.contains_key(application.key)) {
            let many = self.dice.around(application.calls * self.pace * application.rhythm.share(hour));
            for _ in 0..many {
                let doing = self.dice.one_of(application.does).copied().unwrap_or(ListTasks);
                due.push(Due { at: minute(&mut self.dice), application, doing });
            }
        }
        if secrets.contains_key(NEWSLETTER.key) && !std::mem::replace(&mut self.newsletter_went, true) {
            due.push(Due { at: hour + TimeDelta::minutes(59), application: &NEWSLETTER, doing: AddEntry });
        }
        due.retain(|call| call.at <= until);
        due.sort_by_key(|call| call.at);
        Hour(due.into_iter().peekable())
    }

    /// Makes calls side by side. The clock stands at the first one's moment.
    pub async fn make(&mut self, router: &Router, together: Vec<Due>, secrets: &Secrets) -> anyhow::Result<()> {
        let mut calls = JoinSet::new();
        for due in together {
            let Some(secret) = self.secret_of(due.application, secrets) else { continue };
            let call = Call::of(&due, secret, self.task_for(&due), &mut self.dice);
            calls.spawn(call.make(router.clone()).with_current_subscriber());
        }
        while let Some(outcome) = calls.join_next().await {
            self.remember(outcome??);
        }
        Ok(())
    }

    /// The newest; while a rotation overlaps, now and then the one before, which not every machine has given up.
    fn secret_of(&mut self, application: &Application, secrets: &Secrets) -> Option<Arc<str>> {
        let known = secrets.get(application.key)?;
        let before = if self.dice.below(3) == 0 { 2 } else { 1 };
        known.get(known.len().saturating_sub(before)).map(|secret| secret.as_str().into())
    }

    /// One that is open, where the call is about one; who completes it forgets it.
    fn task_for(&mut self, due: &Due) -> Option<String> {
        let open = self.open.entry(due.application.place).or_default();
        if open.is_empty() {
            return None;
        }
        let place = self.dice.below(open.len());
        match due.doing {
            CompleteTask => Some(open.swap_remove(place)),
            ReadTask | EditTask => open.get(place).cloned(),
            _ => None,
        }
    }

    fn remember(&mut self, outcome: Outcome) {
        self.answered += u64::from(outcome.is_answered);
        if let Some(task) = outcome.task {
            let open = self.open.entry(outcome.place).or_default();
            open.push(task);
            if open.len() > REMEMBERED {
                open.swap_remove(0);
            }
        }
    }
}

impl Due {
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }
}
