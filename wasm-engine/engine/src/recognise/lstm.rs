//! Tesseract's LSTM recognisers over crops of a line.

use std::sync::{Mutex, PoisonError};

use ocr_chat_lstm::{GrayLine, LineModel, Scratch};
use rten::RunOptions;

use super::{LineCrop, Recogniser};
use crate::error::PageError;
use crate::raster::PageImage;
use crate::resample::Sampler;
use crate::text::{CharSpan, LineText};

/// Tallest crop in pixels; the networks read lines 36 or 48 pixels high, and trimming a crop to its ink wants some more.
const MAX_HEIGHT_PX: f32 = 96.0;

/// Shortest crop in pixels: below, there is nothing to trim.
const MIN_HEIGHT_PX: f32 = 16.0;

/// Longest crop in pixels; a longer line is squeezed.
const MAX_WIDTH_PX: f32 = 6000.0;

/// What the crop shows above and below the region, in its heights: vowel signs and accents stand outside of many regions.
const MARGIN_HEIGHTS: f32 = 0.12;

/// A recogniser of one script or language.
pub struct LstmRecogniser {
    model: LineModel,
    /// Buffers of lines read before, one for each thread that reads at a time.
    scratches: Mutex<Vec<Scratch>>,
}

impl LstmRecogniser {
    /// A recogniser of `model`.
    pub(crate) fn new(model: LineModel) -> Self {
        Self {
            model,
            scratches: Mutex::default(),
        }
    }
}

impl Recogniser for LstmRecogniser {
    fn recognise(
        &self,
        image: &PageImage,
        line: &LineCrop,
        _run: RunOptions,
    ) -> Result<LineText, PageError> {
        let mut rect = line.rect;
        rect.height *= 1.0 + 2.0 * MARGIN_HEIGHTS;
        let scale = (rect.height.clamp(MIN_HEIGHT_PX, MAX_HEIGHT_PX) / rect.height.max(1.0))
            .min(MAX_WIDTH_PX / rect.width.max(1.0));
        let px = |length: f32| (length * scale).round().max(1.0) as usize;
        let (width, height) = (px(rect.width), px(rect.height));
        let mut pixels = Sampler::new(image).crop_grey(&rect, width, height);
        if line.is_light_on_dark {
            for pixel in &mut pixels {
                *pixel = 255 - *pixel;
            }
        }
        let mut scratch = self.take_scratch();
        let reading = self.model.read(
            GrayLine {
                pixels: &pixels,
                width,
                height,
            },
            &mut scratch,
        );
        self.give_back(scratch);
        Ok(LineText {
            chars: reading
                .symbols
                .into_iter()
                .map(|symbol| CharSpan {
                    text: symbol.text.to_string(),
                    start: symbol.start,
                    end: symbol.end,
                    confidence: symbol.confidence,
                })
                .collect(),
        })
    }
}

impl LstmRecogniser {
    fn take_scratch(&self) -> Scratch {
        let mut scratches = self
            .scratches
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        scratches.pop().unwrap_or_default()
    }

    fn give_back(&self, scratch: Scratch) {
        let mut scratches = self
            .scratches
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        scratches.push(scratch);
    }
}
