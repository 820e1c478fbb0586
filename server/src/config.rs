//! The configuration. The environment is read here, once, and nowhere else.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A variable holds no value of its kind.
    #[error("{variable}={value:?} cannot be used: {reason}")]
    Value {
        /// Name of the variable.
        variable: &'static str,
        /// What it holds.
        value: String,
        /// What it should hold.
        reason: String,
    },
}

/// Everything an operator can set. Each field names its variable, default and unit.
#[derive(Debug, Clone)]
pub struct Config {
    /// `OCR_CHAT_LISTEN`: address and port to listen on; `127.0.0.1:8080`. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// `OCR_CHAT_DATA_DIR`: folder of the database and the uploads; `./data`. One server process at a time.
    pub data_dir: PathBuf,
    /// `OCR_CHAT_MODELS_DIR`: folder of the model files; `./models`.
    pub models_dir: PathBuf,
    /// `TESSDATA_PREFIX`: a folder of Tesseract's models that `ocr-chat models add` may take recognisers from.
    pub tessdata_dir: Option<PathBuf>,
    /// `OCR_CHAT_WEB_DIR`: folder of the built web app; `./dist`. The API works without it.
    pub web_dir: PathBuf,
    /// `OCR_CHAT_DATABASE_URL`: `sqlite:` and a path; `ocr-chat.sqlite` in the data folder.
    pub database_url: Option<String>,
    /// `OCR_CHAT_MODEL`: model of the server and of the command line, by its name in `models.toml`; `small`.
    pub model: String,
    /// `OCR_CHAT_THREADS`: threads of the engine for one page; the number of cores.
    pub n_threads: usize,
    /// `OCR_CHAT_PAGES_IN_PARALLEL`: pages read at the same time, each needs up to 1.5 GB; 1.
    pub pages_in_parallel: usize,
    /// `OCR_CHAT_MAX_UPLOAD_MB`: largest upload in mebibytes; 100.
    pub max_upload_bytes: u64,
    /// `OCR_CHAT_MAX_QUEUED_PAGES`: pages that may wait to be read; 5,000. A job that would go over it is refused with 503,
    /// unless nothing is waiting.
    pub max_queued_pages: u32,
    /// `OCR_CHAT_INLINE_WAIT_SECONDS`: how long an upload of 5 pages or fewer waits for its text; 60 seconds.
    pub inline_wait: Duration,
    /// `OCR_CHAT_OPEN_SECONDS`: how long opening a file may take before it counts as damaged; 30 seconds.
    pub open_time_limit: Duration,
    /// `OCR_CHAT_PAGE_SECONDS`: how long reading one page may take before it counts as failed; 120 seconds.
    pub page_time_limit: Duration,
    /// `OCR_CHAT_RETENTION_HOURS`: how long results are kept after their job has ended; 24 hours.
    pub retention: Duration,
    /// `OCR_CHAT_LOG`: `off`, `error`, `warn`, `info`, `debug` or `trace`; `info`.
    pub log_level: tracing::level_filters::LevelFilter,
}

