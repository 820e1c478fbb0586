//! `/forgot-password` and `/reset-password`.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use ocr_chat_pages::sign_in as pages;

use crate::api::account::{Body, password};
use crate::app::AppState;
use crate::audit::RequestId;
use crate::pages::sign_in::WithCode;
use crate::pages::visit::Visit;
use crate::pages::{after, page, refused};
use crate::web::client_ip::ClientIp;

pub(super) async fn show_forgot(visit: Visit) -> Response {
    page(StatusCode::OK, pages::forgot_password(visit.frame))
}

pub(super) async fn send_forgot(
    State(state): State<AppState>,
    visit: Visit,
    ip: ClientIp,
    headers: HeaderMap,
    Form(form): Form<password::Forgot>,
) -> Response {
    match password::ask_for_reset(State(state), ip, headers, Body(form)).await {
        // The same whether the address has an account or not.
        Ok(_) => page(
            StatusCode::ACCEPTED,
            pages::mail_sent(visit.frame, pages::Mailed::Reset),
        ),
        Err(error) => refused(error, |problem| pages::forgot_password(visit.told(problem))),
    }
}

pub(super) async fn show_reset(visit: Visit, Query(link): Query<WithCode>) -> Response {
    page(
        StatusCode::OK,
        pages::reset_password(visit.frame, link.code),
    )
}

pub(super) async fn send_reset(
    State(state): State<AppState>,
    visit: Visit,
    ip: ClientIp,
    request_id: RequestId,
    headers: HeaderMap,
    Form(form): Form<password::Reset>,
) -> Response {
    let code = form.code.clone();
    let answer = password::reset(State(state), ip, request_id, headers, Body(form)).await;
    after(answer, "/sign-in?done=reset", |problem| {
        pages::reset_password(visit.told(problem), code)
    })
}
