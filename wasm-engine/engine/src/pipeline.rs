//! The one file that wires the stages: source -> detect -> classify -> recognise -> layout -> Page.

use std::collections::HashSet;
use std::sync::Arc;

use ocr_chat_document::{
    BBox, Block, Document, EngineInfo, Line, Page, PageStatus, Warning, WarningCode, mark_repeated,
};
use ocr_chat_language::{Choice, PpOcrSize};

use crate::classify::{LineClassifier, LineSight, ScriptClassifier};
use crate::detect::{DbDetector, Detector, cut_stacks};
use crate::error::{EngineError, PageError};
use crate::figure;
use crate::formula;
use crate::geometry::RotatedRect;
use crate::layout;
use crate::limits::Limits;
use crate::raster::PageImage;
use crate::read::{
    LanguageIdentifier, LineReaders, PageReading, SeenLine, Survey, page_quarters, seen_line,
};
use crate::recognise::{Dictionary, ModelLibrary, PpOcrRecogniser, Shelf};
use crate::runtime::{self, Runtime};
use crate::source::Source;
use crate::table::{Candidates, TABLE_STRUCTURE, TableShelf};
use crate::text::ReadLine;
use crate::text_layer::{self, LayerJudgement, TextLayer};

/// Mean confidence of a page below which it carries a warning.
const LOW_CONFIDENCE: f32 = 0.75;

/// A page with a shorter side than this holds no legible text, in pixels.
const MIN_PAGE_SIDE_PX: u32 = 6;

/// A region this much taller than wide is taken to read along its height: vertical lines, text turned by 90 degrees.
const TALL_ASPECT: f32 = 1.5;

/// Probability from which a single line is taken to stand on its head. Below, its reading decides.
const HEAD_PROBABILITY: f32 = 0.9;

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
    /// ONNX file of the script classifier.
    pub script_classifier: Vec<u8>,
    /// Weights of the language identification.
    pub language_identifier: Vec<u8>,
}

/// A stage of the pipeline, for timings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Stage {
    /// Bytes to pixels.
    Decode,
    /// Pixels to text regions.
    Detect,
    /// Text regions to scripts and directions.
    Classify,
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

/// What becomes of the text that pages bring along (`ocr` in the API).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TextLayers {
    /// Taken where it agrees with the page's picture; the rest is recognised.
    #[default]
    Auto,
    /// Left aside: every page is recognised (`force`).
    Ignore,
    /// Taken as it is: nothing is recognised (`off`).
    Only,
}

/// How much work a page is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Quality {
    /// Each line is read once, weak ones again.
    #[default]
    Standard,
    /// Three to four times the work where a page is hard: more looks at the page and at its lines. Builds without the feature `premium` read
    /// as [`Self::Standard`].
    Premium,
}

/// How a page is read.
#[derive(Clone, Default)]
pub struct ReadOptions<'a> {
    /// Asked between lines; reading stops with [`PageError::Cancelled`] when it says `true`.
    pub should_stop: Option<&'a (dyn Fn() -> bool + Sync)>,
    /// Told when each stage starts and ends.
    pub clock: Option<&'a dyn StageClock>,
    /// The language of the text; `None` to find out.
    pub language: Option<Choice>,
    /// Whether a page's own text is taken.
    pub text_layers: TextLayers,
    /// How much work a page is worth.
    pub quality: Quality,
}

impl ReadOptions<'_> {
    pub(crate) fn is_stopped(&self) -> bool {
        self.should_stop.is_some_and(|should_stop| should_stop())
    }

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

/// All networks, ready to read pages. Shared by reference between threads.
pub struct Engine {
    info: EngineInfo,
    limits: Limits,
    detector: Box<dyn Detector>,
    classifier: Box<dyn LineClassifier>,
    readers: LineReaders,
    tables: TableShelf,
    #[cfg(feature = "premium")]
    lexicons: crate::premium::LexiconShelf,
}

