//! `/account` and its forms.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use ocr_chat_pages::credits::{self, Pack, Payment};
use ocr_chat_pages::{Frame, Notice, account as pages};
use serde::Deserialize;

use crate::api::account::{
    Body, delete as deletion, me, password, payments, settings, sign_in, tokens,
};
use crate::api::usage;
use crate::app::AppState;
use crate::audit::RequestId;
use crate::chat::embedding::EmbeddingModel;
use crate::chat::model::ChatModel;
use crate::clock::now_ms;
use crate::db::accounts::Account;
use crate::error::ApiError;
use crate::metering::Period;
use crate::pages::prices::packs;
use crate::pages::visit::{Done, Mine, Visit};
use crate::pages::{go_to, minute, page, refused};
use crate::web::session::Member;

/// The page, or the one to sign in.
pub(super) async fn show(
    State(state): State<AppState>,
    mut visit: Visit,
    done: Done,
) -> Result<Response, ApiError> {
    let Some(account) = visit.account.take() else {
        return Ok(go_to("/sign-in", &HeaderMap::new()));
    };
    visit.frame.notice = done.notice();
    let html = write(&state, visit.frame, account).await?;
    Ok(page(StatusCode::OK, html))
}

async fn write(state: &AppState, frame: Frame, account: Account) -> Result<String, ApiError> {
    let id = account.id.clone();
    let has_password = account.password_hash.is_some();
    let tokens = shown_tokens(state, &account).await?;
    let now_ms = now_ms();
    let first_day = Period::Month.begins_ms(now_ms).div_euclid(usage::DAY_MS);
    let today = now_ms.div_euclid(usage::DAY_MS);
    let used = state.db.usage_by_day(&id, first_day, today).await?;
    let paid = state.db.payments_of(&id, payments::MAX_PAYMENTS).await?;
    let payments = paid.into_iter().map(|payment| Payment {
        at: payment.paid_ms.map(day).unwrap_or_default(),
        pack: Pack {
            id: payment.pack,
            credits: payment.credits,
            amount: payment.amount,
            currency: payment.currency,
        },
        status: payment.status,
        receipt_url: payment.receipt_url,
    });
    let me = me::answer(state, account).await?;
    Ok(pages::account(
        frame,
        pages::Account {
            balance: me.balance(),
            is_operator: me.is_admin && me.email.is_none(),
            has_password,
            email: me.email,
            external: external_providers(state).map(|names| (names, me.allow_external)),
            plan: me.plan.to_owned(),
            tokens,
            days: used
                .into_iter()
                .rev()
                .map(|(day, usage)| pages::Day {
                    date: usage::name(day),
                    pages: usage.pages,
                    credits: usage.credits,
                })
                .collect(),
            packs: packs(state),
            payments: payments.collect(),
            server: state.config.public_url(),
        },
    ))
}

/// The tokens of an account as their owner sees them, oldest first.
pub(super) async fn shown_tokens(
    state: &AppState,
    account: &Account,
) -> Result<Vec<pages::Token>, ApiError> {
    let stored = state.db.tokens_of(&account.id).await?;
    let shown = stored.into_iter().map(|token| pages::Token {
        token: crate::web::tokens::shown(&state.secrets, &token),
        id: token.id.0,
        name: token.name,
        made: day(token.created_ms),
        last_used: token.last_used_ms.map(day),
        spent: token.spent,
        spending_cap: token.spending_cap,
    });
    Ok(shown.collect())
}

