//! Bytes to upright pages: sniffs the format by content, counts the pages, decodes one page at a time.

mod sniff;

mod picture;

mod gif;

#[cfg(feature = "tiff")]
mod tiff;

#[cfg(feature = "pdf")]
mod pdf;

use ocr_chat_document::Warning;

use crate::error::{OpenError, PageError};
use crate::limits::Limits;
use crate::raster::PageImage;
use crate::text::TextLayer;

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

impl Format {
    /// The name as users know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Webp => "WEBP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Pdf => "PDF",
        }
    }

    /// The format of `bytes` by their content.
    ///
    /// # Errors
    /// [`OpenError::Empty`], [`OpenError::UnsupportedFormat`], or [`OpenError::KnownButUnsupported`] with advice.
    pub fn sniff(bytes: &[u8]) -> Result<Self, OpenError> {
        sniff::sniff(bytes)
    }
}

/// An opened document: knows its format and its pages, decodes them on demand. Shared by reference between threads.
pub struct Source {
    format: Format,
    limits: Limits,
    warnings: Vec<Warning>,
    pages: Pages,
}

enum Pages {
    Picture(Vec<u8>),
    Gif {
        bytes: Vec<u8>,
        n_frames: usize,
    },
    #[cfg(feature = "tiff")]
    Tiff {
        bytes: Vec<u8>,
        n_directories: usize,
    },
    #[cfg(feature = "pdf")]
    Pdf(pdf::PdfPages),
}

impl Source {
    /// Opens a document from its bytes; the format is found by content. `password` opens an encrypted PDF.
    ///
    /// # Errors
    /// [`OpenError`] when it is empty, of no known format, over the limits, locked or damaged.
    pub fn open(
        bytes: Vec<u8>,
        limits: &Limits,
        password: Option<&str>,
    ) -> Result<Self, OpenError> {
        let n_bytes = bytes.len() as u64;
        if n_bytes > limits.max_file_bytes {
            return Err(OpenError::FileTooLarge {
                bytes: n_bytes,
                max: limits.max_file_bytes,
            });
        }
        let format = sniff::sniff(&bytes)?;
        let pages = match format {
            Format::Gif => Pages::Gif {
                n_frames: gif::count_frames(&bytes, limits)?,
                bytes,
            },
            #[cfg(feature = "tiff")]
            Format::Tiff => Pages::Tiff {
                n_directories: tiff::count_directories(&bytes, limits)?,
                bytes,
            },
            #[cfg(not(feature = "tiff"))]
            Format::Tiff => return Err(left_out("TIFF")),
            #[cfg(feature = "pdf")]
            Format::Pdf => Pages::Pdf(pdf::PdfPages::open(bytes, password)?),
            #[cfg(not(feature = "pdf"))]
            Format::Pdf => {
                let _ = password;
                return Err(left_out("PDF"));
            }
            _ => {
                picture::check(&bytes, format, limits)?;
                Pages::Picture(bytes)
            }
        };
        let source = Self {
            format,
            limits: limits.clone(),
            warnings: Vec::new(),
            pages,
        };
        match source.n_pages() {
            0 => Err(OpenError::NoPages),
            pages if pages > limits.max_pages => Err(OpenError::TooManyPages {
                pages,
                max: limits.max_pages,
            }),
            _ => Ok(source),
        }
    }

    /// The format, by content.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Number of pages, at least 1.
    pub fn n_pages(&self) -> usize {
        match &self.pages {
            Pages::Picture(_) => 1,
            Pages::Gif { n_frames, .. } => *n_frames,
            #[cfg(feature = "tiff")]
            Pages::Tiff { n_directories, .. } => *n_directories,
            #[cfg(feature = "pdf")]
            Pages::Pdf(pdf) => pdf.n_pages(),
        }
    }

    /// What opening has to tell.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Decodes page `index` (from 0), upright.
    ///
    /// # Errors
    /// [`PageError`] when the page is damaged, too large or not there.
    pub fn page(&self, index: usize) -> Result<PageImage, PageError> {
        if index >= self.n_pages() {
            return Err(PageError::NoSuchPage(index));
        }
        match &self.pages {
            Pages::Picture(bytes) => picture::decode(bytes, self.format, &self.limits),
            Pages::Gif { bytes, .. } => gif::decode_frame(bytes, index, &self.limits),
            #[cfg(feature = "tiff")]
            Pages::Tiff { bytes, .. } => tiff::decode_directory(bytes, index, &self.limits),
            #[cfg(feature = "pdf")]
            Pages::Pdf(pdf) => pdf.render(index, &self.limits),
        }
    }

    /// The text that page `index` (from 0) brings along, in the pixels of [`Self::page`]; `None` where the format has none or the page is not
    /// there. A page without any text gives a layer without lines.
    pub fn text_layer(&self, index: usize) -> Option<TextLayer> {
        match &self.pages {
            #[cfg(feature = "pdf")]
            Pages::Pdf(pdf) => pdf.text_layer(index, &self.limits),
            _ => {
                let _ = index;
                None
            }
        }
    }
}

/// Why a build without the decoder of `format` refuses it.
#[cfg(not(all(feature = "pdf", feature = "tiff")))]
fn left_out(format: &'static str) -> OpenError {
    OpenError::KnownButUnsupported {
        format,
        advice: "this build of the engine has no decoder for it",
    }
}

/// Refuses a declared size over the limits, before anything is allocated for it.
fn check_size(width: u64, height: u64, limits: &Limits) -> Result<(), PageError> {
    let over = width.saturating_mul(height) > limits.max_page_pixels
        || width.max(height) > u64::from(limits.max_side_px);
    if over {
        return Err(PageError::TooManyPixels {
            width,
            height,
            max: limits.max_page_pixels,
        });
    }
    if width == 0 || height == 0 {
        return Err(PageError::Decode(format!(
            "the picture is {width} x {height} pixels"
        )));
    }
    Ok(())
}

/// The error of a document's only page as the error of the document.
fn as_open_error(error: PageError, format: Format) -> OpenError {
    match error {
        PageError::TooManyPixels { width, height, max } => {
            OpenError::TooManyPixels { width, height, max }
        }
        PageError::Decode(reason) => OpenError::Damaged {
            format: format.name(),
            reason,
        },
        other => OpenError::Damaged {
            format: format.name(),
            reason: other.to_string(),
        },
    }
}
