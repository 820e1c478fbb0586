//! `GET /api/v1/prices/`: what a page costs the caller, so that a page can say so before it sends a document.

use axum::Json;
use axum::extract::State;
use ocr_chat_document::Tier;
use serde::Serialize;

use crate::app::AppState;
use crate::error::ApiError;
use crate::metering::price_held;
use crate::web::auth::Caller;

/// Credits a page, at most: allowances count pages at the same prices, and pages that fail cost nothing.
#[derive(Debug, Serialize)]
pub struct Prices {
    /// Whether anything is counted for the caller; where not, reading is free.
    is_metered: bool,
    /// A page of the `cpu` tier.
    cpu: i64,
    /// A page of the `vlm` tier, whatever reads it in the end.
    vlm: i64,
}

/// The prices.
///
/// # Errors
/// 401 for a wrong token.
pub async fn prices(
    State(state): State<AppState>,
    caller: Result<Caller, ApiError>,
) -> Result<Json<Prices>, ApiError> {
    let config = &state.config;
    let may_use_model = state.jobs.vision().is_some();
    Ok(Json(Prices {
        is_metered: caller?.sender().is_metered(config),
        cpu: price_held(&config.prices, Tier::Cpu, may_use_model),
        vlm: price_held(&config.prices, Tier::Vlm, may_use_model),
    }))
}
