//! `/prices`: the price list of this server.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use ocr_chat_pages::credits::Pack;
use ocr_chat_pages::prices as pages;

use crate::app::AppState;
use crate::metering::Plan;
use crate::pages::page;
use crate::pages::visit::Visit;

/// What can be bought here.
pub(super) fn packs(state: &AppState) -> Vec<Pack> {
    if state.payment.is_none() {
        return Vec::new();
    }
    let packs = state.config.prices.packs().iter();
    packs
        .map(|pack| Pack {
            id: pack.id.clone(),
            credits: pack.credits,
            amount: pack.amount,
            currency: pack.currency.clone(),
        })
        .collect()
}

pub(super) async fn show(State(state): State<AppState>, visit: Visit) -> Response {
    let prices = &state.config.prices;
    let default_hours = state.config.retention.as_secs() / 3_600;
    let plans = [
        (Plan::Anonymous, pages::Who::Anonymous),
        (Plan::Free, pages::Who::Account),
        (Plan::Paid, pages::Who::Paid),
    ];
    let plans = plans.map(|(plan, who)| {
        let rules = prices.plan(plan);
        pages::Plan {
            who,
            allowance: rules.allowance,
            period: rules.period.as_str(),
            pages_per_file: rules.pages_per_file,
            retention_hours: rules.retention_hours.map_or(default_hours, u64::from),
        }
    });
    let list = pages::Prices {
        cpu: prices.cpu,
        vlm: prices.vlm_local,
        chat: prices.chat,
        packs: packs(&state),
        plans: plans.into(),
        is_metered: state.config.is_metered,
    };
    page(StatusCode::OK, pages::prices(visit.frame, list))
}
