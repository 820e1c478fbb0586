//! Languages of the interface in addresses: `/th/prices` is `/prices` in Thai.

use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{Extensions, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use ocr_chat_i18n::{Language as _, Locale, split_path};

/// The language that the address of a request named.
pub(crate) fn of(extensions: &Extensions) -> Locale {
    extensions.get::<Locale>().copied().unwrap_or(Locale::en)
}

/// Takes the language out of the address before the routes see it, and puts it back into where a form leads to. The API has no languages.
pub(crate) async fn localise(mut request: Request, next: Next) -> Response {
    let (locale, path) = split_path(request.uri().path());
    if locale == Locale::en || is_api(path) {
        return next.run(request).await;
    }
    if let Some(uri) = with_path(request.uri(), path) {
        *request.uri_mut() = uri;
        request.extensions_mut().insert(locale);
    }
    let mut response = next.run(request).await;
    let target = response
        .headers()
        .get(header::LOCATION)
        .and_then(|to| to.to_str().ok())
        .filter(|to| to.starts_with('/') && !to.starts_with("//") && !is_api(to))
        .and_then(|to| HeaderValue::try_from(locale.href(to)).ok());
    if let Some(target) = target {
        response.headers_mut().insert(header::LOCATION, target);
    }
    response
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/models/") || path == "/health"
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let text = match uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(text).ok()?);
    Uri::from_parts(parts).ok()
}
