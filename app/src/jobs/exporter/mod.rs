//! Files of documents: text alone is written here, everything else in a Worker that is fetched with the first such file.

mod bundle;

use std::cell::{Cell, RefCell};
use std::mem;
use std::rc::Rc;

use leptos::prelude::*;
use ocr_chat_document::AnswerPage;
use ocr_chat_export::{ExportFormat, ExportOptions, PlainFormat, TextLayout, export_plain};
use ocr_chat_worker::export_protocol::{FromExporter, ToExporter};
use ocr_chat_worker::protocol::DocumentId;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use crate::browser;
use crate::jobs::document::Doc;
use crate::jobs::pdf_renderer::{PdfRenderer, ShownInFile, is_pdf};
use crate::jobs::pool::ReaderState;
use crate::jobs::worker::{EXPORT_SCRIPT, Gone, Stop, WorkerHandle};
use crate::messages::Problem;
pub(crate) use bundle::BundleStep;
use bundle::is_bundling;

/// What a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) format: ExportFormat,
    /// For plain text.
    pub(crate) layout: TextLayout,
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ExportStep {
    /// The Worker is being fetched and started.
    Starting,
    /// Pages are handed over: how many of how many.
    Page { n_done: usize, n_pages: usize },
    /// The Worker writes.
    Writing,
    /// It came to nothing.
    Failed(Problem),
}

/// The file that is being made, or the last one where it failed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Export {
    doc: DocumentId,
    format: ExportFormat,
    step: ExportStep,
}

/// Makes files, one at a time. Owned by the shell: a file that is being made goes on when its view is left.
#[derive(Clone, Copy)]
pub(crate) struct Exporter {
    current: RwSignal<Option<Export>>,
    /// The archive of several documents that is being made.
    bundle: RwSignal<Option<BundleStep>>,
    lane: StoredValue<Rc<Lane>, LocalStorage>,
}

struct Lane {
    /// Renders what files show of PDF pages.
    pdf: Rc<PdfRenderer>,
    /// Hears of the PDF Worker's start.
    reader: RwSignal<ReaderState>,
    /// The Worker between two files.
    idle: RefCell<Option<WorkerHandle<FromExporter>>>,
    /// Ends the Worker that is writing.
    stop: RefCell<Option<Stop<FromExporter>>>,
    /// Number of the file that is being made: what was cancelled says nothing more.
    number: Cell<u32>,
}

impl Exporter {
    /// An exporter without Workers; its own starts with the first file, the renderer's with the first of a PDF.
    pub(crate) fn new(pdf: Rc<PdfRenderer>, reader: RwSignal<ReaderState>) -> Self {
        let lane = Lane {
            pdf,
            reader,
            idle: RefCell::default(),
            stop: RefCell::default(),
            number: Cell::default(),
        };
        Self {
            current: RwSignal::new(None),
            bundle: RwSignal::new(None),
            lane: StoredValue::new_local(Rc::new(lane)),
        }
    }

    /// The format of `doc` that is being made or failed last, and how far it is. Reactive.
    pub(crate) fn state(self, doc: Doc) -> Option<(ExportFormat, ExportStep)> {
        self.current.with(|current| {
            let export = current.as_ref().filter(|export| export.doc == doc.id)?;
            Some((export.format, export.step.clone()))
        })
    }

    /// Whether the Worker is busy with a file. Reactive.
    pub(crate) fn is_busy(self) -> bool {
        self.current.with(is_making) || self.bundle.with(is_bundling)
    }

    /// As [`Self::is_busy`], asked once.
    pub(crate) fn is_busy_untracked(self) -> bool {
        self.current.with_untracked(is_making) || self.bundle.with_untracked(is_bundling)
    }

    /// Whether a file of `doc` is being made.
    pub(crate) fn is_at(self, doc: Doc) -> bool {
        self.current.with_untracked(|current| {
            is_making(current) && current.as_ref().is_some_and(|export| export.doc == doc.id)
        })
    }

    /// Makes the file and hands it to the browser.
    pub(crate) fn start(self, doc: Doc, choice: Choice) {
        let format = choice.format;
        if let Some(plain) = format.plain() {
            let is_saved = save_plain(doc, plain, choice.layout);
            // The Worker may be busy with another file; that one's progress stays.
            if !self.current.with_untracked(is_making) {
                let step = (!is_saved).then(|| ExportStep::Failed(failed()));
                self.show(self.number(), doc, format, step);
            }
            return;
        }
        let number = self.next_number();
        spawn_local(async move {
            let saved = self.write(number, doc, format).await.and_then(|blob| {
                let saved = !self.is_current(number)
                    || browser::save_blob(&file_name(doc, format), &blob).is_ok();
                saved.then_some(()).ok_or_else(failed)
            });
            let failed = saved.err().map(ExportStep::Failed);
            self.show(number, doc, format, failed);
        });
    }

    /// Stops the file that is being made of `doc`.
    pub(crate) fn cancel_of(self, doc: Doc) {
        let is_of_doc = self
            .current
            .with_untracked(|current| current.as_ref().is_some_and(|export| export.doc == doc.id));
        if is_of_doc {
            self.next_number();
            // A Worker cannot hear while it writes: it is ended, and the next file starts another.
            let stop = self.lane.with_value(|lane| lane.stop.take());
            if let Some(stop) = stop {
                stop.stop();
            }
            self.current.set(None);
        }
    }

