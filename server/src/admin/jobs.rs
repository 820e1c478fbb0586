//! Jobs, the queue and failures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::admin::{AdminError, cursor, cut, given, limit, place};
use crate::audit::Actor;
use crate::clock::{now_ms, rfc3339};
use crate::db::Database;
use crate::db::admin::AdminJobFilter;
use crate::db::job_lists::JobSummary;
use crate::ids::{AccountId, JobId};
use crate::jobs::Jobs;

/// The statuses that can be asked for.
pub const STATUSES: [&str; 6] = [
    "pending",
    "processing",
    "done",
    "failed",
    "deleted",
    "expired",
];

/// Failed pages that are looked at, the newest.
const MAX_FAILURES: u32 = 200;

/// Which jobs.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct JobQuery {
    /// Only of the account of this id.
    pub account: Option<String>,
    /// Only of this status.
    pub status: Option<String>,
    /// `true`: only those with pages that failed.
    pub failed: Option<bool>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// How many, 1 to 200; 50.
    pub limit: Option<u32>,
}

/// A job.
#[derive(Debug, Clone, Serialize)]
pub struct JobEntry {
    /// The beginning of its uuid, which names it to admins and does not open it.
    pub id: String,
    /// Whose it is.
    pub account: Option<String>,
    /// `pending`, `processing`, `done`, `failed`, `deleted` or `expired`.
    pub status: String,
    /// The engine asked for.
    pub tier: String,
    /// Number of pages.
    pub page_count: i64,
    /// Pages that were read.
    pub pages_done: i64,
    /// Pages that could not be read.
    pub pages_failed: i64,
    /// Credits charged, of the allowance too.
    pub credits: i64,
    /// When it was accepted, RFC 3339.
    pub created_at: Option<String>,
    /// When its result goes, RFC 3339.
    pub expires_at: Option<String>,
}

/// A page of jobs.
#[derive(Debug, Clone, Serialize)]
pub struct JobPage {
    /// Newest first.
    pub jobs: Vec<JobEntry>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// The queue as it stands.
#[derive(Debug, Clone, Serialize)]
pub struct Queue {
    /// Pages that wait.
    pub pages_waiting: i64,
    /// Pages in work.
    pub pages_in_work: i64,
    /// Jobs that have not ended.
    pub jobs_open: i64,
    /// How long the page that waits longest has waited, seconds; `null` where none waits.
    pub oldest_waits_s: Option<i64>,
}

/// A page that could not be read.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// The beginning of its job's uuid.
    pub job: String,
    /// Whose the job is.
    pub account: Option<String>,
    /// Its place in the document, from 0.
    pub page: i64,
    /// The codes of its warnings.
    pub codes: Vec<String>,
    /// When its job was accepted, RFC 3339.
    pub created_at: Option<String>,
}

/// The newest failures, of jobs whose content is kept.
#[derive(Debug, Clone, Serialize)]
pub struct Failures {
    /// How often each code is among them.
    pub counts: BTreeMap<String, u32>,
    /// Newest first.
    pub failures: Vec<Failure>,
}

/// Jobs of everybody, newest first.
///
/// # Errors
/// For a parameter that cannot be, and when the database fails.
pub async fn jobs(db: &Database, query: &JobQuery) -> Result<JobPage, AdminError> {
    let limit = limit(query.limit)?;
    let status = given(query.status.as_deref());
    if status
        .as_deref()
        .is_some_and(|status| !STATUSES.contains(&status))
    {
        let message = format!("it is one of {}.", STATUSES.join(", "));
        return Err(AdminError::Parameter("status", message));
    }
    let before = match place(query.cursor.as_deref())? {
        None => None,
        Some((created_ms, uuid)) => {
            let beginning = db.job_by_beginning(&uuid).await?;
            // One that is gone in the meantime: behind its time.
            beginning
                .map(|id| (created_ms, id))
                .or_else(|| Some((created_ms, JobId::parse(&"0".repeat(32))?)))
        }
    };
    let filter = AdminJobFilter {
        account: given(query.account.as_deref()).map(AccountId),
        status,
        has_failures: query.failed.unwrap_or(false),
        before,
        limit: limit + 1,
    };
    let mut jobs = db.search_jobs(&filter).await?;
    let next = cut(&mut jobs, limit).map(|last| cursor(last.created_ms, last.id.beginning()));
    Ok(JobPage {
        jobs: jobs.into_iter().map(entry).collect(),
        next,
    })
}

/// How many pages wait, and for how long.
///
/// # Errors
/// When the database fails.
pub async fn queue(db: &Database) -> Result<Queue, AdminError> {
    let state = db.queue_state().await?;
    let seconds = |since_ms: i64| (now_ms() - since_ms).max(0) / 1_000;
    Ok(Queue {
        pages_waiting: state.n_pending,
        pages_in_work: state.n_claimed,
        jobs_open: state.n_jobs,
        oldest_waits_s: state.oldest_ms.map(seconds),
    })
}

/// The newest pages that could not be read, with the codes that say why.
///
/// # Errors
/// When the database fails.
pub async fn failures(db: &Database) -> Result<Failures, AdminError> {
    let pages = db.failed_pages(MAX_FAILURES).await?;
    let mut counts = BTreeMap::new();
    for code in pages.iter().flat_map(|page| &page.codes) {
        *counts.entry(code.clone()).or_default() += 1;
    }
    let failures = pages.into_iter().map(|page| Failure {
        job: page.job.beginning().to_owned(),
        account: page.account.map(|account| account.0),
        page: page.index,
        codes: page.codes,
        created_at: rfc3339(page.created_ms),
    });
    Ok(Failures {
        counts,
        failures: failures.collect(),
    })
}

/// Cancels a job where it runs and removes its content. `name` is the beginning of its uuid, 8 digits or more.
///
/// # Errors
/// [`AdminError::NoJob`], also for a beginning that several have, and when the database fails.
pub async fn delete_job(
    db: &Database,
    jobs: &Jobs,
    name: &str,
    actor: &Actor,
) -> Result<(), AdminError> {
    let id = db.job_by_beginning(name).await?.ok_or(AdminError::NoJob)?;
    jobs.delete_by(&id, Some(actor))
        .await
        .map_err(AdminError::Job)
}

fn entry(job: JobSummary) -> JobEntry {
    JobEntry {
        id: job.id.beginning().to_owned(),
        account: job.account.map(|account| account.0),
        status: job.status,
        tier: job.tier,
        page_count: job.page_count,
        pages_done: job.pages_done,
        pages_failed: job.pages_failed,
        credits: job.charged,
        created_at: rfc3339(job.created_ms),
        expires_at: rfc3339(job.expires_ms),
    }
}
