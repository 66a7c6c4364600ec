//! How many of something long may run at once on this node: so many in all, and so many of one kind of it.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

#[derive(Debug)]
pub struct Seats<K> {
    all: usize,
    each: usize,
    taken: Mutex<HashMap<K, usize>>,
}

impl<K: Copy + Eq + Hash> Seats<K> {
    pub fn new(all: usize, each: usize) -> Arc<Self> {
        Arc::new(Self { all, each, taken: Mutex::default() })
    }

    /// One for this; none where it, or the node, has no more.
    pub fn take(self: &Arc<Self>, of: K) -> Option<Seat<K>> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = taken.get(&of).copied().unwrap_or_default();
        if mine >= self.each || taken.values().sum::<usize>() >= self.all {
            return None;
        }
        taken.insert(of, mine + 1);
        Some(Seat { seats: self.clone(), of })
    }
}

/// Given back when it is dropped.
#[derive(Debug)]
pub struct Seat<K: Copy + Eq + Hash> {
    seats: Arc<Seats<K>>,
    of: K,
}

impl<K: Copy + Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mine) = taken.get_mut(&self.of) {
            *mine -= 1;
            if *mine == 0 {
                taken.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_few_and_gets_back_what_it_gives_back() {
        let seats = Seats::new(100, 4);
        let mut mine: Vec<Seat<u8>> = (0..4).map(|_| seats.take(1).expect("a seat")).collect();
        assert!(seats.take(1).is_none());
        assert!(seats.take(2).is_some(), "another");
        mine.pop();
        assert!(seats.take(1).is_some());
        drop(mine);
        assert!(seats.taken.lock().expect("not poisoned").is_empty(), "nothing is kept of who left");
    }

    #[test]
    fn a_node_has_so_many() {
        let seats = Seats::new(20, 4);
        let all: Vec<Seat<u8>> = (0..20).map(|of| seats.take(of).expect("a seat")).collect();
        assert!(seats.take(20).is_none());
        drop(all);
        assert!(seats.take(20).is_some());
    }
}
