//! The Workers of this page and the pages that wait for them.
//!
//! Up to N lanes run, each with an OCR Worker of its own. A lane takes the next page from one queue, opens the page's document
//! in its Worker where that was not done yet, and reads. PDFs and TIFFs are opened and rendered by one PDF Worker that all lanes share;
//! rendering a page takes a fraction of the time of reading it.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use leptos::prelude::*;
use ocr_chat_worker::protocol::{DocumentId, FromWorker, ToWorker, Want};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use super::document::{Doc, DocStatus, PageStage};
use super::exchange::{TaskError, open_in, show_event};
use super::pdf_renderer::{self, PdfRenderer, Rendered};
use super::remote;
use super::weights::Weights;
use super::worker::{OCR_SCRIPT, Stop, WorkerHandle};
use crate::browser;
use crate::messages::Problem;
use crate::settings::{ModelSize, Place};

/// What the reader is getting ready, for the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ReaderState {
    /// Nothing to do, or at work.
    Quiet,
    /// The Worker's script and WebAssembly are loading.
    Starting,
    /// The models are coming, in bytes.
    Downloading { received: f64, total: f64 },
}

#[derive(Clone, Copy)]
enum Task {
    Open(Doc),
    Page(Doc, u32),
}

impl Task {
    fn doc(&self) -> Doc {
        match *self {
            Self::Open(doc) | Self::Page(doc, _) => doc,
        }
    }
}

/// An OCR Worker and what it holds.
struct OcrWorker {
    handle: WorkerHandle,
    model: Option<ModelSize>,
    open: HashSet<DocumentId>,
}

/// The Workers of this page.
pub(crate) struct Pool {
    state: RwSignal<ReaderState>,
    queue: RefCell<VecDeque<Task>>,
    idle: RefCell<Vec<OcrWorker>>,
    n_lanes: Cell<usize>,
    /// What each busy lane works on, and how to end its Worker.
    busy: RefCell<HashMap<usize, (DocumentId, Stop)>>,
    next_lane: Cell<usize>,
    pdf: Rc<PdfRenderer>,
    /// Documents that Workers need not keep open any longer.
    finished: RefCell<HashSet<DocumentId>>,
    weights: Weights,
    /// Requests to the server, by document.
    requests: RefCell<HashMap<DocumentId, AbortController>>,
}

impl Pool {
    /// A pool without Workers; they start with the first document.
    pub(crate) fn new(state: RwSignal<ReaderState>, pdf: Rc<PdfRenderer>) -> Rc<Self> {
        Rc::new(Self {
            state,
            queue: RefCell::default(),
            idle: RefCell::default(),
            n_lanes: Cell::new(0),
            busy: RefCell::default(),
            next_lane: Cell::new(0),
            pdf,
            finished: RefCell::default(),
            weights: Weights::new(state),
            requests: RefCell::default(),
        })
    }

    /// Reads `doc` where its place says.
    pub(crate) fn read(self: &Rc<Self>, doc: Doc) {
        doc.release();
        doc.pages.set(Vec::new());
        self.start(doc, None);
    }

    /// Goes on with a document whose reading was broken off: the pages that are read stay. Where the server reads, `job` is what it
    /// is asked about.
    pub(crate) fn resume(self: &Rc<Self>, doc: Doc, job: Option<String>) {
        self.start(doc, job);
    }

    fn start(self: &Rc<Self>, doc: Doc, job: Option<String>) {
        doc.status.set(DocStatus::Waiting);
        self.finished.borrow_mut().remove(&doc.id);
        if doc.place == Place::Server
            && let Ok(controller) = AbortController::new()
        {
            let signal = controller.signal();
            self.requests.borrow_mut().insert(doc.id, controller);
            let pool = Rc::clone(self);
            spawn_local(async move {
                match job {
                    Some(uuid) => remote::resume(doc, &uuid, &signal).await,
                    None => remote::read(doc, &signal).await,
                }
                pool.requests.borrow_mut().remove(&doc.id);
            });
        }
        self.push(Task::Open(doc));
    }

