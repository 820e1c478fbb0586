//! The premium pipeline: more looks at the page and at its lines, for three to four times the work.
//!
//! It starts from the page as the standard pipeline reads it, and changes what reads better: further searches at other scales (`scales.rs`),
//! and lines that read badly looked at several times (`looks.rs`), straightened where they bend (`curve.rs`), and read with the words of their language in mind (`lexicon.rs`, `beam.rs`).

mod scales;

mod looks;

mod lexicon;

mod letters;

mod beam;

mod curve;

mod vote;

mod shelf;

mod weak;

use ocr_chat_language::Reader;

use crate::classify::LineClassifier;
use crate::detect::{Detector, cut_stacks};
use crate::error::PageError;
use crate::geometry::RotatedRect;
use crate::pipeline::{ReadOptions, reading_along_width, seen_lines};
use crate::raster::PageImage;
use crate::read::second::is_pattern;
use crate::read::{LineReaders, SeenLine, Survey};
use crate::text::ReadLine;
use scales::Found;
pub(crate) use shelf::LexiconShelf;
pub use weak::LineDoubt;

/// Mean confidence below which a region is taken for no text, as in the standard pipeline.
const MIN_CONFIDENCE: f32 = 0.5;

/// The networks of the engine.
pub(crate) struct Premium<'a> {
    pub(crate) detector: &'a dyn Detector,
    pub(crate) classifier: &'a dyn LineClassifier,
    pub(crate) readers: &'a LineReaders,
    pub(crate) lexicons: &'a LexiconShelf,
    /// What reads most of the page.
    pub(crate) home: Reader,
    /// Most regions of a page.
    pub(crate) max_regions: usize,
}

impl Premium<'_> {
    /// The lines of a page that the standard pipeline read as `lines`, read with more work. `image` stands upright.
    ///
    /// # Errors
    /// [`PageError`] when a network fails or the caller asks to stop.
    pub(crate) fn improve(
        &self,
        image: &PageImage,
        survey: &Survey,
        lines: Vec<ReadLine>,
        options: &ReadOptions<'_>,
    ) -> Result<Vec<ReadLine>, PageError> {
        let mut lines = lines;
        // Where the page's own text is sound, the standard search has found what it leaves out.
        if survey.known.is_empty() {
            for factor in scales::FACTORS {
                lines = self.search_again(image, factor, lines, options)?;
            }
        }
        self.read_weak(image, &mut lines, options)?;
        lines.retain(|line| !is_pattern(&line.text));
        Ok(lines)
    }

    /// Searches the page at another scale and joins what reads better there into `lines`.
    fn search_again(
        &self,
        image: &PageImage,
        factor: f32,
        lines: Vec<ReadLine>,
        options: &ReadOptions<'_>,
    ) -> Result<Vec<ReadLine>, PageError> {
        let should_stop = || options.is_stopped();
        let mut regions = self.detector.detect_at(image, factor, &should_stop)?;
        regions.truncate(self.max_regions);
        let rects = regions.iter().map(|region| region.rect).collect();
        let rects: Vec<RotatedRect> = cut_stacks(image, rects)
            .iter()
            .map(reading_along_width)
            .collect();
        let found = scales::compare(&lines, &rects);
        let new: Vec<RotatedRect> = found
            .iter()
            .filter_map(|found| match found {
                Found::New(rect) => Some(*rect),
                Found::Known(_) => None,
            })
            .collect();
        let seen = self.look_at(image, &new, options)?;
        let texts = self.readers.read_by(self.home, image, &seen, options)?;
        let mut new = seen.iter().zip(texts).map(|(seen, text)| {
            (text.confidence().unwrap_or(0.0) >= MIN_CONFIDENCE).then_some(ReadLine {
                rect: seen.rect,
                text,
            })
        });
        let readings = found
            .iter()
            .map(|found| match found {
                Found::Known(_) => None,
                Found::New(_) => new.next().flatten(),
            })
            .collect();
        Ok(scales::join(lines, &found, readings))
    }

    /// What stands in `rects`.
    fn look_at(
        &self,
        image: &PageImage,
        rects: &[RotatedRect],
        options: &ReadOptions<'_>,
    ) -> Result<Vec<SeenLine>, PageError> {
        let sights = self.readers.runtime.each_line(rects.len(), |idx, run| {
            if options.is_stopped() {
                return Err(PageError::Cancelled);
            }
            self.classifier.classify(image, &rects[idx], run)
        });
        let sights: Vec<_> = sights.into_iter().collect::<Result<_, _>>()?;
        Ok(seen_lines(rects.iter().copied().zip(sights).collect()))
    }
}
