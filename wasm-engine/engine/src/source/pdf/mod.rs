//! PDF pages, rendered by hayro, and the text they bring along.

mod characters;

mod order;

mod glyphs;

mod lines;

use std::sync::{Arc, Mutex};

use hayro::hayro_interpret::{InterpreterSettings, InterpreterWarning};
use hayro::hayro_syntax::content::ops::TypedInstruction;
use hayro::hayro_syntax::object::{Array, Stream};
use hayro::hayro_syntax::page::Page;
use hayro::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};
use ocr_chat_document::{Warning, WarningCode};

use crate::error::{OpenError, PageError};
use crate::limits::Limits;
use crate::raster::PageImage;
use crate::text::TextLayer;

/// Resolution at which pages are read, in dots per inch: 10-point text is 28 pixels high, what the recognisers like best.
const DPI: f32 = 200.0;

/// The longer side of a sheet is rendered this long at least, in pixels, as far as [`MAX_DPI`] allows.
const SMALL_SHEET_SIDE_PX: f32 = 1700.0;

/// Highest resolution at which pages are read, in dots per inch.
const MAX_DPI: f32 = 400.0;

/// Points to the inch, the unit of PDF pages.
const POINTS_PER_INCH: f32 = 72.0;

/// Pixels of a rendered page; a larger sheet (above A1 at 200 dpi) is rendered smaller. 32 Mpx are 128 MB of RGBA.
const MAX_RENDERED_PIXELS: f32 = 32e6;

/// Longest side of a rendered page in pixels; the renderer counts in 16 bits.
const MAX_RENDERED_SIDE_PX: f32 = 20_000.0;

/// An opened PDF.
pub(super) struct PdfPages {
    pdf: Pdf,
}

impl PdfPages {
    /// Opens the file, with an empty password unless one is given.
    pub(super) fn open(bytes: Vec<u8>, password: Option<&str>) -> Result<Self, OpenError> {
        match Pdf::new_with_password(bytes, password.unwrap_or("")) {
            Ok(pdf) => Ok(Self { pdf }),
            Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
                Err(OpenError::PasswordNeeded)
            }
            Err(LoadPdfError::Decryption(error)) => Err(damaged(format!(
                "its encryption is not understood ({error:?})"
            ))),
            Err(LoadPdfError::Invalid) => Err(damaged("no page tree was found".to_owned())),
        }
    }

    /// Number of pages.
    pub(super) fn n_pages(&self) -> usize {
        self.pdf.pages().len()
    }

    /// Renders page `index` at [`DPI`], or smaller where the sheet is huge.
    pub(super) fn render(&self, index: usize, limits: &Limits) -> Result<PageImage, PageError> {
        let page = self
            .pdf
            .pages()
            .get(index)
            .ok_or(PageError::NoSuchPage(index))?;
        let scale = scale_of(page, limits)?;
        let dpi = scale * POINTS_PER_INCH;
        let problems = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&problems);
        let settings = InterpreterSettings {
            warning_sink: Arc::new(move |warning| {
                if let Ok(mut list) = sink.lock() {
                    list.push(warning);
                }
            }),
            ..InterpreterSettings::default()
        };
        let pixmap = hayro::render(
            page,
            &RenderCache::new(),
            &settings,
            &RenderSettings::default(),
            &PixmapSettings {
                x_scale: scale,
                y_scale: scale,
                bg_color: WHITE,
            },
        );
        let (width, height) = (u32::from(pixmap.width()), u32::from(pixmap.height()));
        // The ground is opaque white, so premultiplied and plain colours are the same.
        let rgb: Vec<u8> = pixmap
            .data_as_u8_slice()
            .chunks_exact(4)
            .flat_map(|rgba| [rgba[0], rgba[1], rgba[2]])
            .collect();
        let lost_image = problems.lock().is_ok_and(|list| {
            list.iter()
                .any(|warning| matches!(warning, InterpreterWarning::ImageDecodeFailure))
        });
        // A broken page "renders" as well: to nothing. Only a page that means to be empty may be blank.
        if rgb.iter().all(|&value| value == 255) {
            if lost_image {
                return Err(PageError::Decode("its picture is damaged".to_owned()));
            }
            if has_broken_content(page) {
                return Err(PageError::Decode("its content is damaged".to_owned()));
            }
        }
        let mut image = PageImage::from_rgb(width, height, rgb)
            .ok_or_else(|| PageError::Decode("the page has no pixels".to_owned()))?;
        image.dpi = Some((dpi * 100.0).round() / 100.0);
        if dpi < DPI * 0.99 {
            image.warnings.push(Warning::new(
                WarningCode::Downscaled,
                format!(
                    "the page is very large and was read at {dpi:.0} dpi; small text may be missing"
                ),
            ));
        }
        if lost_image {
            image.warnings.push(Warning::new(
                WarningCode::Unreadable,
                "a picture on the page is damaged and was left out",
            ));
        }
        Ok(image)
    }

    /// The text of page `index` in the pixels of [`Self::render`]; `None` for a page that is not there or has no extent.
    pub(super) fn text_layer(&self, index: usize, limits: &Limits) -> Option<TextLayer> {
        let page = self.pdf.pages().get(index)?;
        let scale = f64::from(scale_of(page, limits).ok()?);
        let found = glyphs::glyphs(page, scale, InterpreterSettings::default());
        let lines = lines::lines(&found.glyphs);
        let (n_chars, n_mapped) = lines::count(&lines);
        let (invisible, visible): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| line.is_invisible);
        let (n_invisible, _) = lines::count(&invisible);
        let text = |lines: Vec<lines::LayerLine>| lines.into_iter().map(|line| line.line).collect();
        Some(TextLayer {
            lines: text(visible),
            invisible_lines: text(invisible),
            n_chars,
            n_mapped,
            n_invisible,
            picture_share: found.picture_share,
        })
    }
}

