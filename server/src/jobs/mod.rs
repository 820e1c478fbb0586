//! Jobs: accepted, read page by page, answered, swept.
//!
//! The database holds the truth. What is here in memory (open documents, flags of pages in work, waiting requests) can be
//! lost at any moment; a restart makes it anew.

pub mod submit;

pub mod payment;

mod worker;

mod after;

mod formulas;

pub mod translate;

mod queue;

mod changes;

pub mod progress;

mod sources;

mod sweeper;

pub mod answer;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use ocr_chat_document::{JobStatus, Page};
use ocr_chat_vision::Place;
use ocr_chat_vision::provider::Provider;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinSet;

use crate::audit::Actor;
use crate::blob::BlobStore;
use crate::chat::Library;
use crate::config::Config;
use crate::cpu_pool::CpuPool;
use crate::db::jobs::{JobState, Tombstone};
use crate::db::pages::ClaimedPage;
use crate::db::queue::PageQueue;
use crate::db::{Database, Stored};
use crate::error::ApiError;
use crate::formulas::LocalFormulas;
use crate::ids::JobId;
use crate::metering::{Reading, price_charged};
use crate::reader::PageReader;
use crate::secret::SecretKeys;
use crate::tools::Available;
use crate::translation::Translators;
use changes::Changes;
use sources::Sources;

/// Tasks that may wait in front of the CPU pool. Callers are bounded before it, so this is never reached in practice.
const MAX_WAITING_TASKS: usize = 256;

/// Uploads received or opened at the same time; a further one is refused with 503.
const MAX_UPLOADS: usize = 64;

/// Files whose bytes are in memory to be opened at the same time (a file may have 100 MB).
const MAX_OPENING: usize = 2;

/// Pages that wait for a model at a time. Each holds its text, some 100 kB; beyond, reading waits until one has its answer.
const MAX_WAITING_FOR_MODELS: usize = 1_000;

/// How long a stop waits for pages in work to be put back. They were told to stop before connections were waited for.
const STOP_LIMIT: Duration = Duration::from_secs(3);

/// How long to wait to be told of something before looking into the database anyway.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Everything that happens to jobs.
pub struct Jobs {
    config: Arc<Config>,
    db: Database,
    blobs: Arc<dyn BlobStore>,
    reader: Arc<dyn PageReader>,
    secrets: SecretKeys,
    /// The model of the `vlm` tier.
    vision: Option<Arc<Provider>>,
    /// The operator's own network that writes formulas.
    formulas: Option<Arc<LocalFormulas>>,
    /// What translates.
    pub(crate) translators: Translators,
    /// Pages that wait for a server behind their reading.
    waiting_for_models: Arc<Semaphore>,
    cpu: CpuPool,
    sources: Sources,
    library: Library,
    uploads: Arc<Semaphore>,
    opening: Semaphore,
    /// The library's queue on PostgreSQL, once the jobs were started.
    queue: OnceLock<PageQueue>,
    /// Rung when there may be a page to read.
    work: Notify,
    /// For requests that wait for news of a job.
    changes: Changes,
    /// Counts up when there may be a webhook to send.
    messages: watch::Sender<u64>,
    /// `true` once the server stops.
    stopping: watch::Sender<bool>,
    /// The stop flags of pages in work.
    in_work: Mutex<HashMap<JobId, Vec<Arc<AtomicBool>>>>,
}

/// The tasks behind [`Jobs`]. Dropped without [`Workers::stop`] they end at once, as in a crash.
pub struct Workers {
    jobs: Arc<Jobs>,
    readers: JoinSet<()>,
    /// They end with this.
    _tasks: JoinSet<()>,
}

