//! Table `api_tokens`.

use serde_json::json;
use sqlx::Row as _;

use crate::audit::{Action, Actor, Event, of_account};
use crate::clock::now_ms;
use crate::db::audit::record;
use crate::db::{Database, Row};
use crate::hex;
use crate::ids::{AccountId, TokenId};

/// How often the last use of a token is written down, in milliseconds.
const LAST_USED_EVERY_MS: i64 = 60_000;

/// A token to be stored.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its id; what is sealed is bound to it.
    pub id: TokenId,
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// What it is found by: its hash under the server key.
    pub lookup: String,
    /// The token, encrypted.
    pub sealed: String,
    /// Credits that may be spent with it.
    pub spending_cap: Option<i64>,
}

/// A token as it is stored.
#[derive(Debug, Clone)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose it is.
    pub account: AccountId,
    /// What its owner calls it.
    pub name: String,
    /// The token, encrypted; `None` where only its hash is kept.
    pub sealed: Option<String>,
    /// When it was made, unix milliseconds.
    pub created_ms: i64,
    /// When it was used last, to the minute.
    pub last_used_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
    /// Credits that may be spent with it.
    pub spending_cap: Option<i64>,
    /// Credits held or charged for it.
    pub spent: i64,
}

/// A new id of a token.
///
/// # Errors
/// When the operating system has no random numbers.
pub fn new_id() -> Result<TokenId, getrandom::Error> {
    hex::random(8).map(TokenId)
}

impl Database {
    /// The token that is found by `lookup`, revoked ones left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_token(&self, lookup: &str) -> Result<Option<Token>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT * FROM api_tokens WHERE lookup = $1 AND revoked_ms IS NULL")
            .bind(lookup)
            .fetch_optional(&mut *connection)
            .await?
            .map(|row| token(&row))
            .transpose()
    }

    /// The tokens of an account that were not revoked, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tokens_of(&self, account: &AccountId) -> Result<Vec<Token>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query(
            "SELECT * FROM api_tokens WHERE account_id = $1 AND revoked_ms IS NULL ORDER BY created_ms, id",
        )
        .bind(&account.0)
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(token)
        .collect()
    }

    /// Whether an account has or had a token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ever_had_token(&self, account: &AccountId) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection().await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM api_tokens WHERE account_id = $1")
            .bind(&account.0)
            .fetch_one(&mut *connection)
            .await?;
        Ok(row.try_get::<i64, _>("n")? > 0)
    }

    /// Stores a new token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_token(&self, new: &NewToken, actor: &Actor) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        sqlx::query(
            "INSERT INTO api_tokens (id, account_id, name, lookup, sealed, created_ms, last_used_ms, revoked_ms, \
             spending_cap, spent) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, $7, 0)",
        )
        .bind(&new.id.0)
        .bind(&new.account.0)
        .bind(&new.name)
        .bind(&new.lookup)
        .bind(&new.sealed)
        .bind(now_ms())
        .bind(new.spending_cap)
        .execute(&mut *transaction)
        .await?;
        let event = Event {
            actor,
            action: Action::TokenMade,
            subject: of_account(&new.account),
            detail: Some(json!({"token": new.id.0, "spending_cap": new.spending_cap})),
        };
        record(&mut transaction, &event).await?;
        transaction.commit().await
    }

    /// Replaces what a token is found by and its encrypted form: after the server key changed, or for a token of which only the
    /// hash was kept.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reseal_token(
        &self,
        id: &TokenId,
        lookup: &str,
        sealed: &str,
    ) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("UPDATE api_tokens SET lookup = $1, sealed = $2 WHERE id = $3")
            .bind(lookup)
            .bind(sealed)
            .bind(&id.0)
            .execute(&mut *connection)
            .await
            .map(drop)
    }

    /// Writes down that a token is used, once a minute at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn touch_token(&self, token: &Token) -> Result<(), sqlx::Error> {
        let now_ms = now_ms();
        let is_fresh = |last_ms: i64| now_ms - last_ms < LAST_USED_EVERY_MS;
        if token.last_used_ms.is_some_and(is_fresh) {
            return Ok(());
        }
        let mut connection = self.connection().await?;
        sqlx::query("UPDATE api_tokens SET last_used_ms = $1 WHERE id = $2")
            .bind(now_ms)
            .bind(&token.id.0)
            .execute(&mut *connection)
            .await
            .map(drop)
    }

    /// Revokes a token of an account; `false` when it has none of this id. Its encrypted form goes; its hash stays, so that it
    /// can never be given out again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revoke_token(
        &self,
        account: &AccountId,
        id: &TokenId,
        actor: &Actor,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let n_changed = sqlx::query(
            "UPDATE api_tokens SET revoked_ms = $1, sealed = NULL \
             WHERE id = $2 AND account_id = $3 AND revoked_ms IS NULL",
        )
        .bind(now_ms())
        .bind(&id.0)
        .bind(&account.0)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if n_changed == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        let event = Event {
            actor,
            action: Action::TokenRevoked,
            subject: of_account(account),
            detail: Some(json!({"token": id.0})),
        };
        record(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(true)
    }
}

fn token(row: &Row) -> Result<Token, sqlx::Error> {
    Ok(Token {
        id: TokenId(row.try_get("id")?),
        account: AccountId(row.try_get("account_id")?),
        name: row.try_get("name")?,
        sealed: row.try_get("sealed")?,
        created_ms: row.try_get("created_ms")?,
        last_used_ms: row.try_get("last_used_ms")?,
        revoked_ms: row.try_get("revoked_ms")?,
        spending_cap: row.try_get("spending_cap")?,
        spent: row.try_get("spent")?,
    })
}
