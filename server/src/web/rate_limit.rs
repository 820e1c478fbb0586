//! Limits on how often something may be tried. Kept in memory, in each process for itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::time::Instant;

use crate::app::AppState;
use crate::error::ApiError;
use crate::web::client_ip::ClientIp;

/// Names remembered at most; older windows make room. A name costs about a hundred bytes.
const MAX_NAMES: usize = 100_000;

/// How often something may be done, and within which time.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// What it is, so that names of different limits do not meet.
    pub what: &'static str,
    /// How often.
    pub max: u32,
    /// Within which time from the first.
    pub window: Duration,
}

/// What is left of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// How often it may still be done.
    pub n: u32,
    /// Seconds until the next window.
    pub resets_s: u64,
}

/// Counts requests to the API by the address of the network. The answer says what is left in the `RateLimit` headers.
pub(super) async fn limit_requests(
    State(state): State<AppState>,
    ClientIp(ip): ClientIp,
    request: Request,
    next: Next,
) -> Response {
    let Some(max) = state.config.requests_per_minute else {
        return next.run(request).await;
    };
    let rate = Rate {
        what: "requests",
        max,
        window: Duration::from_secs(60),
    };
    let (left, mut response) = match state.limiter.count(rate, ip.to_string()) {
        Ok(left) => (left, next.run(request).await),
        Err(error) => {
            let resets_s = u64::from(error.retry_after_s.unwrap_or_default());
            (Left { n: 0, resets_s }, error.into_response())
        }
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (RATE_LIMIT_HEADERS[0].clone(), u64::from(max)),
        (RATE_LIMIT_HEADERS[1].clone(), u64::from(left.n)),
        (RATE_LIMIT_HEADERS[2].clone(), left.resets_s),
    ] {
        headers.insert(name, HeaderValue::from(value));
    }
    response
}

/// Of a minute's requests: how many there are, how many are left, and in how many seconds they begin anew.
pub(super) const RATE_LIMIT_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// Counts by name.
#[derive(Clone, Default)]
pub struct RateLimiter {
    counts: Arc<Mutex<HashMap<(&'static str, String), Count>>>,
}

struct Count {
    n: u32,
    ends: Instant,
}

impl RateLimiter {
    /// Counts one more for `name`.
    ///
    /// # Errors
    /// 429 with the seconds after which to try again.
    pub fn count(&self, rate: Rate, name: impl Into<String>) -> Result<Left, ApiError> {
        self.count_at(rate, name.into(), Instant::now())
    }

    fn count_at(&self, rate: Rate, name: String, now: Instant) -> Result<Left, ApiError> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MAX_NAMES {
            counts.retain(|_, count| count.ends > now);
            if counts.len() >= MAX_NAMES {
                // Nobody may fill the memory; forgetting errs on the side of those who call.
                counts.clear();
            }
        }
        let count = counts.entry((rate.what, name)).or_insert(Count {
            n: 0,
            ends: now + rate.window,
        });
        if count.ends <= now {
            *count = Count {
                n: 0,
                ends: now + rate.window,
            };
        }
        if count.n >= rate.max {
            let seconds = count.ends.duration_since(now).as_secs() + 1;
            return Err(ApiError::too_many(
                u32::try_from(seconds).unwrap_or(u32::MAX),
            ));
        }
        count.n += 1;
        Ok(Left {
            n: rate.max - count.n,
            resets_s: count.ends.duration_since(now).as_secs() + 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_its_number_and_then_begins_anew() {
        let limiter = RateLimiter::default();
        let rate = Rate {
            what: "test",
            max: 2,
            window: Duration::from_secs(60),
        };
        let start = Instant::now();
        let count = |name: &str, seconds| {
            limiter.count_at(rate, name.to_owned(), start + Duration::from_secs(seconds))
        };
        assert!(count("a", 0).is_ok());
        assert!(count("a", 50).is_ok());
        let refused = count("a", 50).unwrap_err();
        assert_eq!(refused.retry_after_s, Some(11));
        assert!(count("b", 50).is_ok(), "each name for itself");
        assert!(count("a", 61).is_ok());
        assert!(count("a", 61).is_ok());
        assert!(count("a", 61).is_err());
    }
}
