//! `POST /api/v1/ocr/`: a file becomes a job.

use std::time::Duration;

use axum::extract::State;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use ocr_chat_document::{Detail, Tier};
use ocr_chat_engine::TextLayers;
use ocr_chat_vision::Place;

use crate::api::account::webhooks;
use crate::api::{detail, get_job, markdown_map, tools};
use crate::app::AppState;
use crate::clock::now_ms;
use crate::db::idempotency::IdempotencyKey;
use crate::error::ApiError;
use crate::jobs::payment::{Sender, request_owners};
use crate::jobs::submit::{Accepted, MAX_INLINE_PAGES, Request, Upload};
use crate::jobs::translate::TranslationUse;
use crate::page_range::PageRanges;
use crate::reader::text_layers;
use crate::secret::Purpose;
use crate::tools::{Need, Tool};
use crate::vision::HERE;
use crate::web::auth::Caller;
use crate::web::{IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED};

/// Longest value of a parameter, in bytes.
const MAX_VALUE_BYTES: usize = 4_096;

/// Parts of a request, the file among them.
const MAX_PARTS: usize = 32;

/// Longest `Idempotency-Key`, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// How long the next bytes of an upload may take.
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// How long the rest of a refused request is read and thrown away: a client that gets its answer while it still sends
/// would see a broken connection instead of the reason.
const DRAIN_LIMIT: Duration = Duration::from_secs(30);

/// What the parts of a request say.
#[derive(Default)]
struct Form {
    upload: Option<Upload>,
    url: Option<String>,
    /// As asked; a tool's otherwise.
    tier: Option<Tier>,
    allows_external: Option<bool>,
    translate_to: Option<&'static str>,
    language: String,
    detail: Detail,
    /// As asked; a tool's otherwise.
    text_layers: Option<TextLayers>,
    tool: Option<&'static Tool>,
    password: Option<String>,
    has_map: bool,
    pages: Option<PageRanges>,
    is_not_stored: bool,
    webhook_url: Option<String>,
    /// All parameters as they were sent, in their order.
    parameters: Vec<(String, String)>,
}

/// Accepts an upload and answers with its job: done when it has 5 pages or fewer and they are read in time, pending
/// otherwise.
///
/// # Errors
/// 400 for what the specification names, 401 for a wrong token, 402 when the pages do not fit, 409 for an `Idempotency-Key` of
/// another request, 503 when the queue is full.
pub async fn submit(
    State(state): State<AppState>,
    caller: Result<Caller, ApiError>,
    headers: HeaderMap,
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
        url,
        tier,
        allows_external,
        translate_to,
        language,
        detail,
        text_layers,
        tool,
        password,
        has_map,
        pages,
        is_not_stored,
        webhook_url,
        parameters,
    } = form;
    if webhook_url.is_some() {
        check_webhook(&state, &caller).await?;
    }
    let sender = caller.sender();
    let sha256 = upload.as_ref().map(Upload::sha256);
    let idempotency = idempotency_key(&state, &headers, &sender, sha256, parameters)?;
    let upload = match (upload, url) {
        (Some(upload), None) => Ok(upload),
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid_parameter("url", "send a file or a url."));
        }
        (None, Some(url)) => match state.jobs.earlier_job(idempotency.as_ref()).await? {
            Some(earlier) => Err(earlier),
            None => Ok(fetch(&state, &url).await?),
        },
        (None, None) => return Err(no_file()),
    };
    let allows_external = agrees(&caller, allows_external);
    let translation = translation(&state, tool, translate_to, &language, allows_external).await?;
    let request = Request {
        idempotency,
        sender,
        allows_external,
        translation,
        tier: tier
            .or(tool.map(|tool| tool.preset.tier))
            .unwrap_or_default(),
        language,
        detail,
        text_layers: text_layers.unwrap_or_else(|| text_layers_of(tool)),
        tool: tool.map(|tool| tool.slug),
        password,
        pages,
        is_stored: !is_not_stored,
        webhook_url,
    };
    let accepted = match upload {
        Ok(upload) => state.jobs.accept(upload, request).await?,
        // It was accepted before: nothing is fetched again.
        Err(earlier) => earlier,
    };
    let Accepted { id, is_repeated } = accepted;
    let (mut job, mut status) = caller.job(&state, id.as_str()).await?;
    if job.page_count <= MAX_INLINE_PAGES {
        state.jobs.wait(&id, state.config.inline_wait).await?;
        (job, status) = caller.job(&state, id.as_str()).await?;
    }
    let answer = get_job::json(&state, job, status, detail, has_map).await?;
    let mut response = answer.into_response();
    if is_repeated {
        let headers = response.headers_mut();
        headers.insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// The document at `url`.
async fn fetch(state: &AppState, url: &str) -> Result<Upload, ApiError> {
    let Some(fetcher) = &state.fetcher else {
        let message = "url: this server fetches no documents; send the file.";
        return Err(ApiError::not_available(message));
    };
    let mut upload = state.jobs.begin_upload().await?;
    fetcher.fetch(url, &mut upload).await?;
    Ok(upload)
}

/// What makes this request the same when it is sent again; `None` without the header. `sha256` is the file's; a document by its address is the
/// same when the address is: what lies there may be another file by now.
fn idempotency_key(
    state: &AppState,
    headers: &HeaderMap,
    sender: &Sender,
    sha256: Option<String>,
    mut parameters: Vec<(String, String)>,
) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    if key.is_empty() || key.len() > MAX_KEY_BYTES {
        return Err(ApiError::bad_request(
            "invalid_parameter",
            format!("Idempotency-Key: it has 1 to {MAX_KEY_BYTES} characters."),
        ));
    }
    // Their order says nothing.
    parameters.sort();
    let body = serde_json::to_vec(&(sha256, parameters)).map_err(ApiError::internal)?;
    Ok(Some(IdempotencyKey {
        owners: request_owners(sender, state, now_ms()),
        key_hash: state.secrets.hash(Purpose::Idempotency, key.as_bytes()),
        body_sha256: state.secrets.hash(Purpose::Idempotency, &body),
    }))
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
        form.parameters.push((name.clone(), secret.clone()));
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
                let asked = text_layers(value).ok_or_else(|| {
                    ApiError::invalid_parameter("ocr", "it is auto, force or off.")
                })?;
                form.text_layers = Some(asked);
            }
            "url" => form.url = Some(value.to_owned()),
            "password" => form.password = Some(secret),
            "pages" => {
                let pages = value.parse();
                form.pages =
                    Some(pages.map_err(|error: String| {
                        ApiError::invalid_parameter("pages", error + ".")
                    })?);
            }
            "store" => form.is_not_stored = !is_true("store", value)?,
            "webhook_url" => {
                form.webhook_url = Some(webhooks::address(state, "webhook_url", value)?);
            }
            "tool" => form.tool = Some(tools::parse(value)?),
            "allow_external" => form.allows_external = Some(is_true("allow_external", value)?),
            "tier" => form.tier = Some(tier(value)?),
            "translate_to" => form.translate_to = Some(translate_to(value)?),
            // Other names may be a later version's; they change nothing.
            _ => {}
        }
    }
    Err(ApiError::bad_request(
        "bad_request",
        format!("A request has {MAX_PARTS} parts or fewer."),
    ))
}

