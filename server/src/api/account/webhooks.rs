//! `/api/v1/account/webhooks/`: where an account is told of the end of its jobs, and the log of it.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::api::account::Body;
use crate::app::AppState;
use crate::audit::{Actor, RequestId};
use crate::clock::{now_ms, rfc3339};
use crate::db::webhooks::{Delivery, Webhook};
use crate::error::ApiError;
use crate::ids::AccountId;
use crate::net::guard;
use crate::web::rate_limit::Rate;
use crate::web::session::{Member, SignedIn};
use crate::webhooks::{Reach, secret};

/// How long messages are signed with the former secret, too: a day, in milliseconds.
const OLD_SECRET_MS: i64 = 24 * 3_600 * 1_000;

/// Longest address, in bytes.
const MAX_URL_BYTES: usize = 2_048;

/// Messages on a page of the log unless asked otherwise, and at most.
const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

/// The address that `text` is, where a webhook may be.
///
/// # Errors
/// 400 `not_available` where webhooks are off, `invalid_parameter` for an address that is not called.
pub(in crate::api) fn address(
    state: &AppState,
    parameter: &str,
    text: &str,
) -> Result<String, ApiError> {
    let reach = state.config.webhooks.reach;
    if reach == Reach::Off {
        return Err(ApiError::not_available(format!(
            "{parameter}: webhooks are off on this server."
        )));
    }
    if text.len() > MAX_URL_BYTES {
        let message = format!("it has {MAX_URL_BYTES} bytes or fewer.");
        return Err(ApiError::invalid_parameter(parameter, message));
    }
    let url = guard::check(text, reach == Reach::Any);
    let url = url.map_err(|refused| ApiError::invalid_parameter(parameter, refused))?;
    Ok(url.into())
}

/// The webhook as its owner sees it.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// Where jobs without a `webhook_url` are told; `null`: nowhere.
    url: Option<String>,
    /// Whether there is a webhook, with a secret, at all.
    is_set: bool,
    /// Whether it was given up after failures; setting its address goes on.
    is_disabled: bool,
    failing_since: Option<String>,
    /// Until when messages are signed with the former secret, too.
    old_secret_until: Option<String>,
    created_at: Option<String>,
    /// In the answer that makes it, and nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

fn shown(webhook: Option<Webhook>, secret: Option<String>) -> Shown {
    let is_set = webhook.is_some();
    let time = |ms: Option<i64>| ms.and_then(rfc3339);
    Shown {
        is_set,
        is_disabled: webhook
            .as_ref()
            .is_some_and(|hook| hook.disabled_ms.is_some()),
        failing_since: time(webhook.as_ref().and_then(|hook| hook.failing_since_ms)),
        old_secret_until: time(webhook.as_ref().and_then(|hook| hook.old_secret_until_ms)),
        created_at: time(webhook.as_ref().map(|hook| hook.created_ms)),
        url: webhook.and_then(|hook| hook.url),
        secret,
    }
}

/// The webhook of the account.
///
/// # Errors
/// 401 without a session or a token.
pub async fn show(
    State(state): State<AppState>,
    Member(account): Member,
) -> Result<Json<Shown>, ApiError> {
    let webhook = state.db.webhook(&account.id).await?;
    Ok(Json(shown(webhook, None)))
}

/// Where the account is told.
#[derive(Deserialize)]
pub struct Set {
    url: Option<String>,
}

/// Sets the address; `null` leaves the webhook to jobs that name an address of their own. The answer that makes the webhook
/// carries its secret, once.
///
/// # Errors
/// 400 for an address that is not called or where webhooks are off, 401 without a session.
pub async fn set(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    request_id: RequestId,
    Body(body): Body<Set>,
) -> Result<Json<Shown>, ApiError> {
    let given = body.url.filter(|url| !url.trim().is_empty());
    let url = given.map(|url| address(&state, "url", &url)).transpose()?;
    let new = secret::new()?;
    let sealed = state.secrets.seal(&new, &secret::context(&account.id))?;
    let actor = Actor::account(&account.id, &request_id);
    let db = &state.db;
    let is_new = db
        .set_webhook(&account.id, url.as_deref(), &sealed, &actor)
        .await?;
    let webhook = db.webhook(&account.id).await?;
    Ok(Json(shown(webhook, is_new.then_some(new))))
}

