//! `POST /api/v1/account/password/`, `password-reset/` and `password-reset/confirm/`.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;

use crate::api::account::{Body, email, send_code, use_code};
use crate::app::AppState;
use crate::audit::{Actor, RequestId};
use crate::db::accounts::Account;
use crate::db::sessions::MailPurpose;
use crate::error::ApiError;
use crate::password::Passwords;
use crate::web::client_ip::ClientIp;
use crate::web::rate_limit::Rate;
use crate::web::session::{self, SignedIn, check_origin};

const HOUR: Duration = Duration::from_secs(3_600);

const BY_ONE: Rate = Rate {
    what: "password resets of an address of the network",
    max: 30,
    window: HOUR,
};

const FOR_ONE: Rate = Rate {
    what: "password resets of an account",
    max: 5,
    window: HOUR,
};

/// Guesses of a signed-in browser's password.
const GUESSES: Rate = Rate {
    what: "passwords of somebody who is signed in",
    max: 10,
    window: HOUR,
};

/// Refuses what is not the account's password, where it has one.
///
/// # Errors
/// 403 `wrong_password`, 429.
pub(super) async fn confirm(
    state: &AppState,
    account: &Account,
    password: String,
) -> Result<(), ApiError> {
    state.limiter.count(GUESSES, account.id.0.clone())?;
    let stored = account.password_hash.as_deref();
    if stored.is_none() {
        // Somebody who signs in elsewhere has no password; the session is all there is to ask for.
        return Ok(());
    }
    if state.passwords.verify(password, stored).await? {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::FORBIDDEN,
        "wrong_password",
        "The password is wrong.",
    ))
}

/// A password and the one in its place.
#[derive(Deserialize)]
pub struct Change {
    password: String,
    new_password: String,
}

/// Sets another password. All other sessions end; this browser's goes on under a new id.
///
/// # Errors
/// 400 `weak_password`, 401, 403 `wrong_password`, 429.
pub async fn change(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    request_id: RequestId,
    headers: HeaderMap,
    Body(body): Body<Change>,
) -> Result<impl IntoResponse, ApiError> {
    Passwords::check(&body.new_password)?;
    confirm(&state, &account, body.password).await?;
    let hash = state.passwords.hash(body.new_password).await?;
    let actor = Actor::account(&account.id, &request_id);
    state.db.change_password(&account.id, &hash, &actor).await?;
    let cookie = session::open(&state, &headers, &account.id).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// Who forgot their password.
#[derive(Deserialize)]
pub struct Forgot {
    email: String,
}

/// Sends a code where the address has an account. Answers 202 in any case.
///
/// # Errors
/// 400 for what is no address, 429.
pub async fn ask_for_reset(
    State(state): State<AppState>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Body(body): Body<Forgot>,
) -> Result<StatusCode, ApiError> {
    check_origin(&state.config, &headers)?;
    let address = email(&body.email)?;
    state.limiter.count(BY_ONE, ip.to_string())?;
    state.limiter.count(FOR_ONE, address.to_string())?;
    // In the background, so that the answer takes as long with an account as without.
    tokio::spawn(async move {
        let account = state.db.account_by_email(address.as_ref()).await;
        if let Ok(Some(account)) = account {
            // What went wrong is logged where it happened.
            let _ = send_code(&state, &account.id, address, MailPurpose::Reset).await;
        }
    });
    Ok(StatusCode::ACCEPTED)
}

/// A code and the new password.
#[derive(Deserialize)]
pub struct Reset {
    pub(crate) code: String,
    password: String,
}

/// Sets another password by a code; all sessions end, and the address counts as confirmed.
///
/// # Errors
/// 400 `invalid_code` or `weak_password`.
pub async fn reset(
    State(state): State<AppState>,
    ClientIp(ip): ClientIp,
    request_id: RequestId,
    headers: HeaderMap,
    Body(body): Body<Reset>,
) -> Result<StatusCode, ApiError> {
    check_origin(&state.config, &headers)?;
    Passwords::check(&body.password)?;
    state.limiter.count(BY_ONE, ip.to_string())?;
    let hash = state.passwords.hash(body.password).await?;
    let purpose = MailPurpose::Reset;
    use_code(&state, &body.code, purpose, Some(&hash), &request_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
