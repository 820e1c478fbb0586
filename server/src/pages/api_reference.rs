//! `/api-reference`: the API, to read and to try.

use axum::http::StatusCode;
use axum::response::Response;
use ocr_chat_pages::api_reference as pages;

use crate::pages::page;
use crate::pages::visit::Visit;

pub(super) async fn show(visit: Visit) -> Response {
    page(StatusCode::OK, pages::api_reference(visit.frame))
}
