//! Calls to other servers: one way to make a client, and the guard of addresses that somebody else chose.

pub(crate) mod addresses;

pub mod fetch;

pub mod guard;

pub mod resolver;

use std::time::Duration;

/// How long a connection may take, with the TLS handshake.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A client of what the operator configured. It follows no redirect and asks no proxy.
///
/// # Errors
/// When the system's certificates cannot be used.
pub fn client(limit: Duration) -> Result<reqwest::Client, reqwest::Error> {
    builder(limit).build()
}

/// TLS by ring, as in the database's and the mailer's connections.
pub fn use_ring() {
    // An error says that one was chosen before.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// What all clients have in common.
pub(crate) fn builder(limit: Duration) -> reqwest::ClientBuilder {
    use_ring();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .user_agent(concat!("OCR.chat/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_LIMIT)
        .timeout(limit)
}

/// `pairs` as a form (`application/x-www-form-urlencoded`).
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// The body of a response, as far as `max_bytes`; `None` for a longer one and for one that breaks off.
pub(crate) async fn body(mut response: reqwest::Response, max_bytes: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > max_bytes {
            return None;
        }
    }
    Some(body)
}
