//! `POST /api/v1/account/claim/`: an anonymous job becomes the account's.

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::api::account::Body;
use crate::app::AppState;
use crate::error::ApiError;
use crate::ids::JobId;
use crate::web::session::Member;

/// Which job.
#[derive(Deserialize)]
pub struct Claim {
    uuid: String,
}

/// Makes the job called `uuid`, which is nobody's yet, the account's: it is not there for others from then on. What it cost stays
/// with the anonymous allowance.
///
/// # Errors
/// 401; 404 when there is no such job, or it is somebody's.
pub async fn claim(
    State(state): State<AppState>,
    Member(account): Member,
    Body(body): Body<Claim>,
) -> Result<StatusCode, ApiError> {
    let id = JobId::parse(&body.uuid).ok_or_else(ApiError::job_not_found)?;
    if state.db.claim_job(&id, &account.id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::job_not_found())
    }
}
