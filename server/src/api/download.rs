//! `GET /api/v1/ocr/{uuid}/download/?format=`: a result as a file.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use ocr_chat_document::{Detail, JobStatus};
use ocr_chat_engine::Limits;
use ocr_chat_export::{
    ExportFormat, ExportOptions, TextChoice, TextLayout, UnknownChoice, UnknownLayout,
};
use ocr_chat_sources::DocumentSources;
use serde::Deserialize;

use crate::api::{detail, markdown_map};
use crate::app::AppState;
use crate::error::ApiError;
use crate::jobs::answer;
use crate::tools;
use crate::web::auth::Caller;

/// The query of this address.
#[derive(Debug, Deserialize)]
pub struct Parameters {
    /// A name of [`ExportFormat`]; the format of the job's tool otherwise, and `txt` without one.
    format: Option<String>,
    /// For `json`: `lines` or `words`; what the job was sent with otherwise.
    detail: Option<String>,
    /// For `json`: `true` adds the places of the Markdown's text.
    markdown_map: Option<String>,
    /// For `txt`: `flowing` (default), or `kept` for lines where they stand on the page.
    layout: Option<String>,
    /// Of a translated document: `original`, `translation` (default) or `both`.
    text: Option<String>,
}

/// A result in one of the formats.
///
/// # Errors
/// 400 for a format that is not there, 409 before the job is done, 422 when it failed, 404 and 410 as for the job.
pub async fn download(
    State(state): State<AppState>,
    caller: Caller,
    Path(uuid): Path<String>,
    Query(parameters): Query<Parameters>,
) -> Result<impl IntoResponse, ApiError> {
    let (job, status) = caller.job(&state, &uuid).await?;
    let asked = detail::parse(parameters.detail.as_deref())?.unwrap_or(job.detail);
    let format = match parameters.format.as_deref() {
        None | Some("") => format_of(job.tool.as_deref()),
        Some(name) => name.parse()?,
    };
    let choice = text_choice(
        parameters.text.as_deref(),
        job.translation.is_some(),
        format,
    )?;
    let options = ExportOptions {
        text_layout: text_layout(parameters.layout.as_deref())?,
        markdown_map: markdown_map::parse(parameters.markdown_map.as_deref())?,
    };
    let detail = if format.wants_words() {
        Detail::Words
    } else {
        asked
    };
    match status {
        JobStatus::Done if job.is_stored => {}
        JobStatus::Done => {
            let message = "This job was sent with store=false; read its JSON instead.";
            return Err(ApiError::new(StatusCode::GONE, "not_stored", message));
        }
        JobStatus::Failed => {
            let message = "The job failed; there is nothing to download.";
            return Err(ApiError::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "job_failed",
                message,
            ));
        }
        _ => {
            let message = "The job is not done yet; ask again when its status is done.";
            return Err(ApiError::new(StatusCode::CONFLICT, "not_done", message));
        }
    }
    // Of our own making, so there is nothing in it to quote or to escape.
    let disposition = format!(
        "attachment; filename=\"ocr-{}.{}\"",
        job.id.short(),
        format.extension()
    );
    // The file may have a hundred megabytes, and most formats show nothing of it.
    // A translated PDF shows its words where those of the original stood, not the picture of others.
    let shows_original = format != ExportFormat::Pdf || choice == TextChoice::Original;
    let original = if format.wants_sources() && shows_original {
        state.jobs.source(&job.id).await
    } else {
        None
    };
    let password = job.password.clone();
    let answer = answer::answer(&state.db, job, status, detail).await?;
    let sources = DocumentSources::new(original, password, Limits::server());
    let body = answer::download(answer, format, options, sources, choice).await?;
    let headers = [
        (header::CONTENT_TYPE, format.mime_type().to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, body))
}

/// The format that a job's tool is for.
fn format_of(tool: Option<&str>) -> ExportFormat {
    let tool = tool.and_then(tools::find);
    tool.map_or_else(ExportFormat::default, |tool| tool.preset.format)
}

/// Which text a download shows. JSON has both beside each other in any case.
fn text_choice(
    asked: Option<&str>,
    is_translated: bool,
    format: ExportFormat,
) -> Result<TextChoice, ApiError> {
    let choice = match asked.map(str::trim) {
        None | Some("") if is_translated && format != ExportFormat::Json => TextChoice::Translation,
        None | Some("") => TextChoice::Original,
        Some(name) => name.parse().map_err(|error: UnknownChoice| {
            ApiError::invalid_parameter("text", format_args!("{error}."))
        })?,
    };
    Ok(choice)
}

fn text_layout(asked: Option<&str>) -> Result<TextLayout, ApiError> {
    match asked.map(str::trim) {
        None | Some("") => Ok(TextLayout::default()),
        Some(name) => name.parse().map_err(|error: UnknownLayout| {
            ApiError::invalid_parameter("layout", format_args!("{error}."))
        }),
    }
}
