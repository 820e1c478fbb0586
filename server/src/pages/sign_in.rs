//! `/sign-in`, `/sign-up` and `/verify`.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use ocr_chat_pages::sign_in as pages;
use serde::Deserialize;

use crate::api::account::{Body, sign_in, sign_up};
use crate::app::AppState;
use crate::audit::RequestId;
use crate::pages::visit::{Done, Visit};
use crate::pages::{after, go_to, page, refused};
use crate::web::client_ip::ClientIp;

/// A code in the address of a page, as links of e-mails carry it.
#[derive(Deserialize)]
pub(super) struct WithCode {
    #[serde(default)]
    pub(super) code: String,
}

/// Where people can sign in instead.
fn provider(state: &AppState) -> Option<String> {
    let provider = state.oidc.as_ref()?;
    Some(provider.name().to_owned())
}

pub(super) async fn show(State(state): State<AppState>, mut visit: Visit, done: Done) -> Response {
    if visit.account.is_some() {
        return go_to("/account", &HeaderMap::new());
    }
    visit.frame.notice = done.notice();
    page(
        StatusCode::OK,
        pages::sign_in(visit.frame, String::new(), provider(&state)),
    )
}

pub(super) async fn send(
    State(state): State<AppState>,
    visit: Visit,
    ip: ClientIp,
    request_id: RequestId,
    headers: HeaderMap,
    Form(form): Form<sign_in::SignIn>,
) -> Response {
    let email = form.email.clone();
    let provider = provider(&state);
    let answer = sign_in::sign_in(State(state), ip, request_id, headers, Body(form)).await;
    after(answer, "/account", |problem| {
        pages::sign_in(visit.told(problem), email, provider)
    })
}

pub(super) async fn show_sign_up(visit: Visit) -> Response {
    page(StatusCode::OK, pages::sign_up(visit.frame, String::new()))
}

pub(super) async fn send_sign_up(
    State(state): State<AppState>,
    visit: Visit,
    ip: ClientIp,
    headers: HeaderMap,
    Form(form): Form<sign_up::SignUp>,
) -> Response {
    let email = form.email.clone();
    match sign_up::sign_up(State(state), ip, headers, Body(form)).await {
        // The same whether the address has an account or not.
        Ok(_) => page(
            StatusCode::ACCEPTED,
            pages::mail_sent(visit.frame, pages::Mailed::Confirmation),
        ),
        Err(error) => refused(error, |problem| pages::sign_up(visit.told(problem), email)),
    }
}

pub(super) async fn show_verify(visit: Visit, Query(link): Query<WithCode>) -> Response {
    page(StatusCode::OK, pages::verify(visit.frame, link.code))
}

pub(super) async fn send_verify(
    State(state): State<AppState>,
    visit: Visit,
    ip: ClientIp,
    request_id: RequestId,
    headers: HeaderMap,
    Form(form): Form<sign_up::Confirmation>,
) -> Response {
    let code = form.code.clone();
    let answer = sign_up::verify(State(state), ip, request_id, headers, Body(form)).await;
    after(answer, "/account?done=confirmed", |problem| {
        pages::verify(visit.told(problem), code)
    })
}
