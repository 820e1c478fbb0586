//! The OCR Worker: opens pictures, reads pages.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use ocr_chat_document::Page;
use ocr_chat_engine::text_layer::TextLayer;
use ocr_chat_engine::{
    Engine, Limits, ModelFiles, PageError, PageImage, ReadOptions, Stage, StageClock, Survey,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::documents::Documents;
use crate::handed_over::{image_of, layer_of};
use crate::picture::picture;
use crate::protocol::{DocumentId, FromWorker, ReadStage, ToWorker, Want};
use crate::scope::{Scope, bytes_of};

#[derive(Default)]
struct State {
    engine: RefCell<Option<Arc<Engine>>>,
    documents: Documents,
    /// The page that waits for recognisers.
    waiting: RefCell<Option<Surveyed>>,
}

/// A page that was looked at and is not read yet.
struct Surveyed {
    task: Task,
    image: PageImage,
    survey: Survey,
}

/// Listens for the page's messages until the Worker ends. The page sends the next message when this one is answered.
pub fn run(scope: &Scope) {
    let state = Rc::new(State::default());
    let answers = scope.clone();
    scope.listen(move |message, parts| {
        let (state, scope) = (Rc::clone(&state), answers.clone());
        async move { state.handle(&scope, message, parts).await }
    });
}

impl State {
    async fn handle(&self, scope: &Scope, message: ToWorker, parts: Vec<JsValue>) {
        match message {
            ToWorker::Load { model } => {
                let answer = match load(model, &parts).await {
                    Ok(engine) => {
                        let answer = FromWorker::Loaded {
                            engine: engine.info().clone(),
                        };
                        self.engine.replace(Some(engine));
                        answer
                    }
                    Err(message) => FromWorker::LoadFailed { message },
                };
                scope.send(&answer, &[]);
            }
            ToWorker::Provide { names } => {
                for (idx, name) in names.iter().enumerate() {
                    self.provide(name, parts.get(idx)).await;
                }
                scope.send(&FromWorker::Provided, &[]);
            }
            ToWorker::Resume => {
                let waiting = self.waiting.take();
                if let Some(surveyed) = waiting {
                    self.read(scope, surveyed);
                }
            }
            ToWorker::Open { document } => {
                // What could not be had for an earlier document may be there now.
                if let Some(engine) = self.engine.borrow().as_ref() {
                    engine.forget_absent();
                }
                let answer = self.documents.open(document, parts.first()).await;
                scope.send(&answer, &[]);
            }
            ToWorker::Page {
                document,
                index,
                want,
                language,
            } => {
                let image = self.documents.page(document, index);
                let task = Task::new(document, index, want, language);
                self.run(scope, task, image, None).await;
            }
            ToWorker::Pixels {
                document,
                index,
                raster,
                want,
                language,
                layer,
            } => {
                let image = image_of(raster, parts.first())
                    .ok_or_else(|| "the page's pixels are incomplete".to_owned());
                let layer = layer_of(layer, parts.get(1));
                let task = Task::new(document, index, want, language);
                self.run(scope, task, image, layer).await;
            }
            ToWorker::Close { document } => self.documents.close(document),
            // What a PDF brings along is for the Worker that opened it.
            ToWorker::Layer { .. } => {}
        }
    }

    async fn provide(&self, name: &str, part: Option<&JsValue>) {
        let is_blob = part.is_some_and(JsValue::is_instance_of::<Blob>);
        let bytes = if is_blob {
            Some(bytes_of(part).await)
        } else {
            None
        };
        if let Some(engine) = self.engine.borrow().as_ref() {
            engine.provide(name, bytes.as_deref());
        }
    }

    /// Sends the page's picture, then its text: there is something to look at while one waits.
    async fn run(
        &self,
        scope: &Scope,
        task: Task,
        image: Result<PageImage, String>,
        layer: Option<TextLayer>,
    ) {
        let (document, index) = (task.document, task.index);
        if let Ok(image) = &image {
            task.show(scope, image).await;
        }
        if task.want == Want::Picture {
            scope.send(&FromWorker::Shown { document, index }, &[]);
            return;
        }
        let engine = self.engine.borrow().clone();
        let surveyed = match (image, engine) {
            (Err(reason), _) => Err(reason),
            (Ok(_), None) => Err("the models are not ready".to_owned()),
            (Ok(image), Some(engine)) => {
                let reporter = Reporter { document, index };
                engine
                    .survey_layered(&image, layer, &task.options(&reporter))
                    .map(|survey| (image, survey))
                    .map_err(|error| error.to_string())
            }
        };
        match surveyed {
            Ok((image, survey)) => {
                if survey.is_turned() {
                    task.show(scope, survey.upright(&image)).await;
                }
                self.read(
                    scope,
                    Surveyed {
                        task,
                        image,
                        survey,
                    },
                );
            }
            Err(reason) => {
                let page = Page::failed(index, reason);
                scope.send(&FromWorker::Read { document, page }, &[]);
            }
        }
    }

    fn read(&self, scope: &Scope, surveyed: Surveyed) {
        let (document, index) = (surveyed.task.document, surveyed.task.index);
        let Some(engine) = self.engine.borrow().clone() else {
            let page = Page::failed(index, "the models are not ready");
            scope.send(&FromWorker::Read { document, page }, &[]);
            return;
        };
        let reporter = Reporter { document, index };
        let options = surveyed.task.options(&reporter);
        let read = engine.read_surveyed(&surveyed.image, &surveyed.survey, index, &options);
        let page = match read {
            Ok(page) => page,
            Err(PageError::NeedsModels(names)) => {
                self.waiting.replace(Some(surveyed));
                let names = names.into_iter().map(str::to_owned).collect();
                scope.send(&FromWorker::NeedsModels { names }, &[]);
                return;
            }
            Err(error) => Page::failed(index, error.to_string()),
        };
        scope.send(&FromWorker::Read { document, page }, &[]);
    }
}

async fn load(model: String, parts: &[JsValue]) -> Result<Arc<Engine>, String> {
    let files = ModelFiles {
        name: model,
        detector: bytes_of(parts.first()).await,
        recogniser: bytes_of(parts.get(1)).await,
        dictionary: String::from_utf8(bytes_of(parts.get(2)).await)
            .map_err(|_| "the dictionary is not UTF-8".to_owned())?,
        script_classifier: bytes_of(parts.get(3)).await,
        language_identifier: bytes_of(parts.get(4)).await,
    };
    Engine::load(files, None, Limits::browser(), 1).map_err(|error| error.to_string())
}

/// A page and what is wanted of it.
struct Task {
    document: DocumentId,
    index: u32,
    want: Want,
    language: String,
}

impl Task {
    fn new(document: DocumentId, index: u32, want: Want, language: String) -> Self {
        Self {
            document,
            index,
            want,
            language,
        }
    }

    fn options<'a>(&self, reporter: &'a Reporter) -> ReadOptions<'a> {
        ReadOptions {
            clock: Some(reporter),
            // A code that an older page kept and this engine does not know is found out instead.
            language: ocr_chat_language::choose(&self.language).unwrap_or_default(),
            ..ReadOptions::default()
        }
    }

    /// Sends the picture. Without one (no canvas in Workers, no memory) the text is still worth having.
    async fn show(&self, scope: &Scope, image: &PageImage) {
        if let Ok(blob) = picture(image).await {
            let message = FromWorker::Picture {
                document: self.document,
                index: self.index,
                width_px: image.width_px(),
                height_px: image.height_px(),
            };
            scope.send(&message, &[blob.into()]);
        }
    }
}

/// Tells the page which stage starts. The engine asks for a `Sync` value, so the scope is looked up at each call.
struct Reporter {
    document: DocumentId,
    index: u32,
}

impl StageClock for Reporter {
    fn start(&self, stage: Stage) {
        let stage = match stage {
            Stage::Detect => ReadStage::Detect,
            Stage::Recognise => ReadStage::Recognise,
            _ => return,
        };
        if let Some(scope) = Scope::current() {
            let message = FromWorker::Stage {
                document: self.document,
                index: self.index,
                stage,
            };
            scope.send(&message, &[]);
        }
    }

    fn end(&self, _stage: Stage) {}
}
