//! Tables `webhooks` and `webhook_deliveries`.

use serde_json::json;
use sqlx::Row as _;

use crate::audit::{Action, Actor, Event, of_account};
use crate::clock::{now_ms, rfc3339};
use crate::db::audit::record;
use crate::db::{Connection, Database, Row};
use crate::hex;
use crate::ids::{AccountId, JobId};

/// A failure this long after the one before is not the same trouble: two days, in milliseconds. Tries of a message are hours apart.
const SILENCE_MS: i64 = 2 * 24 * 3_600 * 1_000;

/// The webhook of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Where jobs without an address of their own are told.
    pub url: Option<String>,
    /// Until when messages are signed with the former secret, too, unix milliseconds.
    pub old_secret_until_ms: Option<i64>,
    /// Since when nothing but failures came, unix milliseconds.
    pub failing_since_ms: Option<i64>,
    /// When it was given up, unix milliseconds.
    pub disabled_ms: Option<i64>,
    /// When it was made, unix milliseconds.
    pub created_ms: i64,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id, which the receiver sees.
    pub id: String,
    /// Whose it is.
    pub account: AccountId,
    /// The job it tells of.
    pub job: String,
    /// Where it goes.
    pub url: String,
    /// `job.done` or `job.failed`.
    pub event: String,
    /// The JSON that is sent.
    pub payload: String,
    /// `pending`, `delivered` or `failed`.
    pub status: String,
    /// How often it was tried, the try at hand included.
    pub attempts: i64,
    /// When it is tried next, unix milliseconds.
    pub next_ms: Option<i64>,
    /// When it was tried last, unix milliseconds.
    pub last_attempt_ms: Option<i64>,
    /// The HTTP status of the last answer.
    pub last_status: Option<i64>,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// When its job ended, unix milliseconds.
    pub created_ms: i64,
}

/// What came of a try: the HTTP status where there was an answer, and why it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken.
    Delivered(u16),
    /// It was not.
    Failed(Option<u16>, String),
}

/// Writes the message that a job has ended, where its account wants to be told.
pub(super) async fn enqueue(
    connection: &mut Connection,
    job: &JobId,
    status: &str,
) -> Result<(), sqlx::Error> {
    let row = sqlx::query(
        "SELECT jobs.account_id, jobs.page_count, jobs.pages_failed, COALESCE(jobs.webhook_url, webhooks.url) AS url \
         FROM jobs JOIN webhooks ON webhooks.account_id = jobs.account_id \
         WHERE jobs.uuid = $1 AND webhooks.disabled_ms IS NULL",
    )
    .bind(job.as_str())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(()) };
    let Some(url) = row.try_get::<Option<String>, _>("url")? else {
        return Ok(());
    };
    let now_ms = now_ms();
    let event = format!("job.{status}");
    let payload = json!({
        "type": event,
        "timestamp": rfc3339(now_ms),
        "data": {
            "uuid": job.as_str(),
            "status": status,
            "page_count": row.try_get::<i64, _>("page_count")?,
            "pages_failed": row.try_get::<i64, _>("pages_failed")?,
        }
    });
    let random = hex::random(10).map_err(|error| sqlx::Error::Io(error.into()))?;
    sqlx::query(
        "INSERT INTO webhook_deliveries (id, account_id, job_uuid, url, event, payload, status, attempts, next_ms, \
         last_attempt_ms, last_status, last_error, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, 'pending', 0, $7, NULL, NULL, NULL, $7)",
    )
    .bind(format!("msg_{now_ms:012x}{random}"))
    .bind(row.try_get::<String, _>("account_id")?)
    .bind(job.as_str())
    .bind(url)
    .bind(event)
    .bind(payload.to_string())
    .bind(now_ms)
    .execute(connection)
    .await
    .map(drop)
}

