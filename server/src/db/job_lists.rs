//! Table `jobs`, as lists show it.

use sqlx::Row as _;

use crate::db::jobs::uuid;
use crate::db::{Database, Row};
use crate::ids::{AccountId, JobId};

/// A job as lists show it.
#[derive(Debug, Clone)]
pub struct JobSummary {
    /// The job's id.
    pub id: JobId,
    /// Whose it is; `None` for an anonymous one.
    pub account: Option<AccountId>,
    /// `pending`, `processing`, `done`, `failed`, `deleted` or `expired`.
    pub status: String,
    /// The engine asked for.
    pub tier: String,
    /// The language asked for.
    pub language: String,
    /// Number of pages.
    pub page_count: i64,
    /// Pages that were read.
    pub pages_done: i64,
    /// Pages that could not be read.
    pub pages_failed: i64,
    /// Credits charged so far, of the allowance too.
    pub charged: i64,
    /// When it was accepted, unix milliseconds.
    pub created_ms: i64,
    /// When its result goes, unix milliseconds.
    pub expires_ms: i64,
}

/// Which jobs of an account are listed.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    /// Only these; otherwise all with content.
    pub status: Option<String>,
    /// Only of this tier.
    pub tier: Option<String>,
    /// Only with this language asked for.
    pub language: Option<String>,
    /// Only those behind this one, by time and id.
    pub before: Option<(i64, JobId)>,
    /// How many at most.
    pub limit: u32,
}

impl Database {
    /// Ids of the jobs of an account, tombstones included, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn jobs_of(&self, account: &AccountId) -> Result<Vec<JobId>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT uuid FROM jobs WHERE account_id = $1 ORDER BY created_ms DESC, uuid")
            .bind(&account.0)
            .fetch_all(&mut *connection)
            .await?
            .iter()
            .map(uuid)
            .collect()
    }

    /// Jobs of an account, newest first. A result whose time was up at `now_ms` counts as expired, swept or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_jobs(
        &self,
        account: &AccountId,
        filter: &JobFilter,
        now_ms: i64,
    ) -> Result<Vec<JobSummary>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let (before_ms, before) = match &filter.before {
            Some((before_ms, id)) => (*before_ms, id.as_str()),
            None => (i64::MAX, ""),
        };
        sqlx::query(
            "SELECT * FROM (SELECT uuid, account_id, tier, language, page_count, pages_done, pages_failed, charged, \
             created_ms, expires_ms, CASE WHEN status IN ('done', 'failed') AND expires_ms <= $1 THEN 'expired' \
             ELSE status END AS status FROM jobs WHERE account_id = $2) AS own \
             WHERE ((status = $3) OR ($3 = '' AND status NOT IN ('deleted', 'expired'))) \
             AND ($4 = '' OR tier = $4) AND ($5 = '' OR language = $5) \
             AND (created_ms < $6 OR (created_ms = $6 AND uuid < $7)) ORDER BY created_ms DESC, uuid DESC LIMIT $8",
        )
        .bind(now_ms)
        .bind(&account.0)
        .bind(filter.status.as_deref().unwrap_or_default())
        .bind(filter.tier.as_deref().unwrap_or_default())
        .bind(filter.language.as_deref().unwrap_or_default())
        .bind(before_ms)
        .bind(before)
        .bind(i64::from(filter.limit))
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(summary)
        .collect()
    }

    /// The newest jobs of everybody.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest_jobs(&self, limit: u32) -> Result<Vec<JobSummary>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT * FROM jobs ORDER BY created_ms DESC, uuid LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(&mut *connection)
            .await?
            .iter()
            .map(summary)
            .collect()
    }
}

pub(super) fn summary(row: &Row) -> Result<JobSummary, sqlx::Error> {
    let account: Option<String> = row.try_get("account_id")?;
    Ok(JobSummary {
        id: uuid(row)?,
        account: account.map(AccountId),
        status: row.try_get("status")?,
        tier: row.try_get("tier")?,
        language: row.try_get("language")?,
        page_count: row.try_get("page_count")?,
        pages_done: row.try_get("pages_done")?,
        pages_failed: row.try_get("pages_failed")?,
        charged: row.try_get("charged")?,
        created_ms: row.try_get("created_ms")?,
        expires_ms: row.try_get("expires_ms")?,
    })
}
