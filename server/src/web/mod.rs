//! The routes and what is common to them.

mod observe;

pub mod auth;

pub mod assets;

pub mod csp;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};

use crate::api;
use crate::app::AppState;
use crate::error::ApiError;

/// All routes of the server. Those of the API answer with and without a final slash.
pub fn router(state: AppState) -> Router {
    let job = get(api::get_job::get_job).delete(api::delete_job::delete_job);
    // The upload counts its bytes itself, to answer with the code of the specification.
    let submit = post(api::submit::submit).layer(DefaultBodyLimit::disable());
    let api = Router::new();
    let api = route(api, "/v1/ocr", submit);
    let api = route(api, "/v1/ocr/{uuid}", job);
    let api = route(api, "/v1/ocr/{uuid}/download", get(api::download::download));
    let api = route(api, "/v1/version", get(api::version::version));
    let api = route(api, "/v1/languages", get(api::languages::languages));
    let api = api
        .fallback(|| async { ApiError::no_such_address() })
        .layer(middleware::from_fn(private))
        .layer(cors());

    route(Router::new(), "/health", get(api::health::health))
        .nest("/api", api)
        .fallback(assets::serve)
        .layer(CompressionLayer::new())
        // Weights hardly compress; added behind the compression.
        .route("/models/{file}", get(api::model_file::model_file))
        .layer(CatchPanicLayer::custom(
            |_panic: Box<dyn std::any::Any + Send>| {
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            },
        ))
        .layer(middleware::from_fn(observe::observe))
        .with_state(state)
}

fn route(
    router: Router<AppState>,
    path: &str,
    methods: MethodRouter<AppState>,
) -> Router<AppState> {
    router
        .route(path, methods.clone())
        .route(&format!("{path}/"), methods)
}

/// Any page may call the API with a token of its own; there are no cookies to misuse.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::RETRY_AFTER,
            observe::X_REQUEST_ID,
        ])
        .max_age(std::time::Duration::from_secs(24 * 3_600))
}

/// Answers of the API are somebody's documents, and their addresses may carry a token or a job's uuid.
async fn private(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in PRIVATE_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const PRIVATE_HEADERS: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];
