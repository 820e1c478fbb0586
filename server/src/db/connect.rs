//! Opening SQLite and PostgreSQL, and bringing their tables up to date.

use std::fmt::Write;
use std::path::Path;
use std::str::FromStr;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AnyPool, Executor, PgPool, SqlSafeStr};

/// The databases that the SQL of this folder is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file of this machine.
    Sqlite,
    /// A server.
    Postgres,
}

/// Connections to SQLite: one writes at a time anyway, the others read.
const SQLITE_CONNECTIONS: u32 = 4;

/// Connections to PostgreSQL, of the 100 that it allows by default.
const POSTGRES_CONNECTIONS: u32 = 10;

/// Connections to PostgreSQL for the queue's library.
const POSTGRES_QUEUE_CONNECTIONS: u32 = 4;

/// What every connection to SQLite starts with.
///
/// `synchronous = FULL`: a page that was answered for is on the disk. `secure_delete`: deleted results are overwritten, not only
/// unlinked. The timeout is in milliseconds.
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;";

impl Engine {
    /// The engine of a database address; `None` for one that is not supported.
    pub fn of_url(url: &str) -> Option<Self> {
        let (scheme, _) = url.split_once(':')?;
        match scheme {
            "sqlite" => Some(Self::Sqlite),
            "postgres" | "postgresql" => Some(Self::Postgres),
            _ => None,
        }
    }

    /// The statement that begins a transaction which writes.
    ///
    /// A transaction of SQLite that reads first and writes later would fail when another one wrote in between; one that
    /// starts as a writer waits for its turn instead.
    pub(super) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }
}

/// The address of the database: `url` where there is one, otherwise the file in `data_dir`.
pub(super) fn address(url: Option<&str>, data_dir: &Path) -> Result<String, sqlx::Error> {
    let url = match url {
        Some(url) => url.to_owned(),
        None => {
            let path = std::path::absolute(data_dir.join("ocr-chat.sqlite"))?;
            format!("sqlite://{}", percent_encoded(&path))
        }
    };
    if Engine::of_url(&url) == Some(Engine::Sqlite) && !url.contains("mode=") {
        let separator = if url.contains('?') { '&' } else { '?' };
        return Ok(format!("{url}{separator}mode=rwc"));
    }
    Ok(url)
}

