//! Table `tokens`.

use sqlx::Row;

use crate::clock::now_ms;
use crate::db::Database;
use crate::hex;
use crate::ids::TokenId;

impl Database {
    /// The id of the token whose hash is `token_sha256`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find_token(&self, token_sha256: &str) -> Result<Option<TokenId>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT id FROM tokens WHERE token_sha256 = $1")
            .bind(token_sha256)
            .fetch_optional(&mut *connection)
            .await?
            .map(|row| row.try_get("id").map(TokenId))
            .transpose()
    }

    /// Whether any token was made yet.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_tokens(&self) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection().await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM tokens")
            .fetch_one(&mut *connection)
            .await?;
        Ok(row.try_get::<i64, _>("n")? > 0)
    }

    /// Stores the hash of a new token.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn insert_token(&self, token_sha256: &str) -> Result<TokenId, sqlx::Error> {
        let id = hex::random(8).map_err(|error| sqlx::Error::Io(error.into()))?;
        let mut connection = self.connection().await?;
        sqlx::query("INSERT INTO tokens (id, token_sha256, created_ms) VALUES ($1, $2, $3)")
            .bind(&id)
            .bind(token_sha256)
            .bind(now_ms())
            .execute(&mut *connection)
            .await?;
        Ok(TokenId(id))
    }
}
