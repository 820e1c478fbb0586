//! Table `pages`.

use ocr_chat_document::{Page, PageStatus};
use serde::Serialize;
use sqlx::Row as _;

use crate::db::jobs::NewJob;
use crate::db::{Connection, Database, Row, corrupt};
use crate::ids::JobId;
use crate::metering::Amounts;

/// A page taken up to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedPage {
    /// The job.
    pub job: JobId,
    /// Position in the document, from 0.
    pub index: u32,
    /// How often it was taken up, this time included.
    pub attempt: i64,
}

/// What came of taking up a page by the library's queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// It is to be read.
    Ours(ClaimedPage),
    /// It was in work too often when its process died: to be stored as failed.
    GivenUp(ClaimedPage),
    /// It has its answer, or its job is gone.
    NotNeeded,
}

/// How far a page has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PageState {
    /// Position in the document, from 0.
    pub index: u32,
    /// `pending`, `processing`, `done` or `failed`.
    pub status: &'static str,
}

impl Database {
    /// How far the pages of a job have come, in order; none when its content is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page_states(&self, job: &JobId) -> Result<Vec<PageState>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let rows = sqlx::query(
            "SELECT page_index, status FROM pages WHERE job_uuid = $1 ORDER BY page_index",
        )
        .bind(job.as_str())
        .fetch_all(&mut *connection)
        .await?;
        rows.iter()
            .map(|row| {
                let status: String = row.try_get("status")?;
                Ok(PageState {
                    index: page_index(row)?,
                    status: match status.as_str() {
                        "pending" => "pending",
                        "claimed" => "processing",
                        "done" => "done",
                        _ => "failed",
                    },
                })
            })
            .collect()
    }

    /// The pages of a job that have their answer, in order.
    ///
    /// # Errors
    /// When the database fails. Returned as JSON: parsing is the caller's, off the async threads.
    pub async fn finished_pages(&self, job: &JobId) -> Result<Vec<String>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT page_json FROM pages WHERE job_uuid = $1 AND page_json IS NOT NULL ORDER BY page_index",
        )
        .bind(job.as_str())
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(|row| row.try_get("page_json"))
        .collect()
    }

    /// Puts a claimed page back into the queue as if it had not been taken up, unless somebody else took it up since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release_page(&self, page: &ClaimedPage) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "UPDATE pages SET status = 'pending', attempts = attempts - 1 \
             WHERE job_uuid = $1 AND page_index = $2 AND status = 'claimed' AND attempts = $3",
        )
        .bind(page.job.as_str())
        .bind(i64::from(page.index))
        .bind(page.attempt)
        .execute(&mut *connection)
        .await
        .map(drop)
    }

    /// Number of pages that wait or are in work.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn n_waiting_pages(&self) -> Result<i64, sqlx::Error> {
        count_waiting(&mut *self.connection().await?).await
    }
}

pub(super) async fn count_waiting(connection: &mut Connection) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT COUNT(*) AS n FROM pages WHERE status IN ('pending', 'claimed')")
        .fetch_one(connection)
        .await?
        .try_get("n")
}

