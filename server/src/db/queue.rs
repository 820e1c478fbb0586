//! The queue on PostgreSQL: `graphile_worker`'s tables beside ours, in a schema of their own.
//!
//! The library says who reads which page when, and whose pages wait again because they died. What a page is, how far it has come
//! and what is charged for it stands in our tables alone; rows of both change in one transaction where a page comes to wait or is
//! cancelled. A row of the queue without a page that waits means nothing, and is removed when it is its turn.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use graphile_worker::errors::GraphileWorkerError;
use graphile_worker::sql::task_identifiers::TaskDetails;
use graphile_worker::sql::{
    complete_job, fail_job, get_job, return_jobs, task_identifiers, worker_heartbeat,
};
use graphile_worker::{Job, Schema, SweepStaleWorkersOptions, WorkerRecoveryConfig, WorkerUtils};
use serde::Deserialize;
use sqlx::{PgPool, Row as _};

use crate::db::{Connection, Database, corrupt};
use crate::hex;
use crate::ids::JobId;

/// The library's schema; the SQL below names it too.
const SCHEMA: &str = "graphile_worker";

/// What the library calls the kind of work; the SQL below names it too.
const TASK: &str = "read_page";

/// A page's row of the queue, as the library's functions want it. Older jobs first, and `turn` before that, see `pages::turn`.
const SPEC: &str = "ROW('read_page', json_build_object('job', pages.job_uuid, 'page', pages.page_index), NULL, \
     to_timestamp(pages.created_ms / 1000.0), NULL, pages.job_uuid || ':' || pages.page_index, \
     LEAST(pages.turn, 32767), NULL)::graphile_worker.job_spec";

/// Keeps two processes from adding the same missing rows: "ocr-page" in ASCII.
const MISSING_LOCK: i64 = 0x6f63_722d_7061_6765;

/// The queue as one process sees it.
pub struct PageQueue {
    utils: WorkerUtils,
    database: graphile_worker::Database,
    schema: Schema,
    tasks: TaskDetails,
    /// Names this process among those that read.
    reader: RwLock<Arc<str>>,
    lost_after: Duration,
}

/// How often a page's turn may come.
const MAX_TURNS: i64 = 10;

/// The turn of a page. It is this process's until it is ended, put back, or this process counts as lost.
#[derive(Debug)]
pub struct Turn {
    /// The page's job.
    pub job: JobId,
    /// Position in the document, from 0.
    pub index: u32,
    row: Job,
    /// Under which name it was taken.
    reader: Arc<str>,
}

impl Turn {
    /// Whether a turn that failed comes again. The library waits 2.7 s, 7.4 s, 20 s ... at most 6 hours: together some 9 hours.
    pub fn may_come_again(&self) -> bool {
        i64::from(*self.row.attempts()) < MAX_TURNS
    }
}

/// What the library keeps of a page.
#[derive(Deserialize)]
struct Payload {
    job: String,
    page: u32,
}

impl PageQueue {
    /// The queue for a process that counts as lost when it was not heard of for `lost_after`.
    pub(super) async fn open(pool: PgPool, lost_after: Duration) -> Result<Self, sqlx::Error> {
        let database = graphile_worker::Database::from(pool);
        let schema = Schema::new(SCHEMA);
        let tasks = vec![TASK.to_owned()];
        let tasks = task_identifiers::get_tasks_details(&database, &schema, tasks);
        Ok(Self {
            utils: WorkerUtils::new(database.clone(), schema.clone()),
            tasks: tasks.await.map_err(failed)?,
            database,
            schema,
            reader: RwLock::new(new_name()?),
            lost_after,
        })
    }