/// Refuses `webhook_url` of who cannot be told: without an account there is no secret to sign with.
async fn check_webhook(state: &AppState, caller: &Caller) -> Result<(), ApiError> {
    let account = caller.account.as_ref().ok_or_else(ApiError::token_needed)?;
    match state.db.webhook(&account.id).await? {
        None => Err(ApiError::bad_request(
            "webhook_secret_needed",
            "webhook_url: the account has no webhook secret; PUT /api/v1/account/webhooks/ makes one.",
        )),
        Some(webhook) if webhook.disabled_ms.is_some() => Err(ApiError::bad_request(
            "webhook_disabled",
            "webhook_url: the webhook was turned off after failures; PUT /api/v1/account/webhooks/ turns it on.",
        )),
        Some(_) => Ok(()),
    }
}

/// What becomes of text that pages bring along, by the preset of a tool.
fn text_layers_of(tool: Option<&Tool>) -> TextLayers {
    tool.map_or_else(TextLayers::default, |tool| tool.preset.text_layers)
}

/// What a document is translated into, and by whom: told before anything is kept or charged.
async fn translation(
    state: &AppState,
    tool: Option<&Tool>,
    to: Option<&'static str>,
    language: &str,
    allows_external: bool,
) -> Result<Option<TranslationUse>, ApiError> {
    let is_translated = tool.is_some_and(|tool| tool.needs == Some(Need::Translator));
    let Some(to) = to else {
        if let Some(tool) = tool.filter(|_| is_translated) {
            if let Some(why) = tool.refusal(state.jobs.available()) {
                let message = format!("tool: {} is not available. {why}", tool.slug);
                return Err(ApiError::not_available(message));
            }
            let message = "it says which language to translate into, such as en or th.";
            return Err(ApiError::invalid_parameter("translate_to", message));
        }
        return Ok(None);
    };
    let from = ocr_chat_language::choose(language)?.map(|choice| choice.language.tag);
    let translators = &state.jobs.translators;
    let translator = translators.choose(from, to, allows_external).await?;
    Ok(Some(TranslationUse {
        to: to.to_owned(),
        at: match translator.place() {
            Place::Local => HERE.to_owned(),
            Place::External => translator.name().to_owned(),
        },
    }))
}

fn translate_to(code: &str) -> Result<&'static str, ApiError> {
    match ocr_chat_language::choose(code)? {
        Some(choice) => Ok(choice.language.tag),
        None => {
            let message = "it is the code of a language, such as en or th.";
            Err(ApiError::invalid_parameter("translate_to", message))
        }
    }
}

/// Whether the document may go to a model of another provider: an account has to have agreed, and may except a call; without one, the call
/// says so.
fn agrees(caller: &Caller, asked: Option<bool>) -> bool {
    match &caller.account {
        Some(account) => account.allows_external && asked != Some(false),
        None => asked == Some(true),
    }
}

fn is_true(name: &str, value: &str) -> Result<bool, ApiError> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(ApiError::invalid_parameter(name, "it is true or false.")),
    }
}

fn tier(name: &str) -> Result<Tier, ApiError> {
    [Tier::Cpu, Tier::Vlm]
        .into_iter()
        .find(|tier| tier.as_str() == name)
        .ok_or_else(|| ApiError::invalid_parameter("tier", "it is cpu or vlm."))
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
    // PostgreSQL keeps no NUL in a text, and nobody means one.
    if bytes.contains(&0) {
        let message = "the value has a NUL character.";
        return Err(ApiError::invalid_parameter(&shown(name), message));
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
