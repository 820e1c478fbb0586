//! `/api/v1/chat/`: questions about documents. One action a file.

pub mod ask;

pub mod history;

pub mod conversations;

use axum::http::StatusCode;
use ocr_chat_chat::Citation;
use ocr_chat_document::{BBox, JobStatus};
use serde::{Deserialize, Serialize};

use crate::app::AppState;
use crate::clock::rfc3339;
use crate::db::accounts::Account;
use crate::db::conversations::{Conversation, Message};
use crate::db::jobs::Job;
use crate::error::ApiError;
use crate::ids::ConversationId;
use crate::web::auth::Caller;

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownMessage {
    /// `user` or `assistant`.
    pub role: String,
    /// What is said.
    pub content: String,
    /// Where it stands; none of a question.
    pub citations: Vec<ShownCitation>,
    /// Of an answer: whether the documents have it; `null` of a question.
    pub found: Option<bool>,
    /// Of an answer: what made it, `extractive` or the name of a model.
    pub engine: Option<String>,
    /// Of an answer: who made it, `server` or the name of an external provider.
    pub processed_by: Option<String>,
    /// When it came (RFC 3339, UTC).
    pub created_at: Option<String>,
}

/// A citation as it is shown and stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShownCitation {
    /// Number of the page, from 1.
    pub page: u32,
    /// What stands there.
    pub snippet: String,
    /// Where on the page, in pixels of the page, one box a line.
    pub boxes: Vec<BBox>,
    /// The job of the document.
    pub uuid: String,
}

/// What is stored beside an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerDetail {
    /// Where it stands.
    pub citations: Vec<ShownCitation>,
    /// Whether the documents have it.
    pub found: bool,
    /// What made it.
    pub engine: String,
    /// Who made it.
    pub processed_by: String,
}

/// A conversation without its messages.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShownConversation {
    conversation: String,
    title: String,
    /// The jobs that it is about.
    uuids: Vec<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
}

impl ShownCitation {
    /// `citation` of one of `jobs`.
    pub fn new(citation: Citation, jobs: &[Job]) -> Self {
        Self {
            uuid: jobs
                .get(citation.document)
                .map_or_else(String::new, |job| job.id.as_str().to_owned()),
            page: citation.page,
            snippet: citation.snippet,
            boxes: citation.boxes,
        }
    }
}

impl ShownMessage {
    /// A stored message.
    ///
    /// # Errors
    /// When what is stored beside it is no JSON of ours.
    pub fn of(message: Message) -> Result<Self, ApiError> {
        let detail: Option<AnswerDetail> =
            match &message.detail_json {
                Some(json) => Some(serde_json::from_str(json).map_err(|error| {
                    ApiError::internal(format_args!("a stored message: {error}"))
                })?),
                None => None,
            };
        let created_at = rfc3339(message.created_ms);
        Ok(match detail {
            Some(detail) => Self {
                role: message.role,
                content: message.content,
                citations: detail.citations,
                found: Some(detail.found),
                engine: Some(detail.engine),
                processed_by: Some(detail.processed_by),
                created_at,
            },
            None => Self {
                role: message.role,
                content: message.content,
                citations: Vec::new(),
                found: None,
                engine: None,
                processed_by: None,
                created_at,
            },
        })
    }
}

impl From<Conversation> for ShownConversation {
    fn from(conversation: Conversation) -> Self {
        Self {
            conversation: conversation.id.0,
            title: conversation.title,
            uuids: conversation
                .documents
                .iter()
                .map(|job| job.as_str().to_owned())
                .collect(),
            created_at: rfc3339(conversation.created_ms),
            updated_at: rfc3339(conversation.updated_ms),
        }
    }
}

/// Who asks: chat belongs to accounts.
///
/// # Errors
/// 401 `token_needed` without one.
fn account(caller: &Caller) -> Result<&Account, ApiError> {
    caller.account.as_ref().ok_or_else(ApiError::token_needed)
}

/// The job called `uuid`, finished and with text.
///
/// # Errors
/// 404 and 410 as for the job, 409 before it is done, 422 when it failed.
async fn finished_job(state: &AppState, caller: &Caller, uuid: &str) -> Result<Job, ApiError> {
    let (job, status) = caller.job(state, uuid).await?;
    match status {
        JobStatus::Done => Ok(job),
        JobStatus::Failed => {
            let message = "The job failed; there is no text to ask about.";
            Err(ApiError::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "job_failed",
                message,
            ))
        }
        _ => {
            let message = "The job is not done yet; ask again when its status is done.";
            Err(ApiError::new(StatusCode::CONFLICT, "not_done", message))
        }
    }
}

/// The conversation called `id` of the caller.
///
/// # Errors
/// 404 when there is none.
async fn conversation(
    state: &AppState,
    account: &Account,
    id: &str,
) -> Result<Conversation, ApiError> {
    let found = state
        .db
        .conversation(&account.id, &ConversationId(id.to_owned()))
        .await?;
    found.ok_or_else(no_conversation)
}

fn no_conversation() -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "conversation_not_found",
        "There is no such conversation.",
    )
}
