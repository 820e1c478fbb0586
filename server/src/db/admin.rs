//! What admins ask for, over all accounts and jobs.

use ocr_chat_document::Page;
use sqlx::Row as _;

use crate::db::accounts::{Account, account};
use crate::db::job_lists::{JobSummary, summary};
use crate::db::jobs::uuid;
use crate::db::{Database, Row};
use crate::ids::{AccountId, JobId};

/// Which accounts are listed.
#[derive(Debug, Clone, Default)]
pub struct AccountFilter {
    /// Only those whose address holds this, in lower case, or whose id it is.
    pub search: Option<String>,
    /// Only those behind this one, by time and id.
    pub before: Option<(i64, String)>,
    /// How many at most.
    pub limit: u32,
}

/// Which jobs are listed.
#[derive(Debug, Clone, Default)]
pub struct AdminJobFilter {
    /// Only of this account.
    pub account: Option<AccountId>,
    /// Only of this status.
    pub status: Option<String>,
    /// Only those with pages that failed.
    pub has_failures: bool,
    /// Only those behind this one, by time and id.
    pub before: Option<(i64, JobId)>,
    /// How many at most.
    pub limit: u32,
}

/// The queue as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueState {
    /// Pages that wait.
    pub n_pending: i64,
    /// Pages in work.
    pub n_claimed: i64,
    /// Jobs that have not ended.
    pub n_jobs: i64,
    /// When the job of the page that waits longest was accepted, unix milliseconds.
    pub oldest_ms: Option<i64>,
}

/// A page that could not be read.
#[derive(Debug, Clone)]
pub struct FailedPage {
    /// Its job.
    pub job: JobId,
    /// Whose the job is.
    pub account: Option<AccountId>,
    /// Its place in the document, from 0.
    pub index: i64,
    /// The codes of its warnings.
    pub codes: Vec<String>,
    /// When its job was accepted, unix milliseconds.
    pub created_ms: i64,
}

impl Database {
    /// Accounts, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_accounts(
        &self,
        filter: &AccountFilter,
    ) -> Result<Vec<Account>, sqlx::Error> {
        let search = filter.search.as_deref().unwrap_or_default();
        // `!` so that an address with a `_` is found by itself.
        let escaped = search
            .replace('!', "!!")
            .replace('%', "!%")
            .replace('_', "!_");
        let (before_ms, before) = match &filter.before {
            Some((before_ms, id)) => (*before_ms, id.as_str()),
            None => (i64::MAX, ""),
        };
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT * FROM accounts WHERE ($1 = '' OR id = $1 OR email LIKE $2 ESCAPE '!') \
             AND (created_ms < $3 OR (created_ms = $3 AND id < $4)) ORDER BY created_ms DESC, id DESC LIMIT $5",
        )
        .bind(search)
        .bind(format!("%{escaped}%"))
        .bind(before_ms)
        .bind(before)
        .bind(i64::from(filter.limit))
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(account)
        .collect()
    }

    /// Jobs of everybody, tombstones included, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn search_jobs(
        &self,
        filter: &AdminJobFilter,
    ) -> Result<Vec<JobSummary>, sqlx::Error> {
        let (before_ms, before) = match &filter.before {
            Some((before_ms, id)) => (*before_ms, id.as_str()),
            None => (i64::MAX, ""),
        };
        let account = filter.account.as_ref();
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT * FROM jobs WHERE ($1 = '' OR account_id = $1) AND ($2 = '' OR status = $2) \
             AND ($3 = 0 OR pages_failed > 0) AND (created_ms < $4 OR (created_ms = $4 AND uuid < $5)) \
             ORDER BY created_ms DESC, uuid DESC LIMIT $6",
        )
        .bind(account.map_or("", |account| account.0.as_str()))
        .bind(filter.status.as_deref().unwrap_or_default())
        .bind(i64::from(filter.has_failures))
        .bind(before_ms)
        .bind(before)
        .bind(i64::from(filter.limit))
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(summary)
        .collect()
    }

    /// The job whose uuid begins with `beginning` (hexadecimal digits); `None` for none, and for several.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn job_by_beginning(&self, beginning: &str) -> Result<Option<JobId>, sqlx::Error> {
        if beginning.len() < 8 || !beginning.chars().all(|c| c.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let mut connection = self.connection().await?;
        let found = sqlx::query("SELECT uuid FROM jobs WHERE uuid LIKE $1 || '%' LIMIT 2")
            .bind(beginning.to_ascii_lowercase())
            .fetch_all(&mut *connection)
            .await?;
        match found.as_slice() {
            [row] => uuid(row).map(Some),
            _ => Ok(None),
        }
    }

    /// How many pages wait and are in work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn queue_state(&self) -> Result<QueueState, sqlx::Error> {
        let mut connection = self.connection().await?;
        let mut state = QueueState::default();
        let rows = sqlx::query(
            "SELECT status, COUNT(*) AS n, MIN(created_ms) AS oldest_ms FROM pages \
             WHERE status IN ('pending', 'claimed') GROUP BY status",
        )
        .fetch_all(&mut *connection)
        .await?;
        for row in rows {
            let n = row.try_get("n")?;
            if row.try_get::<String, _>("status")? == "pending" {
                state.n_pending = n;
                state.oldest_ms = row.try_get("oldest_ms")?;
            } else {
                state.n_claimed = n;
            }
        }
        state.n_jobs =
            sqlx::query("SELECT COUNT(*) AS n FROM jobs WHERE status IN ('pending', 'processing')")
                .fetch_one(&mut *connection)
                .await?
                .try_get("n")?;
        Ok(state)
    }

    /// The newest pages that could not be read, of jobs whose content is kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn failed_pages(&self, limit: u32) -> Result<Vec<FailedPage>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT pages.job_uuid AS uuid, pages.page_index, pages.page_json, pages.created_ms, jobs.account_id \
             FROM pages JOIN jobs ON jobs.uuid = pages.job_uuid WHERE pages.status = 'failed' \
             ORDER BY pages.created_ms DESC, pages.job_uuid, pages.page_index LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(failed_page)
        .collect()
    }
}

fn failed_page(row: &Row) -> Result<FailedPage, sqlx::Error> {
    let account: Option<String> = row.try_get("account_id")?;
    let json: Option<String> = row.try_get("page_json")?;
    let page: Option<Page> = json.and_then(|json| serde_json::from_str(&json).ok());
    // The messages may quote a file; the codes are ours.
    let codes = page.into_iter().flat_map(|page| page.warnings);
    Ok(FailedPage {
        job: uuid(row)?,
        account: account.map(AccountId),
        index: row.try_get("page_index")?,
        codes: codes
            .filter_map(|warning| serde_json::to_value(warning.code).ok())
            .filter_map(|code| code.as_str().map(str::to_owned))
            .collect(),
        created_ms: row.try_get("created_ms")?,
    })
}
