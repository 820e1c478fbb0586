//! `/tools`, `/tools/{slug}` and `/results/{uuid}`.

use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use ocr_chat_document::{Detail, JobStatus};
use ocr_chat_export::ExportFormat;
use ocr_chat_pages::Notice;
use ocr_chat_pages::tools as pages;
use serde::Deserialize;
use serde_json::Value;

use crate::api::submit;
use crate::app::AppState;
use crate::error::ApiError;
use crate::jobs::answer;
use crate::metering::price_held;
use crate::pages::visit::Visit;
use crate::pages::{go_to, page, refused};
use crate::tools::{Need, TOOLS, Tool, find};
use crate::web::auth::Caller;

/// Formats of downloads, behind the tool's own.
const FORMATS: [ExportFormat; 8] = [
    ExportFormat::Txt,
    ExportFormat::Md,
    ExportFormat::Docx,
    ExportFormat::Pdf,
    ExportFormat::Csv,
    ExportFormat::Xlsx,
    ExportFormat::Html,
    ExportFormat::Json,
];

/// How often a page of a job that is being read looks again, in seconds.
const LOOK_AGAIN: &str = "2";

/// All tools.
pub(super) async fn list(State(state): State<AppState>, visit: Visit) -> Response {
    let tools = TOOLS.iter().map(|tool| shown(&state, tool));
    page(StatusCode::OK, pages::tools(visit.frame, tools.collect()))
}

/// The page of one.
///
/// # Errors
/// 404 without such a tool.
pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(slug): Path<String>,
) -> Result<Response, ApiError> {
    let tool = find(&slug).ok_or_else(ApiError::no_such_address)?;
    Ok(page(StatusCode::OK, write(&state, visit, tool)))
}

/// A file for a tool: to its result.
///
/// # Errors
/// 404 without such a tool.
pub(super) async fn send(
    State(state): State<AppState>,
    visit: Visit,
    Path(slug): Path<String>,
    caller: Result<Caller, ApiError>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, ApiError> {
    let tool = find(&slug).ok_or_else(ApiError::no_such_address)?;
    let sent = match submit::submit(State(state.clone()), caller, headers, form).await {
        Ok(sent) => sent,
        Err(error) => {
            let again = |notice: Notice| {
                let frame = visit.told(notice);
                write(
                    &state,
                    Visit {
                        account: None,
                        frame,
                    },
                    tool,
                )
            };
            return Ok(refused(error, again));
        }
    };
    /// Of the answer, which is our own.
    #[derive(Deserialize)]
    struct Job {
        uuid: String,
    }
    let body = axum::body::to_bytes(sent.into_body(), usize::MAX)
        .await
        .map_err(ApiError::internal)?;
    let job: Job = serde_json::from_slice(&body).map_err(ApiError::internal)?;
    Ok(go_to(&format!("/results/{}", job.uuid), &HeaderMap::new()))
}

/// What was found, or how far it has come.
///
/// # Errors
/// 404 and 410 as for the job.
pub(super) async fn result(
    State(state): State<AppState>,
    visit: Visit,
    caller: Caller,
    Path(uuid): Path<String>,
) -> Result<Response, ApiError> {
    let (job, status) = caller.job(&state, &uuid).await?;
    let tool = job.tool.as_deref().and_then(find);
    let (pages_done, page_count) = (job.pages_done, job.page_count);
    let mut found = pages::Found {
        uuid: job.id.as_str().to_owned(),
        tool: tool.map(|tool| tool.slug),
        state: pages::FoundState::Reading(pages_done, page_count),
        fields: Vec::new(),
        text: String::new(),
        formats: formats(tool),
    };
    if !status.is_finished() {
        let mut response = page(StatusCode::OK, pages::result(visit.frame, found));
        response
            .headers_mut()
            .insert(header::REFRESH, HeaderValue::from_static(LOOK_AGAIN));
        return Ok(response);
    }
    let answer = answer::answer(&state.db, job, status, Detail::Lines).await?;
    found.state = match status {
        JobStatus::Failed => pages::FoundState::Failed(answer.error.unwrap_or_default()),
        _ => pages::FoundState::Done,
    };
    found.text = match answer.translation {
        Some(translation) => translation.text,
        None => answer.text,
    };
    let fields = serde_json::to_value(&answer.fields).map_err(ApiError::internal)?;
    rows(&fields, "", &mut found.fields);
    Ok(page(StatusCode::OK, pages::result(visit.frame, found)))
}

/// Deletes a job and its document.
///
/// # Errors
/// 404 and 410 as for the job.
pub(super) async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
) -> Result<Response, ApiError> {
    let (job, _) = caller.job(&state, &uuid).await?;
    state.jobs.delete(&job.id).await?;
    Ok(go_to("/tools", &HeaderMap::new()).into_response())
}

