//! From rows to the answer of the API.

use ocr_chat_document::{Answer, Detail, Document, JobStatus, Page, ReadBy, Usage, mark_repeated};
use ocr_chat_export::{
    ExportFormat, ExportOptions, MappedAnswer, TextChoice, export_to_vec, markdown,
    translated_text, with_text,
};
use ocr_chat_fields::fields;
use ocr_chat_sources::DocumentSources;

use crate::clock::rfc3339;
use crate::db::Database;
use crate::db::jobs::Job;
use crate::error::ApiError;
use crate::tools;
use crate::vision::HERE;

/// The answer for a job with the pages read so far.
///
/// # Errors
/// When the database fails.
pub async fn answer(
    db: &Database,
    job: Job,
    status: JobStatus,
    detail: Detail,
) -> Result<Answer, ApiError> {
    let pages = db.finished_pages(&job.id).await?;
    off_the_async_threads(move || build(job, status, &pages, detail)).await?
}

/// `answer` as a file in `format`.
///
/// # Errors
/// As the export has it.
pub async fn download(
    answer: Answer,
    format: ExportFormat,
    options: ExportOptions,
    sources: DocumentSources,
    choice: TextChoice,
) -> Result<Vec<u8>, ApiError> {
    let work = move || {
        let answer = with_text(answer, choice);
        let sources = sources.with_rotations(&answer);
        export_to_vec(&answer, format, &options, &sources)
    };
    Ok(off_the_async_threads(work).await??)
}

/// `answer` as JSON, with the map of its Markdown where `has_map`.
///
/// # Errors
/// Only when the process has no memory or threads left.
pub async fn json(answer: Answer, has_map: bool) -> Result<Vec<u8>, ApiError> {
    let work = move || {
        if has_map {
            serde_json::to_vec(&MappedAnswer::new(&answer))
        } else {
            serde_json::to_vec(&answer)
        }
    };
    off_the_async_threads(work)
        .await?
        .map_err(ApiError::internal)
}

/// A long document has tens of megabytes of JSON: parsing it must not hold up other requests.
async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ApiError::internal(format_args!("building an answer: {error}")))
}

fn build(
    job: Job,
    status: JobStatus,
    pages: &[String],
    detail: Detail,
) -> Result<Answer, ApiError> {
    let mut pages: Vec<Page> = pages
        .iter()
        .map(|json| serde_json::from_str(json))
        .collect::<Result<_, _>>()
        .map_err(|error| ApiError::internal(format_args!("a stored page: {error}")))?;
    mark_repeated(&mut pages);
    let markdown = markdown(&pages);
    let fields = job.tool.as_deref().and_then(tools::find).and_then(|tool| {
        let read: Vec<&Page> = pages.iter().collect();
        // Of a part of a document, half of them would be wrong.
        let is_whole = status.is_finished();
        let paper = tool.preset.fields.filter(|_| is_whole)?;
        Some(fields(paper, &read))
    });
    let has_model_read = pages.iter().any(|page| page.read_by == ReadBy::Model);
    let (engine, processed_by) = match job.model.filter(|_| has_model_read) {
        // Pages that no model read say so themselves (`read_by`).
        Some(model) => {
            let mut engine = job.engine;
            engine.models.insert(0, model.name.clone());
            engine.name = model.name;
            (engine, model.at)
        }
        None => {
            let translated_at = job.translation.map(|translation| translation.at);
            (job.engine, translated_at.unwrap_or_else(|| HERE.to_owned()))
        }
    };
    let document = Document {
        engine,
        pages,
        warnings: job.warnings,
    };
    let answer = Answer {
        uuid: Some(job.id.as_str().to_owned()),
        status,
        tier: job.tier,
        page_count: job.page_count,
        processed_by,
        usage: Usage {
            pages: job.pages_done,
            credits: u32::try_from(job.charged).unwrap_or(u32::MAX),
        },
        tool: job.tool,
        fields,
        error: job.error,
        created_at: rfc3339(job.created_ms),
        expires_at: rfc3339(job.expires_ms),
        ..Answer::local(document, &job.language, markdown, detail)
    };
    let translation = translated_text(&answer);
    Ok(Answer {
        translation,
        ..answer
    })
}
