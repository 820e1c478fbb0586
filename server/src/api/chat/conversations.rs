//! `/api/v1/chat/`, `/api/v1/chat/{uuid}/conversations/` and `/api/v1/chat/conversations/{id}/`: the account's conversations.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use crate::api::account::Body;
use crate::api::chat::{
    ShownConversation, ShownMessage, account, conversation, finished_job, no_conversation,
};
use crate::app::AppState;
use crate::error::ApiError;
use crate::ids::ConversationId;
use crate::web::auth::Caller;

/// Conversations of a list.
const MAX_LISTED: i64 = 200;

/// Longest title, in characters.
const MAX_TITLE_CHARS: usize = 200;

/// A list of conversations.
#[derive(Debug, Serialize)]
pub struct List {
    conversations: Vec<ShownConversation>,
}

/// A conversation with its messages.
#[derive(Debug, Serialize)]
pub struct Whole {
    #[serde(flatten)]
    conversation: ShownConversation,
    messages: Vec<ShownMessage>,
}

/// Another title.
#[derive(Debug, Deserialize)]
pub struct Title {
    title: String,
}

/// The account's latest conversations.
///
/// # Errors
/// 401 without an account.
pub async fn all(State(state): State<AppState>, caller: Caller) -> Result<Json<List>, ApiError> {
    let owner = account(&caller)?;
    let found = state.db.conversations_of(&owner.id, MAX_LISTED).await?;
    Ok(Json(List {
        conversations: found.into_iter().map(Into::into).collect(),
    }))
}

/// The account's conversations about a document.
///
/// # Errors
/// 401 without an account, and as for the job.
pub async fn about(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
) -> Result<Json<List>, ApiError> {
    let owner = account(&caller)?;
    let job = finished_job(&state, &caller, &uuid).await?;
    let found = state.db.conversations_about(&owner.id, &job.id).await?;
    Ok(Json(List {
        conversations: found.into_iter().map(Into::into).collect(),
    }))
}

/// A conversation.
///
/// # Errors
/// 401 without an account, 404 when there is none.
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Whole>, ApiError> {
    let owner = account(&caller)?;
    let found = conversation(&state, owner, &id).await?;
    let messages = state.db.messages(&found.id).await?;
    Ok(Json(Whole {
        conversation: found.into(),
        messages: messages
            .into_iter()
            .map(ShownMessage::of)
            .collect::<Result<_, _>>()?,
    }))
}

/// Calls a conversation something else.
///
/// # Errors
/// 400 without a title, 401 without an account, 404 when there is none.
pub async fn rename(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    body: Result<Body<Title>, ApiError>,
) -> Result<StatusCode, ApiError> {
    let owner = account(&caller)?;
    let Body(body) = body?;
    let title = body.title.trim();
    if title.is_empty() || title.chars().count() > MAX_TITLE_CHARS || title.contains('\0') {
        return Err(ApiError::invalid_parameter(
            "title",
            format_args!("it has 1 to {MAX_TITLE_CHARS} characters, none of them NUL."),
        ));
    }
    let id = ConversationId(id);
    done(state.db.rename_conversation(&owner.id, &id, title).await?)
}

/// Deletes a conversation.
///
/// # Errors
/// 401 without an account, 404 when there is none.
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let owner = account(&caller)?;
    let id = ConversationId(id);
    done(state.db.delete_conversation(&owner.id, &id).await?)
}

/// A conversation as a Markdown file: questions as headings, answers, and what they quote with its page.
///
/// # Errors
/// 401 without an account, 404 when there is none.
pub async fn export(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let owner = account(&caller)?;
    let found = conversation(&state, owner, &id).await?;
    let messages = state.db.messages(&found.id).await?;
    let mut text = format!("# {}\n", one_line(&found.title));
    for message in messages {
        let message = ShownMessage::of(message)?;
        if message.role == "user" {
            text.push_str(&format!("\n## {}\n", one_line(&message.content)));
            continue;
        }
        text.push_str(&format!("\n{}\n", escaped(&message.content)));
        for citation in message.citations {
            let short = citation.uuid.get(..8).unwrap_or_default();
            text.push_str(&format!(
                "\n> {} (document {short}, p. {})\n",
                escaped(&one_line(&citation.snippet)),
                citation.page
            ));
        }
    }
    let headers = [
        (header::CONTENT_TYPE, "text/markdown; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"conversation.md\"",
        ),
    ];
    Ok((headers, text))
}

/// 204 where the conversation was there, 404 otherwise.
fn done(was_there: bool) -> Result<StatusCode, ApiError> {
    was_there
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(no_conversation)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a document says is text, and no Markdown or HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
