//! Around every request: its id, one log line, and the envelope of every error.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use tokio::time::Instant;

use crate::audit::RequestId;
use crate::error::{ApiError, LimitReached};
use crate::hex;
use crate::ids::JobId;

/// The header that carries a request's id.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Marks an answer that is a page for people, whatever its status: it keeps its body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page;

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a str,
    code: &'a str,
    request_id: &'a str,
    #[serde(flatten)]
    limit: Option<&'a LimitReached>,
}

pub(super) async fn observe(mut request: Request, next: Next) -> Response {
    let request_id = hex::random(8).unwrap_or_else(|_| "unknown".to_owned());
    let id = RequestId(request_id.clone());
    request.extensions_mut().insert(id);
    let method = request.method().clone();
    let path = loggable(request.uri().path());
    let started = Instant::now();
    let response = next.run(request).await;
    let mut response = in_envelope(response, &request_id);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    let duration_ms = started.elapsed().as_millis();
    tracing::info!(%method, path, status, duration_ms, request_id, "request");
    response
}

/// `response` with the envelope as its body when it is an error, whoever made it.
fn in_envelope(mut response: Response, request_id: &str) -> Response {
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    if !is_error || response.extensions().get::<Page>().is_some() {
        return response;
    }
    let error = response
        .extensions_mut()
        .remove::<ApiError>()
        .unwrap_or_else(|| ApiError::of_status(response.status()));
    let envelope = Envelope {
        error: &error.message,
        code: error.code,
        request_id,
        limit: error.limit.as_deref(),
    };
    let body = serde_json::to_vec(&envelope).unwrap_or_default();
    *response.status_mut() = error.status;
    let headers = response.headers_mut();
    for header in [
        header::CONTENT_LENGTH,
        header::CONTENT_ENCODING,
        header::TRANSFER_ENCODING,
    ] {
        headers.remove(header);
    }
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    *response.body_mut() = Body::from(body);
    response
}

/// `path` as it may be logged: a job's uuid is the key to an anonymous job, so only its beginning is kept, and a token
/// somebody put into the path by mistake is left out.
fn loggable(path: &str) -> String {
    let segments: Vec<String> = path
        .chars()
        .take(200)
        .collect::<String>()
        .split('/')
        .map(|segment| match JobId::parse(segment) {
            Some(id) => format!("{}...", id.short()),
            None if segment.starts_with("ocr_") => "...".to_owned(),
            None => segment.to_owned(),
        })
        .collect();
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::loggable;

    #[test]
    fn no_key_to_a_job_is_logged() {
        assert_eq!(
            loggable("/api/v1/ocr/9f2c1b7e4a00400080000123456789ab/download/"),
            "/api/v1/ocr/9f2c1b7e.../download/"
        );
        assert_eq!(loggable("/api/v1/ocr/ocr_0123/"), "/api/v1/ocr/.../");
        assert_eq!(loggable("/app.js"), "/app.js");
    }
}
