//! `POST /api/v1/account/sign-in/`, `sign-out/` and `sign-out-everywhere/`.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;

use crate::api::account::{Body, email, me, tokens};
use crate::app::AppState;
use crate::audit::{Actor, RequestId};
use crate::db::accounts::Account;
use crate::error::ApiError;
use crate::web::client_ip::ClientIp;
use crate::web::rate_limit::Rate;
use crate::web::session::{self, SignedIn, check_origin};

const QUARTER: Duration = Duration::from_secs(15 * 60);

/// From one address of the network into one account.
const FROM_HERE: Rate = Rate {
    what: "sign-ins from here into an account",
    max: 10,
    window: QUARTER,
};

/// From one address of the network.
const BY_ONE: Rate = Rate {
    what: "sign-ins of an address of the network",
    max: 60,
    window: QUARTER,
};

/// Into one account from anywhere: many guess together.
const INTO_ONE: Rate = Rate {
    what: "sign-ins into an account",
    max: 200,
    window: QUARTER,
};

/// Who signs in.
#[derive(Deserialize)]
pub struct SignIn {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// Opens a session under a new id and answers with the account.
///
/// # Errors
/// 401 `sign_in_failed`, the same whatever was wrong; 429 with `Retry-After`.
pub async fn sign_in(
    State(state): State<AppState>,
    ClientIp(ip): ClientIp,
    request_id: RequestId,
    headers: HeaderMap,
    Body(body): Body<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    check_origin(&state.config, &headers)?;
    let address = email(&body.email)?.to_string();
    state.limiter.count(BY_ONE, ip.to_string())?;
    state.limiter.count(FROM_HERE, format!("{ip} {address}"))?;
    state.limiter.count(INTO_ONE, address.clone())?;
    let account = state.db.account_by_email(&address).await?;
    let stored = account
        .as_ref()
        .and_then(|account| account.password_hash.as_deref());
    let is_right = state.passwords.verify(body.password, stored).await?;
    let id = account.as_ref().map(|account| account.id.clone());
    let may_enter = |account: &Account| {
        is_right && account.verified_ms.is_some() && account.disabled_ms.is_none()
    };
    let Some(account) = account.filter(may_enter) else {
        let actor = Actor::nobody(&request_id);
        state.db.count_failed_sign_in(&actor, id.as_ref()).await?;
        return Err(ApiError::new(
            StatusCode::UNAUTHORIZED,
            "sign_in_failed",
            "The address or the password is wrong, or the address is not confirmed yet.",
        ));
    };
    tokens::make_first(&state, &account.id, &request_id).await?;
    let cookie = session::open(&state, &headers, &account.id).await?;
    let answer = me::answer(&state, account).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(answer)))
}

/// Ends the session of this browser.
///
/// # Errors
/// 401 without a session.
pub async fn sign_out(
    State(state): State<AppState>,
    _who: SignedIn,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    let cookie = session::end(&state, &headers).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// Ends all sessions of the account.
///
/// # Errors
/// 401 without a session.
pub async fn sign_out_everywhere(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    headers: HeaderMap,
) -> Result<impl IntoResponse, ApiError> {
    state.db.end_sessions(&account.id).await?;
    let cookie = session::end(&state, &headers).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}
