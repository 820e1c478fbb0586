//! Who pays for a job, and what their plan allows.

use std::net::IpAddr;

use axum::http::StatusCode;
use ocr_chat_document::Tier;

use crate::app::AppState;
use crate::clock::rfc3339;
use crate::config::Config;
use crate::db::metering::{Bill, Limit, Shortage, owner_of};
use crate::error::{ApiError, LimitReached};
use crate::ids::{AccountId, TokenId};
use crate::metering::{Period, Plan, PlanRules, price_held};
use crate::secret::{Purpose, SecretKeys};
use crate::web::client_ip::one_caller;

/// Who sends a job.
#[derive(Debug, Clone)]
pub struct Sender {
    /// Their account; `None` for an anonymous one.
    pub account: Option<AccountId>,
    /// The token that was used.
    pub token: Option<TokenId>,
    /// What they have booked.
    pub plan: Plan,
    /// Where the request comes from.
    pub address: IpAddr,
}

impl Sender {
    /// The owner of the sender's balances at `now_ms`. Without an account, a keyed hash of the day and the address: it cannot be
    /// turned back, and not be followed from one day to the next.
    pub fn owner(&self, secrets: &SecretKeys, now_ms: i64) -> String {
        match &self.account {
            Some(account) => owner_of(account),
            None => {
                let day = Period::Day.name(now_ms);
                let message = format!("{day} {}", one_caller(self.address));
                let hash = secrets.hash(Purpose::Address, message.as_bytes());
                format!("anonymous:{hash}")
            }
        }
    }

    /// What the sender may do. On a server that counts nothing, what the operator may.
    pub fn rules<'a>(&self, config: &'a Config) -> &'a PlanRules {
        if config.is_metered {
            config.prices.plan(self.plan)
        } else {
            config.prices.plan(Plan::Operator)
        }
    }

    /// Whether anything is counted for the sender.
    pub fn is_metered(&self, config: &Config) -> bool {
        config.is_metered && !self.rules(config).unmetered
    }

    /// What a job of `tier` is paid of; `None` where nothing is counted.
    pub fn bill(
        &self,
        config: &Config,
        secrets: &SecretKeys,
        tier: Tier,
        may_use_model: bool,
        is_translated: bool,
        now_ms: i64,
    ) -> Option<Bill> {
        let mut price = price_held(&config.prices, tier, may_use_model);
        if is_translated {
            price += config.prices.translation;
        }
        self.bill_of(config, secrets, price, now_ms)
    }

    /// What something for `price` credits is paid of; `None` where nothing is counted.
    pub fn bill_of(
        &self,
        config: &Config,
        secrets: &SecretKeys,
        price: i64,
        now_ms: i64,
    ) -> Option<Bill> {
        let rules = self.rules(config);
        self.is_metered(config).then(|| Bill {
            owner: self.owner(secrets, now_ms),
            allowance_source: allowance_source(rules.period, now_ms),
            allowance: rules.allowance,
            price,
            token: self.token.clone(),
        })
    }

    /// How long results are kept, in milliseconds.
    pub fn retention_ms(&self, config: &Config) -> i64 {
        match self.rules(config).retention_hours {
            Some(hours) if config.is_metered => i64::from(hours) * 3_600_000,
            _ => i64::try_from(config.retention.as_millis()).unwrap_or(i64::MAX / 2),
        }
    }

    /// Refuses a file with more pages than the plan allows.
    ///
    /// # Errors
    /// 400 `too_many_pages`.
    pub fn check_pages(&self, config: &Config, page_count: u32) -> Result<(), ApiError> {
        let max = self.rules(config).pages_per_file;
        if page_count <= max {
            return Ok(());
        }
        Err(ApiError::bad_request(
            "too_many_pages",
            format!(
                "The file has {page_count} pages; the {} plan allows {max} a file.",
                self.plan.as_str()
            ),
        ))
    }

    /// The 402 of a job that does not fit.
    pub fn refusal(&self, config: &Config, shortage: Shortage, now_ms: i64) -> ApiError {
        let rules = self.rules(config);
        let period = rules.period.as_str();
        let (limit, code, unit, message) = match shortage.limit {
            Limit::Allowance => (
                format!("{}_per_{period}", self.plan.as_str()),
                "limit_reached",
                "pages",
                format!(
                    "The free limit of {} pages a {period} is reached: {} are used, and the file does not fit.",
                    shortage.cap, shortage.used
                ),
            ),
            Limit::Credits => (
                "credits".to_owned(),
                "no_credits",
                "credits",
                format!(
                    "There are not enough credits: {} of {} are used, and the file does not fit.",
                    shortage.used, shortage.cap
                ),
            ),
            Limit::Token => (
                "token_spending_cap".to_owned(),
                "token_cap_reached",
                "credits",
                format!(
                    "The spending cap of this API token is reached: {} of {} credits are used.",
                    shortage.used, shortage.cap
                ),
            ),
        };
        let renews = shortage.limit != Limit::Token && rules.allowance > 0;
        ApiError {
            limit: Some(Box::new(LimitReached {
                used: shortage.used,
                cap: shortage.cap,
                unit,
                limit,
                resets_at: renews
                    .then(|| rfc3339(rules.period.ends_ms(now_ms)))
                    .flatten(),
            })),
            ..ApiError::new(StatusCode::PAYMENT_REQUIRED, code, message)
        }
    }
}

/// The source of a period's allowance in the ledger.
pub fn allowance_source(period: Period, now_ms: i64) -> String {
    format!("allowance:{}", period.name(now_ms))
}

/// The allowances that callers without an account may be using at `now_ms`: a job of yesterday may still run.
pub(super) fn current_anonymous_sources(config: &Config, now_ms: i64) -> Vec<String> {
    let period = config.prices.plan(Plan::Anonymous).period;
    vec![allowance_source(period, now_ms)]
}

/// The names under which a sender's requests may be remembered: anonymous ones change theirs at midnight.
pub fn request_owners(sender: &Sender, state: &AppState, now_ms: i64) -> Vec<String> {
    let mut owners = vec![sender.owner(&state.secrets, now_ms)];
    if sender.account.is_none() {
        owners.push(sender.owner(&state.secrets, now_ms - 86_400_000));
    }
    owners
}
