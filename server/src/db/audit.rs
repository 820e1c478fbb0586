//! Table `audit`. Its rows are written in the transactions of what they record.

use sqlx::Row as _;

use crate::audit::{Action, Actor, Event, of_account};
use crate::clock::now_ms;
use crate::db::metering::owner_of;
use crate::db::{Connection, Database, Row};
use crate::hex;
use crate::ids::AccountId;

/// Sign-ins that failed are counted by the hour, so that nobody fills the log: milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// A row of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its id, which sorts by time.
    pub id: String,
    /// Who did it.
    pub actor: String,
    /// The actor's address, where it is an account that is there.
    pub actor_email: Option<String>,
    /// What.
    pub action: String,
    /// To whom.
    pub subject: Option<String>,
    /// The subject's address, where it is an account that is there.
    pub subject_email: Option<String>,
    /// A JSON object of figures and names.
    pub detail_json: Option<String>,
    /// The request by which it was done.
    pub request_id: Option<String>,
    /// How often.
    pub n_times: i64,
    /// When, unix milliseconds.
    pub created_ms: i64,
}

/// Which rows are listed.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only of this account, as actor or subject.
    pub account: Option<AccountId>,
    /// Only this action.
    pub action: Option<String>,
    /// Only rows older than the one of this id.
    pub before: Option<String>,
    /// How many at most.
    pub limit: u32,
}

/// Writes a row.
pub(super) async fn record(
    connection: &mut Connection,
    event: &Event<'_>,
) -> Result<(), sqlx::Error> {
    let now_ms = now_ms();
    let random = hex::random(10).map_err(|error| sqlx::Error::Io(error.into()))?;
    let detail = event.detail.as_ref().map(ToString::to_string);
    sqlx::query(
        "INSERT INTO audit (id, actor, action, subject, detail_json, request_id, n_times, created_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7)",
    )
    .bind(format!("{now_ms:012x}{random}"))
    .bind(event.actor.name())
    .bind(event.action.as_str())
    .bind(&event.subject)
    .bind(detail)
    .bind(event.actor.request_id())
    .bind(now_ms)
    .execute(connection)
    .await
    .map(drop)
}

impl Database {
    /// Counts a sign-in that failed: into `account`, or with an address that has none. One row stands for an hour; the address
    /// is not written down.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_failed_sign_in(
        &self,
        actor: &Actor,
        account: Option<&AccountId>,
    ) -> Result<(), sqlx::Error> {
        let hour_ms = now_ms().div_euclid(HOUR_MS) * HOUR_MS;
        let whose = account.map_or("nobody", |account| account.0.as_str());
        let mut connection = self.connection().await?;
        sqlx::query(
            "INSERT INTO audit (id, actor, action, subject, detail_json, request_id, n_times, created_ms) \
             VALUES ($1, $2, $3, $4, NULL, $5, 1, $6) ON CONFLICT (id) DO UPDATE SET n_times = audit.n_times + 1",
        )
        .bind(format!("{hour_ms:012x}-{whose}"))
        .bind(actor.name())
        .bind(Action::SignInFailed.as_str())
        .bind(account.and_then(of_account))
        .bind(actor.request_id())
        .bind(hour_ms)
        .execute(&mut *connection)
        .await
        .map(drop)
    }

    /// Rows of the log, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn audit_rows(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let account = filter.account.as_ref().map(owner_of);
        sqlx::query(
            "SELECT audit.*, actors.email AS actor_email, subjects.email AS subject_email FROM audit \
             LEFT JOIN accounts AS actors ON audit.actor = 'account:' || actors.id \
             LEFT JOIN accounts AS subjects ON audit.subject = 'account:' || subjects.id \
             WHERE ($1 = '' OR audit.actor = $1 OR audit.subject = $1) AND ($2 = '' OR audit.action = $2) \
             AND ($3 = '' OR audit.id < $3) ORDER BY audit.id DESC LIMIT $4",
        )
        .bind(account.unwrap_or_default())
        .bind(filter.action.as_deref().unwrap_or_default())
        .bind(filter.before.as_deref().unwrap_or_default())
        .bind(i64::from(filter.limit))
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(audit_row)
        .collect()
    }
}

fn audit_row(row: &Row) -> Result<AuditRow, sqlx::Error> {
    Ok(AuditRow {
        id: row.try_get("id")?,
        actor: row.try_get("actor")?,
        actor_email: row.try_get("actor_email")?,
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        subject_email: row.try_get("subject_email")?,
        detail_json: row.try_get("detail_json")?,
        request_id: row.try_get("request_id")?,
        n_times: row.try_get("n_times")?,
        created_ms: row.try_get("created_ms")?,
    })
}