impl Engine {
    /// Makes the models ready, on `n_threads` threads of its own (one in the browser, whatever is asked). LSTM recognisers are
    /// loaded from `library` when a line needs them; without a library the caller [provides](Self::provide) them.
    ///
    /// # Errors
    /// [`EngineError`] when a file is no model this engine can run, or model and dictionary do not belong together.
    pub fn load(
        files: ModelFiles,
        library: Option<Box<dyn ModelLibrary>>,
        limits: Limits,
        n_threads: usize,
    ) -> Result<Arc<Self>, EngineError> {
        let runtime = Runtime::new(n_threads);
        let detector =
            DbDetector::new(runtime::model("detector", files.detector)?, runtime.clone());
        let classifier = ScriptClassifier::new(runtime::model(
            "script classifier",
            files.script_classifier,
        )?)?;
        let ppocr = PpOcrRecogniser::new(
            runtime::model("recogniser", files.recogniser)?,
            Dictionary::parse(&files.dictionary),
            runtime.whole_page(),
        )?;
        let library: Option<Arc<dyn ModelLibrary>> = library.map(Arc::from);
        let readers = LineReaders {
            ppocr: Box::new(ppocr),
            shelf: Shelf::new(library.clone()),
            identifier: LanguageIdentifier::parse(&files.language_identifier)?,
            runtime,
            size: if files.name.ends_with("tiny") {
                PpOcrSize::Tiny
            } else {
                PpOcrSize::Full
            },
        };
        Ok(Arc::new(Self {
            info: EngineInfo {
                name: "ocr-chat".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                models: vec![files.name],
            },
            limits,
            detector: Box::new(detector),
            classifier: Box::new(classifier),
            readers,
            #[cfg(feature = "premium")]
            lexicons: crate::premium::LexiconShelf::new(library.clone()),
            tables: TableShelf::new(library),
        }))
    }

    /// Puts the model called `name` to use: an LSTM recogniser from the bytes of its traineddata, or the model of table structures
    /// ([`TABLE_STRUCTURE`]); `None` when it cannot be had, so that pages are read without it. `false` when the bytes are damaged,
    /// which counts as not to be had.
    pub fn provide(&self, name: &str, bytes: Option<&[u8]>) -> bool {
        if name == TABLE_STRUCTURE {
            self.tables.put(bytes)
        } else {
            self.readers.shelf.put(name, bytes)
        }
    }

    /// Forgets which models could not be had, so that they are asked for again.
    pub fn forget_absent(&self) {
        self.readers.shelf.forget_absent();
        self.tables.forget_absent();
    }

    /// What this engine is, as answers report it.
    pub fn info(&self) -> &EngineInfo {
        &self.info
    }

    /// The limits this engine reads under.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Looks at a page: where its lines stand, what they are written in, which way is up.
    ///
    /// # Errors
    /// [`PageError`] when a network fails or the caller asks to stop.
    pub fn survey(
        &self,
        image: &PageImage,
        options: &ReadOptions<'_>,
    ) -> Result<Survey, PageError> {
        let (rects, is_cut) = self.regions(image, options)?;
        self.survey_regions(image, rects, is_cut, options)
    }

    /// The survey of a page whose regions were detected.
    fn survey_regions(
        &self,
        image: &PageImage,
        rects: Vec<RotatedRect>,
        is_cut: bool,
        options: &ReadOptions<'_>,
    ) -> Result<Survey, PageError> {
        let looked_at = self.classify(image, rects, options)?;
        let quarters = page_quarters(&looked_at);
        if quarters == 0 {
            return Ok(Survey::new(None, seen_lines(looked_at), is_cut));
        }
        // The detector sees turned text less well, so it looks again.
        let upright = image.turned(quarters);
        let (rects, is_cut) = self.regions(&upright, options)?;
        let looked_at = self.classify(&upright, rects, options)?;
        Ok(Survey::new(Some(upright), seen_lines(looked_at), is_cut))
    }

    /// Where the detector sees text, and whether it saw more than the limits allow.
    fn regions(
        &self,
        image: &PageImage,
        options: &ReadOptions<'_>,
    ) -> Result<(Vec<RotatedRect>, bool), PageError> {
        let mut regions = options.timed(Stage::Detect, || {
            if image.width_px().min(image.height_px()) < MIN_PAGE_SIDE_PX {
                return Ok(Vec::new());
            }
            self.detector.detect(image)
        })?;
        let is_cut = regions.len() > self.limits.max_regions;
        regions.truncate(self.limits.max_regions);
        let rects = regions.iter().map(|region| region.rect).collect();
        let rects = cut_stacks(image, rects)
            .iter()
            .map(reading_along_width)
            .collect();
        Ok((rects, is_cut))
    }

