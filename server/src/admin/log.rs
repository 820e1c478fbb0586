//! The audit log, as it is read.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::admin::{AdminError, cut, given, limit};
use crate::audit::Action;
use crate::clock::rfc3339;
use crate::db::Database;
use crate::db::audit::{AuditFilter, AuditRow};
use crate::ids::AccountId;

/// Which rows.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AuditQuery {
    /// Only those in which the account of this id acted or was acted upon.
    pub account: Option<String>,
    /// Only this action, such as `credits.granted`.
    pub action: Option<String>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// How many, 1 to 200; 50.
    pub limit: Option<u32>,
}

/// A row of the log.
#[derive(Debug, Clone, Serialize)]
pub struct AuditEntry {
    /// When, RFC 3339.
    pub at: Option<String>,
    /// `account:` and an id, `command line`, `server`, a payment provider's name, or `nobody`.
    pub actor: String,
    /// The actor's address, where it is an account that is there.
    pub actor_email: Option<String>,
    /// What, such as `credits.granted`.
    pub action: String,
    /// To whom: `account:` and an id, or `job:` and the beginning of its uuid.
    pub subject: Option<String>,
    /// The subject's address, where it is an account that is there.
    pub subject_email: Option<String>,
    /// Figures and names.
    pub detail: Option<Value>,
    /// The request by which it was done, as in `X-Request-Id` and the server's log.
    pub request_id: Option<String>,
    /// How often: more than once for sign-ins that failed within an hour.
    pub n_times: i64,
}

/// A page of the log.
#[derive(Debug, Clone, Serialize)]
pub struct AuditPage {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// The audit log, newest first.
///
/// # Errors
/// For a parameter that cannot be, and when the database fails.
pub async fn audit(db: &Database, query: &AuditQuery) -> Result<AuditPage, AdminError> {
    let limit = limit(query.limit)?;
    let action = given(query.action.as_deref());
    let is_known = |name: &str| Action::ALL.iter().any(|action| action.as_str() == name);
    if action.as_deref().is_some_and(|action| !is_known(action)) {
        let names = Action::ALL.map(Action::as_str).join(", ");
        return Err(AdminError::Parameter(
            "action",
            format!("it is one of {names}."),
        ));
    }
    let filter = AuditFilter {
        account: given(query.account.as_deref()).map(AccountId),
        action,
        before: given(query.cursor.as_deref()),
        limit: limit + 1,
    };
    let mut rows = db.audit_rows(&filter).await?;
    let next = cut(&mut rows, limit).map(|last| last.id.clone());
    Ok(AuditPage {
        entries: rows.into_iter().map(entry).collect(),
        next,
    })
}

fn entry(row: AuditRow) -> AuditEntry {
    AuditEntry {
        at: rfc3339(row.created_ms),
        actor: row.actor,
        actor_email: row.actor_email,
        action: row.action,
        subject: row.subject,
        subject_email: row.subject_email,
        detail: row
            .detail_json
            .and_then(|json| serde_json::from_str(&json).ok()),
        request_id: row.request_id,
        n_times: row.n_times,
    }
}
