//! The first look at a page: where its lines stand, what they are written in, and which way is up.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ocr_chat_document::Warning;
use ocr_chat_language::Reader;

use super::PageReading;
use crate::classify::{GlyphTurn, LineSight};
use crate::error::PageError;
use crate::geometry::RotatedRect;
use crate::raster::PageImage;
use crate::text::{LineText, ReadLine};

/// Share of the page's text that must stand turned for the page to be turned.
const TURN_SHARE: f32 = 0.6;

/// A line, or a part of one, as it was found and looked at.
#[derive(Debug, Clone)]
pub(crate) struct SeenLine {
    /// Where it stands, reading along its width. Its glyphs stand upright, or lie on their backs where it is vertical.
    pub(crate) rect: RotatedRect,
    /// What it looks like.
    pub(crate) sight: LineSight,
    /// Upright glyphs one below the other: Chinese, Japanese or Korean set vertically.
    pub(crate) is_vertical: bool,
}

/// What was found on a page before anything was read.
pub struct Survey {
    /// The page turned upright, where it was not.
    pub(crate) turned: Option<PageImage>,
    /// The lines, in no particular order.
    pub(crate) lines: Vec<SeenLine>,
    /// Whether more regions were found than the limits allow.
    pub(crate) is_cut: bool,
    /// Lines of the page's own text, which need no reading.
    pub(crate) known: Vec<ReadLine>,
    /// What became of the page's own text.
    pub(crate) warnings: Vec<Warning>,
    /// What has been read so far: asking for a recogniser that is fetched first must not read the page again.
    readings: Mutex<BTreeMap<(usize, Reader), LineText>>,
    /// All of it, once it has been read: the layout may ask for a model, too.
    finished: Mutex<Option<Arc<PageReading>>>,
}

impl Survey {
    pub(crate) fn new(turned: Option<PageImage>, lines: Vec<SeenLine>, is_cut: bool) -> Self {
        Self {
            turned,
            lines,
            is_cut,
            known: Vec::new(),
            warnings: Vec::new(),
            readings: Mutex::default(),
            finished: Mutex::default(),
        }
    }

    /// The page as it stands upright; `image` is the one that was surveyed.
    pub fn upright<'a>(&'a self, image: &'a PageImage) -> &'a PageImage {
        self.turned.as_ref().unwrap_or(image)
    }

    /// Whether the page was turned to stand upright.
    pub fn is_turned(&self) -> bool {
        self.turned.is_some()
    }

    /// The page as it was read; reads it by `read` the first time.
    pub(crate) fn reading(
        &self,
        read: impl FnOnce() -> Result<PageReading, PageError>,
    ) -> Result<Arc<PageReading>, PageError> {
        let finished = || self.finished.lock().unwrap_or_else(PoisonError::into_inner);
        let known = finished().clone();
        if let Some(reading) = known {
            return Ok(reading);
        }
        let reading = Arc::new(read()?);
        *finished() = Some(Arc::clone(&reading));
        Ok(reading)
    }