    fn next_number(self) -> u32 {
        self.lane.with_value(|lane| {
            lane.number.set(lane.number.get() + 1);
            lane.number.get()
        })
    }

    fn number(self) -> u32 {
        self.lane.with_value(|lane| lane.number.get())
    }

    fn is_current(self, number: u32) -> bool {
        self.number() == number
    }

    /// Shows how far file `number` is; `None` where nothing needs to be said of it.
    fn show(self, number: u32, doc: Doc, format: ExportFormat, step: Option<ExportStep>) {
        if self.is_current(number) {
            let export = step.map(|step| Export {
                doc: doc.id,
                format,
                step,
            });
            self.current.set(export);
        }
    }

    async fn write(self, number: u32, doc: Doc, format: ExportFormat) -> Result<Blob, Problem> {
        let lane = self.lane.get_value();
        self.show(number, doc, format, Some(ExportStep::Starting));
        let idle = lane.idle.take();
        let mut handle = match idle {
            Some(handle) => handle,
            None => WorkerHandle::start(EXPORT_SCRIPT).await.map_err(missing)?,
        };
        if !self.is_current(number) {
            // Cancelled while it started; the next file has use for it.
            lane.idle.replace(Some(handle));
            return Err(failed());
        }
        lane.stop.replace(Some(handle.stopper()));
        let written = self.ask(&mut handle, number, doc, format).await;
        if self.is_current(number) {
            lane.stop.take();
            if !matches!(written, Err(Gone)) {
                lane.idle.replace(Some(handle));
            }
        }
        written.map_err(|Gone| failed())?
    }

    /// Hands the document over, a message a page, and waits for the file.
    async fn ask(
        self,
        handle: &mut WorkerHandle<FromExporter>,
        number: u32,
        doc: Doc,
        format: ExportFormat,
    ) -> Result<Result<Blob, Problem>, Gone> {
        let mut answer = Box::new(doc.answer());
        let pages = mem::take(&mut answer.pages);
        // Made of the pages; none of these formats looks at them.
        answer.text.clear();
        answer.markdown.clear();
        let file = JsValue::from(doc.file.get_value());
        handle
            .ask(&ToExporter::Begin { answer }, &[file], |_, _| {})
            .await?;
        let Lane { pdf, reader, .. } = &*self.lane.get_value();
        let asks_renderer = format.wants_sources() && is_pdf(&doc.file.get_value()).await;
        let was_known = pdf.knows(doc);
        let n_pages = pages.len();
        for (n_done, AnswerPage { page, .. }) in pages.into_iter().enumerate() {
            let step = ExportStep::Page { n_done, n_pages };
            self.show(number, doc, format, Some(step));
            let shown = if asks_renderer {
                pdf.shown_in_file(doc, &page, format, *reader).await
            } else {
                ShownInFile::default()
            };
            let message = ToExporter::Page {
                page: Box::new(page),
                raster: shown.raster,
                layer: shown.layer,
            };
            handle.ask(&message, &shown.parts, |_, _| {}).await?;
        }
        if asks_renderer && !was_known {
            pdf.close(doc);
        }
        self.show(number, doc, format, Some(ExportStep::Writing));
        let message = ToExporter::Write {
            format: format.name().to_owned(),
        };
        let (answer, parts) = handle.ask(&message, &[], |_, _| {}).await?;
        let blob = parts
            .into_iter()
            .next()
            .and_then(|part| part.dyn_into().ok());
        match (answer, blob) {
            (FromExporter::Written, Some(blob)) => Ok(Ok(blob)),
            (FromExporter::Failed { .. }, _) => Ok(Err(failed())),
            _ => Err(Gone),
        }
    }
}

fn is_making(current: &Option<Export>) -> bool {
    let step = current.as_ref().map(|export| &export.step);
    step.is_some_and(|step| !matches!(step, ExportStep::Failed(_)))
}

fn missing(_: Gone) -> Problem {
    let code = if browser::is_offline() {
        "exporter_offline"
    } else {
        "exporter_missing"
    };
    Problem::new(code, "")
}

fn failed() -> Problem {
    Problem::new("export_failed", "")
}

fn save_plain(doc: Doc, plain: PlainFormat, text_layout: TextLayout) -> bool {
    let format = ExportFormat::from(plain);
    plain_bytes(doc, plain, text_layout).is_some_and(|bytes| {
        browser::save(&file_name(doc, format), format.mime_type(), &bytes).is_ok()
    })
}

fn plain_bytes(doc: Doc, plain: PlainFormat, text_layout: TextLayout) -> Option<Vec<u8>> {
    let options = ExportOptions {
        text_layout,
        ..ExportOptions::default()
    };
    let mut bytes = Vec::new();
    export_plain(&doc.answer(), plain, &options, &mut bytes).ok()?;
    Some(bytes)
}

fn file_name(doc: Doc, format: ExportFormat) -> String {
    format!("{}.{}", stem(&doc.name()), format.extension())
}

/// The file's name without its extension.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ if name.is_empty() => "document",
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_download_is_named_after_its_file() {
        assert_eq!(stem("invoice.2026.pdf"), "invoice.2026");
        assert_eq!(stem(".png"), ".png");
        assert_eq!(stem(""), "document");
    }
}
