//! `GET /api/v1/ocr/`: the jobs of an account, newest first.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use crate::app::AppState;
use crate::clock::{now_ms, rfc3339};
use crate::db::job_lists::{JobFilter, JobSummary};
use crate::error::ApiError;
use crate::ids::JobId;
use crate::web::auth::Caller;

/// Jobs on a page of the list unless asked otherwise, and at most.
const DEFAULT_LIMIT: u32 = 20;
const MAX_LIMIT: u32 = 100;

/// The statuses that can be asked for.
const STATUSES: [&str; 5] = ["pending", "processing", "done", "failed", "expired"];

/// The query of this address.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    /// How many jobs, 1 to 100; 20.
    limit: Option<u32>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// Only jobs of this status; otherwise all whose results are there or on their way.
    status: Option<String>,
    /// Only jobs of this tier.
    tier: Option<String>,
    /// Only jobs that asked for this language.
    language: Option<String>,
}

/// A job in the list.
#[derive(Debug, Serialize)]
struct Entry {
    uuid: String,
    status: String,
    tier: String,
    language: String,
    page_count: i64,
    pages_failed: i64,
    usage: EntryUsage,
    created_at: Option<String>,
    expires_at: Option<String>,
}

#[derive(Debug, Serialize)]
struct EntryUsage {
    pages: i64,
    credits: i64,
}

/// A page of the list.
#[derive(Debug, Serialize)]
pub struct List {
    /// Newest first.
    jobs: Vec<Entry>,
    /// The `cursor` of the next page; `null` on the last one.
    next: Option<String>,
}

/// The jobs of the caller's account.
///
/// # Errors
/// 400 for a parameter that cannot be, 401 without an account.
pub async fn list_jobs(
    State(state): State<AppState>,
    caller: Caller,
    Query(parameters): Query<Parameters>,
) -> Result<Json<List>, ApiError> {
    let account = caller.account.ok_or_else(ApiError::token_needed)?;
    let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        let message = format!("it is 1 to {MAX_LIMIT}.");
        return Err(ApiError::invalid_parameter("limit", message));
    }
    let given = |value: Option<String>| value.filter(|value| !value.is_empty());
    let status = given(parameters.status);
    if status
        .as_deref()
        .is_some_and(|status| !STATUSES.contains(&status))
    {
        let message = format!("it is one of {}.", STATUSES.join(", "));
        return Err(ApiError::invalid_parameter("status", message));
    }
    let before = given(parameters.cursor).map(|cursor| {
        place(&cursor).ok_or_else(|| {
            ApiError::invalid_parameter("cursor", "it is `next` of the page before.")
        })
    });
    let filter = JobFilter {
        status,
        tier: given(parameters.tier),
        language: given(parameters.language),
        before: before.transpose()?,
        // One more tells whether there is a next page.
        limit: limit + 1,
    };
    let mut jobs = state.db.list_jobs(&account.id, &filter, now_ms()).await?;
    let has_more = jobs.len() > limit as usize;
    jobs.truncate(limit as usize);
    let next = jobs.last().filter(|_| has_more);
    Ok(Json(List {
        next: next.map(|last| format!("{:x}-{}", last.created_ms, last.id)),
        jobs: jobs.into_iter().map(entry).collect(),
    }))
}

/// The place in the list that a cursor names: behind this time and job.
fn place(cursor: &str) -> Option<(i64, JobId)> {
    let (created_ms, uuid) = cursor.split_once('-')?;
    Some((
        i64::from_str_radix(created_ms, 16).ok()?,
        JobId::parse(uuid)?,
    ))
}

fn entry(job: JobSummary) -> Entry {
    Entry {
        uuid: job.id.as_str().to_owned(),
        status: job.status,
        tier: job.tier,
        language: job.language,
        page_count: job.page_count,
        pages_failed: job.pages_failed,
        usage: EntryUsage {
            pages: job.pages_done,
            credits: job.charged,
        },
        created_at: rfc3339(job.created_ms),
        expires_at: rfc3339(job.expires_ms),
    }
}
