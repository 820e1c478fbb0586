//! Table `identities`: accounts of people who sign in at an OpenID Connect provider.

use serde::Serialize;
use serde_json::json;
use sqlx::Row as _;

use crate::audit::{Action, Actor, Event, RequestId, of_account};
use crate::clock::{now_ms, rfc3339};
use crate::db::accounts::{Account, insert};
use crate::db::audit::record;
use crate::db::{Connection, Database};
use crate::ids::AccountId;
use crate::metering::Plan;
use crate::oidc::Identity;

/// An identity as its owner sees it.
#[derive(Debug, Clone, Serialize)]
pub struct Linked {
    /// The provider.
    pub issuer: String,
    /// Its name of the person.
    pub subject: String,
    /// When it was bound to the account, RFC 3339.
    pub created_at: Option<String>,
}

impl Database {
    /// The account of somebody who signed in at a provider: the one it is bound to; the confirmed one with the verified address, which
    /// it is bound to then; otherwise a new one.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn account_of_identity(
        &self,
        identity: &Identity,
        request_id: &RequestId,
    ) -> Result<AccountId, sqlx::Error> {
        loop {
            let mut transaction = self.begin().await?;
            if let Some(account) = find(&mut transaction, identity).await? {
                transaction.rollback().await?;
                return Ok(account);
            }
            if let Some(account) = link(&mut transaction, identity, request_id).await? {
                transaction.commit().await?;
                return Ok(account);
            }
            // Somebody else was faster, at the same moment: the next look finds what they made.
            transaction.rollback().await?;
        }
    }

    /// The identities of an account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn identities_of(&self, account: &AccountId) -> Result<Vec<Linked>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT issuer, subject, created_ms FROM identities WHERE account_id = $1 ORDER BY created_ms",
        )
        .bind(&account.0)
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(|row| {
            Ok(Linked {
                issuer: row.try_get("issuer")?,
                subject: row.try_get("subject")?,
                created_at: rfc3339(row.try_get("created_ms")?),
            })
        })
        .collect()
    }
}

async fn find(
    connection: &mut Connection,
    identity: &Identity,
) -> Result<Option<AccountId>, sqlx::Error> {
    sqlx::query("SELECT account_id FROM identities WHERE issuer = $1 AND subject = $2")
        .bind(&identity.issuer)
        .bind(&identity.subject)
        .fetch_optional(connection)
        .await?
        .map(|row| row.try_get("account_id").map(AccountId))
        .transpose()
}

/// Binds an identity to an account; `None` when another request did at the same moment.
async fn link(
    connection: &mut Connection,
    identity: &Identity,
    request_id: &RequestId,
) -> Result<Option<AccountId>, sqlx::Error> {
    let email = identity.verified_email.as_deref();
    let row = sqlx::query("SELECT id, verified_ms FROM accounts WHERE email = $1")
        .bind(email)
        .fetch_optional(&mut *connection)
        .await?;
    let account = match row {
        Some(row) => {
            let account = AccountId(row.try_get("id")?);
            if row.try_get::<Option<i64>, _>("verified_ms")?.is_none() {
                take_over(connection, &account).await?;
            }
            account
        }
        None => {
            let mut new = Account::new(email.map(str::to_owned), Plan::Free)
                .map_err(|error| sqlx::Error::Io(error.into()))?;
            new.verified_ms = Some(now_ms());
            if !insert(connection, &new).await? {
                return Ok(None);
            }
            new.id
        }
    };
    let n_changed = sqlx::query(
        "INSERT INTO identities (issuer, subject, account_id, created_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
    )
    .bind(&identity.issuer)
    .bind(&identity.subject)
    .bind(&account.0)
    .bind(now_ms())
    .execute(&mut *connection)
    .await?
    .rows_affected();
    if n_changed == 0 {
        return Ok(None);
    }
    let event = Event {
        actor: &Actor::account(&account, request_id),
        action: Action::IdentityLinked,
        subject: of_account(&account),
        detail: Some(json!({"issuer": identity.issuer})),
    };
    record(connection, &event).await?;
    Ok(Some(account))
}

/// Makes an account that nobody confirmed its owner's: whoever signed up with the address may have been somebody else, so their password
/// and codes go. Nobody could sign in to it, so it has nothing.
async fn take_over(connection: &mut Connection, account: &AccountId) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE accounts SET password_hash = NULL, verified_ms = $1 WHERE id = $2")
        .bind(now_ms())
        .bind(&account.0)
        .execute(&mut *connection)
        .await?;
    for sql in [
        "DELETE FROM mail_codes WHERE account_id = $1",
        "DELETE FROM sessions WHERE account_id = $1",
    ] {
        sqlx::query(sql)
            .bind(&account.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
