//! Who calls.

use axum::extract::{FromRequestParts, Query};
use axum::http::header;
use axum::http::request::Parts;

use crate::app::AppState;
use crate::clock::now_ms;
use crate::db::jobs::{Job, JobState, Tombstone};
use crate::error::ApiError;
use crate::hex;
use crate::ids::{JobId, TokenId};
use ocr_chat_document::JobStatus;

/// The caller of an address under `/api/v1/ocr`: the owner of a token, or nobody in particular.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The caller's token; `None` without one.
    pub token: Option<TokenId>,
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    /// The `Authorization: Bearer` header first, `?api_token=` otherwise. A token that is not ours is refused even where
    /// none is needed.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let token = match parts.headers.get(header::AUTHORIZATION) {
            Some(value) => Some(bearer(value.as_bytes()).ok_or_else(ApiError::wrong_token)?),
            None => query_token(parts)?,
        };
        let Some(token) = token else {
            return Ok(Self { token: None });
        };
        match state.db.find_token(&hex::sha256(token.as_bytes())).await? {
            Some(id) => Ok(Self { token: Some(id) }),
            None => Err(ApiError::wrong_token()),
        }
    }
}

/// The token of a `Bearer` header; `None` for another scheme.
fn bearer(header: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(header).ok()?;
    let (scheme, token) = text.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

fn query_token(parts: &Parts) -> Result<Option<String>, ApiError> {
    let Query(parameters) =
        Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map_err(|_| {
            ApiError::bad_request("bad_request", "The query of the address cannot be read.")
        })?;
    Ok(parameters
        .into_iter()
        .find_map(|(name, value)| (name == "api_token" && !value.is_empty()).then_some(value)))
}

impl Caller {
    /// The job called `uuid`, for this caller.
    ///
    /// # Errors
    /// 404 when there is none or it is another caller's, 410 when its content is gone.
    pub async fn job(&self, state: &AppState, uuid: &str) -> Result<(Job, JobStatus), ApiError> {
        let id = JobId::parse(uuid).ok_or_else(ApiError::job_not_found)?;
        let job = state
            .db
            .job(&id)
            .await?
            .ok_or_else(ApiError::job_not_found)?;
        if job.token.is_some() && job.token != self.token {
            return Err(ApiError::job_not_found());
        }
        match job.state {
            JobState::Buried(Tombstone::Deleted) => Err(gone("deleted", "This job was deleted.")),
            JobState::Buried(Tombstone::Expired) => Err(expired()),
            // The sweeper comes by once a minute; an answer is exact.
            JobState::Kept(status) if status.is_finished() && job.expires_ms <= now_ms() => {
                Err(expired())
            }
            JobState::Kept(status) => Ok((job, status)),
        }
    }
}

fn expired() -> ApiError {
    gone(
        "expired",
        "The result of this job has expired and was deleted.",
    )
}

fn gone(code: &'static str, message: &str) -> ApiError {
    ApiError::new(axum::http::StatusCode::GONE, code, message)
}
