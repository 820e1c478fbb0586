//! `DELETE /api/v1/account/`: the account and everything of it goes.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;

use crate::api::account::{Body, password};
use crate::app::AppState;
use crate::audit::{Actor, RequestId};
use crate::error::ApiError;
use crate::web::session::{self, SignedIn};

/// The password, once more.
#[derive(Deserialize)]
pub struct Delete {
    password: String,
}

/// Cancels and deletes the account's jobs with their files and results, then its tokens, its sessions and the account. The ledger
/// keeps its figures under an id that leads to nobody.
///
/// # Errors
/// 401 without a session, 403 `wrong_password`, 429.
pub async fn delete_account(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    request_id: RequestId,
    headers: HeaderMap,
    Body(body): Body<Delete>,
) -> Result<impl IntoResponse, ApiError> {
    password::confirm(&state, &account, body.password).await?;
    // Twice: a job may have been sent while the first ones went.
    for _ in 0..2 {
        for job in state.db.jobs_of(&account.id).await? {
            state.jobs.delete(&job).await?;
        }
    }
    let cookie = session::end(&state, &headers).await?;
    let actor = Actor::account(&account.id, &request_id);
    state.db.delete_account(&account.id, &actor).await?;
    tracing::info!("an account was deleted");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}
