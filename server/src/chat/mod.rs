//! Chat: questions about finished jobs, answered from their text alone.
//!
//! Answers are made by `ocr_chat_chat`; here documents are loaded and kept ready, and conversations begun and gone on with.

pub mod embedding;

pub mod model;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use ocr_chat_chat::{Citation, Index, Nearness, Reply};
use ocr_chat_document::Page;

use crate::chat::embedding::Vectors;
use crate::db::Database;
use crate::error::ApiError;
use crate::ids::JobId;

/// Documents kept ready for the next question. Loading a document of 300 pages again takes about a second.
const MAX_READY: usize = 8;

/// Pages of the documents kept ready together; the last one is kept whatever its size. Part of the server's memory bound.
const MAX_READY_PAGES: usize = 3_000;

/// Documents that can be asked at once.
pub const MAX_DOCUMENTS: usize = 20;

/// Pages of documents that can be asked at once.
const MAX_PAGES: u32 = 5_000;

/// One or several documents, ready to be asked.
pub struct Ready {
    /// Their pages.
    pub documents: Vec<Vec<Page>>,
    /// What is found in them.
    pub index: Index,
    /// What their passages mean, once an embedding model was asked.
    pub(crate) vectors: Vectors,
}

impl Ready {
    fn new(documents: Vec<Vec<Page>>) -> Self {
        let pages: Vec<Vec<&Page>> = documents
            .iter()
            .map(|pages| pages.iter().collect())
            .collect();
        let index = Index::new(&pages);
        Self {
            documents,
            index,
            vectors: Vectors::new(),
        }
    }

    /// The answer in the documents' own words. `near` is what an embedding model says of each passage.
    pub fn answer(&self, question: &str, before: Option<&str>, near: Option<&Nearness>) -> Reply {
        self.index.answer_near(question, before, near)
    }

    /// Where `quote` stands on page `page` (from 1) of a document; `None` where it does not.
    pub fn locate(&self, quote: &str, document: usize, page: u32) -> Option<Citation> {
        let pages = self.documents.get(document)?.iter();
        let page: Vec<&Page> = pages.filter(|other| other.index + 1 == page).collect();
        let found = ocr_chat_chat::locate(quote, &[page])?;
        Some(Citation { document, ..found })
    }

    fn n_pages(&self) -> usize {
        self.documents.iter().map(Vec::len).sum()
    }
}

type Entry = (Vec<JobId>, Arc<Ready>);

/// The documents that were asked last.
#[derive(Clone, Default)]
pub struct Library {
    /// Least recently asked first.
    ready: Arc<Mutex<VecDeque<Entry>>>,
}

impl Library {
    /// The documents of the finished jobs called `ids`.
    ///
    /// # Errors
    /// 400 when they have too many pages together; when the database fails.
    pub async fn ready(
        &self,
        db: &Database,
        ids: &[JobId],
        page_counts: &[u32],
    ) -> Result<Arc<Ready>, ApiError> {
        if let Some(ready) = self.get(ids) {
            return Ok(ready);
        }
        if page_counts.iter().sum::<u32>() > MAX_PAGES {
            let message = format!("Documents of {MAX_PAGES} pages or fewer can be asked at once.");
            return Err(ApiError::bad_request("too_many_pages", message));
        }
        let mut stored = Vec::with_capacity(ids.len());
        for id in ids {
            stored.push(db.finished_pages(id).await?);
        }
        // Parsing and indexing a long document takes a second: it must not hold up other requests.
        let made = tokio::task::spawn_blocking(move || {
            let parse = |pages: Vec<String>| {
                pages
                    .iter()
                    .map(|json| serde_json::from_str(json))
                    .collect()
            };
            let documents: Result<Vec<Vec<Page>>, serde_json::Error> =
                stored.into_iter().map(parse).collect();
            documents.map(Ready::new)
        });
        let ready = made.await.map_err(ApiError::internal)?;
        let ready = Arc::new(
            ready.map_err(|error| ApiError::internal(format_args!("a stored page: {error}")))?,
        );
        self.put(ids, &ready);
        Ok(ready)
    }

    fn get(&self, ids: &[JobId]) -> Option<Arc<Ready>> {
        let mut kept = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        let position = kept.iter().position(|(other, _)| other == ids)?;
        let entry = kept.remove(position)?;
        let ready = Arc::clone(&entry.1);
        kept.push_back(entry);
        Some(ready)
    }

    fn put(&self, ids: &[JobId], ready: &Arc<Ready>) {
        let mut kept = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(other, _)| other != ids);
        kept.push_back((ids.to_vec(), Arc::clone(ready)));
        let n_pages =
            |kept: &VecDeque<Entry>| kept.iter().map(|(_, ready)| ready.n_pages()).sum::<usize>();
        while kept.len() > MAX_READY || (kept.len() > 1 && n_pages(&kept) > MAX_READY_PAGES) {
            kept.pop_front();
        }
    }

    /// Forgets what is kept of a job: its content goes.
    pub fn forget(&self, id: &JobId) {
        let mut kept = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(ids, _)| !ids.contains(id));
    }
}
