//! `POST /api/v1/account/sign-up/` and `verify/`.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use lettre::Address;
use serde::Deserialize;

use crate::api::account::{
    Body, account_of_code, email, invalid_code, me, send_code, tokens, use_code,
};
use crate::app::AppState;
use crate::audit::RequestId;
use crate::db::accounts::Account;
use crate::db::sessions::MailPurpose;
use crate::error::ApiError;
use crate::metering::Plan;
use crate::password::Passwords;
use crate::web::client_ip::ClientIp;
use crate::web::rate_limit::Rate;
use crate::web::session::{self, check_origin};

const SIGN_UPS: Rate = Rate {
    what: "sign-ups of an address of the network",
    max: 20,
    window: Duration::from_secs(3_600),
};

const CONFIRMATIONS: Rate = Rate {
    what: "confirmations of an address of the network",
    max: 30,
    window: Duration::from_secs(3_600),
};

const MAILS: Rate = Rate {
    what: "e-mails to somebody who signs up",
    max: 5,
    window: Duration::from_secs(3_600),
};

/// Who signs up.
#[derive(Deserialize)]
pub struct SignUp {
    pub(crate) email: String,
    password: String,
}

/// Makes an account, which can be used once its address is confirmed. Answers 202 whether the address has one or not; the
/// owner of an address that has one is told by e-mail.
///
/// # Errors
/// 400 for a wrong address or a weak password, 429.
pub async fn sign_up(
    State(state): State<AppState>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Body(body): Body<SignUp>,
) -> Result<StatusCode, ApiError> {
    check_origin(&state.config, &headers)?;
    let address = email(&body.email)?;
    Passwords::check(&body.password)?;
    state.limiter.count(SIGN_UPS, ip.to_string())?;
    state.limiter.count(MAILS, address.to_string())?;
    // Hashed in any case: it is what takes time.
    let hash = state.passwords.hash(body.password).await?;
    // In the background, so that the answer takes as long with an account as without.
    tokio::spawn(async move {
        // What went wrong is logged where it happened.
        let _ = make_account(&state, address, hash).await;
    });
    Ok(StatusCode::ACCEPTED)
}

/// Makes an account for `address` and sends a code to confirm it; where there is one already, tells its owner.
async fn make_account(state: &AppState, address: Address, hash: String) -> Result<(), ApiError> {
    let mut account = Account::new(Some(address.to_string()), Plan::Free)?;
    account.password_hash = Some(hash.clone());
    if state.db.insert_account(&account).await? {
        return send_code(state, &account.id, address, MailPurpose::Verify).await;
    }
    let Some(there) = state.db.account_by_email(address.as_ref()).await? else {
        return Ok(());
    };
    if state.db.set_unconfirmed_password(&there.id, &hash).await? {
        // Not confirmed, so nobody's yet. The password of the last request counts, and confirming takes that password.
        return send_code(state, &there.id, address, MailPurpose::Verify).await;
    }
    let text = format!(
        "Somebody signed up for OCR.chat with your address, which has an\naccount. Sign in, or set another password:\n\n{}/sign-in\n\n\
         If it was not you, do nothing.\n",
        state.config.public_url()
    );
    state
        .mailer
        .send_later(address, "You have an account", text);
    Ok(())
}

/// A code and the password of the account.
#[derive(Deserialize)]
pub struct Confirmation {
    pub(crate) code: String,
    password: String,
}

/// Confirms the address that a code was sent to, and signs in. It takes the password too: otherwise somebody could sign up with
/// another's address and wait for its owner to confirm it.
///
/// # Errors
/// 400 `invalid_code`, also for a wrong password; 429.
pub async fn verify(
    State(state): State<AppState>,
    ClientIp(ip): ClientIp,
    request_id: RequestId,
    headers: HeaderMap,
    Body(body): Body<Confirmation>,
) -> Result<impl IntoResponse, ApiError> {
    check_origin(&state.config, &headers)?;
    state.limiter.count(CONFIRMATIONS, ip.to_string())?;
    let account = account_of_code(&state, &body.code, MailPurpose::Verify).await?;
    let stored = account
        .as_ref()
        .and_then(|account| account.password_hash.as_deref());
    if !state.passwords.verify(body.password, stored).await? {
        return Err(invalid_code());
    }
    let purpose = MailPurpose::Verify;
    let id = use_code(&state, &body.code, purpose, None, &request_id).await?;
    let account = state.db.account(&id).await?.ok_or_else(invalid_code)?;
    tokens::make_first(&state, &id, &request_id).await?;
    let cookie = session::open(&state, &headers, &id).await?;
    let answer = me::answer(&state, account).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(answer)))
}
