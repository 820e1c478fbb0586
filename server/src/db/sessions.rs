//! Tables `sessions` and `mail_codes`, and what they change in accounts.

use sqlx::Row as _;

use crate::audit::{Action, Actor, Event, RequestId, of_account};
use crate::clock::now_ms;
use crate::db::audit::record;
use crate::db::{Connection, Database};
use crate::ids::AccountId;

/// How long an account waits for its address to be confirmed: a week, in milliseconds.
const KEEP_UNCONFIRMED_MS: i64 = 7 * 24 * 3_600 * 1_000;

/// What a code that was sent by e-mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailPurpose {
    /// Confirming an address.
    Verify,
    /// Setting another password.
    Reset,
}

impl MailPurpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
        }
    }
}

impl Database {
    /// Stores a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_session(
        &self,
        id_hash: &str,
        account: &AccountId,
        expires_ms: i64,
    ) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "INSERT INTO sessions (id_hash, account_id, created_ms, expires_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(id_hash)
        .bind(&account.0)
        .bind(now_ms())
        .bind(expires_ms)
        .execute(&mut *connection)
        .await
        .map(drop)
    }

    /// Whose session it is; `None` when there is none or its time is up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn session(&self, id_hash: &str) -> Result<Option<AccountId>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT account_id FROM sessions WHERE id_hash = $1 AND expires_ms > $2")
            .bind(id_hash)
            .bind(now_ms())
            .fetch_optional(&mut *connection)
            .await?
            .map(|row| row.try_get("account_id").map(AccountId))
            .transpose()
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_session(&self, id_hash: &str) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("DELETE FROM sessions WHERE id_hash = $1")
            .bind(id_hash)
            .execute(&mut *connection)
            .await
            .map(drop)
    }

    /// Ends all sessions of an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_sessions(&self, account: &AccountId) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("DELETE FROM sessions WHERE account_id = $1")
            .bind(&account.0)
            .execute(&mut *connection)
            .await
            .map(drop)
    }

    /// Stores a code; earlier ones for the same purpose are of no use from then on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_mail_code(
        &self,
        code_hash: &str,
        account: &AccountId,
        purpose: MailPurpose,
        expires_ms: i64,
    ) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("DELETE FROM mail_codes WHERE account_id = $1 AND purpose = $2")
            .bind(&account.0)
            .bind(purpose.as_str())
            .execute(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO mail_codes (code_hash, account_id, purpose, expires_ms) VALUES ($1, $2, $3, $4)",
        )
        .bind(code_hash)
        .bind(&account.0)
        .bind(purpose.as_str())
        .bind(expires_ms)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await
    }

    /// The account of a code, which stays; `None` when there is none or its time is up.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_code(
        &self,
        code_hash: &str,
        purpose: MailPurpose,
    ) -> Result<Option<AccountId>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT account_id FROM mail_codes WHERE code_hash = $1 AND purpose = $2 AND expires_ms > $3",
        )
        .bind(code_hash)
        .bind(purpose.as_str())
        .bind(now_ms())
        .fetch_optional(&mut *connection)
        .await?
        .map(|row| row.try_get("account_id").map(AccountId))
        .transpose()
    }

    /// Uses a code up and confirms the address of its account, which comes back; with a new password, that is set and all
    /// sessions end. `None` when there is no such code or its time is up.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn use_mail_code(
        &self,
        code_hash: &str,
        purpose: MailPurpose,
        new_password_hash: Option<&str>,
        request_id: &RequestId,
    ) -> Result<Option<AccountId>, sqlx::Error> {
        let now_ms = now_ms();
        let mut transaction = self.begin().await?;
        let row = sqlx::query(
            "DELETE FROM mail_codes WHERE code_hash = $1 AND purpose = $2 AND expires_ms > $3 RETURNING account_id",
        )
        .bind(code_hash)
        .bind(purpose.as_str())
        .bind(now_ms)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(row) = row else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let account = AccountId(row.try_get("account_id")?);
        sqlx::query("UPDATE accounts SET verified_ms = COALESCE(verified_ms, $1) WHERE id = $2")
            .bind(now_ms)
            .bind(&account.0)
            .execute(&mut *transaction)
            .await?;
        if let Some(hash) = new_password_hash {
            replace_password(&mut transaction, &account, hash).await?;
            let event = Event {
                actor: &Actor::account(&account, request_id),
                action: Action::PasswordReset,
                subject: of_account(&account),
                detail: None,
            };
            record(&mut transaction, &event).await?;
        }
        transaction.commit().await?;
        Ok(Some(account))
    }

    /// Sets the password of an account whose address nobody confirmed; `false` when it is confirmed or not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn set_unconfirmed_password(
        &self,
        account: &AccountId,
        password_hash: &str,
    ) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection().await?;
        let n_changed = sqlx::query(
            "UPDATE accounts SET password_hash = $1 WHERE id = $2 AND verified_ms IS NULL",
        )
        .bind(password_hash)
        .bind(&account.0)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        Ok(n_changed == 1)
    }

    /// Replaces the password of an account and ends all its sessions.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn change_password(
        &self,
        account: &AccountId,
        password_hash: &str,
        actor: &Actor,
    ) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        replace_password(&mut transaction, account, password_hash).await?;
        let event = Event {
            actor,
            action: Action::PasswordChanged,
            subject: of_account(account),
            detail: None,
        };
        record(&mut transaction, &event).await?;
        transaction.commit().await
    }

    /// Removes sessions and codes whose time was up at `now_ms`, and accounts that nobody confirmed within a week: nobody could
    /// sign in to them, so they have nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove_expired_sessions(&self, now_ms: i64) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        for sql in [
            "DELETE FROM sessions WHERE expires_ms <= $1",
            "DELETE FROM mail_codes WHERE expires_ms <= $1",
        ] {
            sqlx::query(sql)
                .bind(now_ms)
                .execute(&mut *connection)
                .await?;
        }
        sqlx::query(
            "DELETE FROM accounts WHERE verified_ms IS NULL AND email IS NOT NULL AND created_ms < $1",
        )
        .bind(now_ms - KEEP_UNCONFIRMED_MS)
        .execute(&mut *connection)
        .await
        .map(drop)
    }
}

/// Replaces the password of an account; all its sessions end with it.
async fn replace_password(
    connection: &mut Connection,
    account: &AccountId,
    password_hash: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE accounts SET password_hash = $1 WHERE id = $2")
        .bind(password_hash)
        .bind(&account.0)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM sessions WHERE account_id = $1")
        .bind(&account.0)
        .execute(connection)
        .await
        .map(drop)
}