/// Replaces the secret; messages are signed with both for a day. The answer carries the new one, once.
///
/// # Errors
/// 401 without a session, 404 `webhook_not_found`.
pub async fn rotate(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    request_id: RequestId,
) -> Result<Json<Shown>, ApiError> {
    let new = secret::new()?;
    let sealed = state.secrets.seal(&new, &secret::context(&account.id))?;
    let actor = Actor::account(&account.id, &request_id);
    let until_ms = now_ms() + OLD_SECRET_MS;
    let db = &state.db;
    if !db
        .rotate_webhook_secret(&account.id, &sealed, until_ms, &actor)
        .await?
    {
        return Err(not_found());
    }
    let webhook = db.webhook(&account.id).await?;
    Ok(Json(shown(webhook, Some(new))))
}

/// Removes the webhook with its secret and its log.
///
/// # Errors
/// 401 without a session, 404 `webhook_not_found`.
pub async fn remove(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    request_id: RequestId,
) -> Result<StatusCode, ApiError> {
    let actor = Actor::account(&account.id, &request_id);
    if state.db.remove_webhook(&account.id, &actor).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_found())
    }
}

/// Which messages.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    /// `pending`, `delivered` or `failed`.
    status: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// How many, 1 to 200; 50.
    limit: Option<u32>,
}

/// A message in the log.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    id: String,
    /// The job it tells of.
    job: String,
    url: String,
    event: String,
    status: String,
    attempts: i64,
    last_status: Option<i64>,
    last_error: Option<String>,
    created_at: Option<String>,
    last_attempt_at: Option<String>,
    next_attempt_at: Option<String>,
}

impl From<Delivery> for Entry {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            job: delivery.job,
            url: delivery.url,
            event: delivery.event,
            status: delivery.status,
            attempts: delivery.attempts,
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            created_at: rfc3339(delivery.created_ms),
            last_attempt_at: delivery.last_attempt_ms.and_then(rfc3339),
            next_attempt_at: delivery.next_ms.and_then(rfc3339),
        }
    }
}

/// A page of the log.
#[derive(Debug, Serialize)]
pub struct Log {
    /// Newest first.
    deliveries: Vec<Entry>,
    next: Option<String>,
}

/// The messages of the account, newest first.
///
/// # Errors
/// 400 for a parameter that cannot be, 401 without a session or a token.
pub async fn deliveries(
    State(state): State<AppState>,
    Member(account): Member,
    Query(parameters): Query<Parameters>,
) -> Result<Json<Log>, ApiError> {
    let limit = parameters.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        let message = format!("it is 1 to {MAX_LIMIT}.");
        return Err(ApiError::invalid_parameter("limit", message));
    }
    let status = parameters.status.unwrap_or_default();
    if !["", "pending", "delivered", "failed"].contains(&status.as_str()) {
        let message = "it is pending, delivered or failed.";
        return Err(ApiError::invalid_parameter("status", message));
    }
    let before = parameters.cursor.unwrap_or_default();
    let db = &state.db;
    let mut found = db
        .deliveries_of(&account.id, &status, &before, limit + 1)
        .await?;
    let has_more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found
        .last()
        .filter(|_| has_more)
        .map(|last| last.id.clone());
    Ok(Json(Log {
        deliveries: found.into_iter().map(Entry::from).collect(),
        next,
    }))
}

/// Each takes a place of the messages of all accounts.
const REDELIVERIES: Rate = Rate {
    what: "messages of an account that are sent again",
    max: 120,
    window: Duration::from_secs(3_600),
};

/// Sends a message again, with its id and its content.
///
/// # Errors
/// 401 without a session or a token, 404 `delivery_not_found`, 429.
pub async fn redeliver(
    State(state): State<AppState>,
    Member(account): Member,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    state.limiter.count(REDELIVERIES, account.id.0.clone())?;
    if state.db.redeliver(&account.id, &id).await? {
        state.jobs.wake_webhooks();
        Ok(StatusCode::ACCEPTED)
    } else {
        Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "delivery_not_found",
            "This account has no such delivery.",
        ))
    }
}

/// What is kept of an account's webhook, for its export.
#[derive(Debug, Serialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    webhook: Shown,
    deliveries: Vec<Entry>,
}

/// The webhook of an account and the whole log of it.
pub(super) async fn kept(state: &AppState, account: &AccountId) -> Result<Kept, ApiError> {
    let webhook = shown(state.db.webhook(account).await?, None);
    let all = u32::try_from(i32::MAX).unwrap_or(u32::MAX);
    let found = state.db.deliveries_of(account, "", "", all).await?;
    Ok(Kept {
        webhook,
        deliveries: found.into_iter().map(Entry::from).collect(),
    })
}

fn not_found() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "webhook_not_found",
        "This account has no webhook; set its address first.",
    )
}