/// Pixels per point at which `page` is rendered.
fn scale_of(page: &Page<'_>, limits: &Limits) -> Result<f32, PageError> {
    let (width_pt, height_pt) = page.render_dimensions();
    let is_sound = |side: f32| side.is_finite() && side > 0.0;
    if !is_sound(width_pt) || !is_sound(height_pt) {
        return Err(PageError::Decode(format!(
            "the page box is {width_pt} x {height_pt} points"
        )));
    }
    Ok(scale_for(width_pt, height_pt, limits))
}

/// Pixels per point.
fn scale_for(width_pt: f32, height_pt: f32, limits: &Limits) -> f32 {
    // A small sheet is a page of a pocket book or a picture of one: its letters are small, too.
    let for_small_sheets = SMALL_SHEET_SIDE_PX / width_pt.max(height_pt);
    let wanted = (DPI / POINTS_PER_INCH).max(for_small_sheets.min(MAX_DPI / POINTS_PER_INCH));
    let max_pixels = MAX_RENDERED_PIXELS.min(limits.max_page_pixels as f32);
    let by_area = (max_pixels / width_pt / height_pt).sqrt();
    let by_side = MAX_RENDERED_SIDE_PX / width_pt.max(height_pt);
    // At least one pixel a side, however thin the page.
    let at_least = 1.0 / width_pt.min(height_pt);
    wanted.min(by_area).min(by_side).max(at_least.min(by_side))
}

/// Whether a page that shows nothing names a content that cannot be decoded, holds more unknown instructions than known ones, or
/// bytes that are no text.
fn has_broken_content(page: &Page<'_>) -> bool {
    /// An empty stream that was compressed is this long at most.
    const EMPTY_STREAM_BYTES: usize = 16;
    let decoded_bytes = page.page_stream().map_or(0, <[u8]>::len);
    if decoded_bytes == 0 {
        let raw = page.raw();
        let streams: Vec<Stream<'_>> = match raw.get::<Stream<'_>>(b"Contents".as_slice()) {
            Some(stream) => vec![stream],
            None => raw
                .get::<Array<'_>>(b"Contents".as_slice())
                .map(|array| array.iter::<Stream<'_>>().collect())
                .unwrap_or_default(),
        };
        return streams
            .iter()
            .any(|stream| stream.raw_data().len() > EMPTY_STREAM_BYTES);
    }
    let mut operations = page.typed_operations();
    let (mut n_known, mut n_unknown) = (0_usize, 0_usize);
    while let Some(operation) = operations.next() {
        match operation {
            TypedInstruction::Fallback(_) => n_unknown += 1,
            _ => n_known += 1,
        }
    }
    // Where an instruction cannot be parsed at all the iterator ends; what stands there is rarely text.
    let n_stray = page.page_stream().map_or(0, |stream| {
        let is_plain = |byte: &&u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        stream.len() - stream.iter().filter(is_plain).count()
    });
    n_unknown > n_known || n_stray * 50 > decoded_bytes
}

fn damaged(reason: String) -> OpenError {
    OpenError::Damaged {
        format: "PDF",
        reason,
    }
}

#[cfg(test)]
mod tests;