impl Database {
    /// The webhook of an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook(&self, account: &AccountId) -> Result<Option<Webhook>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT * FROM webhooks WHERE account_id = $1")
            .bind(&account.0)
            .fetch_optional(&mut *connection)
            .await?
            .map(|row| {
                Ok(Webhook {
                    url: row.try_get("url")?,
                    old_secret_until_ms: row.try_get("old_secret_until_ms")?,
                    failing_since_ms: row.try_get("failing_since_ms")?,
                    disabled_ms: row.try_get("disabled_ms")?,
                    created_ms: row.try_get("created_ms")?,
                })
            })
            .transpose()
    }

    /// Sets the address of an account's webhook and lets it go on after failures. `true` when it was made, with `secret`; one that
    /// was there keeps its own.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn set_webhook(
        &self,
        account: &AccountId,
        url: Option<&str>,
        secret: &str,
        actor: &Actor,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let is_new = sqlx::query(
            "INSERT INTO webhooks (account_id, url, secret, old_secret, old_secret_until_ms, failing_since_ms, disabled_ms, \
             created_ms) VALUES ($1, $2, $3, NULL, NULL, NULL, NULL, $4) ON CONFLICT DO NOTHING",
        )
        .bind(&account.0)
        .bind(url)
        .bind(secret)
        .bind(now_ms())
        .execute(&mut *transaction)
        .await?
        .rows_affected()
            == 1;
        if !is_new {
            sqlx::query(
                "UPDATE webhooks SET url = $1, failing_since_ms = NULL, disabled_ms = NULL WHERE account_id = $2",
            )
            .bind(url)
            .bind(&account.0)
            .execute(&mut *transaction)
            .await?;
        }
        let change = if url.is_some() {
            "address set"
        } else {
            "address removed"
        };
        record(&mut transaction, &changed(account, actor, change)).await?;
        transaction.commit().await?;
        Ok(is_new)
    }

    /// Replaces the secret; messages are signed with the former one, too, until `old_until_ms`. `false` when there is no webhook.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn rotate_webhook_secret(
        &self,
        account: &AccountId,
        secret: &str,
        old_until_ms: i64,
        actor: &Actor,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let n_changed = sqlx::query(
            "UPDATE webhooks SET old_secret = secret, old_secret_until_ms = $1, secret = $2 WHERE account_id = $3",
        )
        .bind(old_until_ms)
        .bind(secret)
        .bind(&account.0)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if n_changed == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        record(
            &mut transaction,
            &changed(account, actor, "secret replaced"),
        )
        .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Removes the webhook of an account with its log; `false` when there is none.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn remove_webhook(
        &self,
        account: &AccountId,
        actor: &Actor,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let n_deleted = sqlx::query("DELETE FROM webhooks WHERE account_id = $1")
            .bind(&account.0)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
        if n_deleted == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        sqlx::query("DELETE FROM webhook_deliveries WHERE account_id = $1")
            .bind(&account.0)
            .execute(&mut *transaction)
            .await?;
        record(&mut transaction, &changed(account, actor, "removed")).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The secrets that messages of an account are signed with at `now_ms`, encrypted, the current one first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn webhook_secrets(
        &self,
        account: &AccountId,
        now_ms: i64,
    ) -> Result<Vec<String>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let row = sqlx::query(
            "SELECT secret, CASE WHEN old_secret_until_ms > $1 THEN old_secret END AS old_secret \
             FROM webhooks WHERE account_id = $2",
        )
        .bind(now_ms)
        .bind(&account.0)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else {
            return Ok(Vec::new());
        };
        let mut secrets = vec![row.try_get("secret")?];
        secrets.extend(row.try_get::<Option<String>, _>("old_secret")?);
        Ok(secrets)
    }

    /// Takes up a message that is due at `now_ms`; until `lease_ms` nobody else does.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_delivery(
        &self,
        now_ms: i64,
        lease_ms: i64,
    ) -> Result<Option<Delivery>, sqlx::Error> {
        let mut connection = self.connection().await?;
        loop {
            let row = sqlx::query(
                "SELECT id, next_ms FROM webhook_deliveries WHERE status = 'pending' AND next_ms <= $1 \
                 ORDER BY next_ms, id LIMIT 1",
            )
            .bind(now_ms)
            .fetch_optional(&mut *connection)
            .await?;
            let Some(row) = row else { return Ok(None) };
            let (id, due_ms): (String, i64) = (row.try_get("id")?, row.try_get("next_ms")?);
            let claimed = sqlx::query(
                "UPDATE webhook_deliveries SET attempts = attempts + 1, next_ms = $1 \
                 WHERE id = $2 AND next_ms = $3 AND status = 'pending' RETURNING *",
            )
            .bind(lease_ms)
            .bind(&id)
            .bind(due_ms)
            .fetch_optional(&mut *connection)
            .await?;
            // None: another process was faster.
            if let Some(row) = claimed {
                return delivery(&row).map(Some);
            }
        }
    }

    /// When the next message is due, unix milliseconds.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_delivery_ms(&self) -> Result<Option<i64>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT MIN(next_ms) AS next_ms FROM webhook_deliveries WHERE status = 'pending'",
        )
        .fetch_one(&mut *connection)
        .await?
        .try_get("next_ms")
    }

    /// Writes down what came of a try: the message is tried again at `next_ms`, or has its end. `true` when the webhook was given up
    /// with it, after failures alone for `gives_up_ms`.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn finish_delivery(
        &self,
        tried: &Delivery,
        outcome: &Outcome,
        next_ms: Option<i64>,
        gives_up_ms: i64,
        actor: &Actor,
    ) -> Result<bool, sqlx::Error> {
        let now_ms = now_ms();
        let (status, http_status, error) = match outcome {
            Outcome::Delivered(http) => ("delivered", Some(*http), None),
            Outcome::Failed(http, why) if next_ms.is_some() => ("pending", *http, Some(why)),
            Outcome::Failed(http, why) => ("failed", *http, Some(why)),
        };
        let mut transaction = self.begin().await?;
        sqlx::query(
            "UPDATE webhook_deliveries SET status = $1, next_ms = $2, last_attempt_ms = $3, last_status = $4, last_error = $5 \
             WHERE id = $6 AND attempts = $7",
        )
        .bind(status)
        .bind(next_ms)
        .bind(now_ms)
        .bind(http_status.map(i64::from))
        .bind(error)
        .bind(&tried.id)
        // Another count: its owner has it sent again meanwhile, and that stays.
        .bind(tried.attempts)
        .execute(&mut *transaction)
        .await?;
        let mut given_up = false;
        if error.is_none() {
            sqlx::query("UPDATE webhooks SET failing_since_ms = NULL WHERE account_id = $1 AND failing_since_ms IS NOT NULL")
                .bind(&tried.account.0)
                .execute(&mut *transaction)
                .await?;
        } else {
            let last_ms: Option<i64> = sqlx::query(
                "SELECT MAX(last_attempt_ms) AS last_ms FROM webhook_deliveries \
                 WHERE account_id = $1 AND id <> $2 AND last_error IS NOT NULL",
            )
            .bind(&tried.account.0)
            .bind(&tried.id)
            .fetch_one(&mut *transaction)
            .await?
            .try_get("last_ms")?;
            let last_ms = last_ms.max(tried.last_attempt_ms).unwrap_or(i64::MIN);
            sqlx::query(
                "UPDATE webhooks SET failing_since_ms = CASE WHEN failing_since_ms IS NULL OR $3 THEN $1 ELSE failing_since_ms END \
                 WHERE account_id = $2",
            )
            .bind(now_ms)
            .bind(&tried.account.0)
            // After a silence a failure is a first one: nothing says that it went on failing meanwhile.
            .bind(last_ms < now_ms - SILENCE_MS)
            .execute(&mut *transaction)
            .await?;
            given_up = sqlx::query(
                "UPDATE webhooks SET disabled_ms = $1 \
                 WHERE account_id = $2 AND disabled_ms IS NULL AND failing_since_ms <= $3",
            )
            .bind(now_ms)
            .bind(&tried.account.0)
            .bind(now_ms.saturating_sub(gives_up_ms))
            .execute(&mut *transaction)
            .await?
            .rows_affected()
                == 1;
        }
        if given_up {
            sqlx::query("UPDATE webhook_deliveries SET status = 'failed', next_ms = NULL WHERE account_id = $1 AND status = 'pending'")
                .bind(&tried.account.0)
                .execute(&mut *transaction)
                .await?;
            record(
                &mut transaction,
                &changed(&tried.account, actor, "given up"),
            )
            .await?;
        }
        transaction.commit().await?;
        Ok(given_up)
    }

    /// Messages of an account, newest first: only those of `status`, only those older than the one called `before`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn deliveries_of(
        &self,
        account: &AccountId,
        status: &str,
        before: &str,
        limit: u32,
    ) -> Result<Vec<Delivery>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT * FROM webhook_deliveries WHERE account_id = $1 AND ($2 = '' OR status = $2) AND ($3 = '' OR id < $3) \
             ORDER BY id DESC LIMIT $4",
        )
        .bind(&account.0)
        .bind(status)
        .bind(before)
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(delivery)
        .collect()
    }

    /// Sends a message of an account again, as if it had not been tried; `false` when it has none of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn redeliver(&self, account: &AccountId, id: &str) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection().await?;
        let n_changed = sqlx::query(
            "UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_ms = $1 \
             WHERE id = $2 AND account_id = $3",
        )
        .bind(now_ms())
        .bind(id)
        .bind(&account.0)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        Ok(n_changed == 1)
    }

    /// Removes messages that have their end and are older than `before_ms`, and former secrets whose time is up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_deliveries(&self, before_ms: i64) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("DELETE FROM webhook_deliveries WHERE status <> 'pending' AND created_ms < $1")
            .bind(before_ms)
            .execute(&mut *connection)
            .await?;
        sqlx::query(
            "UPDATE webhooks SET old_secret = NULL, old_secret_until_ms = NULL WHERE old_secret_until_ms <= $1",
        )
        .bind(now_ms())
        .execute(&mut *connection)
        .await
        .map(drop)
    }
}

fn changed<'a>(account: &AccountId, actor: &'a Actor, change: &str) -> Event<'a> {
    Event {
        actor,
        action: Action::WebhookChanged,
        subject: of_account(account),
        detail: Some(json!({"change": change})),
    }
}

fn delivery(row: &Row) -> Result<Delivery, sqlx::Error> {
    Ok(Delivery {
        id: row.try_get("id")?,
        account: AccountId(row.try_get("account_id")?),
        job: row.try_get("job_uuid")?,
        url: row.try_get("url")?,
        event: row.try_get("event")?,
        payload: row.try_get("payload")?,
        status: row.try_get("status")?,
        attempts: row.try_get("attempts")?,
        next_ms: row.try_get("next_ms")?,
        last_attempt_ms: row.try_get("last_attempt_ms")?,
        last_status: row.try_get("last_status")?,
        last_error: row.try_get("last_error")?,
        created_ms: row.try_get("created_ms")?,
    })
}
