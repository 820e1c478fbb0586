//! Signed messages that tell an account's servers of the end of its jobs, by Standard Webhooks
//! (github.com/standard-webhooks/standard-webhooks).
//!
//! A message is written into the database in the transaction that ends its job, so none is lost, and tried until it is taken or a day
//! is over. It may come more than once; its `webhook-id` stays the same.

mod deliver;

pub mod secret;

use std::time::Duration;

pub use deliver::{Deliverer, run};

/// Who may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nobody: webhooks are off.
    Off,
    /// HTTPS at addresses of the public internet.
    Public,
    /// HTTP too, and every address: for servers whose callers are trusted.
    Any,
}

/// The rules of delivery.
#[derive(Debug, Clone)]
pub struct WebhookRules {
    /// Who may be called.
    pub reach: Reach,
    /// How long a try may take.
    pub time_limit: Duration,
    /// The pauses between tries, the first after the first. The last try that fails ends the delivery.
    pub pauses: Vec<Duration>,
    /// How long nothing but failures may come before no message is sent any more.
    pub gives_up_after: Duration,
}

impl Default for WebhookRules {
    /// Ten tries within a day, the first two minutes dense: most failures are a restart. Given up after 5 days.
    fn default() -> Self {
        let seconds = [5, 30, 120, 600, 1_800, 3_600, 7_200, 21_600, 50_400];
        Self {
            reach: Reach::Public,
            time_limit: Duration::from_secs(15),
            pauses: seconds.map(Duration::from_secs).to_vec(),
            gives_up_after: Duration::from_secs(5 * 24 * 3_600),
        }
    }
}

impl WebhookRules {
    /// The pause after a try that failed, `n_attempts` so far; `None` when it was the last.
    pub(crate) fn pause_ms(&self, n_attempts: i64) -> Option<i64> {
        let index = usize::try_from(n_attempts).ok()?.checked_sub(1)?;
        i64::try_from(self.pauses.get(index)?.as_millis()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::WebhookRules;

    #[test]
    fn tries_are_spread_over_a_day() {
        let rules = WebhookRules::default();
        let all: Vec<i64> = (1..).map_while(|n| rules.pause_ms(n)).collect();
        assert_eq!(all.len(), 9);
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
        let hours = all.iter().sum::<i64>() / 3_600_000;
        assert!((23..=24).contains(&hours), "{hours}");
        assert_eq!(rules.pause_ms(0), None);
    }
}
