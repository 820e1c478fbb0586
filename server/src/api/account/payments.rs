//! `POST /api/v1/account/checkout/` and `GET /api/v1/account/payments/`: buying credits.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::api::account::Body;
use crate::app::AppState;
use crate::clock::{now_ms, rfc3339};
use crate::db::payments::Payment;
use crate::error::ApiError;
use crate::hex;
use crate::ids::AccountId;
use crate::metering::Pack;
use crate::payment::Order;
use crate::web::rate_limit::Rate;
use crate::web::session::{Member, SignedIn};

/// Payments that are listed, the newest.
pub(crate) const MAX_PAYMENTS: u32 = 200;

const CHECKOUTS: Rate = Rate {
    what: "checkouts of an account",
    max: 30,
    window: Duration::from_secs(3_600),
};

/// What is bought.
#[derive(Deserialize)]
pub struct Purchase {
    pack: String,
}

/// Where it is paid.
#[derive(Serialize)]
pub struct Address {
    pub(crate) url: String,
}

/// Opens a page of the payment provider on which a pack of credits is paid. The credits come with the provider's signed event.
///
/// # Errors
/// 400 for a pack that is not on the price list, 401 without a session, 404 `payment_not_configured`, 429, 502
/// `payment_unavailable`.
pub async fn checkout(
    State(state): State<AppState>,
    SignedIn(account): SignedIn,
    Body(body): Body<Purchase>,
) -> Result<Json<Address>, ApiError> {
    let provider = state.payment.as_ref().ok_or_else(not_configured)?;
    let packs = state.config.prices.packs();
    let pack = packs.iter().find(|pack| pack.id == body.pack);
    let pack = pack.ok_or_else(|| {
        let known: Vec<&str> = packs.iter().map(|pack| pack.id.as_str()).collect();
        ApiError::invalid_parameter("pack", format_args!("it is one of {}.", known.join(", ")))
    })?;
    state.limiter.count(CHECKOUTS, account.id.0.clone())?;
    let payment = Payment {
        id: hex::random(16)?,
        account: Some(account.id),
        pack: pack.id.clone(),
        credits: pack.credits,
        amount: pack.amount,
        currency: pack.currency.clone(),
        status: "open".to_owned(),
        refunded_amount: 0,
        refunded_credits: 0,
        receipt_url: None,
        created_ms: now_ms(),
        paid_ms: None,
    };
    // Before the provider knows of it: its event must find the row.
    state.db.insert_payment(&payment, provider.name()).await?;
    let base_url = state.config.public_url();
    let order = Order {
        payment: payment.id.clone(),
        title: format!("OCR.chat: {} credits", pack.credits),
        amount: pack.amount,
        currency: pack.currency.clone(),
        email: account.email,
        success_url: format!("{base_url}/account?payment=done"),
        cancel_url: format!("{base_url}/account?payment=cancelled"),
    };
    match provider.checkout(order).await {
        Ok(checkout) => {
            state
                .db
                .set_checkout(&payment.id, &checkout.session)
                .await?;
            Ok(Json(Address { url: checkout.url }))
        }
        Err(error) => {
            tracing::error!(%error, "no checkout");
            state.db.remove_payment(&payment.id).await?;
            Err(ApiError::new(
                StatusCode::BAD_GATEWAY,
                "payment_unavailable",
                "The payment provider cannot be used now; nothing was charged.",
            ))
        }
    }
}

/// A payment as its owner sees it.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    id: String,
    /// When it was paid.
    at: Option<String>,
    pack: String,
    credits: i64,
    /// In the smallest unit of the currency.
    amount: i64,
    currency: String,
    /// `paid`, `partly_refunded`, `refunded` or `mismatch`.
    status: String,
    refunded_amount: i64,
    refunded_credits: i64,
    receipt_url: Option<String>,
}

/// What can be bought and what was.
#[derive(Debug, Serialize)]
pub struct List {
    /// Whether anything can be bought here.
    is_configured: bool,
    packs: Vec<Pack>,
    /// Newest first.
    payments: Vec<Entry>,
}

/// The packs of the price list, and the account's payments.
///
/// # Errors
/// 401 without a session or a token.
pub async fn list(
    State(state): State<AppState>,
    Member(account): Member,
) -> Result<Json<List>, ApiError> {
    Ok(Json(List {
        is_configured: state.payment.is_some(),
        packs: state.config.prices.packs().to_vec(),
        payments: entries(&state, &account.id).await?,
    }))
}

/// The payments of an account, newest first.
pub(super) async fn entries(state: &AppState, account: &AccountId) -> Result<Vec<Entry>, ApiError> {
    let payments = state.db.payments_of(account, MAX_PAYMENTS).await?;
    let entries = payments.into_iter().map(|payment| Entry {
        id: payment.id,
        at: payment.paid_ms.and_then(rfc3339),
        pack: payment.pack,
        credits: payment.credits,
        amount: payment.amount,
        currency: payment.currency,
        status: payment.status,
        refunded_amount: payment.refunded_amount,
        refunded_credits: payment.refunded_credits,
        receipt_url: payment.receipt_url,
    });
    Ok(entries.collect())
}

/// 404: nobody takes money here.
pub(in crate::api) fn not_configured() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "payment_not_configured",
        "Nothing can be bought on this server; its operator grants credits.",
    )
}