    /// What the lines inside `rects` look like.
    fn classify(
        &self,
        image: &PageImage,
        rects: Vec<RotatedRect>,
        options: &ReadOptions<'_>,
    ) -> Result<Vec<(RotatedRect, LineSight)>, PageError> {
        let sights = options.timed(Stage::Classify, || {
            self.readers.runtime.each_line(rects.len(), |idx, run| {
                if options.is_stopped() {
                    return Err(PageError::Cancelled);
                }
                self.classifier.classify(image, &rects[idx], run)
            })
        });
        let sights: Vec<LineSight> = sights.into_iter().collect::<Result<_, _>>()?;
        Ok(rects.into_iter().zip(sights).collect())
    }

    /// Reads one page. Page `index` counts from 0 and is only copied into the answer.
    ///
    /// # Errors
    /// [`PageError`] when a network fails, the caller asks to stop, or an engine without a library needs a recogniser. A page
    /// without text is no error.
    pub fn read_page(
        &self,
        image: &PageImage,
        index: u32,
        options: &ReadOptions<'_>,
    ) -> Result<Page, PageError> {
        let survey = self.survey(image, options)?;
        self.read_surveyed(image, &survey, index, options)
    }

    /// Reads a page that was surveyed; `image` is the one that was surveyed. After [`PageError::NeedsModels`] the same survey can
    /// be read again: what was read is not read twice.
    ///
    /// # Errors
    /// As [`Self::read_page`].
    pub fn read_surveyed(
        &self,
        image: &PageImage,
        survey: &Survey,
        index: u32,
        options: &ReadOptions<'_>,
    ) -> Result<Page, PageError> {
        let mut warnings = [&image.warnings[..], &survey.warnings].concat();
        if survey.is_cut {
            warnings.push(Warning::new(
                WarningCode::TooManyRegions,
                format!(
                    "only the first {} text regions of the page were read",
                    self.limits.max_regions
                ),
            ));
        }
        let upright = survey.upright(image);
        let reading = options.timed(Stage::Recognise, || {
            survey.reading(|| self.readers.read(upright, survey, options))
        })?;
        for name in &reading.absent {
            warnings.push(Warning::new(
                WarningCode::RecogniserMissing,
                format!("the recogniser {name}, which reads some of this page, is not installed"),
            ));
        }
        let lines = self.improved(upright, survey, &reading, options)?;
        let lines = [&survey.known[..], &lines].concat();
        let blocks = options.timed(Stage::Layout, || self.lay_out(upright, &lines))?;
        let mut page = Page {
            status: PageStatus::Done,
            width: upright.width_px(),
            height: upright.height_px(),
            dpi: image.dpi,
            rotation: upright.rotation,
            blocks,
            warnings,
            ..Page::pending(index)
        };
        self.readers
            .identifier
            .name_languages(&mut page, options.language);
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

    /// The lines of a page as its quality asks for them.
    #[cfg(feature = "premium")]
    fn improved(
        &self,
        upright: &PageImage,
        survey: &Survey,
        reading: &PageReading,
        options: &ReadOptions<'_>,
    ) -> Result<Vec<ReadLine>, PageError> {
        if options.quality == Quality::Standard {
            return Ok(reading.lines.clone());
        }
        let premium = self.premium(reading.home);
        options.timed(Stage::Recognise, || {
            premium.improve(upright, survey, reading.lines.clone(), options)
        })
    }

    #[cfg(feature = "premium")]
    fn premium(&self, home: ocr_chat_language::Reader) -> crate::premium::Premium<'_> {
        crate::premium::Premium {
            detector: self.detector.as_ref(),
            classifier: self.classifier.as_ref(),
            readers: &self.readers,
            lexicons: &self.lexicons,
            home,
            max_regions: self.limits.max_regions,
        }
    }

