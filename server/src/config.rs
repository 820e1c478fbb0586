//! The configuration. The environment is read here, once, and nowhere else.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::blob::BucketSettings;
use crate::chat::embedding::EmbeddingSettings;
use crate::chat::model::ChatSettings;
use crate::db::Engine;
use crate::metering::Prices;
use crate::oidc::OidcSettings;
use crate::payment::StripeSettings;
use crate::secret::SecretKeys;
use crate::translation::TranslationSettings;
use crate::vision::VisionSettings;
use crate::web::client_ip::Network;
use crate::webhooks::{Reach, WebhookRules};

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

/// What may be fetched when a caller sends an address in place of a file.
#[derive(Debug, Clone)]
pub struct UrlInput {
    /// Addresses and networks that may be asked beside the public internet.
    pub allowed: Vec<Network>,
    /// The ports that may be asked.
    pub ports: Vec<u16>,
}

/// Where uploads are.
#[derive(Debug, Clone)]
pub enum BlobPlace {
    /// In a folder; without one, in `blobs` of the data folder.
    Folder(Option<PathBuf>),
    /// In a bucket.
    Bucket(BucketSettings),
}

impl Default for BlobPlace {
    fn default() -> Self {
        Self::Folder(None)
    }
}

/// Everything an operator can set. Each field names its variable, default and unit.
#[derive(Debug, Clone)]
pub struct Config {
    /// `OCR_CHAT_LISTEN`: address and port to listen on; `127.0.0.1:8080`. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// `OCR_CHAT_DATA_DIR`: folder of the database and the uploads; `./data`. One server process at a time, but for PostgreSQL.
    pub data_dir: PathBuf,
    /// `OCR_CHAT_MODELS_DIR`: folder of the model files; `./models`.
    pub models_dir: PathBuf,
    /// `TESSDATA_PREFIX`: a folder of Tesseract's models that `ocr-chat models add` may take recognisers from.
    pub tessdata_dir: Option<PathBuf>,
    /// `OCR_CHAT_WEB_DIR`: folder of the built web app; `./dist`. The API works without it.
    pub web_dir: PathBuf,
    /// Where the operator's own texts are: `terms.md`, `privacy.md`, and such as `terms.th.md` for a language.
    pub texts_dir: Option<PathBuf>,
    /// `OCR_CHAT_DATABASE_URL`: `sqlite:` and a path, or `postgres://user:password@host/database`; `ocr-chat.sqlite` in the data
    /// folder. One server process on SQLite, any number on PostgreSQL.
    pub database_url: Option<String>,
    /// `OCR_CHAT_BLOBS`: where uploads are: a folder, or `s3://bucket/prefix` with the usual variables `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL` ...; `blobs` in the data folder.
    pub blobs: BlobPlace,
    /// `OCR_CHAT_WORKER_LOST_SECONDS`: on PostgreSQL, how long a process was not heard of when its pages are given to others; 30
    /// seconds.
    pub lost_after: Duration,
    /// `OCR_CHAT_MODEL`: model of the server and of the command line, by its name in `models.toml`; `small`.
    pub model: String,
    /// `OCR_CHAT_THREADS`: threads of the engine for one page; the number of cores.
    pub n_threads: usize,
    /// `OCR_CHAT_PAGES_IN_PARALLEL`: pages read at the same time, each needs up to 1.5 GB; 1. 0 where workers read (PostgreSQL).
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
    /// `OCR_CHAT_SECRET_KEY`: the server's keys, separated by commas; the first is used for what is written, all for what is read.
    /// Otherwise the file `secret_key` of the data folder holds them, made at the first start.
    pub secret_keys: Option<SecretKeys>,
    /// `OCR_CHAT_METERING`: `on`, or `off` on a private server: nothing is counted and no plan limits anything; `on`.
    pub is_metered: bool,
    /// `OCR_CHAT_PRICES`: a price list in place of `prices.toml` of this version.
    pub prices: Prices,
    /// `OCR_CHAT_BASE_URL`: the public address, such as `https://ocr.example.com`, for links in e-mails; with `https` cookies are
    /// sent over HTTPS only. The address of the listener otherwise.
    pub base_url: Option<String>,
    /// `OCR_CHAT_SMTP_URL`: the server that sends e-mail, such as `smtps://user:password@host:465` or
    /// `smtp://user:password@host:587?tls=required`; otherwise messages are files in `outbox` of the data folder.
    pub smtp_url: Option<String>,
    /// `OCR_CHAT_MAIL_FROM`: the sender of e-mail; `OCR.chat <no-reply@localhost>`.
    pub mail_from: String,
    /// `OCR_CHAT_REQUESTS_PER_MINUTE`: requests of one IP address (IPv6 by /64) to the API, 0 for no limit; 600.
    pub requests_per_minute: Option<u32>,
    /// `OCR_CHAT_MAX_EVENT_STREAMS`: streams of progress that are open at a time, of all callers; 1,000.
    pub max_event_streams: usize,
    /// `OCR_CHAT_URL_INPUT`: `on` takes `url=` in place of `file` and fetches the document from the public internet; `off`. With
    /// `OCR_CHAT_URL_INPUT_ALLOW`, addresses and networks beside it, separated by commas (none), and `OCR_CHAT_URL_INPUT_PORTS` (`80,443`).
    pub url_input: Option<UrlInput>,
    /// `OCR_CHAT_TRUSTED_PROXIES`: addresses and networks, separated by commas, whose `X-Forwarded-For` is believed; none.
    pub trusted_proxies: Vec<Network>,
    /// `OCR_CHAT_STRIPE_SECRET_KEY`: Stripe's secret key; nothing can be bought without it. With it, `OCR_CHAT_STRIPE_WEBHOOK_SECRETS`:
    /// the secrets of the webhook's endpoint, separated by commas, several while one takes the place of another; and
    /// `OCR_CHAT_STRIPE_API_URL`: `https://api.stripe.com`.
    pub stripe: Option<StripeSettings>,
    /// `OCR_CHAT_WEBHOOKS`: whom webhooks may call: `public` (HTTPS on the public internet), `any` (HTTP and every address, for servers
    /// whose callers are trusted) or `off`; `public`.
    pub webhooks: WebhookRules,
    /// `OCR_CHAT_VISION_...`: the model of the `vlm` tier; the local premium engine alone. See [`VisionSettings`].
    pub vision: Option<VisionSettings>,
    /// `OCR_CHAT_FORMULA_MODEL`: a folder with `encoder.onnx`, `decoder.onnx` and `tokens.txt`, a network that writes formulas as LaTeX on this server
    /// (`training/formula`); none.
    pub formula_model: Option<PathBuf>,
    /// `OCR_CHAT_CHAT_...`: the language model of chat; the document's own words alone. See [`ChatSettings`].
    pub chat: Option<ChatSettings>,
    /// `OCR_CHAT_EMBEDDING_...`: the embedding model that finds passages by their meaning, too; by their words alone. See [`EmbeddingSettings`].
    pub embedding: Option<EmbeddingSettings>,
    /// `OCR_CHAT_TRANSLATE_...`, `OCR_CHAT_APERTIUM`: what translates. See [`TranslationSettings`].
    pub translation: TranslationSettings,
    /// `OCR_CHAT_OIDC_ISSUER`: an OpenID Connect provider at which people may sign in besides, such as `https://id.example.com`; none.
    /// With it, `OCR_CHAT_OIDC_CLIENT_ID`, `OCR_CHAT_OIDC_CLIENT_SECRET`, and `OCR_CHAT_OIDC_NAME`, what people call it: `single sign-on`.
    /// The provider sends people back to `/api/v1/account/oidc/callback/` of the public address.
    pub oidc: Option<OidcSettings>,
    /// `OCR_CHAT_LOG`: `off`, `error`, `warn`, `info`, `debug` or `trace`; `info`.
    pub log_level: tracing::level_filters::LevelFilter,
}