    pub(crate) fn readings(&self) -> MutexGuard<'_, BTreeMap<(usize, Reader), LineText>> {
        self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// By how many quarters the glyphs of a region stand turned on the page, clockwise, and how sure that is, 0 to 1.
pub(crate) fn glyph_quarters(rect: &RotatedRect, sight: &LineSight) -> (usize, f32) {
    let (turn, probability) = most_likely(&sight.turn);
    let region = rect.quarters();
    ((region + GlyphTurn::ALL[turn].quarters()) % 4, probability)
}

/// The quarters, clockwise, by which the page's text stands turned; 0 unless most of it agrees.
pub(crate) fn page_quarters(lines: &[(RotatedRect, LineSight)]) -> usize {
    let mut weights = [0.0_f32; 4];
    for (rect, sight) in lines {
        let (quarters, probability) = glyph_quarters(rect, sight);
        // A sign or two says little of what is up; a long line says it many times.
        let n_glyphs = (rect.length_heights()).min(30.0);
        if n_glyphs > 1.5 {
            weights[quarters] += n_glyphs * (probability - 0.5).max(0.0);
        }
    }
    let total: f32 = weights.iter().sum();
    let (quarters, weight) = most_likely(&weights);
    if weight > TURN_SHARE * total {
        quarters
    } else {
        0
    }
}

/// A region as a line that reads along its width: glyphs that stand on their heads are turned, glyphs that lie on their side are a
/// vertical line's.
pub(crate) fn seen_line(rect: RotatedRect, sight: LineSight, head_threshold: f32) -> SeenLine {
    let (turn, _) = most_likely(&sight.turn);
    let is_tall = rect.quarters() % 2 == 1;
    match GlyphTurn::ALL[turn] {
        // A level line is turned by its reading alone: digits look much the same on their heads.
        GlyphTurn::Half if is_tall && sight.turn[turn] >= head_threshold => SeenLine {
            rect: rect.turned_180(),
            sight,
            is_vertical: false,
        },
        // The crop of a column reads downwards, so upright glyphs have their tops to the left.
        GlyphTurn::ThreeQuarters if is_tall && can_be_vertical(&sight) => SeenLine {
            rect,
            sight,
            is_vertical: true,
        },
        GlyphTurn::Quarter if is_tall && can_be_vertical(&sight) => SeenLine {
            rect: rect.turned_180(),
            sight,
            is_vertical: true,
        },
        _ => SeenLine {
            rect,
            sight,
            is_vertical: false,
        },
    }
}

fn can_be_vertical(sight: &LineSight) -> bool {
    use crate::classify::Writing;
    use ocr_chat_language::Script;
    let vertical = [
        Writing::Han,
        Writing::Script(Script::Jpan),
        Writing::Script(Script::Hang),
        Writing::Symbols,
    ];
    let (class, _) = most_likely(&sight.writing);
    vertical.contains(&Writing::ALL[class])
}

/// Index and value of the largest of `values`; index 0 for none.
pub(crate) fn most_likely(values: &[f32]) -> (usize, f32) {
    let mut best = (0, f32::MIN);
    for (idx, &value) in values.iter().enumerate() {
        if value > best.1 {
            best = (idx, value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use std::f32::consts::{FRAC_PI_2, PI};

    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::classify::Writing;
    use crate::geometry::PointF;
    use ocr_chat_language::Script;

    /// A region whose reading direction is turned by `quarters`, with glyphs that lie in its crop as `turn` says.
    fn look(quarters: u8, turn: GlyphTurn, writing: Writing) -> (RotatedRect, LineSight) {
        let rect = RotatedRect {
            center: PointF::new(50.0, 50.0),
            width: 100.0,
            height: 10.0,
            angle: f32::from(quarters) * FRAC_PI_2,
        };
        let mut turns = [0.02; 4];
        turns[turn.quarters()] = 0.94;
        let sight = LineSight {
            writing: Writing::ALL
                .iter()
                .map(|other| f32::from(u8::from(*other == writing)))
                .collect(),
            columns: Vec::new(),
            turn: turns,
            light_on_dark: 0.0,
        };
        (rect, sight)
    }

    const LATIN: Writing = Writing::Script(Script::Latn);

    #[test]
    fn most_of_the_text_decides_which_way_is_up() {
        let upright = look(0, GlyphTurn::None, LATIN);
        let down = look(1, GlyphTurn::None, LATIN);
        let up = look(1, GlyphTurn::Half, LATIN);
        let head = look(0, GlyphTurn::Half, LATIN);
        assert_eq!(page_quarters(&[]), 0);
        assert_eq!(
            page_quarters(&[upright.clone(), upright.clone(), down.clone()]),
            0
        );
        assert_eq!(page_quarters(&[down.clone(), down.clone(), down]), 1);
        assert_eq!(page_quarters(&[head.clone(), head]), 2);
        assert_eq!(page_quarters(&[up.clone(), up, upright]), 3);
    }

    #[test]
    fn columns_of_upright_glyphs_are_vertical_lines_and_turn_no_page() {
        let column = look(1, GlyphTurn::ThreeQuarters, Writing::Han);
        assert_eq!(page_quarters(&[column.clone(), column.clone()]), 0);
        let seen = seen_line(column.0, column.1, 0.9);
        assert!(seen.is_vertical);
        assert_eq!(seen.rect.angle, FRAC_PI_2);
        let latin = look(1, GlyphTurn::ThreeQuarters, LATIN);
        assert!(!seen_line(latin.0, latin.1, 0.9).is_vertical);
    }

    #[test]
    fn a_line_that_runs_up_is_turned_when_that_is_certain() {
        let (rect, sight) = look(1, GlyphTurn::Half, LATIN);
        assert_eq!(
            seen_line(rect, sight.clone(), 0.9).rect.angle,
            FRAC_PI_2 + PI
        );
        assert_eq!(seen_line(rect, sight, 0.99).rect.angle, FRAC_PI_2);
        let (rect, sight) = look(0, GlyphTurn::Half, LATIN);
        assert_eq!(seen_line(rect, sight, 0.9).rect.angle, 0.0);
    }
}