/// A path as it may stand in an address.
fn percent_encoded(path: &Path) -> String {
    let mut encoded = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(*byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

/// Connections to PostgreSQL for the queue's library, made when they are needed. Its statements are short.
pub(super) fn typed_pool(address: &str) -> Result<PgPool, sqlx::Error> {
    let options = PgConnectOptions::from_str(address)?;
    Ok(PgPoolOptions::new()
        .max_connections(POSTGRES_QUEUE_CONNECTIONS)
        .connect_lazy_with(options))
}

pub(super) async fn pool(address: &str, engine: Engine) -> Result<AnyPool, sqlx::Error> {
    sqlx::any::install_default_drivers();
    let options = AnyConnectOptions::from_str(address)?;
    let pool = match engine {
        Engine::Sqlite => AnyPoolOptions::new()
            .max_connections(SQLITE_CONNECTIONS)
            .after_connect(|connection, _| {
                Box::pin(async move {
                    connection
                        .execute(sqlx::raw_sql(SQLITE_PRAGMAS))
                        .await
                        .map(drop)
                })
            }),
        Engine::Postgres => AnyPoolOptions::new().max_connections(POSTGRES_CONNECTIONS),
    };
    pool.connect_with(options).await
}

pub(super) async fn migrate(pool: &AnyPool) -> Result<(), sqlx::Error> {
    run_migrations(pool, usize::MAX).await
}

/// Runs the first `n` migrations that were not run yet.
async fn run_migrations(pool: &AnyPool, n: usize) -> Result<(), sqlx::Error> {
    let migrations = [
        (1, "jobs", include_str!("../../migrations/0001_jobs.sql")),
        (
            2,
            "text layers",
            include_str!("../../migrations/0002_text_layers.sql"),
        ),
        (
            3,
            "accounts",
            include_str!("../../migrations/0003_accounts.sql"),
        ),
        (
            4,
            "sessions",
            include_str!("../../migrations/0004_sessions.sql"),
        ),
        (
            5,
            "not stored",
            include_str!("../../migrations/0005_not_stored.sql"),
        ),
        (20, "audit", include_str!("../../migrations/0020_audit.sql")),
        (
            21,
            "payments",
            include_str!("../../migrations/0021_payments.sql"),
        ),
        (
            10,
            "shared",
            include_str!("../../migrations/0010_shared.sql"),
        ),
        (
            22,
            "webhooks",
            include_str!("../../migrations/0022_webhooks.sql"),
        ),
        (
            23,
            "identities",
            include_str!("../../migrations/0023_identities.sql"),
        ),
        (24, "tools", include_str!("../../migrations/0024_tools.sql")),
        (
            25,
            "models",
            include_str!("../../migrations/0025_models.sql"),
        ),
        (30, "chat", include_str!("../../migrations/0030_chat.sql")),
    ]
    .into_iter()
    .take(n)
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
        .run(pool)
        .await
        .map_err(|error| sqlx::Error::Migrate(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Database;
    use crate::ids::JobId;
    use crate::metering::Plan;

    #[tokio::test]
    async fn the_token_and_the_jobs_of_a_data_folder_before_accounts_go_on() {
        let folder =
            std::env::temp_dir().join(format!("ocr-db-{}", crate::hex::random(8).unwrap()));
        std::fs::create_dir_all(&folder).unwrap();
        let pool = pool(&address(None, &folder).unwrap(), Engine::Sqlite)
            .await
            .unwrap();
        run_migrations(&pool, 2).await.unwrap();
        let uuid = "9f2c1b7e4a00400080000123456789ab";
        let page = "INSERT INTO pages (job_uuid, page_index, status, attempts, page_json, created_ms) \
             SELECT uuid, 0, 'pending', 0, NULL, 7 FROM jobs";
        let job = "INSERT INTO jobs (uuid, token_id, status, tier, language, detail, page_count, pages_done, \
             pages_failed, engine_json, warnings_json, error, created_ms, expires_ms) VALUES \
             ('9f2c1b7e4a00400080000123456789ab', 't1', 'pending', 'cpu', 'auto', 'lines', 1, 0, 0, \
             '{\"name\":\"e\",\"version\":\"1\",\"models\":[]}', '[]', NULL, 7, 8)";
        let token = "INSERT INTO tokens (id, token_sha256, created_ms) VALUES ('t1', 'ab12', 5)";
        for sql in [token, job, page] {
            sqlx::query(sql).execute(&pool).await.unwrap();
        }
        pool.close().await;
        let db = Database::open(None, &folder).await.unwrap();
        let token = db.find_token("sha256:ab12").await.unwrap().unwrap();
        let account = db.account(&token.account).await.unwrap().unwrap();
        assert_eq!((account.plan, account.is_admin), (Plan::Operator, true));
        let job = db.job(&JobId::parse(uuid).unwrap()).await.unwrap().unwrap();
        assert_eq!(job.account, Some(account.id));
        assert!(db.claim_page().await.unwrap().is_some());
        assert!(db.check_books().await.unwrap().is_empty());
        db.close().await;
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_file_in_the_data_folder_is_made_and_odd_names_are_kept() {
        let url = address(None, Path::new("/a b/ü?#%")).unwrap();
        assert_eq!(
            url,
            "sqlite:///a%20b/%C3%BC%3F%23%25/ocr-chat.sqlite?mode=rwc"
        );
        assert_eq!(
            address(Some("sqlite:x.db"), Path::new("/")).unwrap(),
            "sqlite:x.db?mode=rwc"
        );
        assert_eq!(
            address(Some("postgres://h/d"), Path::new("/")).unwrap(),
            "postgres://h/d"
        );
    }
}
