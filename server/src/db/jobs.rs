//! Table `jobs`: what is written and asked; `job_rows` has what comes back.

use ocr_chat_document::{Detail, EngineInfo, JobStatus, Tier, Warning};
use ocr_chat_engine::TextLayers;
use sqlx::Row as _;

use crate::db::idempotency::IdempotencyKey;
use crate::db::metering::{Bill, Payment};
use crate::db::{Connection, Database, Row};
use crate::ids::{AccountId, JobId, TokenId};
use crate::jobs::translate::TranslationUse;
use crate::reader::ocr_value;

pub use crate::db::job_rows::{Job, JobState, ModelUse, Tombstone};

pub(super) use crate::db::job_rows::{job, uuid};

/// A job to be stored.
#[derive(Debug, Clone)]
pub struct NewJob {
    /// The job's id.
    pub id: JobId,
    /// Whose it is; `None` for an anonymous one.
    pub account: Option<AccountId>,
    /// The token it was sent with.
    pub token: Option<TokenId>,
    /// Who pays for it; `None` where nothing is counted.
    pub bill: Option<Bill>,
    /// What makes the same request the same job, and since when (unix milliseconds) such a key counts.
    pub idempotency: Option<(IdempotencyKey, i64)>,
    /// Whether its pages go before those of others.
    pub has_priority: bool,
    /// How long its result is kept once it has ended, milliseconds.
    pub retention_ms: i64,
    /// The engine.
    pub tier: Tier,
    /// The language asked for.
    pub language: String,
    /// The detail asked for.
    pub detail: Detail,
    /// What becomes of text that pages bring along.
    pub text_layers: TextLayers,
    /// What opens an encrypted PDF.
    pub password: Option<String>,
    /// The pages to be read, counted from 0, at least one.
    pub page_indices: Vec<u32>,
    /// Whether the result is kept after its finished answer was handed out.
    pub is_stored: bool,
    /// Where its end is told; where its account says otherwise.
    pub webhook_url: Option<String>,
    /// The tool it was sent for.
    pub tool: Option<&'static str>,
    /// The model that may read its pages, and whose it is.
    pub model: Option<ModelUse>,
    /// What it is translated into, and by whom.
    pub translation: Option<TranslationUse>,
    /// The engine that will read.
    pub engine: EngineInfo,
    /// What opening the file had to tell.
    pub warnings: Vec<Warning>,
    /// When it was accepted, unix milliseconds.
    pub created_ms: i64,
    /// When its result goes, unix milliseconds; set anew when the job ends.
    pub expires_ms: i64,
}

impl NewJob {
    /// Number of pages to be read.
    pub fn page_count(&self) -> u32 {
        u32::try_from(self.page_indices.len()).unwrap_or(u32::MAX)
    }
}

/// A job after one more of its pages was counted.
#[derive(Debug, Clone)]
pub(super) struct Counted {
    pub(super) total: i64,
    pub(super) done: i64,
    pub(super) failed: i64,
    pub(super) retention_ms: i64,
    /// `None` where nothing is counted.
    pub(super) payer: Option<Payer>,
}

/// Who pays for a job that is stored.
#[derive(Debug, Clone)]
pub(super) struct Payer {
    owner: String,
    allowance_source: String,
    token: Option<TokenId>,
}

impl Payer {
    pub(super) fn payment<'a>(&'a self, job: &'a JobId, page_index: Option<u32>) -> Payment<'a> {
        Payment {
            owner: &self.owner,
            allowance_source: &self.allowance_source,
            token: self.token.as_ref(),
            job,
            page_index,
        }
    }

    fn of(row: &Row) -> Result<Option<Self>, sqlx::Error> {
        let owner: Option<String> = row.try_get("owner")?;
        let allowance_source: Option<String> = row.try_get("allowance_source")?;
        let token: Option<String> = row.try_get("api_token_id")?;
        Ok(owner
            .zip(allowance_source)
            .map(|(owner, allowance_source)| Self {
                owner,
                allowance_source,
                token: token.map(TokenId),
            }))
    }
}

