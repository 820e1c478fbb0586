//! The engine as a class: what the OCR Worker reads with, and what Node loads for tests and benches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ocr_chat_engine::{
    Engine, Limits, ModelFiles, PageImage, ReadOptions, Source, Stage, StageClock,
};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// Milliseconds by stage, by JavaScript's clock.
#[derive(Default)]
struct Stopwatch {
    started_ms: Mutex<f64>,
    sums_ms: Mutex<BTreeMap<String, f64>>,
}

impl StageClock for Stopwatch {
    fn start(&self, _: Stage) {
        if let Ok(mut started) = self.started_ms.lock() {
            *started = js_sys::Date::now();
        }
    }

    fn end(&self, stage: Stage) {
        if let (Ok(started), Ok(mut sums)) = (self.started_ms.lock(), self.sums_ms.lock()) {
            let name = format!("{stage:?}").to_lowercase();
            *sums.entry(name).or_default() += js_sys::Date::now() - *started;
        }
    }
}

/// A detector and a recogniser, ready to read.
#[wasm_bindgen]
pub struct Reader {
    engine: Arc<Engine>,
}

#[wasm_bindgen]
impl Reader {
    /// Makes the models ready from the bytes of their files.
    ///
    /// # Errors
    /// When a file is no model, or model and dictionary do not belong together.
    #[wasm_bindgen(constructor)]
    pub fn new(
        detector: Vec<u8>,
        recogniser: Vec<u8>,
        dictionary: String,
        script_classifier: Vec<u8>,
        language_identifier: Vec<u8>,
        name: String,
    ) -> Result<Reader, JsError> {
        let files = ModelFiles {
            name,
            detector,
            recogniser,
            dictionary,
            script_classifier,
            language_identifier,
        };
        let engine = Engine::load(files, None, Limits::browser(), 1)?;
        Ok(Self { engine })
    }

    /// Puts an LSTM recogniser to use. The error of a reading names those it needs.
    ///
    /// # Errors
    /// When the bytes are no recogniser.
    pub fn provide(&self, name: &str, traineddata: &[u8]) -> Result<(), JsError> {
        if self.engine.provide(name, Some(traineddata)) {
            Ok(())
        } else {
            Err(JsError::new("the recogniser is damaged"))
        }
    }

    /// Pages of a document.
    ///
    /// # Errors
    /// When the document cannot be opened.
    pub fn n_pages(&self, bytes: Vec<u8>) -> Result<usize, JsError> {
        Ok(self.open(bytes)?.n_pages())
    }

    /// Reads page `index` of a document: the JSON of a `Page`.
    ///
    /// # Errors
    /// When the document cannot be opened. A page that cannot be read is a `Page` that says so.
    pub fn read(&self, bytes: Vec<u8>, index: usize) -> Result<String, JsError> {
        let source = self.open(bytes)?;
        let page = self
            .engine
            .read_source_page(&source, index, &ReadOptions::default())?;
        Ok(serde_json::to_string(&page)?)
    }

    /// Reads page `index` of a document and times its stages: the JSON of `{"page": Page, "stages_ms": {stage: milliseconds}}`.
    ///
    /// # Errors
    /// As [`Reader::read`].
    pub fn read_timed(&self, bytes: Vec<u8>, index: usize) -> Result<String, JsError> {
        let source = self.open(bytes)?;
        let clock = Stopwatch::default();
        let options = ReadOptions {
            clock: Some(&clock),
            ..ReadOptions::default()
        };
        let page = self.engine.read_source_page(&source, index, &options)?;
        let stages_ms = clock.sums_ms.into_inner().unwrap_or_default();
        let answer = serde_json::json!({ "page": page, "stages_ms": stages_ms });
        Ok(answer.to_string())
    }

    /// Reads a page from its pixels, RGB row by row: the JSON of a `Page`.
    ///
    /// # Errors
    /// When `rgb` is not `width_px * height_px * 3` bytes, or a network fails.
    pub fn read_pixels(
        &self,
        width_px: u32,
        height_px: u32,
        rgb: Vec<u8>,
        index: u32,
    ) -> Result<String, JsError> {
        let image = PageImage::from_rgb(width_px, height_px, rgb)
            .ok_or_else(|| JsError::new("the pixels do not fit the size"))?;
        let page = self
            .engine
            .read_page(&image, index, &ReadOptions::default())?;
        Ok(serde_json::to_string(&page)?)
    }
}

impl Reader {
    /// The engine inside.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    fn open(&self, bytes: Vec<u8>) -> Result<Source, JsError> {
        Ok(Source::open(bytes, self.engine.limits(), None)?)
    }
}
