//! The routes and what is common to them.

pub(crate) mod observe;

pub mod auth;

pub mod client_ip;

pub mod session;

pub mod rate_limit;

pub mod streams;

pub mod tokens;

pub(crate) mod locale;

pub mod assets;

pub mod csp;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, delete, get, post, put};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{Any, CorsLayer};

use crate::api;
use crate::app::AppState;
use crate::error::ApiError;
use crate::pages;

/// Makes a request that is sent again the same request.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// `true` on an answer whose job an earlier request made.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// All routes of the server. Those of the API answer with and without a final slash.
pub fn router(state: AppState) -> Router {
    // The upload counts its bytes itself, to answer with the code of the specification.
    let limit = || middleware::from_fn_with_state(state.clone(), rate_limit::limit_requests);
    let tokens = add(Router::new(), token_routes()).layer(limit());
    let accounts = add(Router::new(), account_routes());
    let accounts = add(accounts, admin_routes()).layer(limit());
    let api = tokens
        // Outside of the limit, so that pages of other sites can read its 429.
        .layer(cors())
        .merge(accounts)
        .fallback(|| async { ApiError::no_such_address() })
        .layer(middleware::from_fn(private));

    let pages = add(Router::new(), pages::routes()).layer(limit());

    let routes = add(Router::new(), vec![("/health", get(api::health::health))])
        .nest("/api", api)
        .merge(pages::around(&state, pages))
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
        .with_state(state);
    // Routes are found by an address from which the language is gone already.
    Router::new()
        .fallback_service(routes)
        .layer(middleware::from_fn(locale::localise))
}

/// `routes` with request ids, one log line a request and the envelope of errors.
pub fn with_envelope(routes: Router) -> Router {
    routes.layer(middleware::from_fn(observe::observe))
}

/// The paths of all routes of the API, for tests that have to know every one.
pub fn api_paths() -> Vec<String> {
    let routes = token_routes().into_iter().chain(account_routes());
    let routes = routes.chain(admin_routes());
    routes.map(|(path, _)| format!("/api{path}")).collect()
}

