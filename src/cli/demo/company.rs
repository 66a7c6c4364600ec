//! The demonstration's company: two teams, six workspaces and twenty people, who live through a month before the first
//! look at them. Nothing is written behind the console: people open pages and send forms, applications call the API, and
//! the server's own tasks run, all on a clock that is moved by hand from then to now.

mod acts;
mod browser;
mod calendar;
mod cast;
mod markup;
mod story;
mod traffic;

use std::{collections::HashMap, time::Instant};

use anyhow::bail;
use axum::Router;
use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use tracing::{instrument::WithSubscriber as _, subscriber::NoSubscriber};

use crate::{
    app,
    features::usage,
    ids::UserId,
    server::{
        Parts, Stoa,
        clock::{Clock, Hands},
        database,
        http::{self, assets::Files},
        identity::RelyingParty,
        queue::{self, Periodic},
    },
};
use browser::Browser;
use calendar::{Calendar, DAYS};
use story::scenes;
use traffic::{Hour, Secrets, Traffic};

/// The server's own tasks are given their turns every so many hours; they are made for being late.
const TURNS_HOURS: u32 = 4;
/// What must not wait that long: a denial after an hour of quiet is a first one again.
const HOURLY: &str = "denials.write";

/// What the company is while its month is lived.
struct Company {
    /// On the company's own clock.
    stoa: Stoa,
    /// On the real one, with the real mail.
    present: Stoa,
    hands: Hands,
    router: Router,
    people: HashMap<&'static str, Browser>,
    /// Where each workspace and team is.
    places: HashMap<&'static str, String>,
    /// The links of invitations, until they are opened.
    letters: HashMap<(&'static str, &'static str), String>,
    secrets: Secrets,
}

/// Makes the company where there is none; where it is there already, nothing is done. `pace` is the share of the
/// applications' calls that are made: 1.0 for all of them. Returns whether it was made.
///
/// # Errors
/// Where an earlier start was cut short: what it left cannot be gone on with, since its secrets are gone.
pub async fn settle(stoa: &Stoa, pace: f64) -> anyhow::Result<bool> {
    let [first, last] = [cast::OLIVIA, cast::ROSA].map(|name| cast::member(name).map_or("", |member| member.subject));
    match (find_user(stoa, first).await?.is_some(), find_user(stoa, last).await?.is_some()) {
        (true, true) => return Ok(false),
        (true, false) => bail!(
            "the demonstration's company is not whole: an earlier start was cut short, or an older version made it; \
             start with --fresh to throw it away and make a new one"
        ),
        (false, _) => {}
    }
    println!("the demonstration's company lives through a month first …");
    let calendar = Calendar { until: stoa.clock.now() };
    let mut company = Company::before(stoa, calendar)?;
    // A line for each answer would say nothing; what goes wrong is returned.
    company.live(calendar, pace).with_subscriber(NoSubscriber::default()).await?;
    company.stoa.db.close().await;
    Ok(true)
}

/// The person of that subject, where they came before.
async fn find_user(stoa: &Stoa, subject: &str) -> anyhow::Result<Option<UserId>> {
    let user = sqlx::query_scalar::<_, uuid::Uuid>("select user_id from find_user($1, $2)").bind(stoa.identity.issuer_text()).bind(subject);
    Ok(user.fetch_optional(&stoa.db).await?.map(UserId))
}

impl Company {
    /// A node of its own on the same database: its clock is moved by hand, it sends no mail, and it does not wait for the
    /// disk, since a start that is cut short is begun anew in any case.
    fn before(stoa: &Stoa, calendar: Calendar) -> anyhow::Result<Self> {
        let (clock, hands) = Clock::stopped_at(calendar.begins());
        let mut config = stoa.config.clone();
        config.mail = None;
        let mut url: url::Url = config.database.url.parse()?;
        url.query_pairs_mut().append_pair("options", "-c synchronous_commit=off");
        let past = Stoa::new(Parts {
            db: database::pool(url.as_str(), config.database.max_connections)?,
            identity: RelyingParty::new(&config, clock.clone())?,
            metrics: None,
            files: Files::load(None)?,
            clock,
            config,
        });
        let router = http::router(past.clone(), app::doors(), app::operations(), Router::new());
        Ok(Self {
            stoa: past,
            present: stoa.clone(),
            hands,
            router,
            people: HashMap::new(),
            places: HashMap::new(),
            letters: HashMap::new(),
            secrets: HashMap::new(),
        })
    }

    /// From the founding to now, hour by hour.
    async fn live(&mut self, calendar: Calendar, pace: f64) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut traffic = Traffic::new(pace);
        let mut scenes = scenes(calendar).into_iter().peekable();
        self.take_turns(&app::periodic()).await?;
        let mut hour = calendar.begins();
        while hour < calendar.until {
            let end = (hour + TimeDelta::hours(1)).min(calendar.until);
            let mut calls = traffic.of_hour(hour, end, &self.secrets);
            while let Some(scene) = scenes.next_if(|scene| scene.at <= end) {
                self.call_until(&mut traffic, &mut calls, scene.at).await?;
                self.move_to(scene.at);
                self.perform(&scene).await?;
            }
            self.call_until(&mut traffic, &mut calls, end).await?;
            self.move_to(end);
            self.end_hour(end).await?;
            let day = (end - calendar.begins()).num_days();
            if end.hour() == 0 && day % 7 == 0 {
                println!(
                    "  week {} of {} is lived: {} calls, {:.1} s",
                    day / 7,
                    (DAYS + 6) / 7,
                    traffic.answered,
                    started.elapsed().as_secs_f32()
                );
            }
            hour = end;
        }
        println!("  now is reached: {} calls in {DAYS} days, made in {:.1} s", traffic.answered, started.elapsed().as_secs_f32());
        Ok(())
    }

    async fn call_until(&mut self, traffic: &mut Traffic, calls: &mut Hour, until: DateTime<Utc>) -> anyhow::Result<()> {
        loop {
            let together = calls.next_by(until);
            let Some(first) = together.first() else { return Ok(()) };
            self.move_to(first.at());
            traffic.make(&self.router, together, &self.secrets).await?;
        }
    }

    /// Never back: what is done side by side may end a little after the next one's moment.
    fn move_to(&self, moment: DateTime<Utc>) {
        let by = moment - self.stoa.clock.now();
        if by > TimeDelta::zero() {
            self.hands.advance(by);
        }
    }

    async fn end_hour(&self, end: DateTime<Utc>) -> anyhow::Result<()> {
        usage::server::roll_up(self.stoa.clone()).await?;
        let all = end.hour().is_multiple_of(TURNS_HOURS);
        let tasks: Vec<Periodic> = app::periodic().into_iter().filter(|task| all || task.name == HOURLY).collect();
        self.take_turns(&tasks).await
    }

    async fn take_turns(&self, tasks: &[Periodic]) -> anyhow::Result<()> {
        for task in tasks {
            task.take_turn(&self.stoa).await?;
        }
        Ok(queue::work_off(&self.stoa, &app::jobs()).await?)
    }
}
