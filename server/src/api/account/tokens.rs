//! `/api/v1/account/tokens/`: the API tokens of an account. A token cannot make or show tokens: that takes a session.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::api::account::Body;
use crate::app::AppState;
use crate::audit::{Actor, RequestId};
use crate::clock::rfc3339;
use crate::db::tokens::Token;
use crate::error::ApiError;
use crate::ids::{AccountId, TokenId};
use crate::web::session::SignedIn;
use crate::web::tokens;

/// Tokens an account may have.
const MAX_TOKENS: usize = 50;

/// Longest name of a token, in characters.
const MAX_NAME_CHARS: usize = 80;

/// A token as lists show it.
#[derive(Debug, Serialize)]
pub struct Entry {
    id: String,
    name: String,
    created_at: Option<String>,
    /// To the minute; `null` when it was never used.
    last_used_at: Option<String>,
    /// Credits that may be spent with it; `null` for no limit.
    spending_cap: Option<i64>,
    /// Credits held or charged for it.
    spent: i64,
}

impl From<Token> for Entry {
    fn from(token: Token) -> Self {
        Self {
            id: token.id.0,
            name: token.name,
            created_at: rfc3339(token.created_ms),
            last_used_at: token.last_used_ms.and_then(rfc3339),
            spending_cap: token.spending_cap,
            spent: token.spent,
        }
    }
}

/// A token with the token itself.
#[derive(Debug, Serialize)]
pub struct Shown {
    #[serde(flatten)]
    entry: Entry,
    /// `null` where only its hash was kept; it is shown from its next use on.
    token: Option<String>,
}

/// The list.
#[derive(Debug, Serialize)]
pub struct List {
    /// Oldest first.
    tokens: Vec<Entry>,
}

/// The tokens of the account, without the tokens themselves.
///
/// # Errors
/// 401 without a session.
pub async fn list(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
) -> Result<Json<List>, ApiError> {
    let tokens = state.db.tokens_of(&account.id).await?;
    Ok(Json(List {
        tokens: tokens.into_iter().map(Entry::from).collect(),
    }))
}

/// A token to be made.
#[derive(Deserialize)]
pub struct New {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) spending_cap: Option<i64>,
}

/// Makes a token; 201 with the token.
///
/// # Errors
/// 400 for a name or a cap that cannot be, or too many tokens; 401 without a session.
pub async fn create(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    request_id: RequestId,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Shown>), ApiError> {
    let name = new.name.trim();
    let is_printable = |c: char| !c.is_control();
    if name.is_empty() || name.chars().count() > MAX_NAME_CHARS || !name.chars().all(is_printable) {
        let message = format!("it has 1 to {MAX_NAME_CHARS} characters.");
        return Err(ApiError::invalid_parameter("name", message));
    }
    if new.spending_cap.is_some_and(|cap| cap < 0) {
        let message = "it is 0 or more credits, or null for no limit.";
        return Err(ApiError::invalid_parameter("spending_cap", message));
    }
    if state.db.tokens_of(&account.id).await?.len() >= MAX_TOKENS {
        return Err(ApiError::bad_request(
            "too_many_tokens",
            format!("An account has {MAX_TOKENS} tokens or fewer; revoke one first."),
        ));
    }
    let (stored, _) = tokens::make(&state.secrets, account.id.clone(), name, new.spending_cap)?;
    let actor = Actor::account(&account.id, &request_id);
    state.db.insert_token(&stored, &actor).await?;
    let shown = find(&state, &account.id, &stored.id.0).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Makes the first token of an account that never had one: the account page shows it from the beginning.
pub(super) async fn make_first(
    state: &AppState,
    account: &AccountId,
    request_id: &RequestId,
) -> Result<(), ApiError> {
    if !state.db.ever_had_token(account).await? {
        let (stored, _) = tokens::make(&state.secrets, account.clone(), "default", None)?;
        let actor = Actor::account(account, request_id);
        state.db.insert_token(&stored, &actor).await?;
    }
    Ok(())
}

/// A token with the token itself, for the copy button.
///
/// # Errors
/// 401 without a session, 404 when the account has no such token.
pub async fn show(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
) -> Result<Json<Shown>, ApiError> {
    find(&state, &account.id, &id).await.map(Json)
}

async fn find(state: &AppState, account: &AccountId, id: &str) -> Result<Shown, ApiError> {
    let tokens = state.db.tokens_of(account).await?;
    let token = tokens.into_iter().find(|token| token.id.0 == id);
    let token = token.ok_or_else(not_found)?;
    Ok(Shown {
        token: tokens::shown(&state.secrets, &token),
        entry: token.into(),
    })
}

/// Revokes a token: the next request with it is refused.
///
/// # Errors
/// 401 without a session, 404 when the account has no such token.
pub async fn revoke(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    request_id: RequestId,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let actor = Actor::account(&account.id, &request_id);
    let id = TokenId(id);
    if state.db.revoke_token(&account.id, &id, &actor).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(not_found())
    }
}

fn not_found() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "token_not_found",
        "This account has no such token.",
    )
}
