//! Reads pages: claim, open, read, store; a page at a time for each of these tasks.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use ocr_chat_document::Page;
use ocr_chat_engine::PageError;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cpu_pool::CpuError;
use crate::db::pages::ClaimedPage;
use crate::error::ApiError;
use crate::jobs::queue::Work;
use crate::jobs::{Jobs, LOOK_AGAIN, after, submit};
use crate::reader::{OpenDocument, Opening};

/// How long after its limit a page that does not answer to its stop flag is given up.
const STOP_GRACE: Duration = Duration::from_secs(30);

/// Tries to store a page while the database fails, a second apart.
const STORE_TRIES: usize = 5;

/// What came of a claimed page.
enum Outcome {
    /// It has its answer.
    Answer(Page),
    /// It was not read and has to wait again.
    PutBack,
    /// Its file could not be had this time.
    WithoutFile,
    /// Its job is gone.
    Gone,
}

/// Reads pages until the server stops. A bug that ends the reading is logged, and reading begins again; it counts as a crash of the
/// page at which it happened, which on SQLite stays claimed until the next start.
pub(super) async fn run(jobs: Arc<Jobs>) {
    // A set, so that the reading ends with this task.
    let mut reading = JoinSet::new();
    while !jobs.is_stopping() {
        reading.spawn(read_pages(Arc::clone(&jobs)));
        if let Some(Err(error)) = reading.join_next().await {
            tracing::error!(
                is_panic = error.is_panic(),
                "reading ended by a bug; it begins again"
            );
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

async fn read_pages(jobs: Arc<Jobs>) {
    let mut stopping = jobs.stopping.subscribe();
    while !jobs.is_stopping() {
        // Before the look into the queue, so that a bell rung in between is heard.
        let mut bell = std::pin::pin!(jobs.work.notified());
        bell.as_mut().enable();
        let work = match jobs.next_work().await {
            Ok(work) => work,
            Err(error) => {
                tracing::error!(%error, "the queue cannot be read");
                None
            }
        };
        match work {
            Some(work) => {
                let work = Arc::new(work);
                let worked = AssertUnwindSafe(work_on(&jobs, &work)).catch_unwind().await;
                if worked.is_err() {
                    tracing::error!(
                        job = work.page.job.short(),
                        page = work.page.index,
                        "reading ended by a bug"
                    );
                    jobs.try_later(&work).await;
                }
            }
            None => {
                tokio::select! {
                    () = bell => {}
                    () = tokio::time::sleep(LOOK_AGAIN) => {}
                    _ = stopping.wait_for(|stopping| *stopping) => {}
                }
            }
        }
    }
}

async fn work_on(jobs: &Arc<Jobs>, work: &Arc<Work>) {
    let claimed = &work.page;
    let started = Instant::now();
    jobs.changes.page(&claimed.job);
    let outcome = read(jobs, work).await;
    match outcome {
        Outcome::Answer(page) => {
            if let Some(page) = after::take(jobs, work, page, started).await {
                finish(jobs, work, &page, started).await;
            }
        }
        Outcome::PutBack => jobs.put_back(work).await,
        Outcome::WithoutFile => jobs.wait_for_file(work).await,
        Outcome::Gone => gone(jobs, work).await,
    }
}

/// Stores a page that has its answer.
pub(super) async fn finish(jobs: &Jobs, work: &Work, page: &Page, started: Instant) {
    let claimed = &work.page;
    let job = claimed.job.short();
    let duration_ms = started.elapsed().as_millis();
    tracing::info!(job, page = claimed.index, status = ?page.status, duration_ms, "page read");
    if store(jobs, claimed, page).await {
        jobs.end_work(work).await;
    } else {
        jobs.try_later(work).await;
    }
}

/// Drops a page whose job was deleted.
pub(super) async fn gone(jobs: &Jobs, work: &Work) {
    let claimed = &work.page;
    jobs.sources.remove(&claimed.job);
    tracing::info!(
        job = claimed.job.short(),
        page = claimed.index,
        "page dropped: its job was deleted"
    );
    jobs.end_work(work).await;
}

/// Stores a page's answer; `false` when the database fails for too long.
async fn store(jobs: &Jobs, claimed: &ClaimedPage, page: &Page) -> bool {
    for _ in 0..STORE_TRIES {
        match jobs.store_page(claimed, page).await {
            Ok(()) => return true,
            Err(error) => {
                tracing::error!(job = claimed.job.short(), page = claimed.index, %error, "a page could not be stored");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
    false
}

async fn read(jobs: &Arc<Jobs>, work: &Work) -> Outcome {
    let claimed = &work.page;
    let document = match document(jobs, claimed).await {
        Ok(document) => document,
        Err(error) if error.status.is_client_error() => {
            return Outcome::Answer(Page::failed(claimed.index, error.message));
        }
        Err(_) if jobs.is_stopping() => return Outcome::PutBack,
        // Storage on a network comes back.
        Err(_) if work.may_come_again() => {
            return Outcome::WithoutFile;
        }
        Err(_) => {
            return Outcome::Answer(Page::failed(
                claimed.index,
                "the file could not be opened again",
            ));
        }
    };
    let stop = InWork::enter(jobs, claimed);
    let limit = jobs.config.page_time_limit;
    let read = {
        let flag = Arc::clone(&stop.flag);
        let index = claimed.index as usize;
        move || {
            let deadline = Instant::now() + limit;
            let should_stop = || flag.load(Ordering::Acquire) || Instant::now() >= deadline;
            document.read_page(index, &should_stop)
        }
    };
    let result = jobs.cpu.run(limit + STOP_GRACE, read).await;
    let too_slow = || {
        let reason = format!(
            "reading the page took longer than {} seconds",
            limit.as_secs()
        );
        Outcome::Answer(Page::failed(claimed.index, reason))
    };
    match result {
        Ok(Ok(page)) => Outcome::Answer(Page {
            index: claimed.index,
            ..page
        }),
        Ok(Err(PageError::Cancelled)) if stop.flag.load(Ordering::Acquire) => {
            if jobs.is_stopping() {
                Outcome::PutBack
            } else {
                Outcome::Gone
            }
        }
        Ok(Err(PageError::Cancelled)) | Err(CpuError::TimedOut) => too_slow(),
        Ok(Err(error)) => Outcome::Answer(Page::failed(claimed.index, error.to_string())),
        Err(CpuError::Panicked) => {
            tracing::error!(
                job = claimed.job.short(),
                page = claimed.index,
                "the engine panicked on a page"
            );
            Outcome::Answer(Page::failed(
                claimed.index,
                "the page could not be read: internal error",
            ))
        }
        Err(CpuError::Full | CpuError::Closed) => Outcome::PutBack,
    }
}

/// The open document of a page's job.
pub(super) async fn document(
    jobs: &Jobs,
    claimed: &ClaimedPage,
) -> Result<Arc<dyn OpenDocument>, ApiError> {
    if let Some(document) = jobs.sources.get(&claimed.job) {
        return Ok(document);
    }
    let job = jobs.db.job(&claimed.job).await?;
    let how = job.map_or_else(Opening::default, |job| {
        submit::opening(job.tier, &job.language, job.text_layers, job.password)
    });
    let (document, size_bytes) = jobs.open(&claimed.job, how).await?;
    jobs.sources
        .put(&claimed.job, Arc::clone(&document), size_bytes);
    Ok(document)
}

/// A page's stop flag among those in work, for as long as the page is.
pub(super) struct InWork<'a> {
    jobs: &'a Jobs,
    claimed: &'a ClaimedPage,
    pub(super) flag: Arc<AtomicBool>,
}

impl<'a> InWork<'a> {
    pub(super) fn enter(jobs: &'a Jobs, claimed: &'a ClaimedPage) -> Self {
        let flag = Arc::new(AtomicBool::new(false));
        jobs.in_work()
            .entry(claimed.job.clone())
            .or_default()
            .push(Arc::clone(&flag));
        // A stop that came before the flag was there to be found.
        if jobs.is_stopping() {
            flag.store(true, Ordering::Release);
        }
        Self {
            jobs,
            claimed,
            flag,
        }
    }
}

impl Drop for InWork<'_> {
    fn drop(&mut self) {
        let mut in_work = self.jobs.in_work();
        if let Some(flags) = in_work.get_mut(&self.claimed.job) {
            flags.retain(|flag| !Arc::ptr_eq(flag, &self.flag));
            if flags.is_empty() {
                in_work.remove(&self.claimed.job);
            }
        }
    }
}
