//! The database. All SQL of the server is in this folder, one table a file, portable between SQLite and PostgreSQL.
//!
//! Transactions that touch a job and its pages change the job's row first: two of them can then never wait for each other.

pub mod jobs;

pub mod pages;

pub mod tokens;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use ocr_chat_document::{Page, PageStatus};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{SqlSafeStr, SqliteConnection};

use crate::clock::now_ms;
use crate::ids::JobId;

/// How often a page may have been in work when the process died before it is given up.
pub const MAX_ATTEMPTS: i64 = 3;

/// A pool of connections.
#[derive(Clone)]
pub struct Database {
    pool: SqlitePool,
}

/// What came of storing a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// Stored; other pages of the job are open.
    Page,
    /// Stored, and the job has ended with it.
    LastPage,
    /// Not stored: the job is gone, or the page already had its answer.
    NotOurs,
}

impl Database {
    /// Opens the database, makes it when it is not there, and brings its tables up to date.
    ///
    /// # Errors
    /// When the file cannot be used or a migration fails.
    pub async fn open(url: Option<&str>, data_dir: &Path) -> Result<Self, sqlx::Error> {
        let options = match url {
            Some(url) => SqliteConnectOptions::from_str(url)?,
            None => SqliteConnectOptions::new().filename(data_dir.join("ocr-chat.sqlite")),
        };
        let options = options
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A page that was answered for is on the disk.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10))
            .foreign_keys(true)
            // Deleted results are overwritten, not only unlinked.
            .pragma("secure_delete", "ON");
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await?;
        let database = Self { pool };
        database.migrate().await?;
        Ok(database)
    }

    async fn migrate(&self) -> Result<(), sqlx::Error> {
        let migrations = [
            (1, "jobs", include_str!("../../migrations/0001_jobs.sql")),
            (
                2,
                "text layers",
                include_str!("../../migrations/0002_text_layers.sql"),
            ),
        ]
        .into_iter()
        .map(|(version, name, sql)| {
            Migration::new(
                version,
                name.into(),
                MigrationType::Simple,
                sql.into_sql_str(),
                false,
            )
        })
        .collect();
        Migrator::with_migrations(migrations)
            .run(&self.pool)
            .await
            .map_err(|error| sqlx::Error::Migrate(Box::new(error)))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(drop)
    }

    /// Waits for running statements and closes the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A connection for one statement or more.
    pub(crate) async fn connection(
        &self,
    ) -> Result<sqlx::pool::PoolConnection<sqlx::Sqlite>, sqlx::Error> {
        self.pool.acquire().await
    }

    /// Stores a job and its pages, unless more than `max_queued_pages` would wait then; `false` when so.
    ///
    /// A job is taken in any case while nothing waits: one larger than the whole queue could never be read otherwise.
    ///
    /// # Errors
    /// When the database fails; nothing is stored then.
    pub async fn insert_job(
        &self,
        job: &jobs::NewJob,
        max_queued_pages: u32,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        // The insert first: it takes the write lock, so that the count below cannot be outdated.
        jobs::insert(&mut transaction, job).await?;
        let n_waiting = pages::count_waiting(&mut transaction).await?;
        if n_waiting > 0 && n_waiting + i64::from(job.page_count) > i64::from(max_queued_pages) {
            transaction.rollback().await?;
            return Ok(false);
        }
        pages::insert_all(&mut transaction, job).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Takes up the page whose turn it is.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_page(&self) -> Result<Option<pages::ClaimedPage>, sqlx::Error> {
        let mut connection = self.connection().await?;
        let Some(page) = pages::claim_next(&mut connection).await? else {
            return Ok(None);
        };
        jobs::mark_processing(&mut connection, &page.job).await?;
        Ok(Some(page))
    }

    /// Stores the answer of a claimed page and ends its job when it was the last, in one transaction.
    ///
    /// A page is stored only while it is claimed, so never twice.
    ///
    /// # Errors
    /// When the database fails; nothing is stored then.
    pub async fn store_page(
        &self,
        job: &JobId,
        page: &Page,
        retention: Duration,
    ) -> Result<Stored, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let is_failed = page.status == PageStatus::Failed;
        let Some(counts) = jobs::count_page(&mut transaction, job, is_failed).await? else {
            transaction.rollback().await?;
            return Ok(Stored::NotOurs);
        };
        if !pages::store(&mut transaction, job, page).await? {
            transaction.rollback().await?;
            return Ok(Stored::NotOurs);
        }
        let is_last = counts.done + counts.failed >= counts.total;
        if is_last {
            let retention_ms = i64::try_from(retention.as_millis()).unwrap_or(i64::MAX / 2);
            // Only a job without a single page that could be read has failed; the last reason stands for all.
            let error = (counts.done == 0).then(|| {
                let reason = page
                    .warnings
                    .first()
                    .map_or("", |warning| warning.message.as_str());
                format!("No page of the document could be read: {reason}")
            });
            jobs::end(
                &mut transaction,
                job,
                error.as_deref(),
                now_ms() + retention_ms,
            )
            .await?;
        }
        transaction.commit().await?;
        Ok(if is_last {
            Stored::LastPage
        } else {
            Stored::Page
        })
    }

    /// Removes a job's content and leaves a tombstone; `false` when there was no content.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn bury_job(
        &self,
        job: &JobId,
        tombstone: jobs::Tombstone,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let is_buried = jobs::bury(&mut transaction, job, tombstone, now_ms()).await?;
        if is_buried {
            pages::delete_of_job(&mut transaction, job).await?;
        }
        transaction.commit().await?;
        Ok(is_buried)
    }

    /// After a crash: pages that were in work wait again. Those in work for the [`MAX_ATTEMPTS`]th time are returned
    /// instead and stay claimed, to be stored as failed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn recover_pages(&self) -> Result<Vec<pages::ClaimedPage>, sqlx::Error> {
        let mut connection = self.connection().await?;
        pages::recover(&mut connection, MAX_ATTEMPTS).await
    }
}

/// A connection inside or outside a transaction.
pub(crate) type Connection = SqliteConnection;

/// An error for a value in the database that is not what this version writes.
pub(crate) fn corrupt(what: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("the database holds {what}").into())
}
