//! The database. All SQL of the server is in this folder, one table a file, portable between SQLite and PostgreSQL.
//!
//! Transactions that touch a job and its pages change the job's row first: two of them can then never wait for each other.

pub mod jobs;

mod job_rows;

pub mod job_lists;

pub mod pages;

pub mod accounts;

pub mod tokens;

pub mod sessions;

pub mod metering;

pub mod ledger;

pub mod idempotency;

pub mod audit;

pub mod admin;

pub mod payments;

pub mod queue;

pub mod news;

mod agreements;

pub mod webhooks;

pub mod conversations;

pub mod identities;

mod check;

mod connect;

use std::path::Path;
use std::sync::Arc;

use ocr_chat_document::Page;
use sqlx::any::Any;
use sqlx::pool::PoolConnection;
use sqlx::{AnyConnection, AnyPool, PgPool, Transaction};

use crate::audit::{Action, Actor, Event, of_job};
use crate::clock::now_ms;
use crate::ids::JobId;

pub use connect::Engine;

/// How often a page may have been in work when the process died before it is given up.
pub const MAX_ATTEMPTS: i64 = 3;

/// A pool of connections.
#[derive(Clone)]
pub struct Database {
    pool: AnyPool,
    engine: Engine,
    address: Arc<str>,
    /// PostgreSQL, for the queue's library.
    typed_pool: Option<PgPool>,
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

/// What came of storing a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    /// Stored.
    Stored,
    /// Not stored: too many pages wait.
    QueueFull,
    /// Not stored: it does not fit what its caller may spend.
    Short(metering::Shortage),
    /// Not stored: a request with the same key is there already.
    Repeated,
}

