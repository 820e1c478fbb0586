//! Text regions to text: crops of lines and a PP-OCR recogniser with CTC.

mod ctc;

mod dictionary;

mod ppocr;

use rten::RunOptions;

use crate::error::PageError;
use crate::geometry::RotatedRect;
use crate::raster::PageImage;
use crate::text::LineText;

pub use dictionary::Dictionary;
pub use ppocr::PpOcrRecogniser;

/// Reads lines; both families of recognisers stand behind it, and a fake in the tests.
pub trait Recogniser: Send + Sync {
    /// Reads the line inside `rect`, which reads along its width. `run` says on which threads.
    ///
    /// # Errors
    /// [`PageError::Inference`] when the network fails.
    fn recognise(
        &self,
        image: &PageImage,
        rect: &RotatedRect,
        run: RunOptions,
    ) -> Result<LineText, PageError>;
}
