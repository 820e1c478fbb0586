//! `DELETE /api/v1/ocr/{uuid}/`: cancels a job and removes its content.

use axum::extract::{Path, State};
use axum::http::StatusCode;

use crate::app::AppState;
use crate::error::ApiError;
use crate::web::auth::Caller;

/// Removes a job's upload and results; a tombstone tells later callers.
///
/// # Errors
/// 404 without such a job, 410 when its content is gone already.
pub async fn delete_job(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (job, _) = caller.job(&state, &uuid).await?;
    state.jobs.delete(&job.id).await?;
    tracing::info!(job = job.id.short(), "job deleted");
    Ok(StatusCode::NO_CONTENT)
}
