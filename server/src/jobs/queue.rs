//! Where workers get their pages: from the table of pages on SQLite, from the library's queue on PostgreSQL. And what other
//! processes on the same database tell.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ocr_chat_document::Page;

use crate::db::news::{Listener, Told};
use crate::db::pages::{Claim, ClaimedPage};
use crate::db::queue::Turn;
use crate::ids::JobId;
use crate::jobs::Jobs;

/// How long to wait before a database that does not answer is asked again.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// A page to be read, with its turn in the library's queue where there is one.
pub(super) struct Work {
    pub(super) page: ClaimedPage,
    turn: Option<Turn>,
}

impl Work {
    /// Whether the page's turn comes again when it is put off. On SQLite it does not.
    pub(super) fn may_come_again(&self) -> bool {
        self.turn.as_ref().is_some_and(Turn::may_come_again)
    }
}

/// What became of a turn.
#[derive(Clone, Copy)]
enum Fate {
    Ended,
    PutBack,
    Later,
}

impl Jobs {
    /// Takes up the page whose turn it is.
    pub(super) async fn next_work(&self) -> Result<Option<Work>, sqlx::Error> {
        let Some(queue) = self.queue.get() else {
            let page = self.db.claim_page().await?;
            return Ok(page.map(|page| Work { page, turn: None }));
        };
        while let Some(turn) = queue.next().await? {
            match self.db.claim_turn(&turn).await {
                Ok(Claim::Ours(page)) => {
                    return Ok(Some(Work {
                        page,
                        turn: Some(turn),
                    }));
                }
                Ok(Claim::GivenUp(page)) => match self.give_up(&page).await {
                    Ok(()) => self.insist(Fate::Ended, Some(&turn)).await,
                    Err(error) => {
                        self.insist(Fate::Later, Some(&turn)).await;
                        return Err(error);
                    }
                },
                Ok(Claim::NotNeeded) => self.insist(Fate::Ended, Some(&turn)).await,
                Err(error) => {
                    self.insist(Fate::Later, Some(&turn)).await;
                    return Err(error);
                }
            }
        }
        Ok(None)
    }

    /// The page has its answer, or needs none any more.
    pub(super) async fn end_work(&self, work: &Work) {
        self.insist(Fate::Ended, work.turn.as_ref()).await;
    }

    /// The page was not read and waits again, as if it had not been taken up.
    pub(super) async fn put_back(&self, work: &Work) {
        if let Err(error) = self.db.release_page(&work.page).await {
            tracing::error!(%error, "a page could not be put back; it counts as taken up once more");
        }
        self.insist(Fate::PutBack, work.turn.as_ref()).await;
    }

    /// The page's file could not be had, which is not the page's fault: it waits, each time longer, and is not counted as taken up.
    pub(super) async fn wait_for_file(&self, work: &Work) {
        if let Err(error) = self.db.release_page(&work.page).await {
            tracing::error!(%error, "a page without its file counts as taken up once more");
        }
        self.insist(Fate::Later, work.turn.as_ref()).await;
    }

    /// The page could not be read or stored, for a reason that is not its own. On SQLite it stays taken up until the next start.
    pub(super) async fn try_later(&self, work: &Work) {
        self.insist(Fate::Later, work.turn.as_ref()).await;
    }

    /// Tries until the queue knows what became of a turn: one that is neither ended nor given back is nobody's for as long as this
    /// process lives. Ends with the server; then the turn goes when the process counts as lost.
    async fn insist(&self, fate: Fate, turn: Option<&Turn>) {
        let (Some(queue), Some(turn)) = (self.queue.get(), turn) else {
            return;
        };
        loop {
            let told = match fate {
                Fate::Ended => queue.end(turn).await,
                Fate::PutBack => queue.put_back(turn).await,
                Fate::Later => queue.try_later(turn).await,
            };
            let Err(error) = told else { return };
            tracing::error!(%error, "the queue could not be told of a page");
            if self.is_stopping() {
                return;
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
    }

    /// Stores a page as failed that was in work at the end of too many processes.
    pub(super) async fn give_up(&self, page: &ClaimedPage) -> Result<(), sqlx::Error> {
        tracing::error!(
            job = page.job.short(),
            page = page.index,
            "a page stopped the server again and again; given up"
        );
        let reason = "the page could not be read: reading it stopped the server";
        self.store_page(page, &Page::failed(page.index, reason))
            .await
    }

    /// Stops what this process does for a job that is gone.
    pub(super) fn drop_job(&self, id: &JobId) {
        for flag in self.in_work().get(id).into_iter().flatten() {
            flag.store(true, Ordering::Release);
        }
        self.let_go(id);
        self.library.forget(id);
    }

    fn hear(&self, told: &Told) {
        match told {
            Told::Work => self.work.notify_waiters(),
            Told::Page(job) => self.changes.page(job),
            Told::Ended(job) => self.let_go(job),
            Told::Gone(job) => self.drop_job(job),
            Told::Missed => {
                self.work.notify_waiters();
                self.changes.all();
            }
        }
    }
}

/// Hears what other processes tell, until the server stops.
pub(super) async fn listen(jobs: Arc<Jobs>, mut listener: Listener) {
    let mut stopping = jobs.stopping.subscribe();
    loop {
        let told = tokio::select! {
            told = listener.next() => told,
            _ = stopping.wait_for(|stopping| *stopping) => return,
        };
        match told {
            Ok(told) => jobs.hear(&told),
            Err(error) => {
                // Everybody who waits looks by themselves every few seconds.
                tracing::error!(%error, "the database does not tell what others do");
                tokio::time::sleep(TRY_AGAIN).await;
                jobs.hear(&Told::Missed);
            }
        }
    }
}

/// Tells the queue that this process lives, until it ends.
pub(super) async fn live(jobs: Arc<Jobs>) {
    let Some(queue) = jobs.queue.get() else {
        return;
    };
    loop {
        // Beyond the stop: pages in work are still this process's.
        tokio::time::sleep(queue.sign_every()).await;
        if let Err(error) = queue.sign_of_life().await {
            tracing::error!(%error, "the queue cannot be told that this process lives");
        }
    }
}
