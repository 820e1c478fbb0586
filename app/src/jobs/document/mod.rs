//! A document on the page: its file, its pages as they come in, its answer.

mod conversation;
mod corrections;

use std::sync::Arc;

use leptos::prelude::*;
use ocr_chat_document::{
    Answer, AnswerPage, Detail, Document, EngineInfo, Page, Warning, mark_repeated,
};
use ocr_chat_worker::protocol::DocumentId;
use web_sys::{Blob, File, Url};

pub(crate) use conversation::{AskStep, Exchange, Said};

use crate::jobs::keeping::Keeping;
use crate::messages::Problem;
use crate::settings::{ModelSize, Place};

/// How far a document has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DocStatus {
    /// Waits for a Worker, or for the server.
    Waiting,
    /// Being read.
    Reading,
    /// Every page has its answer.
    Done,
    /// Could not be read.
    Failed(Problem),
    /// Stopped by the visitor; pages read until then stay.
    Cancelled,
}

/// How far a page has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageStage {
    Waiting,
    Opening,
    Detecting,
    Recognising,
    Read,
}

/// The picture of a page, an object URL; revoked when the document is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) url: String,
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
}

/// A page of a document, as signals of its own: a page that comes in redraws itself only.
#[derive(Clone, Copy)]
pub(crate) struct PageSlot {
    pub(crate) stage: RwSignal<PageStage>,
    pub(crate) picture: RwSignal<Option<Picture>>,
    pub(crate) page: RwSignal<Option<Arc<Page>>>,
}

impl PageSlot {
    pub(in crate::jobs) fn release_picture(&self) {
        if let Some(picture) = self.picture.get_untracked() {
            let _ = Url::revoke_object_url(&picture.url);
            self.picture.set(None);
        }
    }
}

/// A document. A handle: copies are the same document.
#[derive(Clone, Copy)]
pub(crate) struct Doc {
    pub(crate) id: DocumentId,
    pub(crate) name: StoredValue<String>,
    pub(crate) size_bytes: f64,
    pub(crate) file: StoredValue<File, LocalStorage>,
    pub(crate) place: Place,
    pub(crate) model: ModelSize,
    /// Code of the language that was asked for, or `auto`.
    pub(crate) language: StoredValue<String>,
    pub(crate) status: RwSignal<DocStatus>,
    pub(crate) pages: RwSignal<Vec<PageSlot>>,
    /// The page that is shown.
    pub(crate) page_idx: RwSignal<usize>,
    pub(crate) engine: RwSignal<Option<EngineInfo>>,
    pub(crate) warnings: RwSignal<Vec<Warning>>,
    /// The server's answer, where the server reads.
    pub(crate) remote: RwSignal<Option<Arc<Answer>>>,
    /// What was asked about it.
    pub(crate) exchanges: RwSignal<Vec<Exchange>>,
    /// Pages before their corrections, the last one last.
    undo: RwSignal<Vec<Arc<Page>>>,
    /// How it is kept on this device.
    pub(crate) keeping: Keeping,
    owner: StoredValue<Owner>,
}

impl PartialEq for Doc {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Doc {
    /// A document that waits. Its signals belong to `owner`, the shell's: components come and go.
    pub(crate) fn new(
        owner: &Owner,
        id: DocumentId,
        file: File,
        place: Place,
        model: ModelSize,
        language: String,
    ) -> Self {
        owner.with(|| Self {
            id,
            name: StoredValue::new(file.name()),
            size_bytes: file.size(),
            file: StoredValue::new_local(file),
            place,
            model,
            language: StoredValue::new(language),
            status: RwSignal::new(DocStatus::Waiting),
            pages: RwSignal::new(Vec::new()),
            page_idx: RwSignal::new(0),
            engine: RwSignal::new(None),
            warnings: RwSignal::new(Vec::new()),
            remote: RwSignal::new(None),
            exchanges: RwSignal::new(Vec::new()),
            undo: RwSignal::new(Vec::new()),
            keeping: Keeping::new(),
            owner: StoredValue::new(owner.clone()),
        })
    }

    /// The file's name.
    pub(crate) fn name(&self) -> String {
        self.name.get_value()
    }

    /// Whether reading may go on.
    pub(crate) fn is_open(&self) -> bool {
        matches!(
            self.status.get_untracked(),
            DocStatus::Waiting | DocStatus::Reading
        )
    }

    /// Whether Workers should go on with it: where the server reads, they draw its pages' pictures, also after it is done.
    pub(crate) fn wants_work(&self) -> bool {
        match self.place {
            Place::Device => self.is_open(),
            Place::Server => !matches!(
                self.status.get_untracked(),
                DocStatus::Failed(_) | DocStatus::Cancelled
            ),
        }
    }

    /// Makes room for `n` pages.
    pub(crate) fn set_n_pages(&self, n: u32) {
        let owner = self.owner.get_value();
        let slots = owner.with(|| {
            (0..n)
                .map(|_| PageSlot {
                    stage: RwSignal::new(PageStage::Waiting),
                    picture: RwSignal::new(None),
                    page: RwSignal::new(None),
                })
                .collect()
        });
        self.undo.set(Vec::new());
        self.pages.set(slots);
        self.keeping.n_pages.set(n);
    }

