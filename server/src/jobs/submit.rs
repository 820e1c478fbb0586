//! From an upload to a job.

use std::sync::Arc;

use ocr_chat_document::Detail;
use ocr_chat_engine::{OpenError, TextLayers};
use tokio::sync::OwnedSemaphorePermit;

use crate::blob::BlobWriter;
use crate::clock::now_ms;
use crate::cpu_pool::CpuError;
use crate::db::jobs::NewJob;
use crate::error::ApiError;
use crate::ids::{JobId, TokenId};
use crate::jobs::Jobs;
use crate::reader::{OpenDocument, Opening};

/// A document of this many pages or fewer is answered inline (public specification).
pub const MAX_INLINE_PAGES: u32 = 5;

/// What a caller asks for beside the file.
#[derive(Debug, Clone)]
pub struct Request {
    /// The token the job belongs to; `None` for an anonymous one.
    pub token: Option<TokenId>,
    /// The language, checked.
    pub language: String,
    /// The detail of the answer.
    pub detail: Detail,
    /// What becomes of text that pages bring along.
    pub text_layers: TextLayers,
    /// What opens an encrypted PDF. Kept with the upload and as long.
    pub password: Option<String>,
}

/// An upload being received. Dropped, it leaves nothing behind.
pub struct Upload {
    id: JobId,
    writer: Box<dyn BlobWriter>,
    size_bytes: u64,
    max_bytes: u64,
    /// Counted against the uploads the server takes at a time, until the job is stored or refused.
    permit: OwnedSemaphorePermit,
}

impl Upload {
    /// Adds bytes.
    ///
    /// # Errors
    /// `file_too_large` over the limit.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), ApiError> {
        self.size_bytes += chunk.len() as u64;
        if self.size_bytes > self.max_bytes {
            return Err(too_large(self.max_bytes));
        }
        self.writer
            .write(chunk)
            .await
            .map_err(|error| ApiError::internal(format_args!("upload: {error}")))
    }
}

/// The refusal of a file over `max_bytes`.
pub fn too_large(max_bytes: u64) -> ApiError {
    ApiError::bad_request(
        "file_too_large",
        format!(
            "The file is larger than the {} MB allowed.",
            max_bytes >> 20
        ),
    )
}

impl Jobs {
    /// Starts an upload.
    ///
    /// # Errors
    /// 503 when the queue is full already or too many uploads are on their way.
    pub async fn begin_upload(&self) -> Result<Upload, ApiError> {
        let permit = Arc::clone(&self.uploads)
            .try_acquire_owned()
            .map_err(|_| ApiError::queue_full())?;
        if self.db.n_waiting_pages().await? >= i64::from(self.config.max_queued_pages) {
            return Err(ApiError::queue_full());
        }
        let id = JobId::random()?;
        let writer = self
            .blobs
            .create(&id)
            .await
            .map_err(|error| ApiError::internal(format_args!("upload: {error}")))?;
        Ok(Upload {
            id,
            writer,
            size_bytes: 0,
            max_bytes: self.config.max_upload_bytes,
            permit,
        })
    }

    /// Makes a received upload a job: keeps it, opens it, queues its pages. What cannot be opened leaves nothing behind.
    ///
    /// Runs to its end even when the caller goes away, so that no upload stays without a job.
    ///
    /// # Errors
    /// 400 when the file cannot be opened, 503 when the queue is full.
    pub async fn accept(
        self: &Arc<Self>,
        upload: Upload,
        request: Request,
    ) -> Result<(JobId, u32), ApiError> {
        let jobs = Arc::clone(self);
        tokio::spawn(async move {
            let id = upload.id.clone();
            let accepted = jobs.keep(upload, request).await;
            if accepted.is_err() {
                jobs.sources.remove(&id);
                if let Err(error) = jobs.blobs.delete(&id).await {
                    tracing::error!(job = id.short(), %error, "a refused upload could not be deleted");
                }
            }
            accepted.map(|page_count| (id, page_count))
        })
        .await
        .map_err(|error| ApiError::internal(format_args!("accepting an upload: {error}")))?
    }

    async fn keep(&self, upload: Upload, request: Request) -> Result<u32, ApiError> {
        let Upload {
            id, writer, permit, ..
        } = upload;
        writer
            .commit()
            .await
            .map_err(|error| ApiError::internal(format_args!("upload: {error}")))?;
        let how = opening(
            &request.language,
            request.text_layers,
            request.password.clone(),
        );
        let (document, size_bytes) = self.open(&id, how).await?;
        let page_count = u32::try_from(document.n_pages()).unwrap_or(u32::MAX);
        let warnings = document.warnings();
        // Kept open before its pages can be claimed, so that it is opened once.
        self.sources.put(&id, document, size_bytes);
        let created_ms = now_ms();
        let retention_ms = i64::try_from(self.config.retention.as_millis()).unwrap_or(i64::MAX / 2);
        let job = NewJob {
            id,
            token: request.token,
            language: request.language,
            detail: request.detail,
            text_layers: request.text_layers,
            password: request.password,
            page_count,
            engine: self.reader.info(),
            warnings,
            created_ms,
            expires_ms: created_ms + retention_ms,
        };
        if !self
            .db
            .insert_job(&job, self.config.max_queued_pages)
            .await?
        {
            return Err(ApiError::queue_full());
        }
        drop(permit);
        tracing::info!(job = job.id.short(), page_count, size_bytes, "job accepted");
        self.work.notify_waiters();
        Ok(page_count)
    }

    /// Opens the upload of a job on the CPU pool; the upload's size in bytes comes with it.
    pub(super) async fn open(
        &self,
        id: &JobId,
        how: Opening,
    ) -> Result<(Arc<dyn OpenDocument>, usize), ApiError> {
        let _permit = self.opening.acquire().await.map_err(ApiError::internal)?;
        let bytes = self
            .blobs
            .read(id)
            .await
            .map_err(|error| ApiError::internal(format_args!("upload: {error}")))?;
        let size_bytes = bytes.len();
        let reader = Arc::clone(&self.reader);
        let opened = self
            .cpu
            .run(self.config.open_time_limit, move || {
                reader.open(bytes, &how)
            })
            .await;
        match opened {
            Ok(Ok(document)) if document.n_pages() > 0 => Ok((document, size_bytes)),
            Ok(Ok(_)) => Err(OpenError::NoPages.into()),
            Ok(Err(error)) => Err(error.into()),
            Err(error @ (CpuError::Panicked | CpuError::TimedOut)) => {
                tracing::error!(job = id.short(), %error, "opening a file failed");
                Err(ApiError::bad_request(
                    "damaged_file",
                    "The file is damaged: it could not be opened.",
                ))
            }
            Err(CpuError::Full) => Err(ApiError::queue_full()),
            Err(error) => Err(ApiError::internal(error)),
        }
    }
}

/// How a job's file is opened. `language` was checked when the job was sent; one that a later version dropped is found out instead.
pub(super) fn opening(
    language: &str,
    text_layers: TextLayers,
    password: Option<String>,
) -> Opening {
    Opening {
        language: ocr_chat_language::choose(language).unwrap_or_default(),
        text_layers,
        password,
    }
}
