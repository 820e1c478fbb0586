//! `POST /api/v1/chat/{uuid}/` and `POST /api/v1/chat/`: a question about one document or several.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use ocr_chat_chat::Reply;
use serde::{Deserialize, Serialize};

use crate::api::account::Body;
use crate::api::chat::{
    AnswerDetail, ShownCitation, ShownMessage, account, conversation, finished_job,
};
use crate::app::AppState;
use crate::chat::MAX_DOCUMENTS;
use crate::chat::embedding::{EmbeddingModel, Near};
use crate::chat::model::{Asked, ChatModel};
use crate::clock::{now_ms, rfc3339};
use crate::db::conversations::{Exchange, StoredExchange, new_id};
use crate::db::jobs::Job;
use crate::error::ApiError;
use crate::ids::{ConversationId, JobId};
use crate::vision::HERE;
use crate::web::auth::Caller;

/// Longest question, in characters.
const MAX_CHARS: usize = 4_000;

/// Messages of a conversation, questions and answers.
const MAX_MESSAGES: i64 = 2_000;

/// What answers in the documents' own words.
const EXTRACTIVE: &str = "extractive";

/// A question.
#[derive(Debug, Deserialize)]
pub struct Question {
    #[serde(default)]
    message: String,
    /// The conversation that it goes on with; the latest about the document, or a new one, otherwise. `new` begins one.
    #[serde(default)]
    conversation: Option<String>,
    /// Whether the answer comes as events, as it is written.
    #[serde(default)]
    stream: bool,
}

/// A question about several documents.
#[derive(Debug, Deserialize)]
pub struct WideQuestion {
    #[serde(default)]
    uuids: Vec<String>,
    #[serde(flatten)]
    question: Question,
}

/// An answer.
#[derive(Debug, Serialize)]
struct Answer {
    conversation: String,
    message: ShownMessage,
}

/// Answers a question about the job called `uuid`.
///
/// # Errors
/// 400 without a message, 401 without an account, 402 where answers cost and it does not fit, 404 and 410 as for the job, 409 before it is done, 422 when it failed.
pub async fn ask(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
    headers: HeaderMap,
    question: Result<Body<Question>, ApiError>,
) -> Result<Response, ApiError> {
    account(&caller)?;
    let Body(question) = question?;
    let job = finished_job(&state, &caller, &uuid).await?;
    answer(&state, &caller, vec![job], question, &headers).await
}

/// Answers a question about several jobs.
///
/// # Errors
/// As [`ask`]; 400 for no job or too many.
pub async fn ask_several(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    asked: Result<Body<WideQuestion>, ApiError>,
) -> Result<Response, ApiError> {
    account(&caller)?;
    let Body(asked) = asked?;
    // By their ids, however they are written: two requests must lock the same jobs in the same order.
    let parsed: Option<Vec<JobId>> = asked.uuids.iter().map(|uuid| JobId::parse(uuid)).collect();
    let mut ids = parsed.ok_or_else(ApiError::job_not_found)?;
    ids.sort();
    ids.dedup();
    if ids.is_empty() || ids.len() > MAX_DOCUMENTS {
        let message = format!("name 1 to {MAX_DOCUMENTS} jobs.");
        return Err(ApiError::invalid_parameter("uuids", message));
    }
    let mut jobs = Vec::with_capacity(ids.len());
    for id in &ids {
        jobs.push(finished_job(&state, &caller, id.as_str()).await?);
    }
    answer(&state, &caller, jobs, asked.question, &headers).await
}

