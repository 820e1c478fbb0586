//! The one file that wires the stages: source -> detect -> recognise -> layout -> Page.

use std::sync::Arc;

use ocr_chat_document::{Document, EngineInfo, Page, PageStatus, Warning, WarningCode};
use rten::RunOptions;

use crate::detect::{DbDetector, Detector};
use crate::error::{EngineError, PageError};
use crate::geometry::RotatedRect;
use crate::layout;
use crate::limits::Limits;
use crate::raster::PageImage;
use crate::recognise::{Dictionary, PpOcrRecogniser, Recogniser};
use crate::runtime::{self, Runtime};
use crate::source::Source;
use crate::text::{LineText, ReadLine, TextRegion};

/// Mean confidence below which a line is taken for no text at all: textures, stamps, pictures. RapidOCR and PaddleOCR use the
/// same bound.
const MIN_CONFIDENCE: f32 = 0.5;

/// Mean confidence below which a line is read upside down as well. Higher costs a second reading of hard but upright lines.
const TURN_BELOW_CONFIDENCE: f32 = 0.7;

/// How much better the line must read upside down to be taken for turned.
const TURN_GAIN: f32 = 0.1;

/// Mean confidence of a page below which it carries a warning.
const LOW_CONFIDENCE: f32 = 0.75;

/// A page with a shorter side than this holds no legible text, in pixels.
const MIN_PAGE_SIDE_PX: u32 = 6;

/// A region this much taller than wide is a line set vertically: text turned by 90 degrees.
const VERTICAL_ASPECT: f32 = 1.5;

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

impl ReadOptions<'_> {
    fn timed<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        if let Some(clock) = self.clock {
            clock.start(stage);
        }
        let answer = work();
        if let Some(clock) = self.clock {
            clock.end(stage);
        }
        answer
    }
}

/// A detector and a recogniser, ready to read pages. Shared by reference between threads.
pub struct Engine {
    info: EngineInfo,
    limits: Limits,
    runtime: Runtime,
    detector: Box<dyn Detector>,
    recogniser: Box<dyn Recogniser>,
}

impl Engine {
    /// Makes the models ready, on `n_threads` threads of its own (one in the browser, whatever is asked).
    ///
    /// # Errors
    /// [`EngineError`] when a file is no model this engine can run, or model and dictionary do not belong together.
    pub fn load(
        files: ModelFiles,
        limits: Limits,
        n_threads: usize,
    ) -> Result<Arc<Self>, EngineError> {
        let runtime = Runtime::new(n_threads);
        let detector =
            DbDetector::new(runtime::model("detector", files.detector)?, runtime.clone());
        let recogniser = PpOcrRecogniser::new(
            runtime::model("recogniser", files.recogniser)?,
            Dictionary::parse(&files.dictionary),
            runtime.whole_page(),
        )?;
        Ok(Arc::new(Self::with_stages(
            vec![files.name],
            limits,
            runtime,
            Box::new(detector),
            Box::new(recogniser),
        )))
    }

