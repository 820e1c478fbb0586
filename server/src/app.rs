//! The server put together: data folder, database, jobs, routes.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use ocr_chat_models::Manifest;

use crate::blob::FolderStore;
use crate::config::Config;
use crate::db::Database;
use crate::hex;
use crate::jobs::{Jobs, StartError, Workers};
use crate::reader::PageReader;
use crate::web;

/// What every handler may use.
#[derive(Clone)]
pub struct AppState {
    /// The configuration.
    pub config: Arc<Config>,
    /// The database.
    pub db: Database,
    /// The jobs.
    pub jobs: Arc<Jobs>,
    /// What reads.
    pub reader: Arc<dyn PageReader>,
    /// The models that are handed out to browsers.
    pub manifest: Arc<Manifest>,
}

/// A running server without its socket.
pub struct App {
    /// The routes.
    pub router: Router,
    /// Made at the first start of a data folder, to be shown once.
    pub first_token: Option<String>,
    state: AppState,
    workers: Workers,
    /// Held for as long as the app lives.
    _lock: File,
}

impl App {
    /// Opens the data folder (made when it is not there), takes up the jobs of the last run and starts to read.
    ///
    /// # Errors
    /// [`StartError`], also when another process uses the data folder.
    pub async fn start(
        config: Config,
        reader: Arc<dyn PageReader>,
        manifest: Manifest,
    ) -> Result<Self, StartError> {
        let config = Arc::new(config);
        make_data_dir(&config.data_dir)?;
        let lock = lock(&config)?;
        let db = Database::open(config.database_url.as_deref(), &config.data_dir).await?;
        let first_token = first_token(&db).await?;
        let blobs = Arc::new(FolderStore::open(config.data_dir.join("blobs"))?);
        let jobs = Jobs::new(Arc::clone(&config), db.clone(), blobs, Arc::clone(&reader))?;
        let workers = jobs.start().await?;
        let state = AppState {
            config,
            db,
            jobs,
            reader,
            manifest: Arc::new(manifest),
        };
        Ok(Self {
            router: web::router(state.clone()),
            first_token,
            state,
            workers,
            _lock: lock,
        })
    }

    /// The database, for tests and tools.
    pub fn db(&self) -> &Database {
        &self.state.db
    }

    /// The jobs.
    pub fn jobs(&self) -> &Arc<Jobs> {
        &self.state.jobs
    }

    /// Puts pages in work back into the queue and closes the database.
    pub async fn stop(self) {
        self.workers.stop().await;
        self.state.db.close().await;
    }
}

/// Other people's documents lie in it, so it is made for this user alone. One that is there keeps its mode.
fn make_data_dir(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Two processes on one data folder would read every page twice.
fn lock(config: &Config) -> Result<File, StartError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(config.data_dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(StartError::InUse(config.data_dir.display().to_string()))
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Makes the API token of a new data folder: `ocr_` and 48 hexadecimal digits (192 random bits).
async fn first_token(db: &Database) -> Result<Option<String>, StartError> {
    if db.has_tokens().await? {
        return Ok(None);
    }
    let token = format!("ocr_{}", hex::random(24)?);
    db.insert_token(&hex::sha256(token.as_bytes())).await?;
    Ok(Some(token))
}