    /// Where the two families of recognisers differ about `image`, the picture of one line of Latin in this language: what the votes of the
    /// premium pipeline are fitted on (`training/vote`). None for a language that Tesseract has no recogniser of.
    ///
    /// # Errors
    /// [`PageError`] when a network fails.
    #[cfg(feature = "premium")]
    pub fn line_doubts(
        &self,
        image: &PageImage,
        language: Choice,
    ) -> Result<Vec<crate::premium::LineDoubt>, PageError> {
        let Some(language) = language.language.tesseract else {
            return Ok(Vec::new());
        };
        let premium = self.premium(ocr_chat_language::Reader::PpOcr);
        premium.doubts(image, language, &ReadOptions::default())
    }

    #[cfg(not(feature = "premium"))]
    #[expect(
        clippy::unnecessary_wraps,
        clippy::unused_self,
        reason = "as with the feature `premium`"
    )]
    fn improved(
        &self,
        _upright: &PageImage,
        _survey: &Survey,
        reading: &PageReading,
        _options: &ReadOptions<'_>,
    ) -> Result<Vec<ReadLine>, PageError> {
        Ok(reading.lines.clone())
    }

    /// Looks at a page that may bring its own text along: where `layer` is sound, only what it does not cover is to be read.
    ///
    /// # Errors
    /// As [`Self::survey`].
    pub fn survey_layered(
        &self,
        image: &PageImage,
        layer: Option<TextLayer>,
        options: &ReadOptions<'_>,
    ) -> Result<Survey, PageError> {
        if options.text_layers == TextLayers::Only {
            let lines = layer.map_or_else(Vec::new, |layer| {
                [layer.lines, layer.invisible_lines].concat()
            });
            let warning = if lines.is_empty() {
                Warning::new(
                    WarningCode::Blank,
                    "the page has no text of its own, and recognition is off",
                )
            } else {
                used()
            };
            let mut survey = Survey::new(None, Vec::new(), false);
            survey.known = lines;
            survey.warnings.push(warning);
            return Ok(survey);
        }
        let Some(layer) = layer.filter(|layer| layer.n_chars > 0) else {
            return self.survey(image, options);
        };
        let (rects, is_cut) = self.regions(image, options)?;
        match text_layer::judge(layer, Some(&rects)) {
            LayerJudgement::Sound { lines, uncovered } => {
                let rects: Vec<RotatedRect> = uncovered.iter().map(|&idx| rects[idx]).collect();
                let looked_at = self.classify(image, rects, options)?;
                let mut survey = Survey::new(None, seen_lines(looked_at), is_cut);
                survey.known = lines;
                survey.warnings.push(used());
                Ok(survey)
            }
            LayerJudgement::Unsound { why } => {
                let mut survey = self.survey_regions(image, rects, is_cut, options)?;
                survey.warnings.push(Warning::new(
                    WarningCode::TextLayerIgnored,
                    format!("the page's own text was left aside: {}", why.reason()),
                ));
                Ok(survey)
            }
            LayerJudgement::None => self.survey_regions(image, rects, is_cut, options),
        }
    }

    /// Finds the tables, figures and formulas of a page and puts its lines and them into reading order.
    fn lay_out(&self, upright: &PageImage, read: &[ReadLine]) -> Result<Vec<Block>, PageError> {
        let lines = layout::lines(read, upright.width_px(), upright.height_px());
        let of_page: Vec<Line> = lines.iter().map(|line| line.line.clone()).collect();
        let candidates = Candidates::of(&of_page, upright);
        let tables = if candidates.is_empty() {
            Vec::new()
        } else {
            let model = self.tables.get()?;
            let run = self.readers.runtime.whole_page();
            candidates.read(&of_page, upright, model.as_deref(), &run)?
        };
        let of_tables: Vec<BBox> = tables.iter().map(|table| table.block.bbox).collect();
        let figures = figure::figures(&of_page, &of_tables, upright);
        let mut taken: HashSet<usize> = tables
            .iter()
            .flat_map(|table| &table.lines)
            .chain(figures.iter().flat_map(|figure| &figure.lines))
            .copied()
            .collect();
        let formulas = formula::formulas(&lines, &|idx| taken.contains(&idx), upright);
        taken.extend(formulas.iter().flat_map(|formula| &formula.lines));
        let outside = lines
            .into_iter()
            .enumerate()
            .filter(|(idx, _)| !taken.contains(idx))
            .map(|(_, line)| line)
            .collect();
        let wholes: Vec<Block> = tables
            .into_iter()
            .map(|table| table.block)
            .chain(figures.into_iter().map(|figure| figure.block))
            .chain(formulas.into_iter().map(|formula| formula.block))
            .collect();
        let of_wholes: Vec<BBox> = wholes.iter().map(|block| block.bbox).collect();
        let rules: Vec<BBox> = candidates
            .rules()
            .iter()
            .filter(|rule| !of_wholes.iter().any(|whole| whole.overlaps(**rule)))
            .copied()
            .collect();
        Ok(layout::blocks(outside, wholes, &rules, upright.height_px()))
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
        let layer = match options.text_layers {
            TextLayers::Ignore => None,
            TextLayers::Auto | TextLayers::Only => source.text_layer(index),
        };
        let read = self
            .survey_layered(&image, layer, options)
            .and_then(|survey| self.read_surveyed(&image, &survey, page_index, options));
        match read {
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
        mark_repeated(&mut pages);
        Ok(Document {
            engine: self.info.clone(),
            pages,
            warnings: source.warnings().to_vec(),
        })
    }
}