impl Database {
    /// The job called `id`, tombstones included.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job(&self, id: &JobId) -> Result<Option<Job>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT * FROM jobs WHERE uuid = $1")
            .bind(id.as_str())
            .fetch_optional(&mut *connection)
            .await?
            .map(|row| job(&row))
            .transpose()
    }

    /// Ids of jobs that have ended and whose results should be gone by `now_ms`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn expired_jobs(&self, now_ms: i64) -> Result<Vec<JobId>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT uuid FROM jobs WHERE status IN ('done', 'failed') AND expires_ms <= $1")
            .bind(now_ms)
            .fetch_all(&mut *connection)
            .await?
            .iter()
            .map(uuid)
            .collect()
    }

    /// Ids of jobs whose content is kept: their uploads are, too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept_jobs(&self) -> Result<Vec<JobId>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT uuid FROM jobs WHERE status NOT IN ('deleted', 'expired')")
            .fetch_all(&mut *connection)
            .await?
            .iter()
            .map(uuid)
            .collect()
    }

    /// Ids of jobs that have not ended.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_jobs(&self) -> Result<Vec<JobId>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT uuid FROM jobs WHERE status IN ('pending', 'processing')")
            .fetch_all(&mut *connection)
            .await?
            .iter()
            .map(uuid)
            .collect()
    }

    /// Makes a job that is nobody's an account's; `false` when there is none, it is somebody's, or its content is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_job(&self, id: &JobId, account: &AccountId) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection().await?;
        let n_changed = sqlx::query(
            "UPDATE jobs SET account_id = $1 \
             WHERE uuid = $2 AND account_id IS NULL AND status NOT IN ('deleted', 'expired')",
        )
        .bind(&account.0)
        .bind(id.as_str())
        .execute(&mut *connection)
        .await?
        .rows_affected();
        Ok(n_changed == 1)
    }

    /// Removes tombstones older than `before_ms`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_tombstones(&self, before_ms: i64) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("DELETE FROM jobs WHERE status IN ('deleted', 'expired') AND expires_ms < $1")
            .bind(before_ms)
            .execute(&mut *connection)
            .await
            .map(drop)
    }
}

pub(super) async fn insert(connection: &mut Connection, job: &NewJob) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO jobs (uuid, account_id, status, tier, language, detail, page_count, pages_done, pages_failed, \
         engine_json, warnings_json, error, created_ms, expires_ms, ocr, password, owner, allowance_source, api_token_id, \
         retention_ms, is_stored, webhook_url, tool, model, model_at, translate_to, translator_at) \
         VALUES ($1, $2, 'pending', $3, $4, $5, $6, 0, 0, $7, $8, NULL, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)",
    )
    .bind(job.id.as_str())
    .bind(job.account.as_ref().map(|account| account.0.as_str()))
    .bind(job.tier.as_str())
    .bind(&job.language)
    .bind(match job.detail {
        Detail::Words => "words",
        _ => "lines",
    })
    .bind(i64::from(job.page_count()))
    .bind(to_json(&job.engine)?)
    .bind(to_json(&job.warnings)?)
    .bind(job.created_ms)
    .bind(job.expires_ms)
    .bind(ocr_value(job.text_layers))
    .bind(&job.password)
    .bind(job.bill.as_ref().map(|bill| bill.owner.as_str()))
    .bind(job.bill.as_ref().map(|bill| bill.allowance_source.as_str()))
    .bind(job.token.as_ref().map(|token| token.0.as_str()))
    .bind(job.retention_ms)
    .bind(i64::from(job.is_stored))
    .bind(&job.webhook_url)
    .bind(job.tool)
    .bind(job.model.as_ref().map(|model| model.name.as_str()))
    .bind(job.model.as_ref().map(|model| model.at.as_str()))
    .bind(job.translation.as_ref().map(|translation| translation.to.as_str()))
    .bind(job.translation.as_ref().map(|translation| translation.at.as_str()))
    .execute(connection)
    .await
    .map(drop)
}

