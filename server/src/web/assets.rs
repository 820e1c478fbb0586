//! The built web app.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::app::AppState;
use crate::error::ApiError;
use crate::web::csp;

/// A file of the web app, or its page for every address that a browser opens and no file has.
pub async fn serve(State(state): State<AppState>, request: Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return ApiError::no_such_address().into_response();
    }
    let path = request.uri().path().to_owned();
    if path == "/" || path == "/index.html" {
        return page(&state).await;
    }
    let is_page = opens_a_page(&request, &path);
    let files = ServeDir::new(&state.config.web_dir)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    // ServeDir's error type is uninhabited in effect: it turns failures into answers.
    let mut response = match files.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    };
    if response.status() == StatusCode::NOT_FOUND && is_page {
        return page(&state).await;
    }
    if !response.status().is_client_error() {
        let caching = if is_hashed(&path) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    }
    secured(response, &csp::policy(""))
}

/// The app's page. Read anew each time (it is a few kilobytes): its inline script changes with every build of the app.
async fn page(state: &AppState) -> Response {
    let Ok(html) = tokio::fs::read_to_string(state.config.web_dir.join("index.html")).await else {
        return ApiError::new(
            StatusCode::NOT_FOUND,
            "no_web_app",
            "The web app is not installed here; the API is at /api/v1/ocr/.",
        )
        .into_response();
    };
    let policy = csp::policy(&html);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    secured((headers, html).into_response(), &policy)
}

/// With the security headers. Scripts carry the policy too: a Worker's own answer sets what the Worker may do.
fn secured(mut response: Response, policy: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("strict-origin-when-cross-origin"),
    );
    response
}

/// Whether a browser asks for a page, not for a file that belongs to one.
fn opens_a_page(request: &Request, path: &str) -> bool {
    let accepts_html = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    accepts_html && !path.rsplit('/').next().unwrap_or_default().contains('.')
}

/// Whether the file's name carries the hash of its content, as Trunk writes it: `app-5b9ca6b9c5a1f1b4_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split('-').skip(1).any(|part| {
        let digits = part.split(['.', '_']).next().unwrap_or_default();
        // A 64-bit hash without its leading zeros.
        (12..=64).contains(&digits.len())
            && digits.len() < part.len()
            && digits.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::is_hashed;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for name in [
            "/app-5b9ca6b9c5a1f1b4.js",
            "/app-5b9ca6b9c5a1f1b4_bg.wasm",
            "/style/base-0123456789abcdef.css",
        ] {
            assert!(is_hashed(name), "{name}");
        }
        for name in [
            "/ocr_worker.js",
            "/favicon-32.png",
            "/index.html",
            "/deadbeefdeadbeef",
            "/a-well-known.js",
        ] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