impl Config {
    /// The defaults, with data under `data_dir`: what a server without any variable set uses, and what tests start from.
    ///
    /// # Errors
    /// Never: the price list of this version is tested.
    pub fn with_data_dir(data_dir: impl Into<PathBuf>) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            data_dir: data_dir.into(),
            models_dir: PathBuf::from("./models"),
            tessdata_dir: None,
            web_dir: PathBuf::from("./dist"),
            texts_dir: None,
            database_url: None,
            blobs: BlobPlace::default(),
            lost_after: Duration::from_secs(30),
            model: "small".to_owned(),
            n_threads: std::thread::available_parallelism().map_or(1, usize::from),
            pages_in_parallel: 1,
            max_upload_bytes: 100 << 20,
            max_queued_pages: 5_000,
            inline_wait: Duration::from_secs(60),
            open_time_limit: Duration::from_secs(30),
            page_time_limit: Duration::from_secs(120),
            retention: Duration::from_secs(24 * 3_600),
            secret_keys: None,
            is_metered: true,
            prices: Prices::built_in().map_err(|error| ConfigError::Value {
                variable: "OCR_CHAT_PRICES",
                value: String::new(),
                reason: error.to_string(),
            })?,
            base_url: None,
            smtp_url: None,
            mail_from: "OCR.chat <no-reply@localhost>".to_owned(),
            requests_per_minute: Some(600),
            max_event_streams: 1_000,
            url_input: None,
            trusted_proxies: Vec::new(),
            stripe: None,
            oidc: None,
            webhooks: WebhookRules::default(),
            vision: None,
            formula_model: None,
            chat: None,
            embedding: None,
            translation: TranslationSettings::default(),
            log_level: tracing::level_filters::LevelFilter::INFO,
        })
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
        let mut config = Self::with_data_dir(path("OCR_CHAT_DATA_DIR", "./data"))?;
        config.models_dir = path("OCR_CHAT_MODELS_DIR", "./models");
        config.tessdata_dir = get("TESSDATA_PREFIX").map(PathBuf::from);
        config.web_dir = path("OCR_CHAT_WEB_DIR", "./dist");
        config.texts_dir = get("OCR_CHAT_TEXTS_DIR").map(PathBuf::from);
        config.database_url = get("OCR_CHAT_DATABASE_URL");
        if let Some(url) = &config.database_url
            && Engine::of_url(url).is_none()
        {
            return Err(ConfigError::Value {
                variable: "OCR_CHAT_DATABASE_URL",
                // Another database's address may carry a password.
                value: url.split(':').next().unwrap_or_default().to_owned(),
                reason: "it starts with sqlite: or postgres:".to_owned(),
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
        if get("OCR_CHAT_PAGES_IN_PARALLEL").is_some_and(|value| value.trim() == "0") {
            config.pages_in_parallel = 0;
        } else {
            positive(&get, "OCR_CHAT_PAGES_IN_PARALLEL", 64, |n| {
                config.pages_in_parallel = n as usize;
            })?;
        }
        if let Some(place) = get("OCR_CHAT_BLOBS") {
            config.blobs = blob_place(&get, place)?;
        }
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
        positive(&get, "OCR_CHAT_WORKER_LOST_SECONDS", 3_600, |n| {
            config.lost_after = seconds(n);
        })?;
        positive(&get, "OCR_CHAT_RETENTION_HOURS", 87_600, |n| {
            config.retention = seconds(n) * 3_600;
        })?;
        config.read_service(&get)?;
        Ok(config)
    }

    /// Whether browsers reach the server over HTTPS.
    pub fn is_https(&self) -> bool {
        let url = self.base_url.as_deref();
        url.is_some_and(|url| url.starts_with("https://"))
    }

    /// What links in e-mails start with.
    pub fn public_url(&self) -> String {
        let listener = || format!("http://{}", self.listen);
        self.base_url.clone().unwrap_or_else(listener)
    }

    /// What has to do with accounts and metering.
    fn read_service(&mut self, get: &impl Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        let wrong = |variable, value: String, reason: String| ConfigError::Value {
            variable,
            value,
            reason,
        };
        if let Some(keys) = get("OCR_CHAT_SECRET_KEY") {
            let keys = SecretKeys::parse(&keys).map_err(|error| {
                wrong("OCR_CHAT_SECRET_KEY", "...".to_owned(), error.to_string())
            })?;
            self.secret_keys = Some(keys);
        }
        if let Some(is_metered) = on_or_off(get, "OCR_CHAT_METERING")? {
            self.is_metered = is_metered;
        }
        if on_or_off(get, "OCR_CHAT_URL_INPUT")? == Some(true) {
            self.url_input = Some(UrlInput {
                allowed: list(get, "OCR_CHAT_URL_INPUT_ALLOW")?.unwrap_or_default(),
                ports: list(get, "OCR_CHAT_URL_INPUT_PORTS")?.unwrap_or_else(|| vec![80, 443]),
            });
        }
        if let Some(url) = get("OCR_CHAT_BASE_URL") {
            let origin = url.trim().trim_end_matches('/').to_ascii_lowercase();
            let host = origin
                .strip_prefix("https://")
                .or_else(|| origin.strip_prefix("http://"));
            if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@'])) {
                let reason = "it looks like https://ocr.example.com".to_owned();
                return Err(wrong("OCR_CHAT_BASE_URL", url, reason));
            }
            self.base_url = Some(origin);
        }
        if get("OCR_CHAT_REQUESTS_PER_MINUTE").is_some_and(|value| value.trim() == "0") {
            self.requests_per_minute = None;
        } else {
            positive(get, "OCR_CHAT_REQUESTS_PER_MINUTE", 10_000_000, |n| {
                self.requests_per_minute = Some(n);
            })?;
        }
        positive(get, "OCR_CHAT_MAX_EVENT_STREAMS", 1_000_000, |n| {
            self.max_event_streams = n as usize;
        })?;
        self.smtp_url = get("OCR_CHAT_SMTP_URL");
        if let Some(from) = get("OCR_CHAT_MAIL_FROM") {
            self.mail_from = from;
        }
        if let Some(path) = get("OCR_CHAT_PRICES") {
            let prices = std::fs::read_to_string(&path)
                .map_err(|error| error.to_string())
                .and_then(|text| Prices::parse(&text).map_err(|error| error.to_string()));
            self.prices = prices.map_err(|reason| wrong("OCR_CHAT_PRICES", path, reason))?;
        }
        self.trusted_proxies = list(get, "OCR_CHAT_TRUSTED_PROXIES")?.unwrap_or_default();
        self.stripe = stripe(get)?;
        self.oidc = oidc(get)?;
        self.translation = TranslationSettings::from_variables(get)?;
        self.vision = VisionSettings::from_variables(get)?;
        self.formula_model = get("OCR_CHAT_FORMULA_MODEL").map(PathBuf::from);
        self.chat = ChatSettings::from_variables(get)?;
        self.embedding = EmbeddingSettings::from_variables(get)?;
        self.webhooks.reach = match get("OCR_CHAT_WEBHOOKS").as_deref().map(str::trim) {
            None | Some("public") => Reach::Public,
            Some("any") => Reach::Any,
            Some("off") => Reach::Off,
            Some(other) => {
                let reason = "it is public, any or off".to_owned();
                return Err(wrong("OCR_CHAT_WEBHOOKS", other.to_owned(), reason));
            }
        };
        Ok(())
    }
}