pub(super) async fn insert_all(
    connection: &mut Connection,
    job: &NewJob,
    holds: &[Amounts],
) -> Result<(), sqlx::Error> {
    for (position, index) in job.page_indices.iter().enumerate() {
        let held = holds.get(position).copied().unwrap_or_default();
        sqlx::query(
            "INSERT INTO pages (job_uuid, page_index, status, attempts, page_json, created_ms, held_allowance, \
             held_credits, turn) VALUES ($1, $2, 'pending', 0, NULL, $3, $4, $5, $6)",
        )
        .bind(job.id.as_str())
        .bind(i64::from(*index))
        .bind(job.created_ms)
        .bind(held.allowance)
        .bind(held.credits)
        .bind(turn(position, job.has_priority))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Pages of a job with priority that go for one of another's: it is faster, and keeps nobody waiting for ever.
const PRIORITY: i64 = 4;

/// The place in the queue of the page at `position` among those of its job: lower goes first.
fn turn(position: usize, has_priority: bool) -> i64 {
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    if has_priority {
        position / PRIORITY
    } else {
        position
    }
}

/// Takes up the next page: first pages before second pages, older jobs before newer ones. A long document so never
/// makes a short one wait for more than a page, or four of a job with priority.
pub(super) async fn claim_next(
    connection: &mut Connection,
) -> Result<Option<ClaimedPage>, sqlx::Error> {
    loop {
        let row = sqlx::query(
            "SELECT job_uuid, page_index, attempts FROM pages WHERE status = 'pending' \
             ORDER BY turn, created_ms, page_index LIMIT 1",
        )
        .fetch_optional(&mut *connection)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let mut page = claimed_page(&row)?;
        let n_changed = sqlx::query(
            "UPDATE pages SET status = 'claimed', attempts = attempts + 1 \
             WHERE job_uuid = $1 AND page_index = $2 AND status = 'pending'",
        )
        .bind(page.job.as_str())
        .bind(i64::from(page.index))
        .execute(&mut *connection)
        .await?
        .rows_affected();
        // None changed: another worker was faster, or the job was deleted.
        if n_changed == 1 {
            page.attempt += 1;
            return Ok(Some(page));
        }
    }
}

/// Takes up a page that has no answer yet, in work or not, unless it was taken up `max_attempts` times before.
pub(super) async fn claim(
    connection: &mut Connection,
    job: &JobId,
    index: u32,
    max_attempts: i64,
) -> Result<Claim, sqlx::Error> {
    let row = sqlx::query(
        "UPDATE pages SET status = 'claimed', attempts = attempts + 1 \
         WHERE job_uuid = $1 AND page_index = $2 AND status IN ('pending', 'claimed') \
         RETURNING job_uuid, page_index, attempts",
    )
    .bind(job.as_str())
    .bind(i64::from(index))
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else {
        return Ok(Claim::NotNeeded);
    };
    let page = claimed_page(&row)?;
    Ok(if page.attempt > max_attempts {
        Claim::GivenUp(page)
    } else {
        Claim::Ours(page)
    })
}

/// Stores the answer of a page that is claimed; what was held for it comes back, `None` for any other page.
pub(super) async fn store(
    connection: &mut Connection,
    job: &JobId,
    page: &Page,
) -> Result<Option<Amounts>, sqlx::Error> {
    let json = serde_json::to_string(page).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let status = if page.status == PageStatus::Failed {
        "failed"
    } else {
        "done"
    };
    sqlx::query(
        "UPDATE pages SET status = $1, page_json = $2 \
         WHERE job_uuid = $3 AND page_index = $4 AND status = 'claimed' RETURNING held_allowance, held_credits",
    )
    .bind(status)
    .bind(json)
    .bind(job.as_str())
    .bind(i64::from(page.index))
    .fetch_optional(connection)
    .await?
    .map(|row| {
        Ok(Amounts {
            allowance: row.try_get("held_allowance")?,
            credits: row.try_get("held_credits")?,
        })
    })
    .transpose()
}

/// Deletes the pages of a job; what was held for those without an answer comes back.
pub(super) async fn delete_of_job(
    connection: &mut Connection,
    job: &JobId,
) -> Result<Amounts, sqlx::Error> {
    let rows = sqlx::query(
        "DELETE FROM pages WHERE job_uuid = $1 RETURNING status, held_allowance, held_credits",
    )
    .bind(job.as_str())
    .fetch_all(connection)
    .await?;
    let mut held = Amounts::default();
    for row in rows {
        let status: String = row.try_get("status")?;
        if status == "pending" || status == "claimed" {
            held.allowance += row.try_get::<i64, _>("held_allowance")?;
            held.credits += row.try_get::<i64, _>("held_credits")?;
        }
    }
    Ok(held)
}

pub(super) async fn recover(
    connection: &mut Connection,
    max_attempts: i64,
) -> Result<Vec<ClaimedPage>, sqlx::Error> {
    sqlx::query("UPDATE pages SET status = 'pending' WHERE status = 'claimed' AND attempts < $1")
        .bind(max_attempts)
        .execute(&mut *connection)
        .await?;
    sqlx::query("SELECT job_uuid, page_index, attempts FROM pages WHERE status = 'claimed'")
        .fetch_all(connection)
        .await?
        .iter()
        .map(claimed_page)
        .collect()
}

fn claimed_page(row: &Row) -> Result<ClaimedPage, sqlx::Error> {
    let uuid: String = row.try_get("job_uuid")?;
    Ok(ClaimedPage {
        job: JobId::parse(&uuid).ok_or_else(|| corrupt("a job without a uuid"))?,
        index: page_index(row)?,
        attempt: row.try_get("attempts")?,
    })
}

fn page_index(row: &Row) -> Result<u32, sqlx::Error> {
    let index: i64 = row.try_get("page_index")?;
    u32::try_from(index).map_err(|_| corrupt("a page index out of range"))
}