impl Jobs {
    /// Jobs on `db` and `blobs`, read by `reader`.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new(
        config: Arc<Config>,
        db: Database,
        blobs: Arc<dyn BlobStore>,
        reader: Arc<dyn PageReader>,
        secrets: SecretKeys,
    ) -> std::io::Result<Arc<Self>> {
        let vision = match &config.vision {
            Some(settings) => {
                let provider = settings.provider().map_err(std::io::Error::other)?;
                Some(Arc::new(provider))
            }
            None => None,
        };
        let translators = Translators::new(&config.translation).map_err(std::io::Error::other)?;
        let formulas = match &config.formula_model {
            Some(folder) => {
                let formulas = LocalFormulas::load(folder).map_err(std::io::Error::other)?;
                Some(Arc::new(formulas))
            }
            None => None,
        };
        // One thread more than pages in work, so that a file can be opened (or refused) while pages are read.
        let cpu = CpuPool::new(config.pages_in_parallel + 1, MAX_WAITING_TASKS)?;
        Ok(Arc::new(Self {
            config,
            db,
            blobs,
            reader,
            secrets,
            vision,
            formulas,
            translators,
            waiting_for_models: Arc::new(Semaphore::new(MAX_WAITING_FOR_MODELS)),
            cpu,
            sources: Sources::default(),
            library: Library::default(),
            uploads: Arc::new(Semaphore::new(MAX_UPLOADS)),
            opening: Semaphore::new(MAX_OPENING),
            queue: OnceLock::new(),
            work: Notify::new(),
            changes: Changes::default(),
            messages: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
            in_work: Mutex::default(),
        }))
    }

    /// Takes up what a former process left, then starts to read and to sweep.
    ///
    /// # Errors
    /// When the database or the store fails.
    pub async fn start(self: &Arc<Self>) -> Result<Workers, StartError> {
        self.translators.look().await;
        let queue = self.db.page_queue(self.config.lost_after).await?;
        let mut tasks = JoinSet::new();
        if let Some(queue) = queue {
            // Before the first page: who takes one and is not known counts as lost.
            queue.sign_of_life().await?;
            // There was none before: jobs are started once.
            let _ = self.queue.set(queue);
            tasks.spawn(queue::live(Arc::clone(self)));
        } else {
            self.recover().await?;
        }
        if let Some(listener) = self.db.listen().await? {
            tasks.spawn(queue::listen(Arc::clone(self), listener));
        }
        let mut readers = JoinSet::new();
        for _ in 0..self.config.pages_in_parallel {
            readers.spawn(worker::run(Arc::clone(self)));
        }
        tasks.spawn(sweeper::run(Arc::clone(self)));
        Ok(Workers {
            jobs: Arc::clone(self),
            readers,
            _tasks: tasks,
        })
    }

    /// What the last process on a folder and SQLite left. There is no other one.
    async fn recover(&self) -> Result<(), StartError> {
        for page in self.db.recover_pages().await? {
            self.give_up(&page).await?;
        }
        let open_jobs = self.db.open_jobs().await?;
        self.remove_uploads_without_job(i64::MAX).await?;
        if !open_jobs.is_empty() {
            tracing::info!(
                n_jobs = open_jobs.len(),
                "going on with the jobs of the last run"
            );
        }
        Ok(())
    }

    /// Removes uploads from before `before_ms` that no job has, and what unfinished ones left behind.
    async fn remove_uploads_without_job(&self, before_ms: i64) -> Result<(), StartError> {
        // The uploads first: the job of one that is made in between is among the jobs.
        let uploads = self.blobs.recover(before_ms).await?;
        let kept_jobs = self.db.kept_jobs().await?;
        for id in uploads {
            if !kept_jobs.contains(&id) {
                self.blobs.delete(&id).await?;
            }
        }
        Ok(())
    }

    /// Stores the answer of a page and, when its job ends with it, lets the upload go and tells who waits.
    async fn store_page(&self, claimed: &ClaimedPage, page: &Page) -> Result<(), sqlx::Error> {
        let mut price = price_charged(&self.config.prices, Reading::from(page));
        if page.blocks.iter().any(|block| block.translation.is_some()) {
            price += self.config.prices.translation;
        }
        let stored = self.db.store_page(&claimed.job, page, price).await?;
        if stored == Stored::LastPage {
            tracing::info!(job = claimed.job.short(), "job ended");
            // The file stays as the source of searchable PDFs and pictures until the result goes; nothing is read in a job that failed.
            if self.has_failed(&claimed.job).await {
                self.remove_source(&claimed.job).await;
            }
            self.let_go(&claimed.job);
        } else {
            self.changes.page(&claimed.job);
        }
        Ok(())
    }

    async fn has_failed(&self, id: &JobId) -> bool {
        let job = self.db.job(id).await;
        job.is_ok_and(|job| job.is_some_and(|job| job.state == JobState::Kept(JobStatus::Failed)))
    }

    /// Lets go of what only an open job needs.
    fn let_go(&self, id: &JobId) {
        if let Some(provider) = &self.vision {
            provider.forget(id.as_str());
        }
        self.sources.remove(id);
        self.changes.ended(id);
        self.wake_webhooks();
    }

    /// The model of the `vlm` tier, where one is configured.
    pub fn vision(&self) -> Option<&Provider> {
        self.vision.as_deref()
    }

    /// The names of providers elsewhere that read and translate.
    pub fn external_providers(&self) -> impl Iterator<Item = &str> {
        let reads = self
            .vision()
            .filter(|provider| provider.place() == Place::External);
        reads
            .map(Provider::name)
            .into_iter()
            .chain(self.translators.external())
    }

    /// What tools may need and find here.
    pub fn available(&self) -> Available {
        Available {
            translator: self.has_translator(),
            formulas: self.vision.is_some() || self.formulas.is_some(),
        }
    }

    /// Whether anything translates.
    pub fn has_translator(&self) -> bool {
        self.translators.are_there()
    }

    /// The languages that documents can be translated into: tags and English names.
    pub fn translation_targets(&self) -> Vec<(String, String)> {
        self.translators.targets()
    }

    /// Deletes the file that a job was made of.
    async fn remove_source(&self, id: &JobId) {
        if let Err(error) = self.blobs.delete(id).await {
            // The next start removes it: no kept job claims it.
            tracing::error!(job = id.short(), %error, "an upload could not be deleted");
        }
    }

    /// The documents of finished jobs that are kept ready for questions.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// The file that a job was made of; `None` where it is not kept any more.
    pub async fn source(&self, id: &JobId) -> Option<Vec<u8>> {
        self.blobs.read(id).await.ok()
    }

    /// Cancels a job where it runs, removes its content and leaves a tombstone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete(&self, id: &JobId) -> Result<(), ApiError> {
        self.delete_by(id, None).await
    }

    /// [`Jobs::delete`], written down where an admin does it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_by(&self, id: &JobId, admin: Option<&Actor>) -> Result<(), ApiError> {
        if self.db.bury_job(id, Tombstone::Deleted, admin).await? {
            self.drop_job(id);
            self.remove_source(id).await;
        }
        Ok(())
    }

    /// Waits until a job has ended, but no longer than `limit`, nor when the server stops.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn wait(&self, id: &JobId, limit: Duration) -> Result<(), ApiError> {
        let deadline = tokio::time::Instant::now() + limit;
        // Before the look into the database: an end in between wakes the wait below.
        let mut watch = self.changes.watch(id);
        let mut stopping = self.stopping.subscribe();
        loop {
            let is_open = self.db.job(id).await?.is_some_and(|job| match job.state {
                JobState::Kept(status) => !status.is_finished(),
                JobState::Buried(_) => false,
            });
            if !is_open {
                return Ok(());
            }
            tokio::select! {
                () = watch.ended() => return Ok(()),
                () = tokio::time::sleep(LOOK_AGAIN) => {}
                _ = stopping.wait_for(|stopping| *stopping) => return Ok(()),
                () = tokio::time::sleep_until(deadline) => return Ok(()),
            }
        }
    }

    /// The stop flags of pages in work. Never held across an `await`.
    fn in_work(&self) -> MutexGuard<'_, HashMap<JobId, Vec<Arc<AtomicBool>>>> {
        self.in_work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts up when there may be a webhook to send.
    pub(crate) fn messages(&self) -> watch::Receiver<u64> {
        self.messages.subscribe()
    }

    /// `true` once the server stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.stopping.subscribe()
    }

    /// Makes the task that sends webhooks look for messages now.
    pub(crate) fn wake_webhooks(&self) {
        self.messages.send_modify(|n| *n += 1);
    }

    fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Makes requests that wait answer as they stand, and no further page be taken up.
    pub fn begin_stop(&self) {
        self.stopping.send_replace(true);
        for flag in self.in_work().values().flatten() {
            flag.store(true, Ordering::Release);
        }
    }
}

