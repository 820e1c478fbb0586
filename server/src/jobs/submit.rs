//! From an upload to a job.

use std::sync::Arc;

use ocr_chat_document::{Detail, Tier, Warning, WarningCode};
use ocr_chat_engine::{OpenError, TextLayers};
use ocr_chat_vision::Place;
use sha2::{Digest, Sha256};
use tokio::sync::OwnedSemaphorePermit;

use crate::blob::BlobWriter;
use crate::clock::now_ms;
use crate::cpu_pool::CpuError;
use crate::db::Inserted;
use crate::db::idempotency::{Earlier, IdempotencyKey};
use crate::db::jobs::{ModelUse, NewJob};
use crate::error::ApiError;
use crate::hex;
use crate::ids::JobId;
use crate::jobs::Jobs;
use crate::jobs::payment::Sender;
use crate::jobs::translate::TranslationUse;
use crate::page_range::PageRanges;
use crate::reader::{OpenDocument, Opening};

/// A document of this many pages or fewer is answered inline (public specification).
pub const MAX_INLINE_PAGES: u32 = 5;

/// How long a request that is sent again with the same `Idempotency-Key` answers with the same job: 24 hours, in milliseconds.
pub const KEEP_REQUESTS_MS: i64 = 24 * 3_600 * 1_000;

/// What a caller asks for beside the file.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks and pays.
    pub sender: Sender,
    /// What makes the same request the same job.
    pub idempotency: Option<IdempotencyKey>,
    /// The engine.
    pub tier: Tier,
    /// Whether its pages may go to a model elsewhere.
    pub allows_external: bool,
    /// What it is translated into, and by whom.
    pub translation: Option<TranslationUse>,
    /// The language, checked.
    pub language: String,
    /// The detail of the answer.
    pub detail: Detail,
    /// What becomes of text that pages bring along.
    pub text_layers: TextLayers,
    /// The pages to be read; all where it says nothing.
    pub(crate) pages: Option<PageRanges>,
    /// Whether the result is kept after its finished answer was handed out.
    pub is_stored: bool,
    /// Where the end of the job is told.
    pub webhook_url: Option<String>,
    /// The tool that the job is for.
    pub tool: Option<&'static str>,
    /// What opens an encrypted PDF. Kept with the upload and as long.
    pub password: Option<String>,
}

/// The job of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The job.
    pub id: JobId,
    /// Whether an earlier request with the same `Idempotency-Key` made it.
    pub is_repeated: bool,
}

