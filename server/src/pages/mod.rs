//! Pages that the server writes (`ocr-chat-pages`): sign-in, account, prices. Their forms go to the handlers of the API, so that
//! a rule stands in one place.

mod visit;

mod sign_in;

mod password;

mod account;

mod prices;

mod tools;

mod admin;

mod api_reference;

mod docs;

mod legal;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use ocr_chat_i18n::Locale;
use ocr_chat_pages::{Here, Notice, Visitor};

use crate::app::AppState;
use crate::error::ApiError;
use crate::web::observe::Page;
use crate::web::{csp, session};

/// The pages, with and without a final slash.
pub(crate) fn routes() -> Vec<(&'static str, MethodRouter<AppState>)> {
    vec![
        ("/sign-in", get(sign_in::show).post(sign_in::send)),
        (
            "/sign-up",
            get(sign_in::show_sign_up).post(sign_in::send_sign_up),
        ),
        (
            "/verify",
            get(sign_in::show_verify).post(sign_in::send_verify),
        ),
        (
            "/forgot-password",
            get(password::show_forgot).post(password::send_forgot),
        ),
        (
            "/reset-password",
            get(password::show_reset).post(password::send_reset),
        ),
        ("/account", get(account::show)),
        ("/account/checkout", post(account::checkout)),
        ("/account/tokens", post(account::make_token)),
        ("/account/tokens/{id}/revoke", post(account::revoke_token)),
        ("/account/settings", post(account::set)),
        ("/account/password", post(account::change_password)),
        ("/account/sign-out", post(account::sign_out)),
        (
            "/account/sign-out-everywhere",
            post(account::sign_out_everywhere),
        ),
        ("/account/delete", post(account::delete)),
        ("/admin", get(admin::overview)),
        ("/admin/users", get(admin::users)),
        ("/admin/users/{id}", get(admin::user)),
        ("/admin/users/{id}/grant", post(admin::grant)),
        ("/admin/users/{id}/plan", post(admin::set_plan)),
        ("/admin/users/{id}/disable", post(admin::disable)),
        ("/admin/users/{id}/enable", post(admin::enable)),
        ("/admin/jobs", get(admin::jobs)),
        ("/admin/jobs/{id}/delete", post(admin::delete_job)),
        ("/admin/log", get(admin::log)),
        ("/tools", get(tools::list)),
        (
            "/tools/{slug}",
            get(tools::show)
                .post(tools::send)
                .layer(DefaultBodyLimit::disable()),
        ),
        ("/results/{uuid}", get(tools::result)),
        ("/results/{uuid}/delete", post(tools::delete)),
        ("/prices", get(prices::show)),
        ("/api-reference", get(api_reference::show)),
        ("/docs", get(docs::show)),
        ("/privacy", get(legal::privacy)),
        ("/terms", get(legal::terms)),
        ("/status", get(legal::status)),
        ("/robots.txt", get(legal::robots)),
        ("/sitemap.xml", get(legal::sitemap)),
    ]
}

/// What all pages have in common: forms of this site only, and headers.
pub(crate) fn around(state: &AppState, pages: Router<AppState>) -> Router<AppState> {
    pages.layer(middleware::from_fn_with_state(state.clone(), guard))
}

/// Refuses forms of other sites, and keeps every page out of caches and frames.
async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let reads = request.method() == Method::GET || request.method() == Method::HEAD;
    // A browser sends the header with every form, so a form without it is no browser's.
    if !reads && !session::is_same_origin(&state.config, request.headers()) {
        return ApiError::wrong_origin().into_response();
    }
    let here = visit::here(&state, request.uri(), request.extensions());
    let mut response = next.run(request).await;
    if let Some(error) = response.extensions_mut().remove::<ApiError>() {
        // An error of a page is a page, too.
        let frame = visit::frame(&state, here, Visitor::Anybody).await;
        let status = error.status.as_u16();
        let written = page(
            error.status,
            ocr_chat_pages::problem(frame, status, error.code, error.message),
        );
        // Its headers stay: when to come again, which cookie to forget.
        let (parts, body) = written.into_parts();
        response.extensions_mut().insert(Page);
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().extend(parts.headers);
        *response.body_mut() = body;
    }
    secure(response.headers_mut());
    response
}

/// The headers of every page.
fn secure(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        // Addresses carry codes. `no-referrer` would take the `Origin` from forms, too.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&csp::policy("")) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The page for an address that nothing is at.
pub(crate) async fn not_found(state: &AppState, locale: Locale, path: String) -> Response {
    let here = Here {
        locale,
        path,
        base_url: state.config.public_url(),
    };
    let frame = visit::frame(state, here, Visitor::Anybody).await;
    let ApiError {
        status,
        code,
        message,
        ..
    } = ApiError::no_such_address();
    let html = ocr_chat_pages::problem(frame, status.as_u16(), code, message);
    let mut response = page(status, html);
    secure(response.headers_mut());
    response
}

/// A time of RFC 3339 to the minute, as people read it: `2026-12-01 00:00`.
fn minute(rfc3339: &str) -> String {
    let minute: String = rfc3339.chars().take(16).collect();
    minute.replace('T', " ")
}

/// A page with a status. It stays as it is, where other answers with an error's status become the API's envelope.
fn page(status: StatusCode, html: String) -> Response {
    let mut response = (status, Html(html)).into_response();
    response.extensions_mut().insert(Page);
    response
}

/// To another page, with the cookies of `headers`.
fn go_to(address: &str, headers: &HeaderMap) -> Response {
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response();
    for cookie in headers.get_all(header::SET_COOKIE) {
        response
            .headers_mut()
            .append(header::SET_COOKIE, cookie.clone());
    }
    response
}

/// After a form: to `next` where it was done; otherwise the page `again`, with what was wrong.
fn after(
    answer: Result<impl IntoResponse, ApiError>,
    next: &'static str,
    again: impl FnOnce(Notice) -> String,
) -> Response {
    match answer {
        Ok(answer) => go_to(next, answer.into_response().headers()),
        Err(error) => refused(error, again),
    }
}

/// After a form that was refused: the page `again`, with what was wrong.
fn refused(error: ApiError, again: impl FnOnce(Notice) -> String) -> Response {
    let mut response = page(
        error.status,
        again(Notice::Refused(error.code, error.message)),
    );
    if let Some(seconds) = error.retry_after_s {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
