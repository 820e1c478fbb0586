//! The server put together: data folder, database, jobs, routes.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use ocr_chat_models::Manifest;

use crate::audit::Actor;
use crate::blob::{BlobStore, BucketStore, FolderStore, SIGN};
use crate::chat::embedding::EmbeddingModel;
use crate::chat::model::ChatModel;
use crate::config::{BlobPlace, Config};
use crate::db::accounts::Account;
use crate::db::{Database, Engine};
use crate::ids::AccountId;
use crate::jobs::{Jobs, StartError, Workers};
use crate::mail::Mailer;
use crate::metering::Plan;
use crate::net::fetch::Fetcher;
use crate::net::resolver::SystemLookup;
use crate::oidc::Oidc;
use crate::password::Passwords;
use crate::payment::{PaymentProvider, Stripe};
use crate::reader::PageReader;
use crate::secret::SecretKeys;
use crate::web::rate_limit::RateLimiter;
use crate::web::streams::Streams;
use crate::web::{self, tokens};
use crate::webhooks::{self, Deliverer};

/// How often a store's signs are looked at before they count as another database's, and the pause between.
const SIGN_TRIES: u32 = 10;
const SIGN_PAUSE: Duration = Duration::from_millis(200);

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
    /// The server's keys.
    pub secrets: SecretKeys,
    /// Checks passwords.
    pub passwords: Passwords,
    /// Sends e-mail.
    pub mailer: Mailer,
    /// Takes money; `None` where nothing can be bought.
    pub payment: Option<Arc<dyn PaymentProvider>>,
    /// Fetches documents by their address, where the operator says so.
    pub fetcher: Option<Fetcher>,
    /// Where people sign in besides; `None` where nowhere.
    pub oidc: Option<Oidc>,
    /// Finds passages by their meaning, too; `None` where words have to do.
    pub embedding: Option<EmbeddingModel>,
    /// Answers questions about documents; `None` where they answer in their own words alone.
    pub chat: Option<ChatModel>,
    /// How often things were tried.
    pub limiter: RateLimiter,
    /// Answers that stay open.
    pub streams: Streams,
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
    webhooks: AbortOnDrop,
    /// Held for as long as the app lives.
    _lock: Option<File>,
}

/// A task that ends with its owner, as in a crash.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
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
        let Store {
            db,
            secrets,
            jobs,
            lock,
        } = Store::open(&config, &reader).await?;
        let mailer = Mailer::new(&config)?;
        let payment = match &config.stripe {
            Some(settings) => {
                let stripe = Stripe::new(settings.clone()).map_err(std::io::Error::other)?;
                Some(Arc::new(stripe) as Arc<dyn PaymentProvider>)
            }
            None => None,
        };
        let chat = match &config.chat {
            Some(settings) => Some(settings.model().map_err(std::io::Error::other)?),
            None => None,
        };
        let embedding = match &config.embedding {
            Some(settings) => Some(settings.model().map_err(std::io::Error::other)?),
            None => None,
        };
        let oidc = config.oidc.clone().map(|settings| {
            let base_url = config.public_url();
            Oidc::new(
                settings,
                format!("{base_url}/api/v1/account/oidc/callback/"),
            )
        });
        let first_token = first_token(&db, &secrets).await?;
        let workers = jobs.start().await?;
        let deliverer = Deliverer::new(
            Arc::clone(&config),
            db.clone(),
            secrets.clone(),
            mailer.clone(),
        );
        let webhooks = tokio::spawn(webhooks::run(deliverer, jobs.messages(), jobs.stopping()));
        let state = AppState {
            fetcher: fetcher(&config)?,
            chat,
            embedding,
            streams: Streams::new(config.max_event_streams),
            config,
            db,
            jobs,
            reader,
            secrets,
            passwords: Passwords::new()?,
            mailer,
            payment,
            oidc,
            limiter: RateLimiter::default(),
            manifest: Arc::new(manifest),
        };
        Ok(Self {
            router: web::router(state.clone()),
            first_token,
            state,
            workers,
            webhooks: AbortOnDrop(webhooks),
            _lock: lock,
        })
    }

    /// The database, for tests and tools.
    pub fn db(&self) -> &Database {
        &self.state.db
    }

    /// The server's keys, for tests and tools.
    pub fn secrets(&self) -> &SecretKeys {
        &self.state.secrets
    }

    /// The jobs.
    pub fn jobs(&self) -> &Arc<Jobs> {
        &self.state.jobs
    }

    /// Puts pages in work back into the queue and closes the database.
    pub async fn stop(self) {
        self.workers.stop().await;
        // A message on its way is sent again after the next start.
        drop(self.webhooks);
        self.state.db.close().await;
    }
}

/// A process that reads pages and serves nothing.
pub struct Worker {
    db: Database,
    jobs: Arc<Jobs>,
    workers: Workers,
}

impl Worker {
    /// Joins the processes on a PostgreSQL database and starts to read.
    ///
    /// # Errors
    /// [`StartError`], also on SQLite and without a server key.
    pub async fn start(config: Config, reader: Arc<dyn PageReader>) -> Result<Self, StartError> {
        if config.secret_keys.is_none() {
            return Err(StartError::KeyNeeded("a worker"));
        }
        let config = Arc::new(config);
        let Store { db, jobs, .. } = Store::open(&config, &reader).await?;
        if db.engine() == Engine::Sqlite {
            return Err(StartError::PostgresNeeded("a worker"));
        }
        let workers = jobs.start().await?;
        Ok(Self { db, jobs, workers })
    }

    /// The database.
    pub fn db(&self) -> &Database {
        &self.db
    }