/// Stripe's settings, where there is a key.
fn stripe(get: &impl Fn(&str) -> Option<String>) -> Result<Option<StripeSettings>, ConfigError> {
    let Some(secret_key) = get("OCR_CHAT_STRIPE_SECRET_KEY") else {
        return Ok(None);
    };
    let secrets = get("OCR_CHAT_STRIPE_WEBHOOK_SECRETS").unwrap_or_default();
    let secrets = secrets.split(',').map(str::trim);
    let webhook_secrets: Vec<String> = secrets
        .filter(|secret| !secret.is_empty())
        .map(str::to_owned)
        .collect();
    if webhook_secrets.is_empty() {
        return Err(ConfigError::Value {
            variable: "OCR_CHAT_STRIPE_WEBHOOK_SECRETS",
            value: String::new(),
            reason: "OCR_CHAT_STRIPE_SECRET_KEY needs what the webhook's endpoint signs with"
                .to_owned(),
        });
    }
    let api_url = get("OCR_CHAT_STRIPE_API_URL");
    let api_url = api_url.unwrap_or_else(|| "https://api.stripe.com".to_owned());
    Ok(Some(StripeSettings {
        secret_key: secret_key.trim().to_owned(),
        webhook_secrets,
        api_url: api_url.trim().trim_end_matches('/').to_owned(),
    }))
}