    /// Takes up the page whose turn it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&self) -> Result<Option<Turn>, sqlx::Error> {
        let (database, schema, reader) = (&self.database, &self.schema, self.reader());
        let row = get_job::get_job(database, &self.tasks, schema, &reader, &[], None).await;
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                // A turn may have been given and its message lost. Nobody has it then: under this name this process counts as lost
                // some time later, and goes on under another.
                let mut name = self.reader.write().unwrap_or_else(PoisonError::into_inner);
                if *name == reader {
                    *name = new_name()?;
                }
                return Err(failed(error));
            }
        };
        let Some(row) = row else {
            return Ok(None);
        };
        let payload = Payload::deserialize(row.payload());
        let payload = payload.map_err(|_| corrupt("a turn without a page"))?;
        Ok(Some(Turn {
            job: JobId::parse(&payload.job).ok_or_else(|| corrupt("a job without a uuid"))?,
            index: payload.page,
            row,
            reader,
        }))
    }

    /// The page has its answer, or needs none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end(&self, turn: &Turn) -> Result<(), sqlx::Error> {
        let (database, schema) = (&self.database, &self.schema);
        let ended = complete_job::complete_job(database, &turn.row, &turn.reader, schema);
        ended.await.map_err(failed)
    }

    /// The page was not read: it is the next one's turn, at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put_back(&self, turn: &Turn) -> Result<(), sqlx::Error> {
        let (database, schema) = (&self.database, &self.schema);
        let put_back = return_jobs::recovery::return_job_for_recovery(
            database,
            &turn.row,
            schema,
            &turn.reader,
            None,
            None,
        );
        put_back.await.map_err(failed)
    }

    /// Something failed that has nothing to do with the page: its turn comes again some seconds later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn try_later(&self, turn: &Turn) -> Result<(), sqlx::Error> {
        let (database, schema) = (&self.database, &self.schema);
        let message = "the page could not be stored";
        let later =
            fail_job::single::fail_job(database, &turn.row, schema, &turn.reader, message, None);
        later.await.map_err(failed)
    }

    /// How often [`PageQueue::sign_of_life`] is needed.
    pub fn sign_every(&self) -> Duration {
        self.lost_after / 5
    }

    /// Tells that this process lives, and gives the turns of those that do not back. Needed before the first turn.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_of_life(&self) -> Result<(), sqlx::Error> {
        let (database, schema, reader) = (&self.database, &self.schema, self.reader());
        let sign =
            worker_heartbeat::registration::worker_heartbeat(database, schema, &reader, None);
        sign.await.map_err(failed)?;
        let rules = WorkerRecoveryConfig::default()
            .sweep_threshold(self.lost_after)
            .recovery_delay(Duration::ZERO);
        let options = SweepStaleWorkersOptions::default();
        let swept = self.utils.sweep_stale_workers_with_config(&rules, options);
        swept.await.map(drop).map_err(failed)
    }

    /// Tells that this process takes no turn any more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn leave(&self) -> Result<(), sqlx::Error> {
        let (database, schema, reader) = (&self.database, &self.schema, self.reader());
        let left = worker_heartbeat::registration::worker_deregister(database, schema, &reader);
        left.await.map_err(failed)
    }

    fn reader(&self) -> Arc<str> {
        let reader = self.reader.read();
        Arc::clone(&reader.unwrap_or_else(PoisonError::into_inner))
    }
}

/// Brings the library's tables up to date.
pub(super) async fn migrate(pool: &PgPool) -> Result<(), sqlx::Error> {
    let utils = WorkerUtils::new(pool.clone(), Schema::new(SCHEMA));
    let migrated = utils.migrate().await;
    migrated.map_err(|error| sqlx::Error::Protocol(format!("the queue's tables: {error}")))
}

/// Has the pages of a new job wait.
pub(super) async fn add(connection: &mut Connection, job: &JobId) -> Result<(), sqlx::Error> {
    let sql = format!(
        "SELECT COUNT(*) AS n FROM graphile_worker.add_jobs(\
         (SELECT array_agg({SPEC}) FROM pages WHERE pages.job_uuid = $1))"
    );
    // Of constants alone.
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(job.as_str())
        .execute(connection)
        .await
        .map(drop)
}

/// Takes the pages of a job out of the queue; what is in work goes when it ends.
pub(super) async fn remove(connection: &mut Connection, job: &JobId) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT COUNT(graphile_worker.remove_job(job_uuid || ':' || page_index)) AS n FROM pages \
         WHERE job_uuid = $1 AND status IN ('pending', 'claimed')",
    )
    .bind(job.as_str())
    .execute(connection)
    .await
    .map(drop)
}

impl Database {
    /// The library's queue on PostgreSQL; `None` on SQLite, where the table of pages is the queue.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn page_queue(&self, lost_after: Duration) -> Result<Option<PageQueue>, sqlx::Error> {
        match &self.typed_pool {
            None => Ok(None),
            Some(pool) => PageQueue::open(pool.clone(), lost_after).await.map(Some),
        }
    }

    /// Has open pages wait that are not in the queue: those of a database from before there was one, and whatever an
    /// operator's hand removed. Does nothing on SQLite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add_missing_pages(&self) -> Result<(), sqlx::Error> {
        if self.typed_pool.is_none() {
            return Ok(());
        }
        let mut transaction = self.begin().await?;
        let row = sqlx::query("SELECT pg_try_advisory_xact_lock($1) AS is_ours")
            .bind(MISSING_LOCK)
            .fetch_one(&mut *transaction)
            .await?;
        if row.try_get("is_ours")? {
            let sql = format!(
                "SELECT COUNT(*) AS n FROM graphile_worker.add_jobs((SELECT array_agg({SPEC}) FROM pages \
                 WHERE pages.status IN ('pending', 'claimed') AND NOT EXISTS (SELECT 1 FROM graphile_worker.jobs AS queued \
                 WHERE queued.key = pages.job_uuid || ':' || pages.page_index)))"
            );
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }
}

/// A name that no process had before.
fn new_name() -> Result<Arc<str>, sqlx::Error> {
    let name = hex::random(8).map_err(|error| sqlx::Error::Io(error.into()))?;
    Ok(format!("ocr-chat-{name}").into())
}

fn failed(error: GraphileWorkerError) -> sqlx::Error {
    sqlx::Error::AnyDriverError(Box::new(error))
}
