//! Open documents of jobs in work, the most recently used ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::ids::JobId;
use crate::reader::OpenDocument;

/// Documents kept open. Opening again costs reading the file and parsing its headers.
const MAX_DOCUMENTS: usize = 8;

/// Bytes of the uploads kept open together; the last one is kept whatever its size. Part of the server's memory bound.
const MAX_BYTES: usize = 256 << 20;

#[derive(Default)]
pub(super) struct Sources {
    /// Least recently used first.
    open: Mutex<VecDeque<Entry>>,
}

struct Entry {
    job: JobId,
    document: Arc<dyn OpenDocument>,
    size_bytes: usize,
}

impl Sources {
    pub(super) fn get(&self, job: &JobId) -> Option<Arc<dyn OpenDocument>> {
        let mut open = self.lock();
        let position = open.iter().position(|entry| entry.job == *job)?;
        let entry = open.remove(position)?;
        let document = Arc::clone(&entry.document);
        open.push_back(entry);
        Some(document)
    }

    pub(super) fn put(&self, job: &JobId, document: Arc<dyn OpenDocument>, size_bytes: usize) {
        let mut open = self.lock();
        open.retain(|entry| entry.job != *job);
        open.push_back(Entry {
            job: job.clone(),
            document,
            size_bytes,
        });
        while open.len() > MAX_DOCUMENTS
            || (open.len() > 1
                && open.iter().map(|entry| entry.size_bytes).sum::<usize>() > MAX_BYTES)
        {
            open.pop_front();
        }
    }

    pub(super) fn remove(&self, job: &JobId) {
        self.lock().retain(|entry| entry.job != *job);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ocr_chat_document::{Page, Warning};
    use ocr_chat_engine::PageError;

    struct Nothing;

    impl OpenDocument for Nothing {
        fn n_pages(&self) -> usize {
            1
        }
        fn warnings(&self) -> Vec<Warning> {
            Vec::new()
        }
        fn read_page(
            &self,
            index: usize,
            _: &(dyn Fn() -> bool + Sync),
        ) -> Result<Page, PageError> {
            Err(PageError::NoSuchPage(index))
        }
    }

    #[test]
    fn the_least_recently_used_go_first_by_number_and_by_size() {
        let sources = Sources::default();
        let jobs: Vec<JobId> = (0..9).map(|_| JobId::random().unwrap()).collect();
        for job in &jobs[..8] {
            sources.put(job, Arc::new(Nothing), 1);
        }
        assert!(sources.get(&jobs[0]).is_some());
        sources.put(&jobs[8], Arc::new(Nothing), 1);
        assert!(
            sources.get(&jobs[1]).is_none(),
            "the second was used least recently"
        );
        assert!(sources.get(&jobs[0]).is_some());
        sources.put(&jobs[1], Arc::new(Nothing), MAX_BYTES + 1);
        assert!(
            sources.get(&jobs[0]).is_none(),
            "one large document drives the others out"
        );
        assert!(sources.get(&jobs[1]).is_some());
    }
}
