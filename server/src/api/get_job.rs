//! `GET /api/v1/ocr/{uuid}/`: a job as it stands.

use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::IntoResponse;
use ocr_chat_document::{Detail, JobStatus};
use serde::Deserialize;

use crate::api::{detail, markdown_map};
use crate::app::AppState;
use crate::db::jobs::Job;
use crate::error::ApiError;
use crate::jobs::answer;
use crate::web::auth::Caller;

/// The query of this address.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    /// `lines` or `words`; what the job was sent with otherwise.
    detail: Option<String>,
    /// `true`: with the places of the Markdown's text; `false` otherwise.
    markdown_map: Option<String>,
    /// Seconds to wait for the end of the job, 0 to 60; 0.
    wait: Option<u64>,
}

/// Longest wait, in seconds: proxies cut connections that are silent for longer.
const MAX_WAIT_SECONDS: u64 = 60;

/// A job with the pages read so far.
///
/// # Errors
/// 404 without such a job, 410 when its content is gone.
pub async fn get_job(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result<impl IntoResponse, ApiError> {
    let (mut job, mut status) = caller.job(&state, &uuid).await?;
    let wait = parameters.wait.unwrap_or(0);
    if wait > MAX_WAIT_SECONDS {
        let message = format!("it is 0 to {MAX_WAIT_SECONDS} seconds.");
        return Err(ApiError::invalid_parameter("wait", message));
    }
    if wait > 0 && !status.is_finished() {
        state.jobs.wait(&job.id, Duration::from_secs(wait)).await?;
        (job, status) = caller.job(&state, &uuid).await?;
    }
    let detail = detail::parse(parameters.detail.as_deref())?.unwrap_or(job.detail);
    let has_map = markdown_map::parse(parameters.markdown_map.as_deref())?;
    json(&state, job, status, detail, has_map).await
}

/// The answer as JSON, with the map of its Markdown where `has_map`. With it goes what is not stored.
pub(super) async fn json(
    state: &AppState,
    job: Job,
    status: JobStatus,
    detail: Detail,
    has_map: bool,
) -> Result<impl IntoResponse + use<>, ApiError> {
    // The finished answer of a job that is not stored is the last of it.
    let goes = (!job.is_stored && status.is_finished()).then(|| job.id.clone());
    let answer = answer::answer(&state.db, job, status, detail).await?;
    let body = answer::json(answer, has_map).await?;
    if let Some(id) = goes {
        state.jobs.delete(&id).await?;
    }
    Ok(([(header::CONTENT_TYPE, "application/json")], body))
}
