//! Where a model is and what its server may take.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::client::ModelError;

/// A provider's key. Shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// A key; `None` for white space alone.
    pub fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty()).then(|| Self(key.to_owned()))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

/// Where a provider is, seen from the document: it decides whether somebody has to agree first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On this host.
    Local,
    /// Anywhere else, or on this host but passing on what it gets.
    External,
}

impl Place {
    /// Where the server of `base_url` is: on this host only where its address is a loopback address or `localhost`.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for what is no address of HTTP.
    pub fn of(base_url: &str) -> Result<Self, ModelError> {
        let is_here = match parse_base(base_url)?.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::V6(address).to_canonical().is_loopback(),
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            None => false,
        };
        Ok(if is_here { Self::Local } else { Self::External })
    }
}

/// What a request to a model may take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Making a connection; 10 seconds.
    pub connect: Duration,
    /// The first byte of the answer, one of a stream or, where the answer comes as a whole, the whole; 120 seconds: a page of pictures takes
    /// a small machine that long to look at.
    pub first_byte: Duration,
    /// The next bytes of an answer; 60 seconds.
    pub between_chunks: Duration,
    /// Everything, tries and waiting included; 300 seconds.
    pub whole: Duration,
    /// Largest answer, in bytes of HTTP; 4 MiB. A dense page is 10 kB of text, a token of a stream 300 bytes.
    pub max_answer_bytes: usize,
    /// Tries in all; 3.
    pub max_tries: u32,
    /// Longest `Retry-After` that is waited for; 30 seconds. A longer one is an error at once.
    pub max_retry_after: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(120),
            between_chunks: Duration::from_secs(60),
            whole: Duration::from_secs(300),
            max_answer_bytes: 4 << 20,
            max_tries: 3,
            max_retry_after: Duration::from_secs(30),
        }
    }
}

/// Where a model is.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// The address in front of `/chat/completions`, for example `http://127.0.0.1:8081/v1`.
    pub base_url: String,
    /// What its server knows us by.
    pub key: Option<ApiKey>,
    /// The model's name there.
    pub model: String,
    /// Whether the server is this host.
    pub place: Place,
    /// What a request may take.
    pub limits: Limits,
}

impl ModelSettings {
    /// A model without a key, with the usual limits; its place follows from its address.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] for what is no address of HTTP.
    pub fn new(base_url: &str, model: &str) -> Result<Self, ModelError> {
        Ok(Self {
            base_url: base_url.to_owned(),
            key: None,
            model: model.to_owned(),
            place: Place::of(base_url)?,
            limits: Limits::default(),
        })
    }
}

/// `base_url` with a final slash, so that paths can be joined to it.
pub(crate) fn parse_base(base_url: &str) -> Result<Url, ModelError> {
    let wrong = |reason: &str| ModelError::Configuration(format!("its address {reason}"));
    let with_slash = format!("{}/", base_url.trim().trim_end_matches('/'));
    let url = Url::parse(&with_slash).map_err(|_| wrong("is none"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "must not hold a password; the key has a setting of its own",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("must not have a ? or a #"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_is_this_host() {
        for local in [
            "http://127.0.0.1:8081/v1",
            "http://127.9.9.9",
            "http://[::1]:1/v1",
            "http://[::ffff:127.0.0.1]/v1",
            "http://localhost:11434/v1/",
        ] {
            assert_eq!(Place::of(local), Ok(Place::Local), "{local}");
        }
        for external in [
            "https://api.example.com/v1",
            "http://192.168.1.5:8000/v1",
            "http://10.0.0.1/v1",
            "http://0.0.0.0:8000/v1",
            "http://localhost.example.com/v1",
            "http://host.docker.internal:8000/v1",
        ] {
            assert_eq!(Place::of(external), Ok(Place::External), "{external}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused_and_keys_are_shown_nowhere() {
        for wrong in [
            "",
            "vlm:8000",
            "file:///etc",
            "http://u:p@host/v1",
            "http://h/v1?key=1",
        ] {
            assert!(Place::of(wrong).is_err(), "{wrong}");
        }
        let key = ApiKey::new(" sk-secret ").unwrap();
        assert!(!format!("{key:?}").contains("secret"));
        assert!(ApiKey::new("  ").is_none());
    }
}
