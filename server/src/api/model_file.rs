//! `GET /models/{file}`: a model's file, for the engine in the browser.

use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;
use tower::ServiceExt;
use tower_http::services::ServeFile;

use crate::app::AppState;
use crate::error::ApiError;

/// The query of this address.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    /// SHA-256 of the file as the manifest has it: the answer never changes then.
    v: Option<String>,
}

/// A file of the manifest, and no other.
///
/// # Errors
/// 404 for any other name, or when the file was not fetched.
pub async fn model_file(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(parameters): Query<Parameters>,
    request: Request,
) -> Result<Response, ApiError> {
    let file = state
        .manifest
        .file(&name)
        .ok_or_else(ApiError::no_such_address)?;
    let is_pinned = parameters.v.as_deref() == Some(file.sha256.as_str());
    // The path is made of the manifest's name, not of the caller's.
    let path = state.config.models_dir.join(&file.name);
    let mut response = match ServeFile::new(path).oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    };
    if response.status() == StatusCode::NOT_FOUND {
        tracing::warn!(
            file = file.name,
            "a model file is missing; `cargo xtask models` fetches it"
        );
    }
    let caching = if is_pinned {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    Ok(response)
}
