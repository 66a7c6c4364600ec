//! When a job that failed is tried again, and when no more.

use chrono::TimeDelta;

use crate::server::chance;

/// Seconds to wait after the first failure, the second, and so on; after the last of them a job is dead.
const WAITS: [i64; 6] = [5, 30, 2 * 60, 10 * 60, 60 * 60, 6 * 60 * 60];

/// How long to wait after this attempt failed; none where it was the last.
pub fn backoff(attempt: u32) -> Option<TimeDelta> {
    let place = usize::try_from(attempt.max(1) - 1).ok()?;
    WAITS.get(place).map(|seconds| TimeDelta::seconds(*seconds))
}

/// A fifth more or less by chance, so that what failed together does not come back together.
pub fn jittered(wait: TimeDelta) -> TimeDelta {
    let [chance] = chance::bytes::<1>();
    wait * (80 + i32::from(chance) * 40 / 255) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<i64> = (1..).map_while(backoff).map(|wait| wait.num_seconds()).collect();
        assert_eq!(waits, WAITS);
        assert_eq!(backoff(0), backoff(1), "an attempt is counted from one");
        assert_eq!(backoff(u32::MAX), None);
    }

    #[test]
    fn chance_moves_a_wait_by_a_fifth_at_most() {
        for _ in 0..200 {
            let wait = jittered(TimeDelta::seconds(100)).num_seconds();
            assert!((80..=120).contains(&wait), "{wait}");
        }
    }
}
