//! Requests over HTTP: timeouts, tries, bounds. Knows nothing of what is sent.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};
use url::Url;

use crate::client::settings::parse_base;
use crate::client::{Limits, ModelError, ModelSettings, Phase};

/// The wait before the second try where a server names none; each further one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// Largest answer with an error that is read, in bytes.
const MAX_ERROR_BYTES: usize = 64 << 10;

/// A server of models.
#[derive(Clone)]
pub(crate) struct Transport {
    client: Client,
    base: Url,
    settings: std::sync::Arc<ModelSettings>,
}

impl Transport {
    pub(crate) fn new(settings: ModelSettings) -> Result<Self, ModelError> {
        let base = parse_base(&settings.base_url)?;
        let mut headers = HeaderMap::new();
        if let Some(key) = &settings.key {
            let value = format!("Bearer {}", key.expose());
            let mut value = HeaderValue::from_str(&value).map_err(|_| {
                ModelError::Configuration("its key has characters that no key has".into())
            })?;
            value.set_sensitive(true);
            headers.insert(header::AUTHORIZATION, value);
        }
        // An error says that one was chosen before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let loopback = [
            SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
        ];
        let client = Client::builder()
            // What is sent goes where the operator said, and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            // `localhost` counts as this host, so it must be this host whatever a name server says.
            .resolve_to_addrs("localhost", &loopback)
            .user_agent(concat!("OCR.chat/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(settings.limits.connect)
            .default_headers(headers)
            .build()
            .map_err(|_| ModelError::Configuration("TLS cannot be used".into()))?;
        Ok(Self {
            client,
            base,
            settings: std::sync::Arc::new(settings),
        })
    }

    pub(crate) fn settings(&self) -> &ModelSettings {
        &self.settings
    }

    /// Sends `body` to `path` below the base until there is an answer with status 200, as often as the limits allow.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Answering, ModelError> {
        let limits = self.settings.limits;
        let ends = Instant::now() + limits.whole;
        let url = self
            .base
            .join(path)
            .map_err(|_| ModelError::Configuration("its address is none".into()))?;
        let bytes = serde_json::to_vec(body).map_err(|_| ModelError::NotJson)?;
        let mut n_tries = 1;
        loop {
            let failure = match self.try_once(&url, bytes.clone(), ends).await {
                Ok(answering) => return Ok(answering),
                Err(failure) => failure,
            };
            let wait = match failure.wait {
                Some(named) if named > limits.max_retry_after => None,
                Some(named) => Some(named),
                None => Some(FIRST_WAIT * 2_u32.saturating_pow(n_tries - 1)),
            };
            let Some(wait) = wait.filter(|_| failure.may_pass && n_tries < limits.max_tries) else {
                return Err(failure.error);
            };
            if Instant::now() + wait >= ends {
                return Err(failure.error);
            }
            tokio::time::sleep(wait).await;
            n_tries += 1;
        }
    }

    async fn try_once(
        &self,
        url: &Url,
        body: Vec<u8>,
        ends: Instant,
    ) -> Result<Answering, Failure> {
        let limits = self.settings.limits;
        let sent = self
            .client
            .post(url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
            .send();
        let (until, phase) = sooner(limits.connect + limits.first_byte, Phase::FirstByte, ends);
        let response = match timeout_at(until, sent).await {
            Err(_) => return Err(ModelError::TimedOut(phase).into()),
            Ok(Err(error)) => {
                let error = if error.is_connect() && error.is_timeout() {
                    ModelError::TimedOut(Phase::Connect)
                } else if error.is_connect() {
                    ModelError::Connect
                } else {
                    ModelError::Reset
                };
                return Err(Failure {
                    error,
                    wait: None,
                    may_pass: true,
                });
            }
            Ok(Ok(response)) => response,
        };
        let status = response.status();
        let retry_after = retry_after(response.headers());
        let mut answering = Answering {
            response,
            limits,
            ends,
            n_bytes: 0,
        };
        if status == StatusCode::OK {
            return Ok(answering);
        }
        answering.limits.max_answer_bytes = MAX_ERROR_BYTES;
        // An error whose text cannot be read is still that error.
        let said = answering.body().await.unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        Err(Failure {
            error: ModelError::of_status(status.as_u16(), &said, retry_after),
            wait: retry_after,
            may_pass: matches!(status.as_u16(), 429 | 502 | 503 | 504),
        })
    }
}

/// A try that failed.
struct Failure {
    error: ModelError,
    /// How long the server wants us to wait.
    wait: Option<Duration>,
    may_pass: bool,
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self {
            error,
            wait: None,
            may_pass: false,
        }
    }
}

/// An answer whose body is still to come.
pub(crate) struct Answering {
    response: Response,
    limits: Limits,
    ends: Instant,
    n_bytes: usize,
}

impl Answering {
    /// The next bytes; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ModelError> {
        let (until, phase) = sooner(self.limits.between_chunks, Phase::NextBytes, self.ends);
        let chunk = match timeout_at(until, self.response.chunk()).await {
            Err(_) => return Err(ModelError::TimedOut(phase)),
            Ok(Err(_)) => return Err(ModelError::Reset),
            Ok(Ok(chunk)) => chunk,
        };
        let max_bytes = self.limits.max_answer_bytes;
        self.n_bytes += chunk.as_ref().map_or(0, |chunk| chunk.len());
        if self.n_bytes > max_bytes {
            return Err(ModelError::TooLarge { max_bytes });
        }
        Ok(chunk.map(|chunk| chunk.to_vec()))
    }

    /// Everything.
    pub(crate) async fn body(&mut self) -> Result<Vec<u8>, ModelError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The end of `phase` from now, or the end of everything where it comes first.
fn sooner(limit: Duration, phase: Phase, ends: Instant) -> (Instant, Phase) {
    let until = Instant::now() + limit;
    if ends < until {
        (ends, Phase::Whole)
    } else {
        (until, phase)
    }
}

/// `Retry-After` in seconds. Its other form, a date, is rare here and counts as none.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    let seconds: f64 = value.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
