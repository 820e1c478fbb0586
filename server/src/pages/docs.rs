//! `/docs`: how the API is called.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use ocr_chat_pages::docs as pages;

use crate::app::AppState;
use crate::error::ApiError;
use crate::pages::page;
use crate::pages::visit::Visit;

/// The guide; for somebody who is signed in, with the first token that can be shown.
///
/// # Errors
/// When the database fails.
pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
) -> Result<Response, ApiError> {
    let token = match &visit.account {
        Some(account) => super::account::shown_tokens(&state, account)
            .await?
            .into_iter()
            .find_map(|token| Some((token.name, token.token?))),
        None => None,
    };
    let docs = pages::Docs {
        server: state.config.public_url(),
        token,
    };
    Ok(page(StatusCode::OK, pages::docs(visit.frame, docs)))
}