impl Config {
    /// The defaults, with data under `data_dir`: what a server without any variable set uses, and what tests start from.
    pub fn with_data_dir(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: data_dir.into(),
            models_dir: PathBuf::from("./models"),
            tessdata_dir: None,
            web_dir: PathBuf::from("./dist"),
            database_url: None,
            model: "small".to_owned(),
            n_threads: std::thread::available_parallelism().map_or(1, usize::from),
            pages_in_parallel: 1,
            max_upload_bytes: 100 << 20,
            max_queued_pages: 5_000,
            inline_wait: Duration::from_secs(60),
            open_time_limit: Duration::from_secs(30),
            page_time_limit: Duration::from_secs(120),
            retention: Duration::from_secs(24 * 3_600),
            log_level: tracing::level_filters::LevelFilter::INFO,
        }
    }

    /// The configuration of this process's environment.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable that cannot be used.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_variables(|name| {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads the environment"
            )]
            std::env::var(name).ok()
        })
    }

    /// The configuration of the variables that `get` knows; empty ones count as not set.
    ///
    /// # Errors
    /// [`ConfigError`] names the variable that cannot be used.
    pub fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| get(name).filter(|value| !value.trim().is_empty());
        let path = |name: &str, default: &str| {
            PathBuf::from(get(name).unwrap_or_else(|| default.to_owned()))
        };
        let mut config = Self::with_data_dir(path("OCR_CHAT_DATA_DIR", "./data"));
        config.models_dir = path("OCR_CHAT_MODELS_DIR", "./models");
        config.tessdata_dir = std::env::var_os("TESSDATA_PREFIX").map(PathBuf::from);
        config.web_dir = path("OCR_CHAT_WEB_DIR", "./dist");
        config.database_url = get("OCR_CHAT_DATABASE_URL");
        if let Some(url) = &config.database_url
            && !url.starts_with("sqlite:")
        {
            return Err(ConfigError::Value {
                variable: "OCR_CHAT_DATABASE_URL",
                // Another database's address may carry a password.
                value: url.split(':').next().unwrap_or_default().to_owned(),
                reason: "only sqlite: is supported so far".to_owned(),
            });
        }
        if let Some(model) = get("OCR_CHAT_MODEL") {
            config.model = model;
        }
        set(&get, "OCR_CHAT_LISTEN", &mut config.listen)?;
        set(&get, "OCR_CHAT_LOG", &mut config.log_level)?;
        positive(&get, "OCR_CHAT_THREADS", 256, |n| {
            config.n_threads = n as usize;
        })?;
        positive(&get, "OCR_CHAT_PAGES_IN_PARALLEL", 64, |n| {
            config.pages_in_parallel = n as usize;
        })?;
        positive(&get, "OCR_CHAT_MAX_UPLOAD_MB", 4_096, |n| {
            config.max_upload_bytes = u64::from(n) << 20;
        })?;
        positive(&get, "OCR_CHAT_MAX_QUEUED_PAGES", 10_000_000, |n| {
            config.max_queued_pages = n;
        })?;
        let seconds = |n| Duration::from_secs(u64::from(n));
        positive(&get, "OCR_CHAT_INLINE_WAIT_SECONDS", 3_600, |n| {
            config.inline_wait = seconds(n);
        })?;
        positive(&get, "OCR_CHAT_OPEN_SECONDS", 3_600, |n| {
            config.open_time_limit = seconds(n);
        })?;
        positive(&get, "OCR_CHAT_PAGE_SECONDS", 3_600, |n| {
            config.page_time_limit = seconds(n);
        })?;
        positive(&get, "OCR_CHAT_RETENTION_HOURS", 87_600, |n| {
            config.retention = seconds(n) * 3_600;
        })?;
        Ok(config)
    }
}

fn set<T>(
    get: &impl Fn(&str) -> Option<String>,
    variable: &'static str,
    field: &mut T,
) -> Result<(), ConfigError>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    if let Some(value) = get(variable) {
        *field = value
            .trim()
            .parse()
            .map_err(|error: T::Err| ConfigError::Value {
                variable,
                reason: error.to_string(),
                value,
            })?;
    }
    Ok(())
}

/// Hands a whole number from 1 to `max` to `take`, where the variable is set.
fn positive(
    get: &impl Fn(&str) -> Option<String>,
    variable: &'static str,
    max: u32,
    take: impl FnOnce(u32),
) -> Result<(), ConfigError> {
    let Some(value) = get(variable) else {
        return Ok(());
    };
    match value.trim().parse::<u32>() {
        Ok(n) if (1..=max).contains(&n) => {
            take(n);
            Ok(())
        }
        _ => Err(ConfigError::Value {
            variable,
            value,
            reason: format!("it is a whole number from 1 to {max}"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_means_the_documented_defaults() {
        let config = Config::from_variables(|_| None).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.data_dir, PathBuf::from("./data"));
        assert_eq!(config.model, "small");
        assert_eq!(config.retention.as_secs(), 86_400);
    }

    #[test]
    fn variables_are_read_in_their_units_and_empty_ones_ignored() {
        let config = Config::from_variables(|name| match name {
            "OCR_CHAT_MAX_UPLOAD_MB" => Some("3".into()),
            "OCR_CHAT_RETENTION_HOURS" => Some(" 2 ".into()),
            "OCR_CHAT_LISTEN" => Some(String::new()),
            _ => None,
        })
        .unwrap();
        assert_eq!(config.max_upload_bytes, 3 * 1_048_576);
        assert_eq!(config.retention.as_secs(), 7_200);
        assert_eq!(config.listen.port(), 8080);
    }

    #[test]
    fn a_wrong_value_is_refused_by_the_name_of_its_variable() {
        for (variable, value) in [
            ("OCR_CHAT_LISTEN", "everywhere"),
            ("OCR_CHAT_THREADS", "0"),
            ("OCR_CHAT_MAX_UPLOAD_MB", "-1"),
            ("OCR_CHAT_LOG", "loud"),
            ("OCR_CHAT_DATABASE_URL", "postgres://user:secret@host/db"),
        ] {
            let error = Config::from_variables(|name| (name == variable).then(|| value.into()))
                .unwrap_err()
                .to_string();
            assert!(error.contains(variable), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