    /// The slot of page `index`.
    pub(crate) fn slot(&self, index: u32) -> Option<PageSlot> {
        self.pages
            .with_untracked(|pages| pages.get(index as usize).copied())
    }

    /// The slot of the page that is shown.
    pub(crate) fn shown(&self) -> Option<PageSlot> {
        let page_idx = self.page_idx.get();
        self.pages.with(|pages| pages.get(page_idx).copied())
    }

    /// The page that is shown, as it is now.
    pub(crate) fn shown_now(&self) -> Option<Arc<Page>> {
        let index = u32::try_from(self.page_idx.get_untracked()).ok()?;
        self.slot(index)?.page.get_untracked()
    }

    /// Takes a page that was read.
    pub(crate) fn put_page(&self, page: Page) {
        if let Some(slot) = self.slot(page.index) {
            slot.page.set(Some(Arc::new(page)));
            slot.stage.set(PageStage::Read);
        }
    }

    /// Takes a page's picture.
    pub(crate) fn put_picture(&self, index: u32, blob: &Blob, width_px: u32, height_px: u32) {
        let Some(slot) = self.slot(index) else {
            return;
        };
        self.keeping
            .put_picture(*self, index, blob, width_px, height_px);
        self.show_picture(slot, blob, width_px, height_px);
    }

    /// Shows a page's picture.
    pub(in crate::jobs) fn show_picture(
        &self,
        slot: PageSlot,
        blob: &Blob,
        width_px: u32,
        height_px: u32,
    ) {
        if let Ok(url) = Url::create_object_url_with_blob(blob) {
            // A page that lay turned comes again, upright.
            slot.release_picture();
            slot.picture.set(Some(Picture {
                url,
                width_px,
                height_px,
            }));
        }
    }

    /// Pages that have their answer. Reactive.
    pub(crate) fn n_read(&self) -> usize {
        self.pages.with(|pages| {
            pages
                .iter()
                .filter(|slot| slot.stage.get() == PageStage::Read)
                .count()
        })
    }

    /// Whether every page has its answer.
    pub(crate) fn is_complete(&self) -> bool {
        self.pages.with_untracked(|pages| {
            pages
                .iter()
                .all(|slot| slot.stage.get_untracked() == PageStage::Read)
        })
    }

    /// The answer as far as it is there, as the API would give it.
    pub(crate) fn answer(&self) -> Answer {
        if let Some(answer) = self.remote.get_untracked() {
            return self.corrected((*answer).clone());
        }
        let mut pages: Vec<Page> = self
            .read_pages()
            .iter()
            .map(|page| (**page).clone())
            .collect();
        mark_repeated(&mut pages);
        let markdown = ocr_chat_export::markdown(&pages);
        let document = Document {
            engine: self.engine.get_untracked().unwrap_or_else(|| EngineInfo {
                name: "ocr-chat".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                models: vec![self.model.name().to_owned()],
            }),
            pages,
            warnings: self.warnings.get_untracked(),
        };
        let mut answer = Answer::local(
            document,
            &self.language.get_value(),
            markdown,
            Detail::Words,
        );
        if self.keeping.has_handed_over() {
            answer.processed_by = "device, server".to_owned();
        }
        answer
    }

    /// The pages that are read, as they are now.
    pub(crate) fn read_pages(&self) -> Vec<Arc<Page>> {
        self.pages.with_untracked(|pages| {
            pages
                .iter()
                .filter_map(|slot| slot.page.get_untracked())
                .collect()
        })
    }

    /// Adds a question to the conversation.
    pub(crate) fn begin_exchange(&self, question: &str) -> Exchange {
        let owner = self.owner.get_value();
        let exchange = owner.with(|| Exchange {
            number: self.exchanges.with_untracked(Vec::len),
            question: StoredValue::new(question.to_owned()),
            said: RwSignal::new(Said::default()),
        });
        self.exchanges.update(|all| all.push(exchange));
        exchange
    }

    /// Takes what the server has so far.
    pub(crate) fn put_answer(&self, answer: Answer) {
        if self.pages.with_untracked(Vec::len) != answer.page_count as usize {
            self.set_n_pages(answer.page_count);
        }
        for AnswerPage { page, .. } in &answer.pages {
            let is_new = self
                .slot(page.index)
                .is_some_and(|slot| slot.page.with_untracked(Option::is_none));
            if is_new && page.status != ocr_chat_document::PageStatus::Pending {
                self.put_page(page.clone());
            }
        }
        self.engine.set(answer.engine.clone());
        self.remote.set(Some(Arc::new(answer)));
    }

    /// Gives back what the browser holds for this document.
    pub(crate) fn release(&self) {
        for slot in self.pages.get_untracked() {
            slot.release_picture();
            // Who watches a signal hears of every `set`.
            if slot.page.with_untracked(Option::is_some) {
                slot.page.set(None);
            }
        }
        if self.remote.with_untracked(Option::is_some) {
            self.remote.set(None);
        }
    }
}
