//! Who waits for news of which job: requests that wait for its end, streams of its progress.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::ids::JobId;

/// What has become of a job since somebody began to watch it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Change {
    /// Counts up with every page that is taken up or has its answer.
    n: u64,
    /// Whether the job has ended or is gone.
    pub(super) has_ended: bool,
}

/// The jobs that somebody watches. A job that nobody watches costs nothing.
#[derive(Clone, Default)]
pub(super) struct Changes {
    watched: Arc<Mutex<HashMap<JobId, watch::Sender<Change>>>>,
}

/// A job that is watched, until this is dropped.
pub(super) struct Watch {
    job: JobId,
    changes: Changes,
    receiver: watch::Receiver<Change>,
}

impl Changes {
    /// Watches a job from now on: what happens after this call is heard.
    pub(super) fn watch(&self, job: &JobId) -> Watch {
        let mut watched = self.lock();
        let receiver = watched.entry(job.clone()).or_default().subscribe();
        Watch {
            job: job.clone(),
            changes: self.clone(),
            receiver,
        }
    }

    /// A page of the job was taken up or has its answer.
    pub(super) fn page(&self, job: &JobId) {
        self.change(job, false);
    }

    /// The job has ended or is gone.
    pub(super) fn ended(&self, job: &JobId) {
        self.change(job, true);
    }

    /// Anything may have happened: everybody looks again.
    pub(super) fn all(&self) {
        for sender in self.lock().values() {
            tell(sender, false);
        }
    }

    fn change(&self, job: &JobId, has_ended: bool) {
        if let Some(sender) = self.lock().get(job) {
            tell(sender, has_ended);
        }
    }

    /// Never held across an `await`.
    fn lock(&self) -> MutexGuard<'_, HashMap<JobId, watch::Sender<Change>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(sender: &watch::Sender<Change>, has_ended: bool) {
    sender.send_modify(|change| {
        change.n += 1;
        change.has_ended |= has_ended;
    });
}

impl Watch {
    /// Waits for the next news.
    pub(super) async fn changed(&mut self) {
        // The sender stays for as long as this watch.
        let _ = self.receiver.changed().await;
    }

    /// Waits until the job has ended or is gone.
    pub(super) async fn ended(&mut self) {
        let _ = self.receiver.wait_for(|change| change.has_ended).await;
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut watched = self.changes.lock();
        // The last one who watches: its own receiver is still counted.
        let is_last = watched
            .get(&self.job)
            .is_some_and(|sender| sender.receiver_count() <= 1);
        if is_last {
            watched.remove(&self.job);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_hears_of_its_own_job_and_nothing_stays_behind() {
        let changes = Changes::default();
        let (job, other) = (JobId::random().unwrap(), JobId::random().unwrap());
        let (mut first, mut second) = (changes.watch(&job), changes.watch(&job));
        changes.page(&other);
        changes.page(&job);
        first.changed().await;
        second.changed().await;
        changes.ended(&other);
        assert!(!first.receiver.has_changed().unwrap());
        changes.ended(&job);
        first.ended().await;
        drop(first);
        assert_eq!(changes.lock().len(), 1);
        second.ended().await;
        drop(second);
        assert!(changes.lock().is_empty());
    }
}
