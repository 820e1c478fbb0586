//! `POST /api/v1/ocr/`: a file becomes a job.

use std::time::Duration;

use axum::extract::State;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ocr_chat_document::Detail;
use ocr_chat_engine::TextLayers;

use crate::api::{detail, get_job, markdown_map};
use crate::app::AppState;
use crate::error::ApiError;
use crate::jobs::submit::{MAX_INLINE_PAGES, Request, Upload};
use crate::reader::text_layers;
use crate::web::auth::Caller;

/// Longest value of a parameter, in bytes.
const MAX_VALUE_BYTES: usize = 4_096;

/// Parts of a request, the file among them.
const MAX_PARTS: usize = 32;

/// How long the next bytes of an upload may take.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// How long the rest of a refused request is read and thrown away: a client that gets its answer while it still sends
/// would see a broken connection instead of the reason.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// Parameters of tools, translation, page ranges and keeping: planned. Taking them without a word would be wrong text,
/// or worse, a promise of privacy that is not kept.
const PLANNED: [&str; 4] = ["tool", "translate_to", "pages", "store"];

/// What the parts of a request say.
#[derive(Default)]
struct Form {
    upload: Option<Upload>,
    language: String,
    detail: Detail,
    text_layers: TextLayers,
    password: Option<String>,
    has_map: bool,
}

/// Accepts an upload and answers with its job: done when it has 5 pages or fewer and they are read in time, pending
/// otherwise.
///
/// # Errors
/// 400 for what the specification names, 401 for a wrong token, 503 when the queue is full.
pub async fn submit(
    State(state): State<AppState>,
    caller: Result<Caller, ApiError>,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Response, ApiError> {
    let mut multipart = multipart.map_err(|_| no_file())?;
    let received = match caller {
        Ok(caller) => read_form(&state, &mut multipart)
            .await
            .map(|form| (caller, form)),
        Err(error) => Err(error),
    };
    let (caller, form) = match received {
        Ok(received) => received,
        Err(error) => {
            drain(&mut multipart).await;
            return Err(error);
        }
    };
    let Form {
        upload,
        language,
        detail,
        text_layers,
        password,
        has_map,
    } = form;
    let upload = upload.ok_or_else(no_file)?;
    let request = Request {
        token: caller.token.clone(),
        language,
        detail,
        text_layers,
        password,
    };
    let (id, page_count) = state.jobs.accept(upload, request).await?;
    if page_count <= MAX_INLINE_PAGES {
        state.jobs.wait(&id).await?;
    }
    let (job, status) = caller.job(&state, id.as_str()).await?;
    get_job::json(&state, job, status, detail, has_map)
        .await
        .map(IntoResponse::into_response)
}

async fn drain(multipart: &mut Multipart) {
    let rest = async { while let Ok(Some(_)) = multipart.next_field().await {} };
    let _ = tokio::time::timeout(DRAIN_LIMIT, rest).await;
}

async fn read_form(state: &AppState, multipart: &mut Multipart) -> Result<Form, ApiError> {
    let mut form = Form {
        language: "auto".to_owned(),
        ..Form::default()
    };
    for _ in 0..MAX_PARTS {
        let Some(field) = in_time(multipart.next_field()).await? else {
            return Ok(form);
        };
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            if form.upload.is_some() {
                return Err(ApiError::invalid_parameter(
                    "file",
                    "send one file a request.",
                ));
            }
            form.upload = Some(receive(state, field).await?);
            continue;
        }
        let secret = value(&name, field).await?;
        let value = secret.trim();
        match name.as_str() {
            _ if value.is_empty() => {}
            "language" => {
                ocr_chat_language::choose(value)?;
                form.language = value.to_owned();
            }
            "detail" => form.detail = detail::parse(Some(value))?.unwrap_or_default(),
            "markdown_map" => form.has_map = markdown_map::parse(Some(value))?,
            "ocr" => {
                form.text_layers = text_layers(value).ok_or_else(|| {
                    ApiError::invalid_parameter("ocr", "it is auto, force or off.")
                })?;
            }
            "password" => form.password = Some(secret),
            "tier" => check_tier(value)?,
            name if PLANNED.contains(&name) => {
                return Err(ApiError::not_available(format!(
                    "{name}: this parameter is not available yet."
                )));
            }
            // Other names may be a later version's; they change nothing.
            _ => {}
        }
    }
    Err(ApiError::bad_request(
        "bad_request",
        format!("A request has {MAX_PARTS} parts or fewer."),
    ))
}

fn check_tier(tier: &str) -> Result<(), ApiError> {
    match tier {
        "cpu" => Ok(()),
        "vlm" => Err(ApiError::not_available(
            "tier: vlm is not available yet; use cpu.",
        )),
        _ => Err(ApiError::invalid_parameter("tier", "it is cpu or vlm.")),
    }
}

async fn receive(state: &AppState, mut field: Field<'_>) -> Result<Upload, ApiError> {
    let mut upload = state.jobs.begin_upload().await?;
    while let Some(chunk) = in_time(field.chunk()).await? {
        upload.write(&chunk).await?;
    }
    Ok(upload)
}

async fn value(name: &str, mut field: Field<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = in_time(field.chunk()).await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_VALUE_BYTES {
            return Err(ApiError::invalid_parameter(
                &shown(name),
                "the value is too long.",
            ));
        }
    }
    String::from_utf8(bytes)
        .map_err(|_| ApiError::invalid_parameter(&shown(name), "the value is not UTF-8."))
}

fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

async fn in_time<T>(part: impl Future<Output = Result<T, MultipartError>>) -> Result<T, ApiError> {
    match tokio::time::timeout(MAX_PAUSE, part).await {
        Ok(Ok(part)) => Ok(part),
        Ok(Err(_)) => Err(ApiError::bad_request(
            "bad_request",
            "The multipart body is incomplete or damaged.",
        )),
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "request_timeout",
            "The upload stopped for too long.",
        )),
    }
}

fn no_file() -> ApiError {
    ApiError::bad_request(
        "no_file",
        "Send the file as multipart/form-data in the field named file.",
    )
}