fn shown(state: &AppState, tool: &'static Tool) -> pages::Tool {
    pages::Tool {
        slug: tool.slug,
        missing: tool
            .missing(state.jobs.available())
            .and(tool.needs)
            .map(|need| match need {
                Need::FormulaModel => pages::Missing::FormulaModel,
                Need::Translator => pages::Missing::Translator,
            }),
        price: price_held(
            &state.config.prices,
            tool.preset.tier,
            state.config.vision.is_some(),
        ),
    }
}

fn write(state: &AppState, visit: Visit, tool: &'static Tool) -> String {
    let keeping = pages::Keeping {
        hours: state.config.retention.as_secs() / 3_600,
        is_metered: state.config.is_metered,
    };
    // Of a translation, what it may be into.
    let languages = match tool.needs {
        Some(Need::Translator) => state.jobs.translation_targets(),
        _ => Vec::new(),
    };
    pages::tool(visit.frame, shown(state, tool), keeping, languages)
}

/// Names of formats, the tool's own first.
fn formats(tool: Option<&Tool>) -> Vec<&'static str> {
    let own = tool.map(|tool| tool.preset.format);
    let others = FORMATS.into_iter().filter(|format| Some(*format) != own);
    own.into_iter()
        .chain(others)
        .map(ExportFormat::name)
        .collect()
}

/// Fields as rows of a table: what each is called, what it says, its page.
fn rows(value: &Value, name: &str, found: &mut Vec<(String, String, Option<u64>)>) {
    match value {
        Value::Object(fields) if fields.contains_key("bbox") => {
            found.push((
                name.to_owned(),
                shown_value(fields),
                fields["page"].as_u64(),
            ));
        }
        // A label and its value is a field called so.
        Value::Object(fields) if fields.contains_key("label") => {
            let value = &fields["value"];
            let label = &fields["label"];
            found.push((
                text(&label["value"]),
                text(&value["value"]),
                label["page"].as_u64(),
            ));
        }
        // An item of a bill is one row.
        Value::Object(fields) if fields.contains_key("description") => {
            let parts = ["description", "quantity", "unit_price", "amount"]
                .map(|key| fields[key].as_object().map(shown_value).unwrap_or_default());
            let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            found.push((
                name.to_owned(),
                parts.join(" | "),
                fields["description"]["page"].as_u64(),
            ));
        }
        Value::Object(fields) => {
            for (key, value) in fields
                .iter()
                .filter(|(key, _)| *key != "kind" && *key != "checks")
            {
                rows(value, &spoken(key), found);
            }
        }
        Value::Array(values) => {
            for (number, value) in values.iter().enumerate() {
                rows(value, &format!("{name} {}", number + 1), found);
            }
        }
        Value::Bool(value) => found.push((
            name.to_owned(),
            if *value { "yes" } else { "no" }.to_owned(),
            None,
        )),
        Value::String(value) => found.push((name.to_owned(), value.clone(), None)),
        Value::Null | Value::Number(_) => {}
    }
}

/// A value as people read it: figures as they stand on the page, with their cents.
fn shown_value(field: &serde_json::Map<String, Value>) -> String {
    let key = if field["value"].is_number() {
        "text"
    } else {
        "value"
    };
    text(&field[key])
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `birth_date` as `Birth date`.
fn spoken(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}
