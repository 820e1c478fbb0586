//! The PDF Worker, which opens TIFFs, too: one for all lanes, started with the first such file.

use std::cell::RefCell;
use std::collections::HashSet;

use futures::lock::Mutex;
use leptos::prelude::*;
use ocr_chat_document::Page;
use ocr_chat_worker::protocol::{DocumentId, FromWorker, Raster, ToWorker, Want};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::document::Doc;
use super::exchange::{TaskError, open_in};
use super::pool::ReaderState;
use super::worker::{Gone, PDF_SCRIPT, WorkerHandle};

/// Bytes of a file in which the mark of a PDF may stand (the rule of the PDF specification's readers).
const PDF_MARK_WITHIN: i32 = 1_024;

/// A page of a PDF or a TIFF.
pub(super) enum Rendered {
    /// Its pixels, the characters of its own text, and the buffers that belong to both.
    Pixels(Raster, Option<String>, Vec<JsValue>),
    /// It cannot be rendered; the page says why.
    Failed(Page),
}

/// Opens PDFs and TIFFs and renders their pages, one at a time: rendering takes a fraction of the time of reading.
#[derive(Default)]
pub(super) struct PdfRenderer {
    worker: Mutex<Option<WorkerHandle>>,
    /// Documents that are PDFs or TIFFs.
    known: RefCell<HashSet<DocumentId>>,
    /// Documents that the Worker has open.
    open: RefCell<HashSet<DocumentId>>,
}

impl PdfRenderer {
    /// Whether `doc` was opened here.
    pub(super) fn knows(&self, doc: Doc) -> bool {
        self.known.borrow().contains(&doc.id)
    }

    /// Opens `doc` and gives the number of its pages; `state` hears of the Worker's start.
    pub(super) async fn open(
        &self,
        doc: Doc,
        state: RwSignal<ReaderState>,
    ) -> Result<u32, TaskError> {
        self.known.borrow_mut().insert(doc.id);
        let mut worker = self.worker.lock().await;
        if worker.is_none() {
            state.set(ReaderState::Starting);
            let started = WorkerHandle::start(PDF_SCRIPT).await;
            state.set(ReaderState::Quiet);
            self.open.borrow_mut().clear();
            *worker = Some(started?);
        }
        let opened = match worker.as_mut() {
            Some(handle) => open_in(handle, doc).await,
            None => Err(TaskError::Gone),
        };
        match opened {
            Ok(_) => {
                self.open.borrow_mut().insert(doc.id);
            }
            Err(TaskError::Gone) => *worker = None,
            Err(TaskError::Refused(_)) => {}
        }
        opened
    }

    /// Renders page `index` of `doc`; where its text is wanted, its own text comes along.
    pub(super) async fn render(
        &self,
        doc: Doc,
        index: u32,
        want: Want,
        state: RwSignal<ReaderState>,
    ) -> Result<Rendered, TaskError> {
        let is_open = self.open.borrow().contains(&doc.id);
        if !is_open {
            // The Worker ended meanwhile, over another document.
            self.open(doc, state).await?;
        }
        let mut worker = self.worker.lock().await;
        let handle = worker.as_mut().ok_or(Gone)?;
        let message = ToWorker::Page {
            document: doc.id,
            index,
            want,
            language: doc.language.get_value(),
        };
        match handle.ask(&message, &[], |_, _| {}).await {
            Ok((FromWorker::Rendered { raster, layer, .. }, parts)) => {
                Ok(Rendered::Pixels(raster, layer, parts))
            }
            Ok((FromWorker::Read { page, .. }, _)) => Ok(Rendered::Failed(page)),
            _ => {
                *worker = None;
                self.open.borrow_mut().clear();
                Err(TaskError::Gone)
            }
        }
    }

    /// Forgets `doc`. A Worker that is busy keeps it until it ends.
    pub(super) fn close(&self, doc: Doc) {
        self.known.borrow_mut().remove(&doc.id);
        let was_open = self.open.borrow_mut().remove(&doc.id);
        if was_open
            && let Some(worker) = self.worker.try_lock()
            && let Some(handle) = worker.as_ref()
        {
            // A Worker that is gone holds nothing.
            let _ = handle.send(&ToWorker::Close { document: doc.id }, &[]);
        }
    }
}

/// Whether the file is one that the PDF Worker opens, a PDF or a TIFF, by its content.
pub(super) async fn opens(file: &Blob) -> bool {
    let Ok(head) = file.slice_with_i32_and_i32(0, PDF_MARK_WITHIN) else {
        return false;
    };
    let Ok(buffer) = JsFuture::from(head.array_buffer()).await else {
        return false;
    };
    let head = js_sys::Uint8Array::new(&buffer).to_vec();
    matches!(
        head[..],
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..]
    ) || head.windows(5).any(|bytes| bytes == b"%PDF-")
}