type Routes = Vec<(&'static str, MethodRouter<AppState>)>;

/// The routes that any page may call with a token of its own.
fn token_routes() -> Routes {
    use api::{
        chat, delete_job, download, events, get_job, languages, list_jobs, openapi, prices, submit,
        tools, usage, version,
    };
    vec![
        (
            "/v1/ocr",
            get(list_jobs::list_jobs)
                .post(submit::submit)
                .layer(DefaultBodyLimit::disable()),
        ),
        (
            "/v1/ocr/{uuid}",
            get(get_job::get_job).delete(delete_job::delete_job),
        ),
        ("/v1/ocr/{uuid}/download", get(download::download)),
        ("/v1/ocr/{uuid}/events", get(events::events)),
        (
            "/v1/chat",
            get(chat::conversations::all).post(chat::ask::ask_several),
        ),
        ("/v1/chat/{uuid}", post(chat::ask::ask)),
        ("/v1/chat/{uuid}/history", get(chat::history::history)),
        (
            "/v1/chat/{uuid}/conversations",
            get(chat::conversations::about),
        ),
        (
            "/v1/chat/conversations/{id}",
            get(chat::conversations::show)
                .put(chat::conversations::rename)
                .delete(chat::conversations::delete),
        ),
        (
            "/v1/chat/conversations/{id}/export",
            get(chat::conversations::export),
        ),
        ("/v1/usage", get(usage::usage)),
        ("/v1/version", get(version::version)),
        ("/v1/languages", get(languages::languages)),
        ("/v1/prices", get(prices::prices)),
        ("/v1/tools", get(tools::tools)),
        ("/openapi.json", get(openapi::openapi)),
    ]
}

/// The routes of accounts. No page of another site may call them: they work by cookie.
fn account_routes() -> Routes {
    use api::account::{
        claim, delete, export, me, oidc, password, payments, settings, sign_in, sign_up, tokens,
        webhooks,
    };
    vec![
        ("/v1/account/checkout", post(payments::checkout)),
        ("/v1/account/payments", get(payments::list)),
        (
            "/v1/account/webhooks",
            get(webhooks::show)
                .put(webhooks::set)
                .delete(webhooks::remove),
        ),
        ("/v1/account/webhooks/secret", post(webhooks::rotate)),
        ("/v1/account/webhooks/deliveries", get(webhooks::deliveries)),
        (
            "/v1/account/webhooks/deliveries/{id}/redeliver",
            post(webhooks::redeliver),
        ),
        ("/v1/account/oidc/start", get(oidc::start)),
        ("/v1/account/oidc/callback", get(oidc::callback)),
        ("/v1/payment/stripe", post(api::payment::event)),
        ("/v1/account", get(me::me).delete(delete::delete_account)),
        ("/v1/account/me", get(me::me)),
        ("/v1/account/settings", put(settings::set)),
        ("/v1/account/sign-up", post(sign_up::sign_up)),
        ("/v1/account/verify", post(sign_up::verify)),
        ("/v1/account/sign-in", post(sign_in::sign_in)),
        ("/v1/account/sign-out", post(sign_in::sign_out)),
        (
            "/v1/account/sign-out-everywhere",
            post(sign_in::sign_out_everywhere),
        ),
        ("/v1/account/password", post(password::change)),
        ("/v1/account/password-reset", post(password::ask_for_reset)),
        ("/v1/account/password-reset/confirm", post(password::reset)),
        ("/v1/account/tokens", get(tokens::list).post(tokens::create)),
        (
            "/v1/account/tokens/{id}",
            get(tokens::show).delete(tokens::revoke),
        ),
        ("/v1/account/claim", post(claim::claim)),
        ("/v1/account/export", get(export::export)),
    ]
}

/// The routes of admins; like those of accounts, closed to pages of other sites.
fn admin_routes() -> Routes {
    use api::admin::{
        audit, delete_job, disable, enable, failures, grant, jobs, plan, queue, user, users,
    };
    vec![
        ("/v1/admin/users", get(users)),
        ("/v1/admin/users/{id}", get(user)),
        ("/v1/admin/users/{id}/grant", post(grant)),
        ("/v1/admin/users/{id}/plan", post(plan)),
        ("/v1/admin/users/{id}/disable", post(disable)),
        ("/v1/admin/users/{id}/enable", post(enable)),
        ("/v1/admin/jobs", get(jobs)),
        ("/v1/admin/jobs/{id}", delete(delete_job)),
        ("/v1/admin/queue", get(queue)),
        ("/v1/admin/failures", get(failures)),
        ("/v1/admin/audit", get(audit)),
    ]
}

fn add(router: Router<AppState>, routes: Routes) -> Router<AppState> {
    routes.into_iter().fold(router, |router, (path, methods)| {
        router
            .route(path, methods.clone())
            .route(&format!("{path}/"), methods)
    })
}

/// Any page may call the API with a token of its own. Credentials are not allowed, so that no cookie is sent along.
fn cors() -> CorsLayer {
    let [limit, remaining, reset] = rate_limit::RATE_LIMIT_HEADERS;
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, IDEMPOTENCY_KEY])
        .expose_headers([
            header::CONTENT_DISPOSITION,
            header::RETRY_AFTER,
            observe::X_REQUEST_ID,
            IDEMPOTENT_REPLAYED,
            limit,
            remaining,
            reset,
        ])
        .max_age(std::time::Duration::from_secs(24 * 3_600))
}

/// Answers of the API are somebody's documents, and their addresses may carry a token or a job's uuid.
async fn private(request: Request, next: Next) -> Response {
    // PostgreSQL keeps no NUL in a text, and nobody means one.
    let address = request.uri().path_and_query();
    let has_nul = address.is_some_and(|address| address.as_str().contains("%00"));
    let mut response = if has_nul {
        let message = "The address has a NUL character.";
        ApiError::bad_request("bad_request", message).into_response()
    } else {
        next.run(request).await
    };
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
