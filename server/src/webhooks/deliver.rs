//! The task that sends messages.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use lettre::Address;
use tokio::sync::{Notify, Semaphore, watch};

use crate::audit::Actor;
use crate::clock::now_ms;
use crate::config::Config;
use crate::db::Database;
use crate::db::webhooks::{Delivery, Outcome};
use crate::mail::Mailer;
use crate::net::resolver::{CheckedResolver, Unresolved};
use crate::net::{self, guard};
use crate::secret::SecretKeys;
use crate::webhooks::{Reach, secret};

/// Messages on their way at the same time.
const MAX_AT_ONCE: usize = 8;

/// How often the database is asked for messages that are due: those of another process, and those that failed.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// How long a message that was taken up is left alone, beyond the limit of a try; its process died when it is still there then.
const LEASE_MS: i64 = 30_000;

/// What sending needs.
#[derive(Clone)]
pub struct Deliverer {
    config: Arc<Config>,
    db: Database,
    secrets: SecretKeys,
    mailer: Mailer,
    client: Arc<OnceLock<reqwest::Client>>,
    /// Rung when a message has its next try.
    tried: Arc<Notify>,
}

impl Deliverer {
    /// One that calls whom the configuration allows.
    pub fn new(config: Arc<Config>, db: Database, secrets: SecretKeys, mailer: Mailer) -> Self {
        Self {
            client: Arc::default(),
            tried: Arc::default(),
            config,
            db,
            secrets,
            mailer,
        }
    }

    /// The client, made with the first message: reading the system's certificates takes longer than all else at a start.
    fn client(&self) -> Result<&reqwest::Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let mut builder = net::builder(self.config.webhooks.time_limit)
            // A connection serves one message.
            .pool_max_idle_per_host(0);
        if self.config.webhooks.reach != Reach::Any {
            builder = builder.dns_resolver(Arc::new(CheckedResolver::public()));
        }
        let client = builder.build()?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Sends one message that was taken up, and writes down what came of it.
    async fn deliver(&self, delivery: Delivery) -> Result<(), sqlx::Error> {
        let outcome = self.send(&delivery).await?;
        let rules = &self.config.webhooks;
        let next_ms = match &outcome {
            Outcome::Delivered(_) => None,
            // Gone says: never again.
            Outcome::Failed(Some(410), _) => None,
            Outcome::Failed(..) => rules.pause_ms(delivery.attempts),
        };
        let next_ms = next_ms.map(|pause_ms| now_ms() + pause_ms);
        let gives_up = i64::try_from(rules.gives_up_after.as_millis()).unwrap_or(i64::MAX);
        let given_up = self
            .db
            .finish_delivery(&delivery, &outcome, next_ms, gives_up, &Actor::server())
            .await?;
        self.tried.notify_one();
        if given_up {
            self.tell_owner(&delivery).await?;
        }
        Ok(())
    }

    async fn send(&self, delivery: &Delivery) -> Result<Outcome, sqlx::Error> {
        let failed = |reason: &str| Ok(Outcome::Failed(None, reason.to_owned()));
        // The rules may have changed since it was written.
        let url = match guard::check(&delivery.url, self.config.webhooks.reach == Reach::Any) {
            Ok(url) => url,
            Err(refused) => return failed(&format!("The address is not called: {refused}")),
        };
        let seconds = now_ms().div_euclid(1_000);
        let context = secret::context(&delivery.account);
        let sealed = self.db.webhook_secrets(&delivery.account, now_ms()).await?;
        let signatures: Vec<String> = sealed
            .iter()
            .filter_map(|sealed| self.secrets.open(sealed, &context))
            .filter_map(|secret| secret::sign(&secret, &delivery.id, seconds, &delivery.payload))
            .collect();
        if signatures.is_empty() {
            return failed("There is no secret to sign with.");
        }
        let client = match self.client() {
            Ok(client) => client,
            Err(error) => {
                tracing::error!(%error, "no client for webhooks");
                return failed("The system's certificates cannot be used.");
            }
        };
        let response = client
            .post(url)
            .header("content-type", "application/json")
            .header("webhook-id", &delivery.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signatures.join(" "))
            .body(delivery.payload.clone())
            .send()
            .await;
        // Its status alone counts; the body is not read.
        Ok(match response.map(|response| response.status()) {
            Ok(status) if status.is_success() => Outcome::Delivered(status.as_u16()),
            Ok(status) => {
                let reason = if status.is_redirection() {
                    "Redirects are not followed.".to_owned()
                } else {
                    format!("The server answered with {}.", status.as_u16())
                };
                Outcome::Failed(Some(status.as_u16()), reason)
            }
            Err(error) => Outcome::Failed(None, why(&error).to_owned()),
        })
    }

    async fn tell_owner(&self, delivery: &Delivery) -> Result<(), sqlx::Error> {
        let account = self.db.account(&delivery.account).await?;
        let email = account.and_then(|account| account.email);
        if let Some(Ok(address)) = email.map(|email| email.parse::<Address>()) {
            let text = format!(
                "Your webhook for OCR.chat at {} did not take a message for days\nand gets none any more. Set its address again to go on.\n",
                self.config.public_url()
            );
            self.mailer
                .send_later(address, "Your webhook was turned off", text);
        }
        Ok(())
    }
}

/// Why there was no answer, without the address.
fn why(error: &reqwest::Error) -> &'static str {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if inner.downcast_ref() == Some(&Unresolved::Address) {
            return "The address is not on the public internet.";
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        "The server took too long."
    } else if error.is_connect() {
        "The server cannot be reached."
    } else {
        "The connection broke off."
    }
}

/// Sends what is due until the server stops. `messages` says that there may be something.
pub async fn run(
    deliverer: Deliverer,
    mut messages: watch::Receiver<u64>,
    mut stopping: watch::Receiver<bool>,
) {
    if deliverer.config.webhooks.reach == Reach::Off {
        return;
    }
    let limit_ms = deliverer.config.webhooks.time_limit.as_millis();
    let lease_ms = i64::try_from(limit_ms).unwrap_or(0) + LEASE_MS;
    let places = Arc::new(Semaphore::new(MAX_AT_ONCE));
    loop {
        messages.mark_unchanged();
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let now = now_ms();
        match deliverer.db.claim_delivery(now, now + lease_ms).await {
            Ok(Some(delivery)) => {
                let deliverer = deliverer.clone();
                tokio::spawn(async move {
                    let _place = place;
                    if let Err(error) = deliverer.deliver(delivery).await {
                        tracing::error!(%error, "a webhook's outcome could not be stored");
                    }
                });
                if *stopping.borrow() {
                    return;
                }
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "webhooks cannot be looked up"),
        }
        drop(place);
        let due_ms = deliverer.db.next_delivery_ms().await.ok().flatten();
        let pause = due_ms.and_then(|due_ms| u64::try_from(due_ms - now_ms()).ok());
        let pause = pause.map_or(LOOK_EVERY, |ms| Duration::from_millis(ms).min(LOOK_EVERY));
        tokio::select! {
            _ = messages.changed() => {}
            () = deliverer.tried.notified() => {}
            () = tokio::time::sleep(pause.max(Duration::from_millis(20))) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
    }
}