/// The names of all providers elsewhere that documents may go to; `None` where there is none.
pub(super) fn external_providers(state: &AppState) -> Option<String> {
    let chat = state.chat.as_ref().filter(|model| model.is_external());
    let mut names: Vec<&str> = state.jobs.external_providers().collect();
    names.extend(chat.map(ChatModel::provider));
    let embedding = state.embedding.as_ref().filter(|model| model.is_external());
    names.extend(embedding.map(EmbeddingModel::provider));
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The day of a time, `2026-11-23`.
fn day(unix_ms: i64) -> String {
    usage::name(unix_ms.div_euclid(usage::DAY_MS))
}

/// After a form of the account page: the page again, with what was done or what was wrong.
async fn finish(
    state: &AppState,
    mut visit: Visit,
    answer: Result<impl IntoResponse, ApiError>,
    next: &'static str,
) -> Response {
    let error = match answer {
        Ok(answer) => return go_to(next, answer.into_response().headers()),
        Err(error) => error,
    };
    let Some(account) = visit.account.take() else {
        return go_to("/sign-in", &HeaderMap::new());
    };
    let frame = visit.told(Notice::Refused(error.code, error.message.clone()));
    match write(state, frame, account).await {
        Ok(html) => refused(error, |_| html),
        Err(error) => error.into_response(),
    }
}

/// To the payment provider's page.
pub(super) async fn checkout(
    State(state): State<AppState>,
    visit: Visit,
    Mine(who): Mine,
    Form(form): Form<payments::Purchase>,
) -> Response {
    match payments::checkout(State(state.clone()), who, Body(form)).await {
        Ok(Json(address)) => page(
            StatusCode::OK,
            credits::to_payment(visit.frame, address.url),
        ),
        Err(error) => finish(&state, visit, Err::<(), _>(error), "").await,
    }
}

/// A token to be made, as the form sends it.
#[derive(Deserialize)]
pub(super) struct NewToken {
    name: String,
    #[serde(default)]
    spending_cap: String,
}

pub(super) async fn make_token(
    State(state): State<AppState>,
    visit: Visit,
    Mine(who): Mine,
    request_id: RequestId,
    Form(form): Form<NewToken>,
) -> Response {
    let answer = match spending_cap(&form.spending_cap) {
        Ok(spending_cap) => {
            let new = tokens::New {
                name: form.name,
                spending_cap,
            };
            tokens::create(State(state.clone()), who, request_id, Body(new)).await
        }
        Err(error) => Err(error),
    };
    finish(&state, visit, answer, "/account?done=token").await
}

/// An empty field is no limit.
fn spending_cap(text: &str) -> Result<Option<i64>, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = |_| ApiError::invalid_parameter("spending_cap", "it is a whole number of credits.");
    text.parse().map(Some).map_err(wrong)
}

pub(super) async fn revoke_token(
    State(state): State<AppState>,
    visit: Visit,
    Mine(who): Mine,
    request_id: RequestId,
    id: Path<String>,
) -> Response {
    let answer = tokens::revoke(State(state.clone()), who, request_id, id).await;
    finish(&state, visit, answer, "/account?done=revoked").await
}

pub(super) async fn change_password(
    State(state): State<AppState>,
    visit: Visit,
    Mine(who): Mine,
    request_id: RequestId,
    headers: HeaderMap,
    Form(form): Form<password::Change>,
) -> Response {
    let answer = password::change(State(state.clone()), who, request_id, headers, Body(form)).await;
    finish(&state, visit, answer, "/account?done=password").await
}

pub(super) async fn set(
    State(state): State<AppState>,
    visit: Visit,
    Mine(who): Mine,
    request_id: RequestId,
    Form(form): Form<settings::Settings>,
) -> Response {
    let answer = settings::set(State(state.clone()), Member(who.0), request_id, Body(form)).await;
    finish(&state, visit, answer, "/account?done=settings").await
}

/// What else a form to sign out asks for.
#[derive(Deserialize)]
pub(super) struct SignOut {
    /// `device`: the browser is to forget its documents, models and settings, too.
    #[serde(default)]
    clear: String,
}

pub(super) async fn sign_out(
    State(state): State<AppState>,
    visit: Visit,
    Mine(who): Mine,
    headers: HeaderMap,
    Form(form): Form<SignOut>,
) -> Response {
    let answer = sign_in::sign_out(State(state.clone()), who, headers).await;
    let mut response = finish(&state, visit, answer, "/").await;
    if form.clear == "device" && response.status().is_redirection() {
        // Browsers obey over HTTPS and on this host alone.
        response.headers_mut().insert(
            HeaderName::from_static("clear-site-data"),
            HeaderValue::from_static("\"cache\", \"storage\""),
        );
    }
    response
}

pub(super) async fn sign_out_everywhere(
    State(state): State<AppState>,
    visit: Visit,
    Mine(who): Mine,
    headers: HeaderMap,
) -> Response {
    let answer = sign_in::sign_out_everywhere(State(state.clone()), who, headers).await;
    finish(&state, visit, answer, "/sign-in").await
}

pub(super) async fn delete(
    State(state): State<AppState>,
    visit: Visit,
    Mine(who): Mine,
    request_id: RequestId,
    headers: HeaderMap,
    Form(form): Form<deletion::Delete>,
) -> Response {
    let answer =
        deletion::delete_account(State(state.clone()), who, request_id, headers, Body(form)).await;
    finish(&state, visit, answer, "/sign-in?done=deleted").await
}

impl me::Me {
    /// What is left, as the page shows it.
    fn balance(&self) -> Option<pages::Balance> {
        self.is_metered.then(|| pages::Balance {
            used: self.allowance.used,
            cap: self.allowance.cap,
            period: self.allowance.period,
            resets_at: self
                .allowance
                .resets_at
                .as_deref()
                .map_or_else(String::new, minute),
            credits: self.credits,
        })
    }
}
