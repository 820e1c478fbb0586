//! How a document is kept on this device.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::channel::mpsc::UnboundedSender;
use futures::channel::oneshot;
use leptos::prelude::*;
use ocr_chat_document::{Answer, Page, Tier};
use web_sys::Blob;

use super::document::Doc;
use super::handoff::HandOff;
use crate::store::{KeptPicture, Record, new_key};

/// Whether a document outlives this visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Not: the visitor wants nothing kept.
    Off,
    /// On its way to the disk.
    Coming,
    /// On this device until it is deleted.
    Yes,
    /// Not: the disk, or this site's share of it, is full.
    Full,
    /// Not: the browser keeps nothing here.
    Unavailable,
    /// Deleted.
    Deleted,
}

/// What is to be written, in order.
pub(super) enum Write {
    /// The document with its file, for the first time.
    Document(Doc),
    /// Its record.
    Record(Doc),
    /// A page, as it was when it changed.
    Page(Doc, Arc<Page>),
    /// A page's picture.
    Picture(Doc, KeptPicture),
    /// What this device had read of a page, or that it counts again.
    Original(Doc, u32),
    /// The document is read anew: its pages go.
    Anew(Doc),
    /// Nothing: says that everything before it is written.
    Flush(oneshot::Sender<()>),
}

impl Write {
    /// The document that is meant.
    pub(super) fn doc(&self) -> Option<Doc> {
        match self {
            Self::Document(doc)
            | Self::Record(doc)
            | Self::Page(doc, _)
            | Self::Picture(doc, _)
            | Self::Original(doc, _)
            | Self::Anew(doc) => Some(*doc),
            Self::Flush(_) => None,
        }
    }
}

/// How a document is kept. A handle, as the document.
#[derive(Clone, Copy)]
pub(crate) struct Keeping {
    /// Its key in the store.
    pub(crate) key: StoredValue<String>,
    pub(crate) state: RwSignal<Kept>,
    /// When it was added, in milliseconds of UTC since 1970.
    pub(crate) added_ms: StoredValue<f64>,
    /// Pages of the document, also while they are not in memory.
    pub(crate) n_pages: RwSignal<u32>,
    /// Pages that this device read first and the server again, from 0.
    pub(crate) handed_over: RwSignal<BTreeSet<u32>>,
    /// What this device had read of them, while the document is in memory.
    pub(crate) originals: RwSignal<BTreeMap<u32, Arc<Page>>>,
    /// The server's answer without what is made of its pages, where the server reads.
    pub(super) answer: StoredValue<Option<Box<Answer>>>,
    /// How the server reads it, where the server does.
    pub(crate) tier: StoredValue<Tier>,
    /// The hand-off of its weak pages to the server.
    pub(crate) hand_off: HandOff,
    /// The record as it lies on the disk.
    pub(super) record: StoredValue<Option<Record>>,
    queue: StoredValue<Option<UnboundedSender<Write>>, LocalStorage>,
}

impl Keeping {
    /// Of a document that was just added; nobody keeps it yet.
    pub(super) fn new() -> Self {
        Self {
            key: StoredValue::new(new_key()),
            state: RwSignal::new(Kept::Off),
            added_ms: StoredValue::new(js_sys::Date::now()),
            n_pages: RwSignal::new(0),
            handed_over: RwSignal::new(BTreeSet::new()),
            originals: RwSignal::new(BTreeMap::new()),
            answer: StoredValue::new(None),
            tier: StoredValue::new(Tier::Cpu),
            hand_off: HandOff::new(),
            record: StoredValue::new(None),
            queue: StoredValue::new_local(None),
        }
    }

    /// From now on, what happens to the document is written to `queue`.
    pub(super) fn start(&self, queue: UnboundedSender<Write>, state: Kept) {
        self.queue.set_value(Some(queue));
        self.state.set(state);
    }

    /// Nothing more is written.
    pub(super) fn end(&self, state: Kept) {
        self.queue.set_value(None);
        self.state.set(state);
    }

    /// The job at the server that reads it, where one does.
    pub(crate) fn job(&self) -> Option<String> {
        self.answer
            .with_value(|answer| answer.as_ref().and_then(|answer| answer.uuid.clone()))
    }

    /// Whether the server has read pages of it that this device had read.
    pub(crate) fn has_handed_over(&self) -> bool {
        self.handed_over.with_untracked(|pages| !pages.is_empty())
    }

    /// Whether the server has read this page in place of the device. Reactive.
    pub(crate) fn is_from_server(&self, page_idx: usize) -> bool {
        let index = u32::try_from(page_idx).unwrap_or(u32::MAX);
        self.handed_over.with(|pages| pages.contains(&index))
    }

    /// Whether it is kept, or about to be.
    pub(crate) fn is_on(&self) -> bool {
        matches!(self.state.get_untracked(), Kept::Coming | Kept::Yes)
    }

    pub(super) fn write(&self, write: Write) {
        self.queue.with_value(|queue| {
            if let Some(queue) = queue {
                // The writer lives as long as the page.
                let _ = queue.unbounded_send(write);
            }
        });
    }

    /// Takes a page's picture.
    pub(super) fn put_picture(
        &self,
        doc: Doc,
        index: u32,
        blob: &Blob,
        width_px: u32,
        height_px: u32,
    ) {
        self.write(Write::Picture(
            doc,
            KeptPicture {
                index,
                blob: blob.clone(),
                width_px,
                height_px,
            },
        ));
    }
}
