//! Signed in with a browser: the cookie, and where a request that changes something may come from.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};

use crate::app::AppState;
use crate::audit::{Actor, RequestId};
use crate::clock::now_ms;
use crate::config::Config;
use crate::db::accounts::Account;
use crate::error::ApiError;
use crate::hex;
use crate::ids::AccountId;
use crate::secret::Purpose;
use crate::web::auth::Caller;

/// How long a session lasts: 30 days, in milliseconds.
const SESSION_MS: i64 = 30 * 24 * 3_600 * 1_000;

/// The name of the cookie. Behind HTTPS the prefix makes browsers refuse one that another site or plain HTTP has set.
fn cookie_name(config: &Config) -> &'static str {
    if config.is_https() {
        "__Host-ocr_session"
    } else {
        "ocr_session"
    }
}

fn set_cookie(config: &Config, value: &str, max_age_s: i64) -> Result<HeaderValue, ApiError> {
    let name = cookie_name(config);
    let secure = if config.is_https() { "; Secure" } else { "" };
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&cookie).map_err(ApiError::internal)
}

/// What the session cookie of a request holds.
fn cookie<'a>(config: &Config, headers: &'a HeaderMap) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == cookie_name(config))
        .map(|(_, value)| value)
}

/// Opens a session under a new id; an earlier one of this browser ends. The header that sets its cookie comes back.
///
/// # Errors
/// When the database fails.
pub async fn open(
    state: &AppState,
    headers: &HeaderMap,
    account: &AccountId,
) -> Result<HeaderValue, ApiError> {
    end(state, headers).await?;
    let id = hex::random(32)?;
    let hash = state.secrets.hash(Purpose::Session, id.as_bytes());
    let expires_ms = now_ms() + SESSION_MS;
    state.db.insert_session(&hash, account, expires_ms).await?;
    set_cookie(&state.config, &id, SESSION_MS / 1_000)
}

/// Ends the session of a request. The header that removes its cookie comes back.
///
/// # Errors
/// When the database fails.
pub async fn end(state: &AppState, headers: &HeaderMap) -> Result<HeaderValue, ApiError> {
    if let Some(id) = cookie(&state.config, headers) {
        for hash in state.secrets.hashes(Purpose::Session, id.as_bytes()) {
            state.db.end_session(&hash).await?;
        }
    }
    set_cookie(&state.config, "", 0)
}

/// The account whose session a request carries.
///
/// # Errors
/// When the database fails.
pub(crate) async fn account(
    state: &AppState,
    headers: &HeaderMap,
) -> Result<Option<Account>, ApiError> {
    let Some(id) = cookie(&state.config, headers) else {
        return Ok(None);
    };
    for hash in state.secrets.hashes(Purpose::Session, id.as_bytes()) {
        if let Some(account) = state.db.session(&hash).await? {
            let account = state.db.account(&account).await?;
            return Ok(account.filter(|account| account.disabled_ms.is_none()));
        }
    }
    Ok(None)
}

/// Whether the request was sent by a page of this server: browsers say so in `Origin`.
pub(crate) fn is_same_origin(config: &Config, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else {
        return false;
    };
    match &config.base_url {
        Some(base_url) => origin == base_url,
        None => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == text(header::HOST)
        }
    }
}

/// Refuses a request that was sent by a page of another site. One without `Origin` is not from a page.
///
/// # Errors
/// 403 `wrong_origin`.
pub fn check_origin(config: &Config, headers: &HeaderMap) -> Result<(), ApiError> {
    if headers.contains_key(header::ORIGIN) && !is_same_origin(config, headers) {
        return Err(ApiError::wrong_origin());
    }
    Ok(())
}

/// The account of a session, on addresses that answer with or without one. The cookie counts for reading, and for changing
/// something only when a page of this server asks.
pub(super) async fn of_request(
    state: &AppState,
    parts: &Parts,
) -> Result<Option<Account>, ApiError> {
    let reads = parts.method == Method::GET || parts.method == Method::HEAD;
    if !reads && !is_same_origin(&state.config, &parts.headers) {
        return Ok(None);
    }
    account(state, &parts.headers).await
}

/// Somebody who is signed in with a browser.
#[derive(Debug, Clone)]
pub struct SignedIn(pub Account);

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let account = account(state, &parts.headers).await?;
        let account = account.ok_or_else(ApiError::sign_in_needed)?;
        let reads = parts.method == Method::GET || parts.method == Method::HEAD;
        if !reads && !is_same_origin(&state.config, &parts.headers) {
            return Err(ApiError::wrong_origin());
        }
        Ok(Self(account))
    }
}

/// Somebody with an account: by a session, or by an API token in the header.
#[derive(Debug, Clone)]
pub struct Member(pub Account);

impl FromRequestParts<AppState> for Member {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        if parts.headers.contains_key(header::AUTHORIZATION) {
            let caller = Caller::from_request_parts(parts, state).await?;
            return caller.account.map(Self).ok_or_else(ApiError::token_needed);
        }
        SignedIn::from_request_parts(parts, state)
            .await
            .map(|SignedIn(account)| Self(account))
    }
}

/// Somebody who may see and change what is others': an admin's account, by a session or by an API token in the header. For
/// everybody else there is nothing at these addresses.
#[derive(Debug, Clone)]
pub struct Admin {
    /// The admin.
    pub account: Account,
    /// The admin, by this request.
    pub actor: Actor,
}

impl FromRequestParts<AppState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let account = match Member::from_request_parts(parts, state).await {
            Ok(Member(account)) if account.is_admin => account,
            Err(error) if error.status.is_server_error() => return Err(error),
            _ => return Err(ApiError::no_such_address()),
        };
        let Ok(request_id) = RequestId::from_request_parts(parts, state).await;
        let actor = Actor::account(&account.id, &request_id);
        Ok(Self { account, actor })
    }
}