    fn with_stages(
        models: Vec<String>,
        limits: Limits,
        runtime: Runtime,
        detector: Box<dyn Detector>,
        recogniser: Box<dyn Recogniser>,
    ) -> Self {
        Self {
            info: EngineInfo {
                name: "ocr-chat".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                models,
            },
            limits,
            runtime,
            detector,
            recogniser,
        }
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
    pub fn read_page(
        &self,
        image: &PageImage,
        index: u32,
        options: &ReadOptions<'_>,
    ) -> Result<Page, PageError> {
        let mut warnings = image.warnings.clone();
        let mut regions = options.timed(Stage::Detect, || {
            if image.width_px().min(image.height_px()) < MIN_PAGE_SIDE_PX {
                return Ok(Vec::new());
            }
            self.detector.detect(image)
        })?;
        if regions.len() > self.limits.max_regions {
            regions.truncate(self.limits.max_regions);
            warnings.push(Warning::new(
                WarningCode::TooManyRegions,
                format!(
                    "only the first {} text regions of the page were read",
                    self.limits.max_regions
                ),
            ));
        }
        let lines = options.timed(Stage::Recognise, || {
            self.recognise_all(image, &regions, options)
        })?;
        let blocks = options.timed(Stage::Layout, || {
            layout::blocks(lines, image.width_px(), image.height_px())
        });
        let mut page = Page {
            status: PageStatus::Done,
            width: image.width_px(),
            height: image.height_px(),
            dpi: image.dpi,
            rotation: image.rotation,
            blocks,
            warnings,
            ..Page::pending(index)
        };
        page.mean_confidence = page.compute_mean_confidence();
        match page.mean_confidence {
            None => {
                page.status = PageStatus::Blank;
                page.warnings.push(Warning::new(
                    WarningCode::Blank,
                    "no text was found on the page",
                ));
            }
            Some(mean) if mean < LOW_CONFIDENCE => page.warnings.push(Warning::new(
                WarningCode::LowConfidence,
                "the text was hard to read and should be checked",
            )),
            Some(_) => {}
        }
        Ok(page)
    }

    /// Reads all regions and keeps those that hold text.
    fn recognise_all(
        &self,
        image: &PageImage,
        regions: &[TextRegion],
        options: &ReadOptions<'_>,
    ) -> Result<Vec<ReadLine>, PageError> {
        let read: Vec<Result<Option<ReadLine>, PageError>> =
            self.runtime.each_line(regions.len(), |idx, run| {
                if options.should_stop.is_some_and(|should_stop| should_stop()) {
                    return Err(PageError::Cancelled);
                }
                self.read_region(image, &regions[idx].rect, &run)
            });
        let mut lines = Vec::new();
        for line in read {
            lines.extend(line?);
        }
        Ok(lines)
    }

    /// Reads a region along its width, and the other way round too where that fails; `None` where there is no text in it.
    ///
    /// There is no classifier of the angle before: on upright text it is wrong more often than the recogniser, whose
    /// confidence says plainly when a line stands on its head.
    fn read_region(
        &self,
        image: &PageImage,
        rect: &RotatedRect,
        run: &RunOptions,
    ) -> Result<Option<ReadLine>, PageError> {
        let rect = reading_along_width(rect);
        let mut best = self.recogniser.recognise(image, &rect, run.clone())?;
        let mut best_rect = rect;
        let confidence = |text: &LineText| text.confidence().unwrap_or(0.0);
        if confidence(&best) < TURN_BELOW_CONFIDENCE {
            let turned_rect = rect.turned_180();
            let turned = self
                .recogniser
                .recognise(image, &turned_rect, run.clone())?;
            if confidence(&turned) > confidence(&best) + TURN_GAIN
                && turned.chars.len() * 2 >= best.chars.len()
            {
                best = turned;
                best_rect = turned_rect;
            }
        }
        Ok((confidence(&best) >= MIN_CONFIDENCE).then_some(ReadLine {
            rect: best_rect,
            text: best,
        }))
    }

    /// Decodes and reads page `index` of `source`; a page that fails becomes a failed [`Page`] with the reason.
    ///
    /// # Errors
    /// Only [`PageError::Cancelled`].
    pub fn read_source_page(
        &self,
        source: &Source,
        index: usize,
        options: &ReadOptions<'_>,
    ) -> Result<Page, PageError> {
        let page_index = u32::try_from(index).unwrap_or(u32::MAX);
        let image = match options.timed(Stage::Decode, || source.page(index)) {
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

/// `rect`, turned so that its text reads along its width: a tall one is taken to read downwards.
fn reading_along_width(rect: &RotatedRect) -> RotatedRect {
    if rect.height < rect.width * VERTICAL_ASPECT {
        return *rect;
    }
    RotatedRect {
        width: rect.height,
        height: rect.width,
        angle: rect.angle + std::f32::consts::FRAC_PI_2,
        ..*rect
    }
}
