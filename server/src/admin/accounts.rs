//! Accounts: found, shown, granted credits, given a plan, shut.

use serde::{Deserialize, Serialize};

use crate::admin::{AdminError, JobEntry, JobQuery, cursor, cut, given, limit, place};
use crate::audit::Actor;
use crate::clock::{now_ms, rfc3339};
use crate::config::Config;
use crate::db::Database;
use crate::db::accounts::Account;
use crate::db::admin::AccountFilter;
use crate::db::metering::owner_of;
use crate::ids::AccountId;
use crate::jobs::payment::allowance_source;
use crate::metering::Plan;

/// Credits that are granted at once, at most.
const MAX_GRANT: i64 = 1_000_000_000;

/// Longest note of a grant, in characters.
const MAX_NOTE_CHARS: usize = 500;

/// Which accounts.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct UserQuery {
    /// Part of an address, or an id.
    pub search: Option<String>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// How many, 1 to 200; 50.
    pub limit: Option<u32>,
}

/// An account.
#[derive(Debug, Clone, Serialize)]
pub struct User {
    /// Its id.
    pub id: String,
    /// Its address.
    pub email: Option<String>,
    /// `free`, `paid` or `operator`.
    pub plan: &'static str,
    /// Whether it is an admin's.
    pub is_admin: bool,
    /// Whether its address was confirmed.
    pub is_confirmed: bool,
    /// Whether it was shut.
    pub is_disabled: bool,
    /// When it was made, RFC 3339.
    pub created_at: Option<String>,
}

/// A page of accounts.
#[derive(Debug, Clone, Serialize)]
pub struct UserPage {
    /// Newest first.
    pub users: Vec<User>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// An account with what it has.
#[derive(Debug, Clone, Serialize)]
pub struct UserDetail {
    /// The account.
    #[serde(flatten)]
    pub user: User,
    /// Credits left; below zero after a refund of credits that were spent.
    pub credits: i64,
    /// Credits held for pages in work, of the allowance too.
    pub held: i64,
    /// The allowance of the current period.
    pub allowance: Allowance,
    /// Its tokens, without the tokens themselves.
    pub tokens: Vec<UserToken>,
    /// Its newest jobs.
    pub jobs: Vec<JobEntry>,
}

/// The allowance of the current period.
#[derive(Debug, Clone, Serialize)]
pub struct Allowance {
    /// What of it is used.
    pub used: i64,
    /// All of it.
    pub cap: i64,
    /// `day` or `month`.
    pub period: &'static str,
}

/// A token of an account.
#[derive(Debug, Clone, Serialize)]
pub struct UserToken {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was made, RFC 3339.
    pub created_at: Option<String>,
    /// When it was used last, to the minute.
    pub last_used_at: Option<String>,
    /// Credits that may be spent with it.
    pub spending_cap: Option<i64>,
    /// Credits held or charged for it.
    pub spent: i64,
}

/// Accounts, newest first.
///
/// # Errors
/// For a cursor or a limit that cannot be, and when the database fails.
pub async fn users(db: &Database, query: &UserQuery) -> Result<UserPage, AdminError> {
    let limit = limit(query.limit)?;
    let filter = AccountFilter {
        search: given(query.search.as_deref()).map(|search| search.to_lowercase()),
        before: place(query.cursor.as_deref())?,
        limit: limit + 1,
    };
    let mut accounts = db.search_accounts(&filter).await?;
    let next = cut(&mut accounts, limit).map(|last| cursor(last.created_ms, &last.id.0));
    Ok(UserPage {
        users: accounts.into_iter().map(entry).collect(),
        next,
    })
}

/// One account.
///
/// # Errors
/// [`AdminError::NoAccount`], and when the database fails.
pub async fn user(
    db: &Database,
    config: &Config,
    id: &AccountId,
) -> Result<UserDetail, AdminError> {
    let account = db.account(id).await?.ok_or(AdminError::NoAccount)?;
    let rules = config.prices.plan(account.plan);
    let source = allowance_source(rules.period, now_ms());
    let standing = db.standing(&owner_of(id), &source).await?;
    let tokens = db.tokens_of(id).await?.into_iter();
    let query = JobQuery {
        account: Some(id.0.clone()),
        limit: Some(20),
        ..JobQuery::default()
    };
    Ok(UserDetail {
        user: entry(account),
        credits: standing.credits,
        held: standing.held,
        allowance: Allowance {
            used: standing.allowance_used,
            cap: rules.allowance,
            period: rules.period.as_str(),
        },
        tokens: tokens
            .map(|token| UserToken {
                id: token.id.0,
                name: token.name,
                created_at: rfc3339(token.created_ms),
                last_used_at: token.last_used_ms.and_then(rfc3339),
                spending_cap: token.spending_cap,
                spent: token.spent,
            })
            .collect(),
        jobs: super::jobs(db, &query).await?.jobs,
    })
}

/// Adds credits to an account; a free one is a paid one from then on. Its balance comes back.
///
/// # Errors
/// For credits or a note that cannot be, [`AdminError::NoAccount`], and when the database fails.
pub async fn grant(
    db: &Database,
    id: &AccountId,
    credits: i64,
    note: Option<&str>,
    actor: &Actor,
) -> Result<i64, AdminError> {
    if !(1..=MAX_GRANT).contains(&credits) {
        let message = format!("it is 1 to {MAX_GRANT}.");
        return Err(AdminError::Parameter("credits", message));
    }
    let note = given(note);
    let is_fine = |note: &String| note.chars().count() <= MAX_NOTE_CHARS && !note.contains('\0');
    if !note.iter().all(is_fine) {
        let message = format!("it has {MAX_NOTE_CHARS} characters or fewer, and no NUL.");
        return Err(AdminError::Parameter("note", message));
    }
    let granted = db.grant_credits(id, credits, note.as_deref(), actor);
    granted.await?.ok_or(AdminError::NoAccount)
}

/// Changes what an account has booked.
///
/// # Errors
/// For a plan that no account can have, [`AdminError::NoAccount`], and when the database fails.
pub async fn set_plan(
    db: &Database,
    id: &AccountId,
    plan: Plan,
    actor: &Actor,
) -> Result<(), AdminError> {
    if plan == Plan::Anonymous {
        let message = "it is free, paid or operator.".to_owned();
        return Err(AdminError::Parameter("plan", message));
    }
    if db.set_plan(id, plan, actor).await? {
        Ok(())
    } else {
        Err(AdminError::NoAccount)
    }
}

/// Shuts an account, or opens it again. Nobody is let in to one that is shut: its sessions end and its tokens are refused. Jobs
/// that run go on. `own` is the account of the admin, which cannot be shut.
///
/// # Errors
/// [`AdminError::Yourself`], [`AdminError::NoAccount`], and when the database fails.
pub async fn set_disabled(
    db: &Database,
    id: &AccountId,
    is_disabled: bool,
    own: Option<&AccountId>,
    actor: &Actor,
) -> Result<(), AdminError> {
    if is_disabled && own == Some(id) {
        return Err(AdminError::Yourself);
    }
    if db.set_disabled(id, is_disabled, actor).await? {
        Ok(())
    } else {
        Err(AdminError::NoAccount)
    }
}

fn entry(account: Account) -> User {
    User {
        id: account.id.0,
        email: account.email,
        plan: account.plan.as_str(),
        is_admin: account.is_admin,
        is_confirmed: account.verified_ms.is_some(),
        is_disabled: account.disabled_ms.is_some(),
        created_at: rfc3339(account.created_ms),
    }
}