/// Where uploads are.
fn blob_place(
    get: &impl Fn(&str) -> Option<String>,
    place: String,
) -> Result<BlobPlace, ConfigError> {
    let Some((_, _)) = place.split_once("://") else {
        return Ok(BlobPlace::Folder(Some(PathBuf::from(place))));
    };
    match place.parse::<BucketSettings>() {
        Ok(bucket) => Ok(BlobPlace::Bucket(bucket.with_variables(get))),
        Err(reason) => Err(ConfigError::Value {
            variable: "OCR_CHAT_BLOBS",
            // It may carry a password.
            value: place.split(':').next().unwrap_or_default().to_owned(),
            reason,
        }),
    }
}

/// A variable that is `on` or `off`.
fn on_or_off(
    get: &impl Fn(&str) -> Option<String>,
    variable: &'static str,
) -> Result<Option<bool>, ConfigError> {
    let Some(value) = get(variable) else {
        return Ok(None);
    };
    match value.trim() {
        "on" => Ok(Some(true)),
        "off" => Ok(Some(false)),
        _ => Err(ConfigError::Value {
            variable,
            value,
            reason: "it is on or off".to_owned(),
        }),
    }
}

/// A variable that holds values separated by commas.
fn list<T>(
    get: &impl Fn(&str) -> Option<String>,
    variable: &'static str,
) -> Result<Option<Vec<T>>, ConfigError>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    let Some(value) = get(variable) else {
        return Ok(None);
    };
    let items = value.split(',').map(|item| item.trim().parse());
    items
        .collect::<Result<_, T::Err>>()
        .map(Some)
        .map_err(|error| ConfigError::Value {
            variable,
            reason: error.to_string(),
            value,
        })
}

