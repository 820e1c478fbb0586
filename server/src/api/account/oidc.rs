//! `GET /api/v1/account/oidc/start/` and `callback/`: signing in at the OpenID Connect provider that the operator configured. Browsers
//! come here by links and redirects, so they are sent on to a page whatever happens.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::Deserialize;

use crate::api::account::{email, tokens};
use crate::app::AppState;
use crate::audit::RequestId;
use crate::clock::now_ms;
use crate::error::ApiError;
use crate::oidc::{Attempt, Identity, Oidc};
use crate::web::client_ip::ClientIp;
use crate::web::rate_limit::Rate;
use crate::web::session;

/// How long a sign-in may take: 10 minutes, in milliseconds.
const ATTEMPT_MS: i64 = 10 * 60 * 1_000;

/// Bound to the sealed cookie.
const CONTEXT: &str = "oidc attempt";

/// Where a browser goes that is signed in.
const DONE: &str = "/account";

/// Where it goes otherwise, with `?error=` and a code.
const FAILED: &str = "/sign-in";

const STARTS: Rate = Rate {
    what: "sign-ins elsewhere of an address of the network",
    max: 60,
    window: Duration::from_secs(15 * 60),
};

fn provider(state: &AppState) -> Result<&Oidc, ApiError> {
    state.oidc.as_ref().ok_or_else(|| {
        ApiError::new(
            StatusCode::NOT_FOUND,
            "oidc_not_configured",
            "Signing in elsewhere is not configured on this server.",
        )
    })
}

/// Behind HTTPS the prefix makes browsers refuse a cookie that another site of the domain has set: an attempt of somebody else's would sign
/// people in to an account that is not theirs.
fn cookie_name(state: &AppState) -> &'static str {
    if state.config.is_https() {
        "__Host-ocr_oidc"
    } else {
        "ocr_oidc"
    }
}

/// The cookie that binds an attempt to its browser: sealed and short-lived.
fn cookie(state: &AppState, value: &str, max_age_s: i64) -> Result<HeaderValue, ApiError> {
    let name = cookie_name(state);
    // The prefix wants the whole site.
    let attributes = if state.config.is_https() {
        "Path=/; Secure"
    } else {
        "Path=/api/v1/account/oidc"
    };
    let cookie =
        format!("{name}={value}; {attributes}; Max-Age={max_age_s}; HttpOnly; SameSite=Lax");
    HeaderValue::from_str(&cookie).map_err(ApiError::internal)
}

fn redirect(to: &str) -> Result<HeaderValue, ApiError> {
    HeaderValue::from_str(to).map_err(ApiError::internal)
}

/// Sends the browser to the page for signing in, with a code that says why, and forgets the attempt.
fn failed(state: &AppState, code: &str) -> Result<Response, ApiError> {
    let location = redirect(&format!("{FAILED}?error={code}"))?;
    let headers = AppendHeaders([
        (header::LOCATION, location),
        (header::SET_COOKIE, cookie(state, "", 0)?),
    ]);
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// Sends the browser to the provider.
///
/// # Errors
/// 404 `oidc_not_configured`, 429.
pub async fn start(
    State(state): State<AppState>,
    ClientIp(ip): ClientIp,
) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    state.limiter.count(STARTS, ip.to_string())?;
    let (url, attempt) = match provider.begin(now_ms() + ATTEMPT_MS).await {
        Ok(begun) => begun,
        Err(error) => {
            tracing::error!(%error, "nobody can sign in elsewhere");
            return failed(&state, "oidc_unavailable");
        }
    };
    let attempt = serde_json::to_string(&attempt).map_err(ApiError::internal)?;
    let sealed = state.secrets.seal(&attempt, CONTEXT)?;
    let headers = AppendHeaders([
        (header::LOCATION, redirect(&url)?),
        (
            header::SET_COOKIE,
            cookie(&state, &sealed, ATTEMPT_MS / 1_000)?,
        ),
    ]);
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// What the provider adds to our address.
#[derive(Deserialize)]
pub struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

/// Signs in whom the provider sent back, under a new session, and sends the browser on.
///
/// # Errors
/// 404 `oidc_not_configured`, 429.
pub async fn callback(
    State(state): State<AppState>,
    ClientIp(ip): ClientIp,
    request_id: RequestId,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, ApiError> {
    let provider = provider(&state)?;
    state.limiter.count(STARTS, ip.to_string())?;
    let Some(attempt) = attempt(&state, &headers, answer.state.as_deref()) else {
        return failed(&state, "oidc_expired");
    };
    if answer.error.is_some() {
        return failed(&state, "oidc_denied");
    }
    let Some(code) = answer.code else {
        return failed(&state, "oidc_failed");
    };
    let mut identity = match provider.finish(code, attempt).await {
        Ok(identity) => identity,
        Err(error) => {
            tracing::warn!(%error, "a sign-in elsewhere failed");
            return failed(&state, "oidc_failed");
        }
    };
    let Identity {
        issuer,
        subject,
        verified_email,
    } = &mut identity;
    let is_text = |text: &str| !text.is_empty() && text.len() <= 512 && !text.contains('\0');
    if !is_text(issuer) || !is_text(subject) {
        return failed(&state, "oidc_failed");
    }
    // As accounts are found by it; what is none is nobody's.
    *verified_email = verified_email
        .take()
        .and_then(|text| email(&text).ok())
        .map(|address| address.to_string());
    let id = state.db.account_of_identity(&identity, &request_id).await?;
    let account = state.db.account(&id).await?;
    if account.is_none_or(|account| account.disabled_ms.is_some()) {
        return failed(&state, "account_disabled");
    }
    tokens::make_first(&state, &id, &request_id).await?;
    let session = session::open(&state, &headers, &id).await?;
    let headers = AppendHeaders([
        (header::LOCATION, redirect(DONE)?),
        (header::SET_COOKIE, session),
        (header::SET_COOKIE, cookie(&state, "", 0)?),
    ]);
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// The attempt of this browser, when `given` is its state and its time is not up.
fn attempt(state: &AppState, headers: &HeaderMap, given: Option<&str>) -> Option<Attempt> {
    let sealed = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == cookie_name(state)).then_some(value))?;
    let json = state.secrets.open(sealed, CONTEXT)?;
    let attempt: Attempt = serde_json::from_str(&json).ok()?;
    let is_ours = given == Some(attempt.state.as_str()) && attempt.expires_ms > now_ms();
    is_ours.then_some(attempt)
}
