//! Bytes to upright pages: sniffs the format by content, counts the pages, decodes one page at a time.

use ocr_chat_document::Warning;

use crate::error::{OpenError, PageError};
use crate::limits::Limits;
use crate::raster::PageImage;

/// A format this engine reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Portable Network Graphics; of an animation the first frame.
    Png,
    /// JPEG, turned upright by its EXIF orientation.
    Jpeg,
    /// WebP; of an animation the first frame.
    Webp,
    /// GIF, every frame a page.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF, every directory a page.
    Tiff,
    /// PDF.
    Pdf,
}

/// An opened document: knows its format and its pages, decodes them on demand. Cheap to share between threads.
pub struct Source {
    format: Format,
    n_pages: usize,
    warnings: Vec<Warning>,
}

impl Source {
    /// Opens a document from its bytes; the format is found by content.
    ///
    /// # Errors
    /// [`OpenError`] when it is empty, of no known format, over the limits, locked or damaged.
    pub fn open(bytes: Vec<u8>, limits: &Limits, password: Option<&str>) -> Result<Self, OpenError> {
        let _ = (limits, password);
        if bytes.is_empty() {
            return Err(OpenError::Empty);
        }
        Err(OpenError::UnsupportedFormat)
    }

    /// The format, by content.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Number of pages, at least 1.
    pub fn n_pages(&self) -> usize {
        self.n_pages
    }

    /// What opening has to tell.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Decodes page `index`, upright.
    ///
    /// # Errors
    /// [`PageError`] when the page is damaged, too large or not there.
    pub fn page(&self, index: usize) -> Result<PageImage, PageError> {
        Err(PageError::NoSuchPage(index))
    }
}