/// The settings of the sign-in provider, where there is one.
fn oidc(get: &impl Fn(&str) -> Option<String>) -> Result<Option<OidcSettings>, ConfigError> {
    let Some(issuer) = get("OCR_CHAT_OIDC_ISSUER") else {
        return Ok(None);
    };
    let wrong = |variable, value: &str, reason: &str| ConfigError::Value {
        variable,
        value: value.to_owned(),
        reason: reason.to_owned(),
    };
    let issuer = issuer.trim().to_owned();
    if !issuer.starts_with("https://") && !issuer.starts_with("http://") {
        let reason = "it looks like https://id.example.com";
        return Err(wrong("OCR_CHAT_OIDC_ISSUER", &issuer, reason));
    }
    let needed = |variable| {
        let missing = || wrong(variable, "", "it is needed with OCR_CHAT_OIDC_ISSUER");
        get(variable)
            .map(|value| value.trim().to_owned())
            .ok_or_else(missing)
    };
    Ok(Some(OidcSettings {
        client_id: needed("OCR_CHAT_OIDC_CLIENT_ID")?,
        client_secret: needed("OCR_CHAT_OIDC_CLIENT_SECRET")?,
        name: get("OCR_CHAT_OIDC_NAME").unwrap_or_else(|| "single sign-on".to_owned()),
        issuer,
    }))
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
    fn documents_are_fetched_by_address_only_where_the_operator_says_so() {
        let config = |variables: &[(&str, &str)]| {
            Config::from_variables(|name| {
                let found = variables.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        let allow = ("OCR_CHAT_URL_INPUT_ALLOW", "127.0.0.1/32, fd00::/8");
        assert!(config(&[allow]).unwrap().url_input.is_none());
        let rules = config(&[("OCR_CHAT_URL_INPUT", "on")]).unwrap().url_input;
        let rules = rules.unwrap();
        assert!(rules.allowed.is_empty());
        assert_eq!(rules.ports, [80, 443]);
        let on = ("OCR_CHAT_URL_INPUT", "on");
        let ports = ("OCR_CHAT_URL_INPUT_PORTS", "443,8443");
        let rules = config(&[on, allow, ports]).unwrap().url_input.unwrap();
        assert_eq!((rules.allowed.len(), rules.ports), (2, vec![443, 8443]));
        for wrong in ["70000", "http"] {
            assert!(config(&[on, ("OCR_CHAT_URL_INPUT_PORTS", wrong)]).is_err());
        }
    }

    #[test]
    fn a_wrong_value_is_refused_by_the_name_of_its_variable() {
        for (variable, value) in [
            ("OCR_CHAT_LISTEN", "everywhere"),
            ("OCR_CHAT_THREADS", "0"),
            ("OCR_CHAT_MAX_UPLOAD_MB", "-1"),
            ("OCR_CHAT_LOG", "loud"),
            ("OCR_CHAT_SECRET_KEY", "a secret"),
            ("OCR_CHAT_BASE_URL", "ocr.example.com"),
            ("OCR_CHAT_BASE_URL", "https://example.com/ocr"),
            ("OCR_CHAT_METERING", "maybe"),
            ("OCR_CHAT_WEBHOOKS", "all"),
            ("OCR_CHAT_OIDC_ISSUER", "id.example.com"),
            ("OCR_CHAT_STRIPE_SECRET_KEY", "sk_secret"),
            ("OCR_CHAT_PRICES", "/nowhere/prices.toml"),
            ("OCR_CHAT_URL_INPUT", "yes"),
            ("OCR_CHAT_BLOBS", "gs://bucket/secret"),
            ("OCR_CHAT_BLOBS", "s3://"),
            ("OCR_CHAT_WORKER_LOST_SECONDS", "0"),
            ("OCR_CHAT_TRUSTED_PROXIES", "10.0.0.0/8, proxy"),
            ("OCR_CHAT_DATABASE_URL", "mysql://user:secret@host/db"),
        ] {
            let error = Config::from_variables(|name| (name == variable).then(|| value.into()))
                .unwrap_err()
                .to_string();
            assert!(error.contains(variable), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
