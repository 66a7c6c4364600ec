//! How many may be told at once: each that is costs a visit a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::watch;

/// On one node.
const ALL: usize = 256;
/// Of one session. Browsers open six connections to an origin over HTTP/1.1, and pages need some.
const EACH: usize = 4;

/// The seats of one node.
#[derive(Debug)]
pub struct Seats {
    taken: Mutex<HashMap<[u8; 32], usize>>,
    stop: watch::Sender<bool>,
}

impl Default for Seats {
    fn default() -> Self {
        Self { taken: Mutex::default(), stop: watch::channel(false).0 }
    }
}

impl Seats {
    /// One for this session; none where it, or the node, has no more.
    pub fn take(self: &Arc<Self>, session: [u8; 32]) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.values().sum::<usize>() >= ALL {
            return None;
        }
        let of_session = taken.entry(session).or_default();
        if *of_session >= EACH {
            return None;
        }
        *of_session += 1;
        Some(Seat { seats: self.clone(), session })
    }

    /// Nobody is told anything from now on: the server stops.
    pub fn clear(&self) {
        self.stop.send_replace(true);
    }
}

/// Given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    seats: Arc<Seats>,
    session: [u8; 32],
}

impl Seat {
    pub fn stop(&self) -> watch::Receiver<bool> {
        self.seats.stop.subscribe()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_session) = taken.get_mut(&self.session) {
            *of_session -= 1;
            if *of_session == 0 {
                taken.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_few_and_gets_back_what_it_gives_back() {
        let seats = Arc::new(Seats::default());
        let mut mine: Vec<Seat> = (0..EACH).map(|_| seats.take([1; 32]).expect("a seat")).collect();
        assert!(seats.take([1; 32]).is_none());
        assert!(seats.take([2; 32]).is_some(), "another session");
        mine.pop();
        assert!(seats.take([1; 32]).is_some());
        drop(mine);
        assert!(seats.taken.lock().expect("not poisoned").is_empty(), "nothing is kept of who left");
    }

    #[test]
    fn a_node_has_so_many() {
        let seats = Arc::new(Seats::default());
        let key = |number: usize| {
            let mut session = [0; 32];
            session[..8].copy_from_slice(&number.to_be_bytes());
            session
        };
        let all: Vec<Seat> = (0..ALL).map(|number| seats.take(key(number)).expect("a seat")).collect();
        assert!(seats.take(key(ALL)).is_none());
        drop(all);
        assert!(seats.take(key(ALL)).is_some());
    }
}