impl Workers {
    /// Stops: no page is taken up any more, those in work are put back into the queue or stored.
    pub async fn stop(mut self) {
        self.jobs.begin_stop();
        let jobs = Arc::clone(&self.jobs);
        let all_ended = async {
            while self.readers.join_next().await.is_some() {}
            // Pages that wait for models behind the readers put themselves back.
            let all = u32::try_from(MAX_WAITING_FOR_MODELS).unwrap_or(u32::MAX);
            let _ = jobs.waiting_for_models.acquire_many(all).await;
        };
        if tokio::time::timeout(STOP_LIMIT, all_ended).await.is_err() {
            tracing::warn!(
                "a page in work did not stop in time; it is read again after the next start"
            );
            return;
        }
        if let Some(queue) = self.jobs.queue.get()
            && let Err(error) = queue.leave().await
        {
            tracing::warn!(%error, "the queue could not be told that this process ends");
        }
    }
}

/// Why the jobs of a former process could not be taken up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The data folder failed.
    #[error("data folder: {0}")]
    Io(#[from] std::io::Error),
    /// No random numbers.
    #[error("random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// Nothing can be fetched.
    #[error("the client for documents by address: {0}")]
    Client(String),
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] crate::config::ConfigError),
    /// The server key cannot be used.
    #[error("server key: {0}")]
    Secret(#[from] crate::secret::SecretError),
    /// Another process uses the data folder.
    #[error("the data folder {0} is in use by another ocr-chat server")]
    InUse(String),
    /// Processes on one database do not have the same server key.
    #[error(
        "the processes on this database have another server key; set OCR_CHAT_SECRET_KEY to the same everywhere"
    )]
    OtherKey,
    /// Several processes need a key in common, and none is set.
    #[error(
        "{0} needs OCR_CHAT_SECRET_KEY, the same in every process; `openssl rand -hex 32` makes one"
    )]
    KeyNeeded(&'static str),
    /// Processes on one database do not have the same uploads.
    #[error(
        "the uploads of this database lie elsewhere: OCR_CHAT_BLOBS has to name the same folder or bucket in every process"
    )]
    OtherBlobs,
    /// The store has the uploads of another database.
    #[error(
        "OCR_CHAT_BLOBS names a folder or bucket with the uploads of another database, which would be cleared away; where that database is gone, remove its files called store-..."
    )]
    ForeignBlobs,
    /// Several processes need PostgreSQL.
    #[error("{0} needs PostgreSQL: OCR_CHAT_DATABASE_URL=postgres://...")]
    PostgresNeeded(&'static str),
}
