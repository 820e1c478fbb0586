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
}
