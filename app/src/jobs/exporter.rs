//! Files of documents: text alone is written here, everything else in a Worker that is fetched with the first such file.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
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

use super::document::Doc;
use super::keeper::Keeper;
use super::pdf_renderer::{PdfRenderer, ShownInFile, is_pdf};
use super::pool::ReaderState;
use super::worker::{EXPORT_SCRIPT, Gone, Stop, WorkerHandle};
use crate::browser;
use crate::messages::Problem;

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

/// How far an archive of several documents is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BundleStep {
    /// Files are being made: how many of how many.
    Document { n_done: usize, n_documents: usize },
    /// They are being packed.
    Packing,
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

    /// How far the archive is. Reactive.
    pub(crate) fn bundle(self) -> Option<BundleStep> {
        self.bundle.get()
    }

    /// Makes a zip archive with a file of each document and hands it to the browser. Documents that are on the disk alone are brought into memory
    /// one at a time.
    pub(crate) fn start_bundle(self, docs: Vec<Doc>, format: ExportFormat, keeper: Keeper) {
        let number = self.next_number();
        spawn_local(async move {
            let made = self.bundle_of(number, &docs, format, keeper).await;
            if self.is_current(number) {
                let saved = made.and_then(|blob| {
                    browser::save_blob("ocr-chat.zip", &blob).map_err(|_| failed())
                });
                self.current.set(None);
                self.bundle.set(saved.err().map(BundleStep::Failed));
            }
        });
    }

    /// Stops the archive that is being made.
    pub(crate) fn cancel_bundle(self) {
        if self.bundle.with_untracked(is_bundling) {
            self.next_number();
            let stop = self.lane.with_value(|lane| lane.stop.take());
            if let Some(stop) = stop {
                stop.stop();
            }
            self.current.set(None);
        }
        self.bundle.set(None);
    }

    async fn bundle_of(
        self,
        number: u32,
        docs: &[Doc],
        format: ExportFormat,
        keeper: Keeper,
    ) -> Result<Blob, Problem> {
        let mut files = Vec::new();
        let names: Vec<String> = docs.iter().map(|doc| file_name(*doc, format)).collect();
        for (n_done, &doc) in docs.iter().enumerate() {
            self.bundle.set(Some(BundleStep::Document {
                n_done,
                n_documents: docs.len(),
            }));
            // Held while it is made; see `is_at`.
            self.show(number, doc, format, Some(ExportStep::Starting));
            keeper.load(doc).await;
            if !self.is_current(number) {
                keeper.drop_unseen(doc);
                return Err(failed());
            }
            let written = match format.plain() {
                Some(plain) => plain_bytes(doc, plain, TextLayout::Flowing)
                    .and_then(|bytes| browser::blob(format.mime_type(), &bytes))
                    .ok_or_else(failed),
                None => self.write(number, doc, format).await,
            };
            self.show(number, doc, format, None);
            keeper.drop_unseen(doc);
            files.push(JsValue::from(written?));
        }
        if !self.is_current(number) {
            return Err(failed());
        }
        self.bundle.set(Some(BundleStep::Packing));
        let lane = self.lane.get_value();
        let idle = lane.idle.take();
        let mut handle = match idle {
            Some(handle) => handle,
            None => WorkerHandle::start(EXPORT_SCRIPT).await.map_err(missing)?,
        };
        lane.stop.replace(Some(handle.stopper()));
        let message = ToExporter::Pack {
            names: unlike(names),
            is_packed: matches!(
                format,
                ExportFormat::Docx | ExportFormat::Xlsx | ExportFormat::Pdf
            ),
        };
        let answer = handle.ask(&message, &files, |_, _| {}).await;
        let (answer, parts) = answer.map_err(|Gone| failed())?;
        if self.is_current(number) {
            lane.stop.take();
            lane.idle.replace(Some(handle));
        }
        let file = parts
            .into_iter()
            .next()
            .and_then(|part| part.dyn_into().ok());
        match (answer, file) {
            (FromExporter::Written, Some(file)) => Ok(file),
            _ => Err(failed()),
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

fn is_bundling(step: &Option<BundleStep>) -> bool {
    step.as_ref()
        .is_some_and(|step| !matches!(step, BundleStep::Failed(_)))
}

/// The names, each once: later ones that were given before get a number, as file managers do.
fn unlike(names: Vec<String>) -> Vec<String> {
    let mut given = HashSet::new();
    names
        .into_iter()
        .map(|name| {
            let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
            // A path would be a folder in the archive.
            let stem = stem.replace(['/', '\\'], "_");
            let mut own = format!("{stem}.{extension}");
            let mut n = 2;
            while !given.insert(own.to_lowercase()) {
                own = format!("{stem} ({n}).{extension}");
                n += 1;
            }
            own
        })
        .collect()
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
    use super::{stem, unlike};

    #[test]
    fn files_of_an_archive_have_names_of_their_own() {
        let names = ["a.txt", "A.txt", "b/c.txt", "a.txt", "a (2).txt"];
        assert_eq!(
            unlike(names.map(str::to_owned).to_vec()),
            [
                "a.txt",
                "A (2).txt",
                "b_c.txt",
                "a (3).txt",
                "a (2) (2).txt"
            ]
        );
    }

    #[test]
    fn a_download_is_named_after_its_file() {
        assert_eq!(stem("invoice.2026.pdf"), "invoice.2026");
        assert_eq!(stem(".png"), ".png");
        assert_eq!(stem(""), "document");
    }
}
