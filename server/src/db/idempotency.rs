//! Table `idempotency`.

use sqlx::Row as _;

use crate::db::{Connection, Database, corrupt};
use crate::ids::JobId;

/// What makes a request that is sent again the same request.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// Who sends it, the present name first; a caller without an account has another name every day.
    pub owners: Vec<String>,
    /// A keyed hash of the `Idempotency-Key` header.
    pub key_hash: String,
    /// SHA-256 of the file and the parameters.
    pub body_sha256: String,
}

/// A request that was answered before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// The same one, with this job.
    Same(JobId),
    /// One with another body.
    Other,
}

impl Database {
    /// The request that was sent before with this key, since `since_ms`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn earlier_request(
        &self,
        key: &IdempotencyKey,
        since_ms: i64,
    ) -> Result<Option<Earlier>, sqlx::Error> {
        let mut connection = self.connection().await?;
        for owner in &key.owners {
            let row = sqlx::query(
                "SELECT body_sha256, job_uuid FROM idempotency \
                 WHERE owner = $1 AND key_hash = $2 AND created_ms >= $3",
            )
            .bind(owner)
            .bind(&key.key_hash)
            .bind(since_ms)
            .fetch_optional(&mut *connection)
            .await?;
            let Some(row) = row else { continue };
            if row.try_get::<String, _>("body_sha256")? != key.body_sha256 {
                return Ok(Some(Earlier::Other));
            }
            let uuid: String = row.try_get("job_uuid")?;
            let job = JobId::parse(&uuid).ok_or_else(|| corrupt("a job without a uuid"))?;
            return Ok(Some(Earlier::Same(job)));
        }
        Ok(None)
    }

    /// Forgets the requests before `before_ms`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_requests(&self, before_ms: i64) -> Result<(), sqlx::Error> {
        let mut connection = self.connection().await?;
        sqlx::query("DELETE FROM idempotency WHERE created_ms < $1")
            .bind(before_ms)
            .execute(&mut *connection)
            .await
            .map(drop)
    }
}

/// Remembers a request with its job; `false` when the same key is there already. One older than `since_ms` makes room.
pub(super) async fn remember(
    connection: &mut Connection,
    key: &IdempotencyKey,
    job: &JobId,
    now_ms: i64,
    since_ms: i64,
) -> Result<bool, sqlx::Error> {
    let Some(owner) = key.owners.first() else {
        return Ok(true);
    };
    sqlx::query("DELETE FROM idempotency WHERE owner = $1 AND key_hash = $2 AND created_ms < $3")
        .bind(owner)
        .bind(&key.key_hash)
        .bind(since_ms)
        .execute(&mut *connection)
        .await?;
    let n_changed = sqlx::query(
        "INSERT INTO idempotency (owner, key_hash, body_sha256, job_uuid, created_ms) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(owner)
    .bind(&key.key_hash)
    .bind(&key.body_sha256)
    .bind(job.as_str())
    .bind(now_ms)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(n_changed == 1)
}
