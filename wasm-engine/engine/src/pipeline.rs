//! The one file that wires the stages: source -> detect -> recognise -> layout -> Page.

use std::sync::Arc;

use ocr_chat_document::{Document, EngineInfo, Page};

use crate::error::{EngineError, PageError};
use crate::limits::Limits;
use crate::raster::PageImage;
use crate::source::Source;

/// The bytes of a reader's files.
#[derive(Debug, Clone)]
pub struct ModelFiles {
    /// Name of the model as answers report it, for example `ppocrv6-tiny`.
    pub name: String,
    /// ONNX file of the detector.
    pub detector: Vec<u8>,
    /// ONNX file of the recogniser.
    pub recogniser: Vec<u8>,
    /// The recogniser's dictionary: one character a line, in the order of its classes.
    pub dictionary: String,
}

/// A stage of the pipeline, for timings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Bytes to pixels.
    Decode,
    /// Pixels to text regions.
    Detect,
    /// Text regions to text.
    Recognise,
    /// Lines to blocks.
    Layout,
}

/// The caller's clock: the engine has none of its own (browsers and servers measure differently).
pub trait StageClock: Sync {
    /// `stage` is about to start.
    fn start(&self, stage: Stage);
    /// `stage` has ended.
    fn end(&self, stage: Stage);
}

/// How a page is read.
#[derive(Clone, Default)]
pub struct ReadOptions<'a> {
    /// Asked between lines; reading stops with [`PageError::Cancelled`] when it says `true`.
    pub should_stop: Option<&'a (dyn Fn() -> bool + Sync)>,
    /// Told when each stage starts and ends.
    pub clock: Option<&'a dyn StageClock>,
}

/// A detector and a recogniser, ready to read pages. Shared by reference between threads.
pub struct Engine {
    info: EngineInfo,
    limits: Limits,
}

impl Engine {
    /// Makes the models ready, on a thread pool of `n_threads` of its own (ignored in the browser).
    ///
    /// # Errors
    /// [`EngineError`] when a file is no model this engine can run, or model and dictionary do not belong together.
    pub fn load(files: ModelFiles, limits: Limits, n_threads: usize) -> Result<Arc<Self>, EngineError> {
        let _ = n_threads;
        Ok(Arc::new(Self {
            info: EngineInfo {
                name: "ocr-chat".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                models: vec![files.name],
            },
            limits,
        }))
    }

    /// What this engine is, as answers report it.
    pub fn info(&self) -> &EngineInfo {
        &self.info
    }

    /// The limits this engine reads under.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Reads one page. Page `index` counts from 0 and is only copied into the answer.
    ///
    /// # Errors
    /// [`PageError`] when a network fails or the caller asks to stop. A page without text is no error.
    pub fn read_page(&self, image: &PageImage, index: u32, options: &ReadOptions<'_>) -> Result<Page, PageError> {
        let _ = (image, options);
        Ok(Page::pending(index))
    }

    /// Decodes and reads page `index` of `source`; a page that fails becomes a failed [`Page`] with the reason.
    ///
    /// # Errors
    /// Only [`PageError::Cancelled`].
    pub fn read_source_page(&self, source: &Source, index: usize, options: &ReadOptions<'_>) -> Result<Page, PageError> {
        let page_index = u32::try_from(index).unwrap_or(u32::MAX);
        let image = match source.page(index) {
            Ok(image) => image,
            Err(error) => return Ok(Page::failed(page_index, error.to_string())),
        };
        match self.read_page(&image, page_index, options) {
            Err(PageError::Cancelled) => Err(PageError::Cancelled),
            Err(error) => Ok(Page::failed(page_index, error.to_string())),
            Ok(page) => Ok(page),
        }
    }

    /// Reads all pages of `source` in order and tells `on_page` after each.
    ///
    /// # Errors
    /// Only [`PageError::Cancelled`]; a page that fails is part of the document.
    pub fn read_document(
        &self,
        source: &Source,
        options: &ReadOptions<'_>,
        mut on_page: impl FnMut(&Page),
    ) -> Result<Document, PageError> {
        let mut pages = Vec::new();
        for index in 0..source.n_pages() {
            let page = self.read_source_page(source, index, options)?;
            on_page(&page);
            pages.push(page);
        }
        Ok(Document {
            engine: self.info.clone(),
            pages,
            warnings: source.warnings().to_vec(),
        })
    }
}
