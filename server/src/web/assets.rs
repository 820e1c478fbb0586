//! The built web app.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ocr_chat_i18n::Locale;
use ocr_chat_pages::home::{AppPage, AppView, ReadLanguage, app_page};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use crate::app::AppState;
use crate::error::ApiError;
use crate::pages;
use crate::web::{csp, locale};

/// A file of the web app, or its page for every address that a browser opens and no file has.
pub async fn serve(State(state): State<AppState>, request: Request) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return ApiError::no_such_address().into_response();
    }
    let path = request.uri().path().to_owned();
    let locale = locale::of(request.extensions());
    if let Some(view) = AppView::at(&path) {
        return page(&state, view, locale).await;
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
        return pages::not_found(&state, locale, path).await;
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

/// The app's page at an address of one of its views, in the language of the request. Read anew each time (it is a few kilobytes): its inline
/// script changes with every build of the app.
async fn page(state: &AppState, view: AppView, locale: Locale) -> Response {
    let Ok(html) = tokio::fs::read_to_string(state.config.web_dir.join("index.html")).await else {
        return ApiError::new(
            StatusCode::NOT_FOUND,
            "no_web_app",
            "The web app is not installed here; the API is at /api/v1/ocr/.",
        )
        .into_response();
    };
    let html = filled(
        &html,
        &app_page(view, locale, &state.config.public_url(), &languages(view)),
    );
    let policy = csp::policy(&html);
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    secured((headers, html).into_response(), &policy)
}

/// The list of languages, for the view that shows it.
fn languages(view: AppView) -> Vec<ReadLanguage> {
    if view != AppView::Languages {
        return Vec::new();
    }
    let all = ocr_chat_language::all().iter();
    all.map(|language| ReadLanguage {
        tag: language.tag,
        name: language.name,
        native_name: language.native_name,
        script: language.script.name(),
    })
    .collect()
}

/// `html`, as Trunk built it, with what depends on address and language. Places that are not there stay as they are.
fn filled(html: &str, page: &AppPage) -> String {
    let html = html.replacen(
        "<html lang=\"en\">",
        &format!("<html lang=\"{}\" dir=\"{}\">", page.lang, page.dir),
        1,
    );
    let html = between(&html, "<title>", "</title>", &page.head);
    between(
        &html,
        "<body>",
        "</body>",
        &format!("<body>{}</body>", page.body),
    )
}

/// `text` with `new` in the place of what begins with `start` and ends with `end`.
fn between(text: &str, start: &str, end: &str, new: &str) -> String {
    let split = text
        .split_once(start)
        .and_then(|(before, rest)| rest.split_once(end).map(|(_, after)| (before, after)));
    match split {
        Some((before, after)) => format!("{before}{new}{after}"),
        None => text.to_owned(),
    }
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
