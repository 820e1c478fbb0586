//! The OCR Worker: opens pictures, reads pages.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use js_sys::Uint8Array;
use ocr_chat_document::Page;
use ocr_chat_engine::{
    Engine, Limits, ModelFiles, PageImage, ReadOptions, Source, Stage, StageClock,
};
use wasm_bindgen::JsValue;

use crate::picture::picture;
use crate::protocol::{DocumentId, FromWorker, Raster, ReadStage, ToWorker, Want};
use crate::refusal;
use crate::scope::{Scope, bytes_of};

#[derive(Default)]
struct State {
    engine: Option<Arc<Engine>>,
    documents: HashMap<DocumentId, Rc<Source>>,
}

/// Listens for the page's messages until the Worker ends. The page sends the next message when this one is answered.
pub fn run(scope: &Scope) {
    let state = Rc::new(RefCell::new(State::default()));
    let answers = scope.clone();
    scope.listen(move |message, parts| {
        let (state, scope) = (Rc::clone(&state), answers.clone());
        async move { handle(&state, &scope, message, parts).await }
    });
}

async fn handle(state: &RefCell<State>, scope: &Scope, message: ToWorker, parts: Vec<JsValue>) {
    match message {
        ToWorker::Load { model } => {
            let answer = match load(model, &parts).await {
                Ok(engine) => {
                    let answer = FromWorker::Loaded {
                        engine: engine.info().clone(),
                    };
                    state.borrow_mut().engine = Some(engine);
                    answer
                }
                Err(message) => FromWorker::LoadFailed { message },
            };
            scope.send(&answer, &[]);
        }
        ToWorker::Open { document } => {
            let bytes = bytes_of(parts.first()).await;
            let answer = match Source::open(bytes, &Limits::browser(), None) {
                Ok(source) => {
                    let answer = FromWorker::Opened {
                        document,
                        n_pages: u32::try_from(source.n_pages()).unwrap_or(u32::MAX),
                        warnings: source.warnings().to_vec(),
                    };
                    state
                        .borrow_mut()
                        .documents
                        .insert(document, Rc::new(source));
                    answer
                }
                Err(error) => FromWorker::Refused {
                    document,
                    code: refusal::code(&error),
                    message: error.to_string(),
                },
            };
            scope.send(&answer, &[]);
        }
        ToWorker::Page {
            document,
            index,
            want,
        } => {
            let source = state.borrow().documents.get(&document).cloned();
            let image = match source {
                Some(source) => source
                    .page(index as usize)
                    .map_err(|error| error.to_string()),
                None => Err("the document is not open".to_owned()),
            };
            Task {
                document,
                index,
                want,
            }
            .run(state, scope, image)
            .await;
        }
        ToWorker::Pixels {
            document,
            index,
            raster,
            want,
        } => {
            let image = image_of(raster, parts.first())
                .ok_or_else(|| "the page's pixels are incomplete".to_owned());
            Task {
                document,
                index,
                want,
            }
            .run(state, scope, image)
            .await;
        }
        ToWorker::Close { document } => {
            state.borrow_mut().documents.remove(&document);
        }
    }
}

async fn load(model: String, parts: &[JsValue]) -> Result<Arc<Engine>, String> {
    let files = ModelFiles {
        name: model,
        detector: bytes_of(parts.first()).await,
        recogniser: bytes_of(parts.get(1)).await,
        dictionary: String::from_utf8(bytes_of(parts.get(2)).await)
            .map_err(|_| "the dictionary is not UTF-8".to_owned())?,
    };
    Engine::load(files, Limits::browser(), 1).map_err(|error| error.to_string())
}

fn image_of(raster: Raster, rgb: Option<&JsValue>) -> Option<PageImage> {
    let rgb = Uint8Array::new(rgb?).to_vec();
    let mut image = PageImage::from_rgb(raster.width_px, raster.height_px, rgb)?;
    image.dpi = raster.dpi;
    image.rotation = raster.rotation;
    image.warnings = raster.warnings;
    Some(image)
}

/// A page and what is wanted of it.
struct Task {
    document: DocumentId,
    index: u32,
    want: Want,
}

impl Task {
    /// Sends the page's picture, then its text: there is something to look at while one waits.
    async fn run(&self, state: &RefCell<State>, scope: &Scope, image: Result<PageImage, String>) {
        let (document, index) = (self.document, self.index);
        if let Ok(image) = &image {
            self.show(scope, image).await;
        }
        if self.want == Want::Picture {
            scope.send(&FromWorker::Shown { document, index }, &[]);
            return;
        }
        let engine = state.borrow().engine.clone();
        let page = match (image, engine) {
            (Err(reason), _) => Page::failed(index, reason),
            (Ok(_), None) => Page::failed(index, "the models are not ready"),
            (Ok(image), Some(engine)) => {
                let reporter = Reporter { document, index };
                let options = ReadOptions {
                    clock: Some(&reporter),
                    ..ReadOptions::default()
                };
                engine
                    .read_page(&image, index, &options)
                    .unwrap_or_else(|error| Page::failed(index, error.to_string()))
            }
        };
        scope.send(&FromWorker::Read { document, page }, &[]);
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
