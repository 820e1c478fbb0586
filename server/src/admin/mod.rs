//! What admins see and do: one function an action, called by the routes under `/api/v1/admin/`, by the command line and by web pages.
//!
//! Nothing here shows a document, a token or a whole uuid: the uuid of a job without an account would open it.

mod accounts;

mod jobs;

mod log;

pub use accounts::{
    Allowance, User, UserDetail, UserPage, UserQuery, UserToken, grant, set_disabled, set_plan,
    user, users,
};
pub use jobs::{
    Failure, Failures, JobEntry, JobPage, JobQuery, Queue, STATUSES, delete_job, failures, jobs,
    queue,
};
pub use log::{AuditEntry, AuditPage, AuditQuery, audit};

use axum::http::StatusCode;

use crate::error::ApiError;

/// Entries of a page unless asked otherwise, and at most.
const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

/// Why something cannot be shown or done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AdminError {
    /// There is no such account.
    #[error("There is no such account.")]
    NoAccount,
    /// There is no such job.
    #[error("There is no such job.")]
    NoJob,
    /// A parameter has a value that cannot be: its name and what it should be.
    #[error("{0}: {1}")]
    Parameter(&'static str, String),
    /// An admin would shut their own account.
    #[error("You cannot disable the account that you are using.")]
    Yourself,
    /// The database failed.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// Cancelling or deleting a job failed.
    #[error("{}", .0.message)]
    Job(ApiError),
}

impl From<AdminError> for ApiError {
    fn from(error: AdminError) -> Self {
        let message = error.to_string();
        match error {
            AdminError::NoAccount => Self::new(StatusCode::NOT_FOUND, "account_not_found", message),
            AdminError::NoJob => Self::new(StatusCode::NOT_FOUND, "job_not_found", message),
            AdminError::Parameter(..) => Self::bad_request("invalid_parameter", message),
            AdminError::Yourself => Self::new(StatusCode::CONFLICT, "own_account", message),
            AdminError::Database(error) => error.into(),
            AdminError::Job(error) => error,
        }
    }
}

/// The number of entries asked for.
fn limit(asked: Option<u32>) -> Result<u32, AdminError> {
    match asked {
        None => Ok(DEFAULT_LIMIT),
        Some(n) if (1..=MAX_LIMIT).contains(&n) => Ok(n),
        Some(_) => {
            let message = format!("it is 1 to {MAX_LIMIT}.");
            Err(AdminError::Parameter("limit", message))
        }
    }
}

/// A value that is not empty.
fn given(value: Option<&str>) -> Option<String> {
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    value.map(str::to_owned)
}

/// The place in a list that a cursor names: behind this time and id.
fn place(cursor: Option<&str>) -> Result<Option<(i64, String)>, AdminError> {
    let Some(cursor) = given(cursor) else {
        return Ok(None);
    };
    let parsed = || {
        let (ms, id) = cursor.split_once('-')?;
        Some((i64::from_str_radix(ms, 16).ok()?, id.to_owned()))
    };
    parsed().map(Some).ok_or_else(|| {
        AdminError::Parameter("cursor", "it is `next` of the page before.".to_owned())
    })
}

/// The cursor of what stands behind `created_ms` and `id`.
fn cursor(created_ms: i64, id: &str) -> String {
    format!("{created_ms:x}-{id}")
}

/// Cuts what was fetched, one entry more than asked for, to a page; the last entry comes back where there are more.
fn cut<T>(entries: &mut Vec<T>, limit: u32) -> Option<&T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let has_more = entries.len() > limit;
    entries.truncate(limit);
    entries.last().filter(|_| has_more)
}
