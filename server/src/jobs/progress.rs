//! How far a job has come, told as it changes.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::db::jobs::{JobState, Tombstone};
use crate::db::pages::PageState;
use crate::ids::JobId;
use crate::jobs::changes::Watch;
use crate::jobs::{Jobs, LOOK_AGAIN};

/// Shortest time between two looks at a job: a document whose pages are read at once costs ten looks a second, not one a page.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);

/// A job with all its pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgressState {
    /// The job.
    pub uuid: String,
    /// `pending`, `processing`, `done`, `failed`, or, once its content is gone, `deleted` or `expired`.
    pub status: &'static str,
    /// Pages to be read.
    pub page_count: u32,
    /// Pages that were read.
    pub pages_done: u32,
    /// Pages that could not be read.
    pub pages_failed: u32,
    /// The pages, in their order.
    pub pages: Vec<PageState>,
}

/// A page whose status is another one, and the counts of its job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageNews {
    /// The page.
    #[serde(flatten)]
    pub page: PageState,
    /// Pages to be read.
    pub page_count: u32,
    /// Pages that were read.
    pub pages_done: u32,
    /// Pages that could not be read.
    pub pages_failed: u32,
}

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Everything, at the beginning.
    State(ProgressState),
    /// A page.
    Page(PageNews),
    /// Everything, at the end; nothing comes after it.
    End(ProgressState),
}

/// The progress of a job, from its present state to its end.
pub struct Progress {
    jobs: Arc<Jobs>,
    id: JobId,
    watch: Watch,
    /// What was told so far.
    told: Option<ProgressState>,
    has_ended: bool,
}

impl Jobs {
    /// Begins to tell of a job.
    pub fn progress(self: &Arc<Self>, id: &JobId) -> Progress {
        Progress {
            jobs: Arc::clone(self),
            id: id.clone(),
            watch: self.changes.watch(id),
            told: None,
            has_ended: false,
        }
    }
}

impl Progress {
    /// Waits for news and hands them out, at least one; `None` after the end and when the server stops.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&mut self) -> Result<Option<Vec<News>>, sqlx::Error> {
        loop {
            if self.has_ended {
                return Ok(None);
            }
            if self.told.is_some() && !self.wait().await {
                return Ok(None);
            }
            let now = self.look().await?;
            self.has_ended = !matches!(now.status, "pending" | "processing");
            let news = news(self.told.as_ref(), &now, self.has_ended);
            self.told = Some(now);
            if !news.is_empty() {
                return Ok(Some(news));
            }
        }
    }

    /// Waits until there may be news; `false` when the server stops.
    async fn wait(&mut self) -> bool {
        let mut stopping = self.jobs.stopping.subscribe();
        let news = async {
            tokio::time::sleep(SHORTEST_PAUSE).await;
            // Another process may have read a page without being heard.
            let _ = tokio::time::timeout(LOOK_AGAIN, self.watch.changed()).await;
        };
        tokio::select! {
            () = news => true,
            _ = stopping.wait_for(|stopping| *stopping) => false,
        }
    }

    async fn look(&self) -> Result<ProgressState, sqlx::Error> {
        // The job first: when it has ended, the pages that are looked at behind it have, too.
        let job = self.jobs.db.job(&self.id).await?;
        let pages = self.jobs.db.page_states(&self.id).await?;
        let status = match job.as_ref().map(|job| job.state) {
            Some(JobState::Kept(status)) => status.as_str(),
            Some(JobState::Buried(Tombstone::Expired)) => "expired",
            Some(JobState::Buried(Tombstone::Deleted)) | None => "deleted",
        };
        let count = |status: &str| {
            let n = pages.iter().filter(|page| page.status == status).count();
            u32::try_from(n).unwrap_or(u32::MAX)
        };
        Ok(ProgressState {
            uuid: self.id.as_str().to_owned(),
            status,
            page_count: job.map_or(0, |job| job.page_count),
            pages_done: count("done"),
            pages_failed: count("failed"),
            pages,
        })
    }
}

/// What `now` says that `told` did not.
fn news(told: Option<&ProgressState>, now: &ProgressState, has_ended: bool) -> Vec<News> {
    let mut news = match told {
        None => vec![News::State(now.clone())],
        Some(told) => now
            .pages
            .iter()
            .enumerate()
            // Both are in the order of the pages; a long document is looked at often.
            .filter(|(position, page)| told.pages.get(*position) != Some(page))
            .map(|(_, page)| {
                News::Page(PageNews {
                    page: *page,
                    page_count: now.page_count,
                    pages_done: now.pages_done,
                    pages_failed: now.pages_failed,
                })
            })
            .collect(),
    };
    if has_ended {
        news.push(News::End(now.clone()));
    }
    news
}
