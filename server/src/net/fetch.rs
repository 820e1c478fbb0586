//! Documents by their address (`url=`): fetched from the public internet alone.
//!
//! What a caller writes decides where this server connects to. So names are resolved here, every address is checked, and the
//! connection is made to the address that was checked: a name that means another address a moment later changes nothing. Each
//! redirect is checked like the first address.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Client, Response, Url};
use tokio::sync::Semaphore;
use url::Host;

use crate::config::UrlInput;
use crate::error::ApiError;
use crate::jobs::submit::{Upload, too_large};
use crate::net;
use crate::net::addresses::is_allowed;
use crate::net::resolver::{CheckedResolver, Lookup, Unresolved};

/// Redirects that are followed.
const MAX_REDIRECTS: usize = 3;

/// How long the next bytes may take.
const READ_LIMIT: Duration = Duration::from_secs(15);

/// How long everything may take, redirects included.
const WHOLE_LIMIT: Duration = Duration::from_secs(120);

/// Documents fetched at the same time; a further one is refused with 503. Slow servers of others must not take the places of uploads.
const MAX_FETCHES: usize = 16;

/// Fetches documents.
#[derive(Clone)]
pub struct Fetcher {
    client: Client,
    rules: Arc<UrlInput>,
    places: Arc<Semaphore>,
}

impl Fetcher {
    /// A fetcher by the operator's rules.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn new(rules: UrlInput, lookup: Arc<dyn Lookup>) -> Result<Self, reqwest::Error> {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT,
            HeaderValue::from_static("application/pdf,image/*,*/*;q=0.1"),
        );
        // The file as it is: a small answer must not become a large one.
        headers.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("identity"),
        );
        // Redirects are followed here, one by one.
        let client = net::builder(WHOLE_LIMIT)
            .dns_resolver(Arc::new(CheckedResolver::new(
                lookup,
                rules.allowed.clone(),
            )))
            .default_headers(headers)
            .read_timeout(READ_LIMIT)
            // A connection serves one caller's document.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self {
            client,
            rules: Arc::new(rules),
            places: Arc::new(Semaphore::new(MAX_FETCHES)),
        })
    }

    /// Fetches the document at `address` into `upload`.
    ///
    /// # Errors
    /// 400: `invalid_url`, `url_not_allowed`, `url_unreachable`, `too_many_redirects`, `file_too_large`. 503 when too many are fetched.
    pub async fn fetch(&self, address: &str, upload: &mut Upload) -> Result<(), ApiError> {
        let place = self.places.try_acquire();
        let _place = place.map_err(|_| ApiError::queue_full())?;
        tokio::time::timeout(WHOLE_LIMIT, self.fetch_in_time(address, upload))
            .await
            .map_err(|_| unreachable("it took too long."))?
    }

    async fn fetch_in_time(&self, address: &str, upload: &mut Upload) -> Result<(), ApiError> {
        let mut response = self.follow(address).await?;
        if response.content_length() > Some(upload.max_bytes()) {
            return Err(too_large(upload.max_bytes()));
        }
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => upload.write(&chunk).await?,
                Ok(None) => return Ok(()),
                Err(_) => return Err(unreachable("it broke off in the middle.")),
            }
        }
    }

    /// The answer with the document, behind at most [`MAX_REDIRECTS`] redirects.
    async fn follow(&self, address: &str) -> Result<Response, ApiError> {
        let mut url = Url::parse(address).map_err(|_| {
            ApiError::bad_request(
                "invalid_url",
                "url: this is no address such as https://example.com/scan.pdf.",
            )
        })?;
        for _ in 0..=MAX_REDIRECTS {
            self.check(&url)?;
            let response = self.client.get(url.clone()).send().await;
            let response = response.map_err(|error| failure(&error))?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            let location = response.headers().get(header::LOCATION);
            let Some(location) = location.filter(|_| status.is_redirection()) else {
                let message = format!("the server there answered with {}.", status.as_u16());
                return Err(unreachable(&message));
            };
            let location = location.to_str().ok();
            url = location
                .and_then(|location| url.join(location).ok())
                .ok_or_else(|| unreachable("it leads to no address."))?;
        }
        Err(ApiError::bad_request(
            "too_many_redirects",
            format!("url: it leads on more than {MAX_REDIRECTS} times."),
        ))
    }

    /// What can be seen of an address before its name is resolved. Addresses in figures never come to the resolver.
    fn check(&self, url: &Url) -> Result<(), ApiError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(not_allowed("only http and https are fetched."));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(not_allowed("it must not hold a user name or a password."));
        }
        let port = url.port_or_known_default();
        if !port.is_some_and(|port| self.rules.ports.contains(&port)) {
            return Err(not_allowed("this port is not open to it."));
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(not_allowed("it names no host.")),
        };
        if is_allowed(address, &self.rules.allowed) {
            Ok(())
        } else {
            Err(not_public())
        }
    }
}

/// The error of a request that was not answered. What the other side said is not passed on.
fn failure(error: &reqwest::Error) -> ApiError {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        match error.downcast_ref::<Unresolved>() {
            Some(Unresolved::Address) => return not_public(),
            Some(Unresolved::Name) => return unreachable("its name is not known."),
            None => cause = error.source(),
        }
    }
    if error.is_timeout() {
        unreachable("it took too long.")
    } else if error.is_connect() {
        unreachable("no connection could be made.")
    } else {
        unreachable("its server gave no answer.")
    }
}

fn not_public() -> ApiError {
    not_allowed("its host is not on the public internet.")
}

fn not_allowed(why: &str) -> ApiError {
    ApiError::bad_request(
        "url_not_allowed",
        format!("url: this address is not fetched: {why}"),
    )
}

fn unreachable(why: &str) -> ApiError {
    ApiError::bad_request(
        "url_unreachable",
        format!("url: the document could not be fetched: {why}"),
    )
}