    /// The jobs.
    pub fn jobs(&self) -> &Arc<Jobs> {
        &self.jobs
    }

    /// Puts pages in work back into the queue and closes the database.
    pub async fn stop(self) {
        self.workers.stop().await;
        self.db.close().await;
    }
}

/// What every process that works on jobs has.
struct Store {
    db: Database,
    secrets: SecretKeys,
    jobs: Arc<Jobs>,
    lock: Option<File>,
}

impl Store {
    /// Opens the data folder (made when it is not there), the database and the uploads. Where other processes may use the same
    /// database, makes sure that they have the same key and the same uploads.
    async fn open(config: &Arc<Config>, reader: &Arc<dyn PageReader>) -> Result<Self, StartError> {
        let url = config.database_url.as_deref();
        let is_shared = url.and_then(Engine::of_url) == Some(Engine::Postgres);
        if !is_shared && config.pages_in_parallel == 0 {
            return Err(StartError::PostgresNeeded(
                "a server that reads no page itself",
            ));
        }
        let is_bucket = matches!(config.blobs, BlobPlace::Bucket(_));
        if is_shared && is_bucket && config.secret_keys.is_none() {
            return Err(StartError::KeyNeeded("PostgreSQL with uploads in a bucket"));
        }
        make_data_dir(&config.data_dir)?;
        let lock = if is_shared { None } else { Some(lock(config)?) };
        let db = Database::open(url, &config.data_dir).await?;
        let secrets = secret_keys(config)?;
        let blobs: Arc<dyn BlobStore> = match &config.blobs {
            BlobPlace::Folder(Some(folder)) => Arc::new(FolderStore::open(folder)?),
            BlobPlace::Folder(None) => Arc::new(FolderStore::open(config.data_dir.join("blobs"))?),
            BlobPlace::Bucket(settings) => Arc::new(BucketStore::new(settings)?),
        };
        if is_shared {
            agree_on_key(&db, &secrets).await?;
        }
        // The folder in a data folder is as much this process's own as that is.
        let is_own = matches!(config.blobs, BlobPlace::Folder(None));
        if is_shared || !is_own {
            agree_on_blobs(&db, &*blobs).await?;
        }
        let jobs = Jobs::new(
            Arc::clone(config),
            db.clone(),
            blobs,
            Arc::clone(reader),
            secrets.clone(),
        )?;
        Ok(Self {
            db,
            secrets,
            jobs,
            lock,
        })
    }
}

/// Another process must be able to find and to open what this one writes.
async fn agree_on_key(db: &Database, secrets: &SecretKeys) -> Result<(), StartError> {
    const NAME: &str = "server key";
    let current = secrets.names().next().unwrap_or_default();
    let agreed = db.agree(NAME, current).await?;
    if !secrets.names().any(|name| name == agreed) {
        return Err(StartError::OtherKey);
    }
    if agreed != current {
        // The key is being changed: this process has both.
        db.change_agreement(NAME, current).await?;
    }
    Ok(())
}

/// An upload that one process takes has to be there for another that reads it; and the uploads of another database, whose jobs this one does
/// not know, would be cleared away as nobody's.
async fn agree_on_blobs(db: &Database, blobs: &dyn BlobStore) -> Result<(), StartError> {
    const NAME: &str = "uploads";
    for _ in 0..SIGN_TRIES {
        let signs = blobs.signs().await?;
        match db.agreement(NAME).await? {
            Some(agreed) if signs.contains(&agreed) => return Ok(()),
            Some(_) => return Err(StartError::OtherBlobs),
            None if signs.is_empty() => {
                // Up before anybody looks for it.
                let sign = format!("{SIGN}{}", crate::hex::random(8)?);
                blobs.put_sign(&sign).await?;
                db.agree(NAME, &sign).await?;
            }
            // Another process of this database may be just about to agree on it.
            None => tokio::time::sleep(SIGN_PAUSE).await,
        }
    }
    Err(StartError::ForeignBlobs)
}

/// Other people's documents lie in it, so it is made for this user alone. One that is there keeps its mode.
fn make_data_dir(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Two processes on one data folder and SQLite would read every page twice.
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

/// The keys that are configured, or those of the data folder.
///
/// # Errors
/// When they cannot be used.
pub fn secret_keys(config: &Config) -> Result<SecretKeys, StartError> {
    match &config.secret_keys {
        Some(keys) => Ok(keys.clone()),
        None => Ok(SecretKeys::of_file(&config.data_dir.join("secret_key"))?),
    }
}

fn fetcher(config: &Config) -> Result<Option<Fetcher>, StartError> {
    let Some(rules) = config.url_input.clone() else {
        return Ok(None);
    };
    crate::net::use_ring();
    let fetcher = Fetcher::new(rules, Arc::new(SystemLookup));
    fetcher
        .map(Some)
        .map_err(|error| StartError::Client(error.to_string()))
}

/// Makes the operator's account of a new data folder and its API token.
async fn first_token(db: &Database, secrets: &SecretKeys) -> Result<Option<String>, StartError> {
    if db.has_accounts().await? {
        return Ok(None);
    }
    let mut operator = Account::new(None, Plan::Operator)?;
    operator.is_admin = true;
    // Several processes may start on a new database: one of them makes the account.
    operator.id = AccountId(db.agree("operator", &operator.id.0).await?);
    if !db.make_account(&operator, &Actor::server()).await? {
        return Ok(None);
    }
    let (new, token) = tokens::make(secrets, operator.id, "first", None)?;
    db.insert_token(&new, &Actor::server()).await?;
    Ok(Some(token))
}
