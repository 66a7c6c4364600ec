//! The server and its Postgres are killed at random moments under load, round after round. What was answered is counted
//! once each time, what was not answered is at most what was on its way, and a write that is sent again happens once.
//!
//! `STOA_KILL_ROUNDS` and `STOA_KILL_SEED` choose how many rounds and which moments; every day there are two.

mod book;
mod clients;
mod ground;

use std::{fmt, sync::Arc};

use book::Book;
use clients::Clients;
use ground::Ground;

/// That ask at the same time: no more can be on their way.
const CLIENTS: usize = 16;
/// Answers of a round before something is killed.
const ANSWERS: (u64, u64) = (20, 400);

#[derive(Clone, Copy, Debug)]
enum Victim {
    Server,
    /// With every process of it.
    Postgres,
    Both,
}

impl fmt::Display for Victim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "the server",
            Self::Postgres => "Postgres",
            Self::Both => "both",
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_counted_once_whoever_is_killed() {
    let (rounds, seed) = (setting("STOA_KILL_ROUNDS", 2), setting("STOA_KILL_SEED", 1));
    let mut chance = Chance(seed);
    let mut ground = Ground::prepare().await;
    let book = Arc::new(Book::default());
    for round in 1..=rounds {
        let victim = match round % 3 {
            1 => Victim::Server,
            2 => Victim::Postgres,
            _ => Victim::Both,
        };
        let clients = Clients::start(&ground, &book, round);
        book.answered_in_this_round(chance.between(ANSWERS)).await;
        ground.kill(victim);
        clients.stop().await;
        ground.bring_back(victim).await;
        clients::send_again(&ground, &book).await;
        let reckoning = book.reckon(&ground).await;
        println!("STOA_KILL round {round}: {victim} killed. {reckoning}");
        reckoning.hold_to(CLIENTS, seed, round);
    }
    ground.hold_sums_to_events().await;
}

/// Which moments, from a seed that a failure names (`SplitMix64`).
struct Chance(u64);

impl Chance {
    fn between(&mut self, (least, most): (u64, u64)) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        least + (mixed ^ (mixed >> 31)) % (most - least)
    }
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}