    /// Stops reading `doc`. A Worker cannot hear while it reads, so the one that is at it ends.
    pub(crate) fn cancel(&self, doc: Doc) {
        self.queue
            .borrow_mut()
            .retain(|task| task.doc().id != doc.id);
        if doc.is_open() {
            doc.status.set(DocStatus::Cancelled);
        }
        if let Some(controller) = self.requests.borrow_mut().remove(&doc.id) {
            controller.abort();
        }
        let stops: Vec<Stop> = self
            .busy
            .borrow()
            .values()
            .filter(|(document, _)| *document == doc.id)
            .map(|(_, stop)| stop.clone())
            .collect();
        for stop in stops {
            stop.stop();
        }
        self.forget(doc);
    }

    /// Closes `doc` in the Workers that hold it and are free; the others close it with their next task.
    fn forget(&self, doc: Doc) {
        self.finished.borrow_mut().insert(doc.id);
        for worker in self.idle.borrow_mut().iter_mut() {
            self.close_finished(worker);
        }
        self.pdf.close(doc);
    }

    fn close_finished(&self, worker: &mut OcrWorker) {
        let finished = self.finished.borrow();
        let OcrWorker { handle, open, .. } = worker;
        open.retain(|&document| {
            let keep = !finished.contains(&document);
            if !keep {
                let _ = handle.send(&ToWorker::Close { document }, &[]);
            }
            keep
        });
    }

    fn push(self: &Rc<Self>, task: Task) {
        self.queue.borrow_mut().push_back(task);
        if self.n_lanes.get() < browser::n_workers() {
            self.n_lanes.set(self.n_lanes.get() + 1);
            let pool = Rc::clone(self);
            spawn_local(async move { pool.run_lane().await });
        }
    }

    async fn run_lane(self: Rc<Self>) {
        let lane = self.next_lane.get();
        self.next_lane.set(lane + 1);
        let mut worker = self.idle.borrow_mut().pop();
        loop {
            let Some(task) = self.queue.borrow_mut().pop_front() else {
                break;
            };
            let doc = task.doc();
            if !doc.wants_work() {
                continue;
            }
            if worker.is_none() {
                worker = self.start_worker().await;
                // Cancelled while it started.
                if !doc.wants_work() {
                    continue;
                }
            }
            let Some(at_work) = worker.as_mut() else {
                fail(doc, Problem::new("no_worker", ""));
                continue;
            };
            self.close_finished(at_work);
            self.busy
                .borrow_mut()
                .insert(lane, (doc.id, at_work.handle.stopper()));
            let done = match task {
                Task::Open(doc) => self.open(at_work, doc).await,
                Task::Page(doc, index) => self.page(at_work, doc, index).await,
            };
            self.busy.borrow_mut().remove(&lane);
            match done {
                Ok(()) => {}
                Err(TaskError::Refused(problem)) => fail(doc, problem),
                Err(TaskError::Gone) => {
                    // Ended by the visitor, or by the browser; a cancelled document keeps its state.
                    worker = None;
                    fail(doc, Problem::new("worker_failed", ""));
                }
            }
        }
        if let Some(worker) = worker {
            self.idle.borrow_mut().push(worker);
        }
        self.n_lanes.set(self.n_lanes.get() - 1);
    }

    async fn start_worker(&self) -> Option<OcrWorker> {
        self.state.set(ReaderState::Starting);
        let handle = WorkerHandle::start(OCR_SCRIPT).await;
        self.state.set(ReaderState::Quiet);
        Some(OcrWorker {
            handle: handle.ok()?,
            model: None,
            open: HashSet::new(),
        })
    }

    /// Opens a document, learns its pages and queues them.
    async fn open(self: &Rc<Self>, worker: &mut OcrWorker, doc: Doc) -> Result<(), TaskError> {
        if doc.place == Place::Device {
            doc.status.set(DocStatus::Reading);
        }
        let opened = if pdf_renderer::opens(&doc.file.get_value()).await {
            self.pdf.open(doc, self.state).await
        } else {
            open_picture(worker, doc).await
        };
        let n_pages = match opened {
            Ok(n_pages) => n_pages,
            // The server may read what this browser cannot; only its answer counts then.
            Err(TaskError::Refused(_)) if doc.place == Place::Server => return Ok(()),
            Err(error) => return Err(error),
        };
        // The server's answer may have made the room already.
        if doc.pages.with_untracked(Vec::len) != n_pages as usize {
            doc.set_n_pages(n_pages);
        }
        for index in 0..n_pages {
            // Read in an earlier visit.
            let is_read = doc
                .slot(index)
                .is_some_and(|slot| slot.stage.get_untracked() == PageStage::Read);
            if !is_read || doc.place == Place::Server {
                self.push(Task::Page(doc, index));
            }
        }
        self.finish_if_complete(doc);
        Ok(())
    }

