//! `GET /api/v1/version/`: what runs here.

use axum::Json;
use axum::extract::State;
use ocr_chat_document::{EngineInfo, SCHEMA_VERSION, Tier};
use serde::Serialize;

use crate::app::AppState;

/// What runs here.
#[derive(Debug, Serialize)]
pub struct Version {
    name: &'static str,
    version: &'static str,
    /// Version of the answers' JSON.
    schema_version: u32,
    engine: EngineInfo,
}

/// Versions of the server, of its JSON and of its engine.
pub async fn version(State(state): State<AppState>) -> Json<Version> {
    Json(Version {
        name: "ocr-chat",
        version: env!("CARGO_PKG_VERSION"),
        schema_version: SCHEMA_VERSION,
        engine: state.reader.info(Tier::Cpu),
    })
}
