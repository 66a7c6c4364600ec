//! A bounded memory of things that expire: codes and access tokens.

use std::collections::VecDeque;

const LIMIT: usize = 1_000;

/// Oldest first. Times are seconds since 1970.
pub(super) struct Shelf<T> {
    lifetime: u64,
    entries: VecDeque<Entry<T>>,
}

struct Entry<T> {
    key: String,
    until: u64,
    value: T,
}

impl<T> Shelf<T> {
    pub(super) fn new(lifetime: u64) -> Self {
        Self { lifetime, entries: VecDeque::new() }
    }

    /// On a full shelf the oldest makes room.
    pub(super) fn put(&mut self, key: String, value: T, now: u64) {
        self.entries.retain(|entry| now < entry.until);
        if self.entries.len() >= LIMIT {
            self.entries.pop_front();
        }
        let until = now + self.lifetime;
        self.entries.push_back(Entry { key, until, value });
    }

    pub(super) fn get(&self, key: &str, now: u64) -> Option<&T> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (now < entry.until).then_some(&entry.value)
    }

    /// Gives it away: it is there only once.
    pub(super) fn take(&mut self, key: &str, now: u64) -> Option<T> {
        let place = self.entries.iter().position(|entry| entry.key == key)?;
        let entry = self.entries.remove(place)?;
        (now < entry.until).then_some(entry.value)
    }

    pub(super) fn discard(&mut self, is_unwanted: impl Fn(&T) -> bool) {
        self.entries.retain(|entry| !is_unwanted(&entry.value));
    }
}

#[cfg(test)]
mod tests {
    use super::{LIMIT, Shelf};

    #[test]
    fn a_thing_is_taken_once_and_in_time() {
        let mut shelf = Shelf::new(60);
        shelf.put("a".into(), 1, 100);
        shelf.put("b".into(), 2, 100);
        assert_eq!(shelf.get("a", 159), Some(&1));
        assert_eq!(shelf.take("a", 159), Some(1));
        assert_eq!(shelf.take("a", 159), None);
        assert_eq!(shelf.get("b", 160), None);
        assert_eq!(shelf.take("b", 160), None);
    }

    #[test]
    fn a_full_shelf_forgets_the_oldest() {
        let mut shelf = Shelf::new(60);
        for number in 0..=LIMIT {
            shelf.put(number.to_string(), number, 100);
        }
        assert_eq!(shelf.entries.len(), LIMIT);
        assert_eq!(shelf.get("0", 100), None);
        shelf.put("late".into(), 0, 160);
        assert_eq!(shelf.entries.len(), 1);
    }
}