    async fn page(&self, worker: &mut OcrWorker, doc: Doc, index: u32) -> Result<(), TaskError> {
        let want = match doc.place {
            Place::Device => Want::Text,
            Place::Server => Want::Picture,
        };
        if want == Want::Text {
            self.load_models(worker, doc).await?;
        }
        if let Some(slot) = doc.slot(index)
            && slot.stage.get_untracked() == PageStage::Waiting
        {
            slot.stage.set(PageStage::Opening);
        }
        let document = doc.id;
        let language = doc.language.get_value();
        let (message, parts) = if self.pdf.knows(doc) {
            match self.pdf.render(doc, index, want, self.state).await? {
                Rendered::Pixels(raster, layer, parts) => (
                    ToWorker::Pixels {
                        document,
                        index,
                        raster,
                        want,
                        language,
                        layer,
                    },
                    parts,
                ),
                Rendered::Failed(page) => {
                    if want == Want::Text && doc.is_open() {
                        doc.put_page(page);
                        self.finish_if_complete(doc);
                    }
                    return Ok(());
                }
            }
        } else {
            if !worker.open.contains(&document) {
                open_picture(worker, doc).await?;
            }
            (
                ToWorker::Page {
                    document,
                    index,
                    want,
                    language,
                },
                Vec::new(),
            )
        };
        let on_event = |event: FromWorker, parts: &[JsValue]| show_event(doc, &event, parts);
        let (mut answer, _) = worker.handle.ask(&message, &parts, on_event).await?;
        while let FromWorker::NeedsModels { names } = answer {
            let parts = self.weights.recognisers(&names).await;
            let provide = ToWorker::Provide { names };
            worker.handle.ask(&provide, &parts, |_, _| {}).await?;
            (answer, _) = worker.handle.ask(&ToWorker::Resume, &[], on_event).await?;
        }
        if let FromWorker::Read { page, .. } = answer
            && doc.is_open()
        {
            doc.put_page(page);
            self.finish_if_complete(doc);
        }
        Ok(())
    }

    /// Makes the models of `doc` ready in `worker`. They are fetched once for all Workers.
    async fn load_models(&self, worker: &mut OcrWorker, doc: Doc) -> Result<(), TaskError> {
        if worker.model != Some(doc.model) {
            let blobs = self
                .weights
                .models(doc.model)
                .await
                .map_err(TaskError::Refused)?;
            let parts: Vec<JsValue> = blobs.into_iter().map(JsValue::from).collect();
            let load = ToWorker::Load {
                model: doc.model.name().to_owned(),
            };
            let (answer, _) = worker.handle.ask(&load, &parts, |_, _| {}).await?;
            match answer {
                FromWorker::Loaded { engine } => {
                    worker.model = Some(doc.model);
                    doc.engine.set(Some(engine));
                }
                FromWorker::LoadFailed { message } => {
                    return Err(TaskError::Refused(Problem::new("models_damaged", &message)));
                }
                _ => return Err(TaskError::Gone),
            }
        }
        Ok(())
    }

    fn finish_if_complete(&self, doc: Doc) {
        if doc.is_open() && doc.place == Place::Device && doc.is_complete() {
            doc.status.set(DocStatus::Done);
            self.forget(doc);
        }
    }
}

/// Opens a picture in an OCR Worker.
async fn open_picture(worker: &mut OcrWorker, doc: Doc) -> Result<u32, TaskError> {
    let n_pages = open_in(&mut worker.handle, doc).await?;
    worker.open.insert(doc.id);
    Ok(n_pages)
}

/// Notes a failure, unless the document has ended otherwise. Where the server reads, a Worker only draws pictures: its
/// failure is no failure of the document.
fn fail(doc: Doc, problem: Problem) {
    if doc.is_open() && doc.place == Place::Device {
        doc.status.set(DocStatus::Failed(problem));
    }
}
