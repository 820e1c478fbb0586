//! `POST /api/v1/payment/stripe/`: the events of the payment provider. Signed, so nobody else is asked who they are.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use crate::api::account::payments::not_configured;
use crate::app::AppState;
use crate::audit::{Actor, RequestId};
use crate::clock::now_ms;
use crate::db::payments::Handled;
use crate::error::ApiError;
use crate::payment::EventError;

/// Takes an event. 204 says that it need not come again; with another status the provider sends it again later.
///
/// # Errors
/// 400 `invalid_signature` or `bad_request`, 404 `payment_not_configured`, 409 `not_paid_yet` for a refund that came before its
/// payment.
pub async fn event(
    State(state): State<AppState>,
    request_id: RequestId,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let provider = state.payment.as_ref().ok_or_else(not_configured)?;
    let event = provider
        .event(&headers, &body, now_ms())
        .map_err(|error| match error {
            EventError::Signature => ApiError::bad_request(
                "invalid_signature",
                "The signature is missing, wrong or too old.",
            ),
            EventError::Shape => ApiError::bad_request("bad_request", "The event cannot be read."),
        })?;
    let name = provider.name();
    let actor = Actor::provider(name, &request_id);
    match state.db.handle_payment_event(name, &event, &actor).await? {
        Handled::Done | Handled::Known | Handled::Foreign => {}
        Handled::Mismatch => {
            tracing::error!(
                event = event.id,
                "a payment is not what was ordered; no credits were granted"
            );
        }
        Handled::TooEarly => {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                "not_paid_yet",
                "This payment is not known to be paid yet; send the event again.",
            ));
        }
    }
    Ok(StatusCode::NO_CONTENT)
}
