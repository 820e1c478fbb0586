//! `GET /api/v1/account/`: who is signed in, and what is left.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app::AppState;
use crate::clock::{now_ms, rfc3339};
use crate::db::accounts::Account;
use crate::db::metering::owner_of;
use crate::error::ApiError;
use crate::jobs::payment::allowance_source;
use crate::web::session::Member;

/// An account as its owner sees it.
#[derive(Debug, Serialize)]
pub struct Me {
    id: String,
    pub(crate) email: Option<String>,
    pub(crate) is_admin: bool,
    created_at: Option<String>,
    pub(crate) plan: &'static str,
    /// Whether anything is counted.
    pub(crate) is_metered: bool,
    /// Whether documents may go to models of other providers.
    pub(crate) allow_external: bool,
    /// Pages that a file may have.
    pages_per_file: u32,
    pub(crate) allowance: Allowance,
    /// Credits left.
    pub(crate) credits: i64,
    /// Credits held for pages in work, of the allowance too.
    held: i64,
}

/// The allowance of the current period.
#[derive(Debug, Serialize)]
pub(crate) struct Allowance {
    pub(crate) used: i64,
    pub(crate) cap: i64,
    /// `day` or `month`.
    pub(crate) period: &'static str,
    pub(crate) resets_at: Option<String>,
}

/// The account and what it has left.
///
/// # Errors
/// 401 without a session or a token.
pub async fn me(
    State(state): State<AppState>,
    Member(account): Member,
) -> Result<Json<Me>, ApiError> {
    answer(&state, account).await.map(Json)
}

/// `account` with what it has left now.
pub(crate) async fn answer(state: &AppState, account: Account) -> Result<Me, ApiError> {
    let rules = state.config.prices.plan(account.plan);
    let now_ms = now_ms();
    let source = allowance_source(rules.period, now_ms);
    let standing = state.db.standing(&owner_of(&account.id), &source).await?;
    Ok(Me {
        id: account.id.0,
        email: account.email,
        is_admin: account.is_admin,
        created_at: rfc3339(account.created_ms),
        plan: account.plan.as_str(),
        is_metered: state.config.is_metered && !rules.unmetered,
        allow_external: account.allows_external,
        pages_per_file: rules.pages_per_file,
        allowance: Allowance {
            used: standing.allowance_used,
            cap: rules.allowance,
            period: rules.period.as_str(),
            resets_at: rfc3339(rules.period.ends_ms(now_ms)),
        },
        credits: standing.credits,
        held: standing.held,
    })
}
