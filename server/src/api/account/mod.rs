//! `/api/v1/account/`: signing up and in, tokens, and what is somebody's own. One action a file.
//!
//! Nothing here says whether an address has an account: answers, and the time they take, are the same with and without one.

pub mod sign_up;

pub mod sign_in;

pub mod password;

pub mod me;

pub mod settings;

pub mod tokens;

pub mod claim;

pub mod export;

pub mod delete;

pub mod payments;

pub mod webhooks;

pub mod oidc;

use std::str::FromStr;

use axum::Json;
use axum::extract::FromRequest;
use axum::extract::Request;
use axum::extract::rejection::JsonRejection;
use lettre::Address;
use serde::de::DeserializeOwned;

use crate::app::AppState;
use crate::audit::RequestId;
use crate::clock::now_ms;
use crate::db::accounts::Account;
use crate::db::sessions::MailPurpose;
use crate::error::ApiError;
use crate::hex;
use crate::ids::AccountId;
use crate::secret::Purpose;

/// Longest address of an e-mail account (RFC 5321).
const MAX_EMAIL_BYTES: usize = 254;

/// A JSON body of a known shape.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        // `Json` insists on the content type, which no form of another site can send.
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

fn unreadable(rejection: &JsonRejection) -> ApiError {
    let message = match rejection {
        JsonRejection::MissingJsonContentType(_) => {
            "Send JSON, with the header Content-Type: application/json."
        }
        JsonRejection::JsonDataError(_) => "The JSON lacks a key or has a wrong value.",
        _ => "The body is not JSON.",
    };
    ApiError::bad_request("bad_request", message)
}

/// An address in lower case, as accounts are found by it.
fn email(text: &str) -> Result<Address, ApiError> {
    let text = text.trim().to_lowercase();
    let wrong = || ApiError::invalid_parameter("email", "it is not an e-mail address.");
    if text.len() > MAX_EMAIL_BYTES {
        return Err(wrong());
    }
    Address::from_str(&text).map_err(|_| wrong())
}

/// How long a code to confirm an address can be used: a day, in milliseconds.
const VERIFY_MS: i64 = 24 * 3_600 * 1_000;

/// How long a code to set another password can be used: an hour, in milliseconds.
const RESET_MS: i64 = 3_600 * 1_000;

/// Makes a code for an account and sends it, with the page that takes it.
async fn send_code(
    state: &AppState,
    account: &AccountId,
    to: Address,
    purpose: MailPurpose,
) -> Result<(), ApiError> {
    // 128 random bits, and short enough for the lines of an e-mail.
    let code = hex::random(16)?;
    let hash = state.secrets.hash(Purpose::MailCode, code.as_bytes());
    let base_url = state.config.public_url();
    let (subject, text, lasts_ms) = match purpose {
        MailPurpose::Verify => (
            "Confirm your e-mail address",
            format!(
                "Confirm your address for OCR.chat at {base_url}:\n\n\
                 {base_url}/verify?code={code}\n\n\
                 The link asks for your password and can be used for a day. A program\n\
                 sends the code {code} with the password to\n{base_url}/api/v1/account/verify/\n\n\
                 If you did not sign up, do nothing: nobody can sign in before the\naddress is confirmed.\n"
            ),
            VERIFY_MS,
        ),
        MailPurpose::Reset => (
            "Set another password",
            format!(
                "Set another password for OCR.chat at {base_url}:\n\n\
                 {base_url}/reset-password?code={code}\n\n\
                 The link can be used for an hour. A program sends the code\n{code} with the new password to\n\
                 {base_url}/api/v1/account/password-reset/confirm/\n\n\
                 If you did not ask for it, do nothing: your password stays.\n"
            ),
            RESET_MS,
        ),
    };
    let expires_ms = now_ms() + lasts_ms;
    state
        .db
        .insert_mail_code(&hash, account, purpose, expires_ms)
        .await?;
    state.mailer.send_later(to, subject, text);
    Ok(())
}

/// The account of a code that was sent by e-mail; the code is used up, and with a new password all sessions end.
async fn use_code(
    state: &AppState,
    code: &str,
    purpose: MailPurpose,
    new_password_hash: Option<&str>,
    request_id: &RequestId,
) -> Result<AccountId, ApiError> {
    for hash in state
        .secrets
        .hashes(Purpose::MailCode, code.trim().as_bytes())
    {
        let db = &state.db;
        let used = db.use_mail_code(&hash, purpose, new_password_hash, request_id);
        if let Some(account) = used.await? {
            return Ok(account);
        }
    }
    Err(invalid_code())
}

/// The account of a code that was sent by e-mail; `None` when the code is not valid.
async fn account_of_code(
    state: &AppState,
    code: &str,
    purpose: MailPurpose,
) -> Result<Option<Account>, ApiError> {
    for hash in state
        .secrets
        .hashes(Purpose::MailCode, code.trim().as_bytes())
    {
        if let Some(id) = state.db.mail_code(&hash, purpose).await? {
            return Ok(state.db.account(&id).await?);
        }
    }
    Ok(None)
}

fn invalid_code() -> ApiError {
    ApiError::bad_request(
        "invalid_code",
        "The code is not valid any more, or the password is wrong; ask for a new one.",
    )
}
