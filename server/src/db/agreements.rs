//! Table `agreements`: what all processes on a database have in common.

use sqlx::Row as _;

use crate::db::Database;

impl Database {
    /// What was agreed on under `name`: `value` when nobody was before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agree(&self, name: &str, value: &str) -> Result<String, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("INSERT INTO agreements (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name)
            .bind(value)
            .execute(&mut *connection)
            .await?;
        sqlx::query("SELECT value FROM agreements WHERE name = $1")
            .bind(name)
            .fetch_one(&mut *connection)
            .await?
            .try_get("value")
    }

    /// What was agreed on under `name`; `None` when nobody was asked before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agreement(&self, name: &str) -> Result<Option<String>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let row = sqlx::query("SELECT value FROM agreements WHERE name = $1")
            .bind(name)
            .fetch_optional(&mut *connection)
            .await?;
        row.map(|row| row.try_get("value")).transpose()
    }

    /// Changes what was agreed on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn change_agreement(&self, name: &str, value: &str) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("UPDATE agreements SET value = $2 WHERE name = $1")
            .bind(name)
            .bind(value)
            .execute(&mut *connection)
            .await
            .map(drop)
    }
}
