//! The PDF Worker, which opens TIFFs, too: one for all lanes, started with the first such file.

use std::cell::RefCell;
use std::collections::HashSet;

use futures::lock::Mutex;
use leptos::prelude::*;
use ocr_chat_document::{Page, WarningCode};
use ocr_chat_export::{ExportFormat, figure_boxes};
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

/// What a file shows of a page beside its text, as the export Worker takes it.
#[derive(Default)]
pub(super) struct ShownInFile {
    /// What the pixels are.
    pub(super) raster: Option<Raster>,
    /// The characters of the page's own text.
    pub(super) layer: Option<String>,
    /// Buffers: of the pixels, then of the text's numbers.
    pub(super) parts: Vec<JsValue>,
}

/// Opens PDFs and TIFFs and renders their pages, one at a time: rendering takes a fraction of the time of reading.
#[derive(Default)]
pub(crate) struct PdfRenderer {
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
        let message = ToWorker::Page {
            document: doc.id,
            index,
            want,
            language: doc.language.get_value(),
        };
        match self.ask(doc, &message, state).await? {
            (FromWorker::Rendered { raster, layer, .. }, parts) => {
                Ok(Rendered::Pixels(raster, layer, parts))
            }
            (FromWorker::Read { page, .. }, _) => Ok(Rendered::Failed(page)),
            _ => Err(self.lost().await),
        }
    }

    /// Asks the Worker about a page of `doc`.
    async fn ask(
        &self,
        doc: Doc,
        message: &ToWorker,
        state: RwSignal<ReaderState>,
    ) -> Result<(FromWorker, Vec<JsValue>), TaskError> {
        let is_open = self.open.borrow().contains(&doc.id);
        if !is_open {
            // It was closed when it was read, or the Worker ended meanwhile, over another document.
            self.open(doc, state).await?;
        }
        let answer = {
            let mut worker = self.worker.lock().await;
            let handle = worker.as_mut().ok_or(Gone)?;
            handle.ask(message, &[], |_, _| {}).await
        };
        match answer {
            Ok(answer) => Ok(answer),
            Err(Gone) => Err(self.lost().await),
        }
    }

    /// The Worker is gone, or says what it was not asked.
    async fn lost(&self) -> TaskError {
        *self.worker.lock().await = None;
        self.open.borrow_mut().clear();
        TaskError::Gone
    }

    /// The text that page `index` of `doc` brings along: its characters, and its numbers as a buffer.
    async fn layer(
        &self,
        doc: Doc,
        index: u32,
        state: RwSignal<ReaderState>,
    ) -> Result<Option<(String, JsValue)>, TaskError> {
        let message = ToWorker::Layer {
            document: doc.id,
            index,
        };
        match self.ask(doc, &message, state).await? {
            (FromWorker::Layer { layer, .. }, parts) => Ok(layer.zip(parts.into_iter().next())),
            _ => Err(self.lost().await),
        }
    }

    /// What a file of `doc` shows of page `page` beside its text: the pixels of figures, and which lines are the page's own. Nothing where the
    /// file is no PDF, or cannot be opened any more.
    pub(super) async fn shown_in_file(
        &self,
        doc: Doc,
        page: &Page,
        format: ExportFormat,
        state: RwSignal<ReaderState>,
    ) -> ShownInFile {
        let is_own_used = page
            .warnings
            .iter()
            .any(|warning| warning.code == WarningCode::TextLayerUsed);
        // A searchable PDF keeps the pages themselves, and lays down what they do not say.
        let wants_pictures = format != ExportFormat::Pdf && !figure_boxes(page).is_empty();
        let wants_layer = format == ExportFormat::Pdf && is_own_used;
        let mut shown = ShownInFile::default();
        if wants_pictures
            && let Ok(Rendered::Pixels(raster, _, parts)) =
                self.render(doc, page.index, Want::Picture, state).await
        {
            shown.raster = Some(raster);
            shown.parts.extend(parts);
        }
        if wants_layer && let Ok(Some((layer, numbers))) = self.layer(doc, page.index, state).await
        {
            shown.layer = Some(layer);
            shown.parts.push(numbers);
        }
        shown
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
    let head = head_of(file).await;
    matches!(
        head[..],
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..]
    ) || has_pdf_mark(&head)
}

/// Whether the file is a PDF, which the export Worker cannot open itself.
pub(super) async fn is_pdf(file: &Blob) -> bool {
    has_pdf_mark(&head_of(file).await)
}

fn has_pdf_mark(head: &[u8]) -> bool {
    head.windows(5).any(|bytes| bytes == b"%PDF-")
}

/// The first bytes of a file; none where it cannot be read any more.
async fn head_of(file: &Blob) -> Vec<u8> {
    let Ok(head) = file.slice_with_i32_and_i32(0, PDF_MARK_WITHIN) else {
        return Vec::new();
    };
    match JsFuture::from(head.array_buffer()).await {
        Ok(buffer) => js_sys::Uint8Array::new(&buffer).to_vec(),
        Err(_) => Vec::new(),
    }
}
