//! Text regions to text: crops of lines, and two families of recognisers, PP-OCR and Tesseract's LSTM.

mod ctc;

mod dictionary;

mod ppocr;

mod lstm;

mod shelf;

use rten::RunOptions;

use crate::error::PageError;
use crate::geometry::RotatedRect;
use crate::raster::PageImage;
use crate::text::LineText;

pub use dictionary::Dictionary;
pub use lstm::LstmRecogniser;
pub use ppocr::PpOcrRecogniser;
pub use shelf::ModelLibrary;
pub(crate) use shelf::{Shelf, Shelved};

/// A line to be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineCrop {
    /// Where it stands; it reads along the width.
    pub rect: RotatedRect,
    /// Light ink on dark ground.
    pub is_light_on_dark: bool,
}

/// What a recogniser makes of a line before it is decoded: for each step along it the probabilities of all classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// Step by step, `n_classes` each, 0 to 1; class 0 is the blank of CTC, the last class the space.
    pub probabilities: Vec<f32>,
    /// Number of classes.
    pub n_classes: usize,
    /// The part of the steps that the line covers, 0 to 1; what lies behind it is padding.
    pub content_share: f32,
}

impl Steps {
    /// The best class of every step, repeats joined, blanks dropped.
    pub(crate) fn decode(&self, dictionary: &Dictionary) -> LineText {
        ctc::decode(&self.probabilities, dictionary, self.content_share)
    }
}

/// Reads lines; both families of recognisers stand behind it, and a fake in the tests.
pub trait Recogniser: Send + Sync {
    /// Reads a line. `run` says on which threads.
    ///
    /// # Errors
    /// [`PageError::Inference`] when the network fails.
    fn recognise(
        &self,
        image: &PageImage,
        line: &LineCrop,
        run: RunOptions,
    ) -> Result<LineText, PageError>;

    /// The steps of a line, for those who decode them themselves; `None` where the recogniser does not show them.
    ///
    /// # Errors
    /// [`PageError::Inference`] when the network fails.
    fn steps(
        &self,
        _image: &PageImage,
        _line: &LineCrop,
        _run: RunOptions,
    ) -> Result<Option<Steps>, PageError> {
        Ok(None)
    }

    /// What the classes of [`Self::steps`] stand for.
    fn dictionary(&self) -> Option<&Dictionary> {
        None
    }
}