fn used() -> Warning {
    Warning::new(
        WarningCode::TextLayerUsed,
        "the text is the document's own and was not recognised",
    )
}

/// `rect`, turned so that its text reads along its width: a tall one is taken to read downwards.
pub(crate) fn reading_along_width(rect: &RotatedRect) -> RotatedRect {
    if rect.height < rect.width * TALL_ASPECT {
        return *rect;
    }
    RotatedRect {
        width: rect.height,
        height: rect.width,
        angle: rect.angle + std::f32::consts::FRAC_PI_2,
        ..*rect
    }
}

pub(crate) fn seen_lines(looked_at: Vec<(RotatedRect, LineSight)>) -> Vec<SeenLine> {
    looked_at
        .into_iter()
        .map(|(rect, sight)| seen_line(rect, sight, HEAD_PROBABILITY))
        .collect()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::classify::Writing;
    use crate::geometry::PointF;

    /// A crop that the recipe of the network wrote, its class, and whether its ink is light (training/script/fixtures).
    macro_rules! fixture {
        ($name:literal) => {
            &include_bytes!(concat!("../../../training/script/fixtures/", $name, ".png"))[..]
        };
    }

    fn classify(png: &[u8]) -> LineSight {
        let model = include_bytes!("../models/script.onnx").to_vec();
        let classifier =
            ScriptClassifier::new(runtime::model("script classifier", model).unwrap()).unwrap();
        let source = Source::open(png.to_vec(), &Limits::browser(), None).unwrap();
        let image = source.page(0).unwrap();
        let (width, height) = (image.width_px() as f32, image.height_px() as f32);
        let rect = RotatedRect {
            center: PointF::new(width / 2.0, height / 2.0),
            width,
            height,
            angle: 0.0,
        };
        classifier
            .classify(&image, &rect, Runtime::new(1).whole_page())
            .unwrap()
    }

    #[test]
    fn the_classifier_names_the_writing_of_its_fixtures() {
        let classes: Vec<&str> = include_str!("../models/script.classes.txt")
            .lines()
            .collect();
        assert_eq!(classes.len(), Writing::ALL.len());
        for (class, png) in [
            ("Latn", fixture!("latn-0")),
            ("Cyrl", fixture!("cyrl-0")),
            ("Arab", fixture!("arab-0")),
            ("Deva", fixture!("deva-0")),
            ("Hang", fixture!("hang-0")),
            ("Hebr", fixture!("hebr-0")),
            ("Viet", fixture!("viet-0")),
            ("Zyyy", fixture!("zyyy-0")),
        ] {
            let sight = classify(png);
            let best = sight
                .writing
                .iter()
                .zip(&classes)
                .max_by(|a, b| a.0.total_cmp(b.0))
                .unwrap();
            assert_eq!(*best.1, class);
            assert!(sight.light_on_dark < 0.5, "{class}");
        }
        assert!(classify(fixture!("thai-0-light")).light_on_dark > 0.5);
    }
}