pub(super) async fn mark_processing(
    connection: &mut Connection,
    id: &JobId,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE jobs SET status = 'processing' WHERE uuid = $1 AND status = 'pending'")
        .bind(id.as_str())
        .execute(connection)
        .await
        .map(drop)
}

/// Counts one more page of a job that has not ended; `None` when there is no such job.
pub(super) async fn count_page(
    connection: &mut Connection,
    id: &JobId,
    is_failed: bool,
) -> Result<Option<Counted>, sqlx::Error> {
    sqlx::query(
        "UPDATE jobs SET pages_done = pages_done + $1, pages_failed = pages_failed + $2 \
         WHERE uuid = $3 AND status IN ('pending', 'processing') \
         RETURNING page_count, pages_done, pages_failed, retention_ms, owner, allowance_source, api_token_id",
    )
    .bind(i64::from(!is_failed))
    .bind(i64::from(is_failed))
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?
    .map(|row| {
        Ok(Counted {
            total: row.try_get("page_count")?,
            done: row.try_get("pages_done")?,
            failed: row.try_get("pages_failed")?,
            retention_ms: row.try_get("retention_ms")?,
            payer: Payer::of(&row)?,
        })
    })
    .transpose()
}

/// Adds what was charged for a page to its job.
pub(super) async fn add_charge(
    connection: &mut Connection,
    id: &JobId,
    charged: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE jobs SET charged = charged + $1 WHERE uuid = $2")
        .bind(charged)
        .bind(id.as_str())
        .execute(connection)
        .await
        .map(drop)
}

/// Holds a finished job's row for this transaction; `false` when its content is not there (any more).
pub(super) async fn lock_kept(
    connection: &mut Connection,
    id: &JobId,
) -> Result<bool, sqlx::Error> {
    sqlx::query("UPDATE jobs SET charged = charged WHERE uuid = $1 AND status = 'done'")
        .bind(id.as_str())
        .execute(connection)
        .await
        .map(|locked| locked.rows_affected() > 0)
}

/// Ends a job: failed with `error`, done without.
pub(super) async fn end(
    connection: &mut Connection,
    id: &JobId,
    error: Option<&str>,
    expires_ms: i64,
) -> Result<(), sqlx::Error> {
    let status = if error.is_some() {
        JobStatus::Failed
    } else {
        JobStatus::Done
    };
    sqlx::query("UPDATE jobs SET status = $1, error = $2, expires_ms = $3 WHERE uuid = $4")
        .bind(status.as_str())
        .bind(error)
        .bind(expires_ms)
        .bind(id.as_str())
        .execute(connection)
        .await
        .map(drop)
}

/// Takes the content off a job's row; who pays for it comes back, `None` when it has no content any more.
pub(super) async fn bury(
    connection: &mut Connection,
    id: &JobId,
    tombstone: Tombstone,
    now_ms: i64,
) -> Result<Option<Option<Payer>>, sqlx::Error> {
    let (status, sql) = match tombstone {
        Tombstone::Deleted => (
            "deleted",
            "UPDATE jobs SET status = $1, warnings_json = '[]', error = NULL, password = NULL, expires_ms = $2 \
             WHERE uuid = $3 AND status NOT IN ('deleted', 'expired') RETURNING owner, allowance_source, api_token_id",
        ),
        Tombstone::Expired => (
            "expired",
            "UPDATE jobs SET status = $1, warnings_json = '[]', error = NULL, password = NULL, expires_ms = $2 \
             WHERE uuid = $3 AND status IN ('done', 'failed') RETURNING owner, allowance_source, api_token_id",
        ),
    };
    sqlx::query(sql)
        .bind(status)
        .bind(now_ms)
        .bind(id.as_str())
        .fetch_optional(connection)
        .await?
        .map(|row| Payer::of(&row))
        .transpose()
}

fn to_json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|error| sqlx::Error::Encode(error.into()))
}
