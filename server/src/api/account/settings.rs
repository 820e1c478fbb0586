//! `PUT /api/v1/account/settings/`: what an account agrees to.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;

use crate::api::account::Body;
use crate::api::account::me::{self, Me};
use crate::app::AppState;
use crate::audit::{Actor, RequestId};
use crate::error::ApiError;
use crate::web::session::Member;

/// What is set.
#[derive(Debug, Deserialize)]
pub struct Settings {
    /// Whether documents may go to models of other providers.
    pub allow_external: bool,
}

/// Sets it; the account as it is now comes back.
///
/// # Errors
/// 401 without a session or a token, 403 from another site.
pub async fn set(
    State(state): State<AppState>,
    Member(mut account): Member,
    request_id: RequestId,
    Body(settings): Body<Settings>,
) -> Result<Json<Me>, ApiError> {
    let actor = Actor::account(&account.id, &request_id);
    let is_allowed = settings.allow_external;
    state
        .db
        .set_allows_external(&account.id, is_allowed, &actor)
        .await?;
    account.allows_external = is_allowed;
    me::answer(&state, account).await.map(Json)
}
