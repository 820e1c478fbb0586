//! Who calls.

use std::net::IpAddr;

use axum::extract::{FromRequestParts, Query};
use axum::http::header;
use axum::http::request::Parts;
use ocr_chat_document::JobStatus;

use crate::app::AppState;
use crate::clock::now_ms;
use crate::db::accounts::Account;
use crate::db::jobs::{Job, JobState, Tombstone};
use crate::error::ApiError;
use crate::ids::{JobId, TokenId};
use crate::jobs::payment::Sender;
use crate::metering::Plan;
use crate::web::client_ip::client_ip;
use crate::web::{session, tokens};

/// The caller of an address under `/api/v1/ocr` or `/api/v1/chat`: somebody with an account, or nobody in particular.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is; `None` without a token or a session.
    pub account: Option<Account>,
    /// The token that was used.
    pub token: Option<TokenId>,
    /// Where the request comes from.
    pub address: IpAddr,
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    /// The `Authorization: Bearer` header first, then `?api_token=`, then the session of a browser. A token that is not ours is refused even where
    /// none is needed.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let address = client_ip(parts, &state.config.trusted_proxies);
        let token = match parts.headers.get(header::AUTHORIZATION) {
            Some(value) => Some(bearer(value.as_bytes()).ok_or_else(ApiError::wrong_token)?),
            None => query_token(parts)?,
        };
        let Some(token) = token else {
            return Ok(Self {
                account: session::of_request(state, parts).await?,
                token: None,
                address,
            });
        };
        let token = tokens::find(state, &token).await?;
        let account = state.db.account(&token.account).await?;
        let account = account.filter(|account| account.disabled_ms.is_none());
        Ok(Self {
            account: Some(account.ok_or_else(ApiError::wrong_token)?),
            token: Some(token.id),
            address,
        })
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
    /// The caller as the sender of a job.
    pub fn sender(&self) -> Sender {
        Sender {
            account: self.account.as_ref().map(|account| account.id.clone()),
            token: self.token.clone(),
            plan: self
                .account
                .as_ref()
                .map_or(Plan::Anonymous, |account| account.plan),
            address: self.address,
        }
    }

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
        let own = self.account.as_ref().map(|account| &account.id);
        if job.account.is_some() && job.account.as_ref() != own {
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