impl Database {
    /// Opens the database, makes it when it is not there (SQLite), and brings its tables up to date.
    ///
    /// # Errors
    /// When it cannot be reached or used, or a migration fails.
    pub async fn open(url: Option<&str>, data_dir: &Path) -> Result<Self, sqlx::Error> {
        let address = connect::address(url, data_dir)?;
        let engine = Engine::of_url(&address)
            .ok_or_else(|| sqlx::Error::Configuration("unknown kind of database".into()))?;
        let pool = connect::pool(&address, engine).await?;
        connect::migrate(&pool).await?;
        let typed_pool = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(connect::typed_pool(&address)?),
        };
        if let Some(pool) = &typed_pool {
            queue::migrate(pool).await?;
        }
        Ok(Self {
            pool,
            engine,
            address: address.into(),
            typed_pool,
        })
    }

    /// What keeps the tables.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(drop)
    }

    /// Waits for running statements and closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(pool) = &self.typed_pool {
            pool.close().await;
        }
    }

    /// A connection for one statement or more.
    pub(crate) async fn connection(&self) -> Result<PoolConnection<Any>, sqlx::Error> {
        self.pool.acquire().await
    }

    /// A transaction that writes.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>, sqlx::Error> {
        self.pool.begin_with(self.engine.begin()).await
    }

    /// Stores a job and its pages and holds their price, unless more than `max_queued_pages` would wait then.
    ///
    /// A job is taken in any case while nothing waits: one larger than the whole queue could never be read otherwise.
    ///
    /// # Errors
    /// When the database fails; nothing is stored then.
    pub async fn insert_job(
        &self,
        job: &jobs::NewJob,
        max_queued_pages: u32,
    ) -> Result<Inserted, sqlx::Error> {
        let mut transaction = self.begin().await?;
        // The insert first: it takes SQLite's write lock, so that the count below cannot be outdated. On PostgreSQL jobs that
        // come at the same moment may go over the bound together, which does no harm.
        jobs::insert(&mut transaction, job).await?;
        let n_waiting = pages::count_waiting(&mut transaction).await?;
        if n_waiting > 0 && n_waiting + i64::from(job.page_count()) > i64::from(max_queued_pages) {
            transaction.rollback().await?;
            return Ok(Inserted::QueueFull);
        }
        if let Some((key, since_ms)) = &job.idempotency
            && !idempotency::remember(&mut transaction, key, &job.id, job.created_ms, *since_ms)
                .await?
        {
            transaction.rollback().await?;
            return Ok(Inserted::Repeated);
        }
        let holds = match &job.bill {
            None => Vec::new(),
            Some(bill) => {
                match metering::hold(&mut transaction, bill, &job.id, job.page_count()).await? {
                    Ok(holds) => holds,
                    Err(shortage) => {
                        transaction.rollback().await?;
                        return Ok(Inserted::Short(shortage));
                    }
                }
            }
        };
        pages::insert_all(&mut transaction, job, &holds).await?;
        if self.engine == Engine::Postgres {
            queue::add(&mut transaction, &job.id).await?;
        }
        transaction.commit().await?;
        Ok(Inserted::Stored)
    }

    /// Takes up the page whose turn it is by the table of pages: the queue on SQLite.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_page(&self) -> Result<Option<pages::ClaimedPage>, sqlx::Error> {
        // One transaction: each costs a write that reaches the disk. SQLite has one writer, so the order of the rows does not matter.
        let mut transaction = self.begin().await?;
        let Some(page) = pages::claim_next(&mut transaction).await? else {
            transaction.rollback().await?;
            return Ok(None);
        };
        jobs::mark_processing(&mut transaction, &page.job).await?;
        transaction.commit().await?;
        Ok(Some(page))
    }

    /// Takes up the page whose turn it is by the library's queue. It may be in work elsewhere, in a process that was lost: that one's
    /// answer counts if it comes first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim_turn(&self, turn: &queue::Turn) -> Result<pages::Claim, sqlx::Error> {
        let mut transaction = self.begin().await?;
        jobs::mark_processing(&mut transaction, &turn.job).await?;
        let claim = pages::claim(&mut transaction, &turn.job, turn.index, MAX_ATTEMPTS).await?;
        if let pages::Claim::Ours(page) = &claim {
            let news = news::Told::Page(page.job.clone());
            self.tell(&mut transaction, &news).await?;
        }
        transaction.commit().await?;
        Ok(claim)
    }

    /// Stores the answer of a claimed page, charges `price` for it or gives back what was held, and ends its job when it was
    /// the last, in one transaction.
    ///
    /// A page is stored only while it is claimed, so never twice, and so it is charged once.
    ///
    /// # Errors
    /// When the database fails; nothing is stored then.
    pub async fn store_page(
        &self,
        job: &JobId,
        page: &Page,
        price: i64,
    ) -> Result<Stored, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let is_failed = !metering::is_read(page);
        let Some(counted) = jobs::count_page(&mut transaction, job, is_failed).await? else {
            transaction.rollback().await?;
            return Ok(Stored::NotOurs);
        };
        let Some(held) = pages::store(&mut transaction, job, page).await? else {
            transaction.rollback().await?;
            return Ok(Stored::NotOurs);
        };
        if let Some(payer) = &counted.payer {
            let payment = payer.payment(job, Some(page.index));
            let charged = metering::charge(&mut transaction, &payment, held, price).await?;
            jobs::add_charge(&mut transaction, job, charged).await?;
        }
        let is_last = counted.done + counted.failed >= counted.total;
        if is_last {
            // Only a job without a single page that could be read has failed; the last reason stands for all.
            let error = (counted.done == 0).then(|| {
                let reason = page
                    .warnings
                    .first()
                    .map_or("", |warning| warning.message.as_str());
                format!("No page of the document could be read: {reason}")
            });
            let expires_ms = now_ms().saturating_add(counted.retention_ms);
            jobs::end(&mut transaction, job, error.as_deref(), expires_ms).await?;
            let status = if error.is_some() { "failed" } else { "done" };
            webhooks::enqueue(&mut transaction, job, status).await?;
        }
        let news = if is_last {
            news::Told::Ended(job.clone())
        } else {
            news::Told::Page(job.clone())
        };
        self.tell(&mut transaction, &news).await?;
        transaction.commit().await?;
        Ok(if is_last {
            Stored::LastPage
        } else {
            Stored::Page
        })
    }

    /// Removes a job's content, gives back what is held for pages that were not read, and leaves a tombstone; `false` when there
    /// was no content. What an admin removes is written down.
    ///
    /// # Errors
    /// When the database fails; nothing is changed then.
    pub async fn bury_job(
        &self,
        job: &JobId,
        tombstone: jobs::Tombstone,
        admin: Option<&Actor>,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        let buried = jobs::bury(&mut transaction, job, tombstone, now_ms()).await?;
        let Some(payer) = buried else {
            transaction.rollback().await?;
            return Ok(false);
        };
        if let Some(actor) = admin {
            let event = Event {
                actor,
                action: Action::JobDeleted,
                subject: of_job(job),
                detail: None,
            };
            audit::record(&mut transaction, &event).await?;
        }
        if self.engine == Engine::Postgres {
            queue::remove(&mut transaction, job).await?;
        }
        let held = pages::delete_of_job(&mut transaction, job).await?;
        conversations::delete_of_job(&mut transaction, job).await?;
        if let Some(payer) = payer {
            metering::give_back(&mut transaction, &payer.payment(job, None), held).await?;
        }
        self.tell(&mut transaction, &news::Told::Gone(job.clone()))
            .await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// After a crash on SQLite: pages that were in work wait again. Those in work for the [`MAX_ATTEMPTS`]th time are returned
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
pub(crate) type Connection = AnyConnection;

/// A row of any table.
pub(crate) type Row = sqlx::any::AnyRow;

/// An error for a value in the database that is not what this version writes.
pub(crate) fn corrupt(what: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(format!("the database holds {what}").into())
}