/// An upload being received. Dropped, it leaves nothing behind.
pub struct Upload {
    id: JobId,
    writer: Box<dyn BlobWriter>,
    size_bytes: u64,
    max_bytes: u64,
    sha256: Sha256,
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
        self.sha256.update(chunk);
        self.writer
            .write(chunk)
            .await
            .map_err(|error| ApiError::internal(format_args!("upload: {error}")))
    }

    /// Largest size, bytes.
    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// SHA-256 of the file as far as it was received, in hexadecimal digits.
    pub fn sha256(&self) -> String {
        hex::encode(&self.sha256.clone().finalize())
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
            sha256: Sha256::new(),
            permit,
        })
    }

    /// Makes a received upload a job: keeps it, opens it, holds its price, queues its pages. What cannot be opened or paid leaves
    /// nothing behind, and neither does a request that was answered before.
    ///
    /// Runs to its end even when the caller goes away, so that no upload stays without a job.
    ///
    /// # Errors
    /// 400 when the file cannot be opened or has too many pages, 402 when it does not fit what the caller may spend, 409 when
    /// the `Idempotency-Key` came with another body before, 503 when the queue is full.
    pub async fn accept(
        self: &Arc<Self>,
        upload: Upload,
        request: Request,
    ) -> Result<Accepted, ApiError> {
        let jobs = Arc::clone(self);
        tokio::spawn(async move {
            let id = upload.id.clone();
            let accepted = jobs.keep(upload, request).await;
            if !accepted.as_ref().is_ok_and(|accepted| accepted.id == id) {
                jobs.sources.remove(&id);
                if let Err(error) = jobs.blobs.delete(&id).await {
                    tracing::error!(job = id.short(), %error, "a refused upload could not be deleted");
                }
            }
            accepted
        })
        .await
        .map_err(|error| ApiError::internal(format_args!("accepting an upload: {error}")))?
    }

    async fn keep(&self, upload: Upload, request: Request) -> Result<Accepted, ApiError> {
        let created_ms = now_ms();
        let since_ms = created_ms - KEEP_REQUESTS_MS;
        if let Some(earlier) = self.earlier(request.idempotency.as_ref(), since_ms).await? {
            return Ok(earlier);
        }
        let Upload {
            id, writer, permit, ..
        } = upload;
        writer
            .commit()
            .await
            .map_err(|error| ApiError::internal(format_args!("upload: {error}")))?;
        let how = opening(
            request.tier,
            &request.language,
            request.text_layers,
            request.password.clone(),
        );
        let (document, size_bytes) = self.open(&id, how).await?;
        let page_indices = chosen_pages(document.n_pages(), request.pages.as_ref())?;
        let page_count = u32::try_from(page_indices.len()).unwrap_or(u32::MAX);
        let sender = request.sender;
        sender.check_pages(&self.config, page_count)?;
        let mut warnings = document.warnings();
        let model = self.model_for(request.tier, request.allows_external, &mut warnings);
        // Kept open before its pages can be claimed, so that it is opened once.
        self.sources.put(&id, document, size_bytes);
        let retention_ms = sender.retention_ms(&self.config);
        let job = NewJob {
            id,
            bill: sender.bill(
                &self.config,
                &self.secrets,
                request.tier,
                model.is_some(),
                request.translation.is_some(),
                created_ms,
            ),
            idempotency: request.idempotency.map(|key| (key, since_ms)),
            has_priority: self.config.is_metered && sender.plan.has_priority(),
            retention_ms,
            account: sender.account.clone(),
            token: sender.token.clone(),
            tier: request.tier,
            language: request.language,
            detail: request.detail,
            text_layers: request.text_layers,
            password: request.password,
            page_indices,
            is_stored: request.is_stored,
            webhook_url: request.webhook_url,
            tool: request.tool,
            model,
            translation: request.translation,
            engine: self.reader.info(request.tier),
            warnings,
            created_ms,
            expires_ms: created_ms.saturating_add(retention_ms),
        };
        let inserted = self
            .db
            .insert_job(&job, self.config.max_queued_pages)
            .await?;
        match inserted {
            Inserted::Stored => {}
            Inserted::QueueFull => return Err(ApiError::queue_full()),
            Inserted::Short(shortage) => {
                return Err(sender.refusal(&self.config, shortage, created_ms));
            }
            Inserted::Repeated => {
                let key = job.idempotency.as_ref().map(|(key, _)| key);
                // One that is gone again was deleted between the two looks.
                let earlier = self.earlier(key, since_ms).await?;
                return earlier.ok_or_else(ApiError::queue_full);
            }
        }
        drop(permit);
        tracing::info!(job = job.id.short(), page_count, size_bytes, "job accepted");
        self.work.notify_waiters();
        Ok(Accepted {
            id: job.id,
            is_repeated: false,
        })
    }

    /// The model that may read a job of `tier`. One elsewhere reads for those alone who agreed; the job says when it does not.
    fn model_for(
        &self,
        tier: Tier,
        allows_external: bool,
        warnings: &mut Vec<Warning>,
    ) -> Option<ModelUse> {
        let provider = self.vision.as_deref().filter(|_| tier == Tier::Vlm)?;
        if provider.place() == Place::External && !allows_external {
            let message = "the model of this server belongs to another provider, and nobody agreed to send the document there; the local engine reads it";
            warnings.push(Warning::new(WarningCode::ModelNotAllowed, message));
            return None;
        }
        Some(ModelUse {
            name: provider.model().to_owned(),
            at: provider.name().to_owned(),
        })
    }

    /// The job of an earlier request with the same key: for requests whose file has to be fetched first.
    ///
    /// # Errors
    /// 409 when the key came with another body before.
    pub async fn earlier_job(
        &self,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<Accepted>, ApiError> {
        self.earlier(key, now_ms() - KEEP_REQUESTS_MS).await
    }

    /// The job of an earlier request with the same key.
    async fn earlier(
        &self,
        key: Option<&IdempotencyKey>,
        since_ms: i64,
    ) -> Result<Option<Accepted>, ApiError> {
        let Some(key) = key else {
            return Ok(None);
        };
        match self.db.earlier_request(key, since_ms).await? {
            None => Ok(None),
            Some(Earlier::Same(id)) => Ok(Some(Accepted {
                id,
                is_repeated: true,
            })),
            Some(Earlier::Other) => Err(ApiError::key_reused()),
        }
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

/// The pages of a document, counted from 0, that are to be read.
fn chosen_pages(n_pages: usize, chosen: Option<&PageRanges>) -> Result<Vec<u32>, ApiError> {
    let indices: Vec<u32> = (0..n_pages)
        .filter(|index| chosen.is_none_or(|chosen| chosen.contains(*index)))
        .filter_map(|index| u32::try_from(index).ok())
        .collect();
    if indices.is_empty() {
        let message = format!("the document has {n_pages} pages, none of them is among these.");
        return Err(ApiError::invalid_parameter("pages", message));
    }
    Ok(indices)
}

/// How a job's file is opened. `language` was checked when the job was sent; one that a later version dropped is found out instead.
pub(super) fn opening(
    tier: Tier,
    language: &str,
    text_layers: TextLayers,
    password: Option<String>,
) -> Opening {
    Opening {
        tier,
        language: ocr_chat_language::choose(language).unwrap_or_default(),
        text_layers,
        password,
    }
}
