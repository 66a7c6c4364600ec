//! Two answer the same requests, in turns and round after round; what counts is how many one answers to the other's.

use std::{fmt, net::SocketAddr, time::Duration};

use super::load::{self, Asked, Figures};
use crate::server::Stoa;

/// Before anything counts: connections, caches, plans of statements.
const WARM: Duration = Duration::from_secs(2);

/// How wide, how long and how often.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Rounds {
    /// That ask at the same time; 16 where nothing is said, and 32 for records.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    connections: Option<u16>,

    /// Of each of the rounds.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,

    #[arg(long = "rounds", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
}

/// What is compared: the console's answer, the bound's, and the share of it that is asked for.
#[derive(Clone, Debug)]
pub struct Pair<'a> {
    pub name: &'a str,
    pub ours: SocketAddr,
    pub bound: SocketAddr,
    pub asked: &'a Asked,
    pub at_least: f64,
}

/// Where nothing is said.
const CONNECTIONS: u16 = 16;

impl Rounds {
    /// With so many connections where nothing is said.
    #[must_use]
    pub fn wide(self, connections: u16) -> Self {
        Self { connections: self.connections.or(Some(connections)), ..self }
    }

    fn connections(&self) -> u16 {
        self.connections.unwrap_or(CONNECTIONS)
    }

    /// Prints what all figures are taken with.
    pub async fn introduce(&self, what: &str, stoa: &Stoa) -> anyhow::Result<()> {
        let mut settings = Vec::new();
        for setting in ["server_version", "fsync", "synchronous_commit", "shared_buffers"] {
            let is: String = sqlx::query_scalar("select current_setting($1)").bind(setting).fetch_one(&stoa.db).await?;
            settings.push(format!("{setting} {is}"));
        }
        println!(
            "bench {what}: {} connections, pool of {}, {} s a round, {} rounds, {} build, PostgreSQL: {}",
            self.connections(),
            stoa.config.database.max_connections,
            self.seconds,
            self.count,
            if cfg!(debug_assertions) { "DEBUG" } else { "release" },
            settings.join(", "),
        );
        Ok(())
    }

    /// Whether the ratio reaches what is asked for. Prints every round.
    pub async fn compare(&self, pair: &Pair<'_>) -> anyhow::Result<bool> {
        let ratio = self.ratio(pair, "bare handler").await?;
        let verdict = Verdict { ratio, at_least: pair.at_least };
        println!("{}: ratio (median of {} rounds) {verdict}", pair.name, self.count);
        Ok(verdict.holds())
    }

    /// How many requests the one answers to the other's, the median of all rounds. Prints every round.
    pub async fn ratio(&self, pair: &Pair<'_>, bound: &str) -> anyhow::Result<f64> {
        let duration = WARM.min(self.duration());
        for at in [pair.bound, pair.ours] {
            load::run(at, pair.asked, self.connections(), duration).await?;
        }
        let mut ratios = Vec::new();
        for round in 1..=self.count {
            let theirs = load::run(pair.bound, pair.asked, self.connections(), self.duration()).await?;
            let ours = load::run(pair.ours, pair.asked, self.connections(), self.duration()).await?;
            show(round, bound, &theirs);
            show(round, pair.name, &ours);
            ratios.push(ours.requests_per_second / theirs.requests_per_second);
        }
        Ok(median(ratios))
    }

    /// Prints every round of what has no bound, and returns the median of the requests a second.
    pub async fn report(&self, name: &str, at: SocketAddr, asked: &Asked) -> anyhow::Result<f64> {
        load::run(at, asked, self.connections(), WARM.min(self.duration())).await?;
        let mut answered = Vec::new();
        for round in 1..=self.count {
            let figures = load::run(at, asked, self.connections(), self.duration()).await?;
            show(round, name, &figures);
            answered.push(figures.requests_per_second);
        }
        Ok(median(answered))
    }

    /// The 99th percentile in milliseconds, the median of all rounds. Prints every round.
    pub async fn slowest(&self, name: &str, at: SocketAddr, asked: &Asked) -> anyhow::Result<f64> {
        load::run(at, asked, self.connections(), WARM.min(self.duration())).await?;
        let mut slowest = Vec::new();
        for round in 1..=self.count {
            let figures = load::run(at, asked, self.connections(), self.duration()).await?;
            show(round, name, &figures);
            slowest.push(figures.p99_milliseconds);
        }
        Ok(median(slowest))
    }

    /// The 99th percentiles of several in milliseconds, asked in turns within each round: the medians of all rounds. Prints
    /// every round.
    pub async fn slowest_in_turns(&self, at: SocketAddr, all: &[(&str, Asked)]) -> anyhow::Result<Vec<f64>> {
        for (_, asked) in all {
            load::run(at, asked, self.connections(), WARM.min(self.duration())).await?;
        }
        let mut slowest = vec![Vec::new(); all.len()];
        for round in 1..=self.count {
            for ((name, asked), slowest) in all.iter().zip(&mut slowest) {
                let figures = load::run(at, asked, self.connections(), self.duration()).await?;
                show(round, name, &figures);
                slowest.push(figures.p99_milliseconds);
            }
        }
        Ok(slowest.into_iter().map(median).collect())
    }

    /// How many rounds there are.
    pub fn count(&self) -> u32 {
        self.count
    }

    fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn show(round: u32, what: &str, figures: &Figures) {
    println!(
        "round {round}  {what:<16} {:>8.0} requests/s   median {:>6.2} ms   p99 {:>6.2} ms",
        figures.requests_per_second, figures.median_milliseconds, figures.p99_milliseconds
    );
}

/// A ratio, and what is asked of it.
#[derive(Clone, Copy, Debug)]
struct Verdict {
    ratio: f64,
    at_least: f64,
}

impl Verdict {
    /// As measured, not as printed.
    fn holds(self) -> bool {
        self.ratio >= self.at_least
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = if self.holds() { "PASS" } else { "short of the bound" };
        write!(f, "{:.3}, at least {:.2}: {says}", self.ratio, self.at_least)
    }
}

/// Of two in the middle, what lies between them. Of none, what holds nothing.
pub fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    let middle = ratios.len() / 2;
    match ratios.get(middle) {
        None => f64::NAN,
        Some(upper) if ratios.len().is_multiple_of(2) => f64::midpoint(ratios[middle - 1], *upper),
        Some(only) => *only,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_no_outlier() {
        let of = |ratios: &[f64]| format!("{:.2}", median(ratios.to_vec()));
        assert_eq!(of(&[0.9, 0.1, 0.5]), "0.50");
        assert_eq!(of(&[0.9, 0.1, 0.5, 0.6]), "0.55");
        assert_eq!(of(&[0.7]), "0.70");
    }

    #[test]
    fn what_is_short_is_said_to_be_short() {
        let of = |ratio| Verdict { ratio, at_least: 0.5 };
        assert_eq!(of(0.5).to_string(), "0.500, at least 0.50: PASS");
        assert_eq!(of(0.499).to_string(), "0.499, at least 0.50: short of the bound");
        assert!(of(0.5).holds() && !of(0.4999).holds());
        assert!(!of(median(Vec::new())).holds(), "nothing measured is nothing shown");
    }
}
