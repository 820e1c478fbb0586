//! `GET /health`: whether the server can work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ocr_chat_document::Tier;
use serde::Serialize;

use crate::app::AppState;
use crate::db::Database;
use crate::error::ApiError;
use crate::reader::PageReader;

/// The state of the server.
#[derive(Debug, Serialize)]
pub struct Health {
    status: &'static str,
    database: &'static str,
    /// The models that are loaded.
    models: Vec<String>,
    /// Pages that wait or are in work.
    queued_pages: i64,
}

/// 200 with the state of the server.
///
/// # Errors
/// 503 when the database does not answer.
pub async fn health(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    report(&state.db, &*state.reader).await
}

/// The state of a process on `db` that reads with `reader`.
///
/// # Errors
/// 503 when the database does not answer.
pub async fn report(db: &Database, reader: &dyn PageReader) -> Result<Json<Health>, ApiError> {
    let queued_pages = match db.n_waiting_pages().await {
        Ok(queued_pages) => queued_pages,
        Err(error) => {
            tracing::error!(%error, "health: the database does not answer");
            let message = "The database does not answer.";
            return Err(ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unhealthy",
                message,
            ));
        }
    };
    Ok(Json(Health {
        status: "ok",
        database: "ok",
        models: reader.info(Tier::Cpu).models,
        queued_pages,
    }))
}
