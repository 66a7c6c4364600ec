//! How many long exports run at once: so many of one log and of one node, so that nobody's slow readers fill its memory.

use std::{
    collections::HashMap,
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::{error::AppError, ids::LogId};

const OF_ONE_LOG: usize = 4;
const OF_ONE_NODE: usize = 32;

static RUNNING: LazyLock<Mutex<HashMap<LogId, usize>>> = LazyLock::new(Mutex::default);

/// One that runs, for as long as this is kept.
#[derive(Debug)]
pub struct Running(LogId);

impl Running {
    pub fn begin(log: LogId) -> Result<Self, AppError> {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let of_log = running.get(&log).copied().unwrap_or_default();
        if of_log >= OF_ONE_LOG || running.values().sum::<usize>() >= OF_ONE_NODE {
            return Err(AppError::Conflict(
                "Enough long exports run already. Wait until one of them has ended, then ask again.".to_owned(),
            ));
        }
        running.insert(log, of_log + 1);
        Ok(Self(log))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_log) = running.get_mut(&self.0) {
            *of_log -= 1;
            if *of_log == 0 {
                running.remove(&self.0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_log_has_so_many_and_gets_them_back() {
        let log = LogId(Uuid::max());
        let mut some: Vec<Running> = (0..OF_ONE_LOG).map(|_| Running::begin(log).expect("one more")).collect();
        assert!(matches!(Running::begin(log), Err(AppError::Conflict(_))));
        some.pop();
        assert!(Running::begin(log).is_ok());
        drop(some);
        assert!(!RUNNING.lock().expect("unpoisoned").contains_key(&log));
    }
}
