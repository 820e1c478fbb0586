//! Answers that stay open: how many there may be, in all and for one caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::ApiError;

/// Open streams of one caller: a browser with some tabs, or an account with some clients behind one token.
pub const MAX_STREAMS_PER_CALLER: usize = 20;

/// Seconds after which a caller with too many streams may try again.
const RETRY_AFTER_S: u32 = 10;

/// The streams that are open in this process.
#[derive(Clone)]
pub struct Streams {
    open: Arc<Mutex<HashMap<String, usize>>>,
    max: usize,
}

/// A stream that is open until this is dropped.
pub struct StreamPermit {
    streams: Streams,
    caller: String,
}

impl Streams {
    /// At most `max` streams at a time.
    pub fn new(max: usize) -> Self {
        Self {
            open: Arc::default(),
            max,
        }
    }

    /// Counts one more stream of `caller`.
    ///
    /// # Errors
    /// 429 when the caller has too many, 503 when there are too many in all.
    pub fn open(&self, caller: String) -> Result<StreamPermit, ApiError> {
        let mut open = self.lock();
        if open.values().sum::<usize>() >= self.max {
            return Err(ApiError::queue_full());
        }
        let n = open.entry(caller.clone()).or_default();
        if *n >= MAX_STREAMS_PER_CALLER {
            return Err(ApiError::too_many(RETRY_AFTER_S));
        }
        *n += 1;
        Ok(StreamPermit {
            streams: self.clone(),
            caller,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamPermit {
    fn drop(&mut self) {
        let mut open = self.streams.lock();
        if let Some(n) = open.get_mut(&self.caller) {
            *n -= 1;
            if *n == 0 {
                open.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_and_all_together_have_their_limits_and_places_come_back() {
        let streams = Streams::new(MAX_STREAMS_PER_CALLER + 1);
        let refused = |caller: &str| {
            let refused = streams.open(caller.to_owned()).err();
            refused.map(|error| error.status.as_u16())
        };
        let of_a: Vec<_> = (0..MAX_STREAMS_PER_CALLER)
            .map(|_| streams.open("a".to_owned()).unwrap())
            .collect();
        assert_eq!(refused("a"), Some(429));
        let of_b = streams.open("b".to_owned()).unwrap();
        assert_eq!(refused("c"), Some(503));
        drop(of_b);
        assert_eq!(refused("c"), None);
        drop(of_a);
        assert!(streams.lock().is_empty());
    }
}
