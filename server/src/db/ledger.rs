//! Table `ledger`, as it is read: by its owner, by day, and when it is forgotten.

use serde::Serialize;
use sqlx::Row as _;

use crate::clock::rfc3339;
use crate::db::Database;
use crate::db::metering::owner_of;
use crate::ids::AccountId;

/// A row of the ledger, as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerRow {
    /// RFC 3339.
    pub at: Option<String>,
    /// `grant`, `purchase`, `refund`, `reserve`, `charge` or `give_back`.
    pub kind: String,
    /// `credits`, or `allowance:` and its period.
    pub source: String,
    /// Added to the balance.
    pub amount: i64,
    /// Added to what is held.
    pub held: i64,
    /// The job it was for.
    pub job: Option<String>,
    /// The page it was for, from 0.
    pub page: Option<i64>,
    /// What the operator noted.
    pub note: Option<String>,
}

/// What was charged on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DayUsage {
    /// Pages.
    pub pages: i64,
    /// Credits of the allowance.
    pub allowance: i64,
    /// Bought or granted credits.
    pub credits: i64,
}

impl Database {
    /// The ledger of an account, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ledger_of(&self, account: &AccountId) -> Result<Vec<LedgerRow>, sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("SELECT * FROM ledger WHERE owner = $1 ORDER BY id")
            .bind(owner_of(account))
            .fetch_all(&mut *connection)
            .await?
            .iter()
            .map(|row| {
                Ok(LedgerRow {
                    at: rfc3339(row.try_get("created_ms")?),
                    kind: row.try_get("kind")?,
                    source: row.try_get("source")?,
                    amount: row.try_get("amount")?,
                    held: row.try_get("held")?,
                    job: row.try_get("job_uuid")?,
                    page: row.try_get("page_index")?,
                    note: row.try_get("note")?,
                })
            })
            .collect()
    }

    /// What an account was charged on each day of UTC from `first_day` to `last_day` (counted from 1970) on which it was charged.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn usage_by_day(
        &self,
        account: &AccountId,
        first_day: i64,
        last_day: i64,
    ) -> Result<Vec<(i64, DayUsage)>, sqlx::Error> {
        let mut connection = self.connection().await?;
        // A page may be charged to both sources: it is one page.
        sqlx::query(
            "SELECT created_ms / 86400000 AS day, COUNT(DISTINCT job_uuid || ':' || page_index) AS pages, \
             CAST(-SUM(CASE WHEN source = 'credits' THEN 0 ELSE held END) AS BIGINT) AS allowance, \
             CAST(-SUM(CASE WHEN source = 'credits' THEN held ELSE 0 END) AS BIGINT) AS credits \
             FROM ledger WHERE owner = $1 AND kind = 'charge' AND created_ms >= $2 AND created_ms < $3 \
             GROUP BY created_ms / 86400000 ORDER BY 1",
        )
        .bind(owner_of(account))
        .bind(first_day.saturating_mul(86_400_000))
        .bind(last_day.saturating_add(1).saturating_mul(86_400_000))
        .fetch_all(&mut *connection)
        .await?
        .iter()
        .map(|row| {
            let usage = DayUsage {
                pages: row.try_get("pages")?,
                allowance: row.try_get("allowance")?,
                credits: row.try_get("credits")?,
            };
            Ok((row.try_get("day")?, usage))
        })
        .collect()
    }

    /// Forgets what callers without an account used in periods other than `current`, once nothing is held of it. Their rows carry
    /// a hash of an IP address, which is kept for the allowance only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_anonymous_usage(&self, current: &[String]) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        let rows = sqlx::query(
            "SELECT owner, source FROM balances WHERE owner LIKE 'anonymous:%' AND held = 0",
        )
        .fetch_all(&mut *transaction)
        .await?;
        for row in rows {
            let (owner, source): (String, String) = (row.try_get("owner")?, row.try_get("source")?);
            if current.contains(&source) {
                continue;
            }
            let n_deleted =
                sqlx::query("DELETE FROM balances WHERE owner = $1 AND source = $2 AND held = 0")
                    .bind(&owner)
                    .bind(&source)
                    .execute(&mut *transaction)
                    .await?
                    .rows_affected();
            if n_deleted == 1 {
                for sql in [
                    "DELETE FROM ledger WHERE owner = $1 AND source = $2",
                    "UPDATE jobs SET owner = NULL, allowance_source = NULL WHERE owner = $1 AND allowance_source = $2",
                ] {
                    sqlx::query(sql)
                        .bind(&owner)
                        .bind(&source)
                        .execute(&mut *transaction)
                        .await?;
                }
            }
        }
        transaction.commit().await
    }
}
