//! `GET /api/v1/chat/{uuid}/history/`: a conversation about a document.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};

use crate::api::chat::{ShownMessage, account, conversation, finished_job};
use crate::app::AppState;
use crate::error::ApiError;
use crate::web::auth::Caller;

/// The query of this address.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    /// Which conversation; the latest about the document otherwise.
    conversation: Option<String>,
}

/// A conversation.
#[derive(Debug, Serialize)]
pub struct History {
    /// Its id; `null` where nothing was asked yet.
    conversation: Option<String>,
    title: Option<String>,
    messages: Vec<ShownMessage>,
}

/// The whole conversation.
///
/// # Errors
/// 401 without an account, 404 for an unknown conversation, and as for the job.
pub async fn history(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result<Json<History>, ApiError> {
    let owner = account(&caller)?;
    let job = finished_job(&state, &caller, &uuid).await?;
    let found = match parameters.conversation.as_deref() {
        Some(id) if !id.is_empty() => {
            let found = conversation(&state, owner, id).await?;
            if !found.documents.contains(&job.id) {
                return Err(ApiError::invalid_parameter(
                    "conversation",
                    "it is about other documents.",
                ));
            }
            Some(found)
        }
        _ => state.db.latest_conversation(&owner.id, &job.id).await?,
    };
    let Some(found) = found else {
        return Ok(Json(History {
            conversation: None,
            title: None,
            messages: Vec::new(),
        }));
    };
    let messages = state.db.messages(&found.id).await?;
    Ok(Json(History {
        conversation: Some(found.id.0),
        title: Some(found.title),
        messages: messages
            .into_iter()
            .map(ShownMessage::of)
            .collect::<Result<_, _>>()?,
    }))
}