async fn answer(
    state: &AppState,
    caller: &Caller,
    jobs: Vec<Job>,
    question: Question,
    headers: &HeaderMap,
) -> Result<Response, ApiError> {
    let owner = account(caller)?;
    let text = question.message.trim();
    if text.is_empty() {
        return Err(ApiError::invalid_parameter("message", "ask something."));
    }
    if text.chars().count() > MAX_CHARS || text.contains('\0') {
        return Err(ApiError::invalid_parameter(
            "message",
            format_args!("it has {MAX_CHARS} characters or fewer, none of them NUL."),
        ));
    }
    let ids: Vec<JobId> = jobs.iter().map(|job| job.id.clone()).collect();
    let (conversation, is_new, before) =
        going_on(state, caller, &ids, question.conversation.as_deref()).await?;
    let page_counts: Vec<u32> = jobs.iter().map(|job| job.page_count).collect();
    let ready = state
        .jobs
        .library()
        .ready(&state.db, &ids, &page_counts)
        .await?;
    let model = state
        .chat
        .as_ref()
        .filter(|model| owner.allows_external || !model.is_external());
    let embedding = state
        .embedding
        .as_ref()
        .filter(|model| owner.allows_external || !model.is_external());
    let Near {
        near,
        was_sent: was_embedded,
    } = match embedding {
        Some(model) => model.near(&ready, text).await,
        None => Near::default(),
    };
    let asked = match model {
        Some(model) => {
            model
                .answer(Arc::clone(&ready), text, before.as_deref(), near.as_ref())
                .await
        }
        None => Asked::default(),
    };
    // Who got passages is named, also where its answer was not given.
    let embedder = embedding
        .filter(|_| was_embedded)
        .map(EmbeddingModel::provider);
    let answerer = model.filter(|_| asked.was_sent).map(ChatModel::provider);
    let provider = providers(embedder, answerer);
    let (message, detail) = match (asked.reply, model) {
        (Some(reply), Some(model)) => shown(reply, &jobs, model.engine().to_owned(), provider),
        _ => {
            let text = text.to_owned();
            let found = tokio::task::spawn_blocking(move || {
                ready.answer(&text, before.as_deref(), near.as_ref())
            });
            let reply = found.await.map_err(ApiError::internal)?;
            shown(reply, &jobs, EXTRACTIVE.to_owned(), provider)
        }
    };
    let price = state.config.prices.chat;
    let sender = caller.sender();
    let bill = sender
        .bill_of(&state.config, &state.secrets, price, now_ms())
        .filter(|_| price > 0 && detail.found);
    let detail_json = serde_json::to_string(&detail).map_err(ApiError::internal)?;
    let exchange = Exchange {
        conversation: &conversation,
        is_new,
        account: &owner.id,
        documents: &ids,
        question: text,
        answer: &message.content,
        detail_json: &detail_json,
        bill: bill.as_ref(),
    };
    match state.db.store_exchange(&exchange).await? {
        StoredExchange::Stored => {}
        StoredExchange::Short(shortage) => {
            return Err(sender.refusal(&state.config, shortage, now_ms()));
        }
        StoredExchange::Gone => {
            // Nothing of what went is kept ready.
            for id in &ids {
                state.jobs.library().forget(id);
            }
            return Err(ApiError::job_not_found());
        }
    }
    let answer = Answer {
        conversation: conversation.0,
        message,
    };
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if question.stream || accepts.starts_with("text/event-stream") {
        return Ok(events(&answer)?.into_response());
    }
    Ok(Json(answer).into_response())
}

/// Who got text of a document, this server alone where nobody else did.
fn providers(embedder: Option<&str>, answerer: Option<&str>) -> String {
    let mut names: Vec<&str> = embedder.into_iter().chain(answerer).collect();
    names.retain(|name| *name != HERE);
    names.dedup();
    if names.is_empty() {
        HERE.to_owned()
    } else {
        names.join(", ")
    }
}

/// The conversation that a question goes on with, and the question before it.
async fn going_on(
    state: &AppState,
    caller: &Caller,
    ids: &[JobId],
    asked: Option<&str>,
) -> Result<(ConversationId, bool, Option<String>), ApiError> {
    let owner = account(caller)?;
    let found = match (asked.map(str::trim).filter(|asked| !asked.is_empty()), ids) {
        (Some("new"), _) => None,
        (Some(id), _) => {
            let found = conversation(state, owner, id).await?;
            if found.documents != ids {
                return Err(ApiError::invalid_parameter(
                    "conversation",
                    "it is about other documents.",
                ));
            }
            Some(found)
        }
        (None, [only]) => state.db.latest_conversation(&owner.id, only).await?,
        (None, _) => None,
    };
    let Some(found) = found else {
        return Ok((new_id().map_err(ApiError::internal)?, true, None));
    };
    if state.db.n_messages(&found.id).await? >= MAX_MESSAGES {
        let message = format!(
            "it has {MAX_MESSAGES} messages already; begin a new one (\"conversation\": \"new\")."
        );
        return Err(ApiError::invalid_parameter("conversation", message));
    }
    let before = state.db.last_question(&found.id).await?;
    Ok((found.id, false, before))
}

fn shown(
    reply: Reply,
    jobs: &[Job],
    engine: String,
    processed_by: String,
) -> (ShownMessage, AnswerDetail) {
    let citations = reply
        .citations
        .into_iter()
        .map(|citation| ShownCitation::new(citation, jobs));
    let detail = AnswerDetail {
        citations: citations.collect(),
        found: reply.is_found,
        engine,
        processed_by,
    };
    let message = ShownMessage {
        role: "assistant".to_owned(),
        content: reply.content,
        citations: detail.citations.clone(),
        found: Some(detail.found),
        engine: Some(detail.engine.clone()),
        processed_by: Some(detail.processed_by.clone()),
        created_at: rfc3339(now_ms()),
    };
    (message, detail)
}

/// The answer as events: what is said, line by line, then all of it with its citations.
fn events(answer: &Answer) -> Result<impl IntoResponse + use<>, ApiError> {
    let mut sent: Vec<Result<Event, Infallible>> = Vec::new();
    for line in answer.message.content.split_inclusive('\n') {
        let data = serde_json::to_string(&serde_json::json!({ "content": line }))
            .map_err(ApiError::internal)?;
        sent.push(Ok(Event::default().event("delta").data(data)));
    }
    let whole = serde_json::to_string(answer).map_err(ApiError::internal)?;
    sent.push(Ok(Event::default().event("message").data(whole)));
    Ok(Sse::new(stream::iter(sent)))
}
