//! TIFF: every directory is a page.

mod fax3;

mod lzw;

mod samples;

use std::collections::HashSet;
use std::io::Cursor;

use image::metadata::Orientation;
use tiff::decoder::Decoder;
use tiff::tags::{CompressionMethod, Tag};
use tiff::{ColorType, TiffError};

use super::{Format, as_open_error, check_size, picture};
use crate::error::{OpenError, PageError};
use crate::limits::Limits;
use crate::raster::PageImage;

/// Counts the directories; a chain that runs in a circle ends where it meets itself.
pub(super) fn count_directories(bytes: &[u8], limits: &Limits) -> Result<usize, OpenError> {
    let count = || -> Result<usize, PageError> {
        let mut decoder = open(bytes, limits)?;
        let (width, height) = decoder.dimensions().map_err(decode_error)?;
        let mut seen: HashSet<u64> = decoder.ifd_pointer().map(|at| at.0).into_iter().collect();
        let mut n_directories = 1;
        while decoder.more_images() && n_directories <= limits.max_pages {
            // What follows a damaged directory cannot be found; the pages before it can be read.
            if decoder.next_image().is_err() {
                break;
            }
            if decoder.ifd_pointer().is_some_and(|at| !seen.insert(at.0)) {
                break;
            }
            n_directories += 1;
        }
        if n_directories == 1 {
            check_size(u64::from(width), u64::from(height), limits)?;
        }
        Ok(n_directories)
    };
    count().map_err(|error| as_open_error(error, Format::Tiff))
}

/// Decodes directory `index`, turned upright.
pub(super) fn decode_directory(
    bytes: &[u8],
    index: usize,
    limits: &Limits,
) -> Result<PageImage, PageError> {
    let mut decoder = open(bytes, limits)?;
    decoder.seek_to_image(index).map_err(decode_error)?;
    let (width, height) = decoder.dimensions().map_err(decode_error)?;
    check_size(u64::from(width), u64::from(height), limits)?;
    let orientation = decoder
        .find_tag_unsigned::<u8>(Tag::Orientation)
        .ok()
        .flatten()
        .and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms);
    let compression = decoder
        .find_tag_unsigned::<u16>(Tag::Compression)
        .map_err(decode_error)?;
    let decoded = if matches!(compression, Some(2 | 3)) {
        fax3::decode(&mut decoder, bytes, width, height)?
    } else {
        samples::decode(&mut decoder, bytes, width, height)?
    };
    let dpi = resolution_dpi(&mut decoder);
    let mut page = picture::upright(decoded, orientation)?;
    page.dpi = dpi;
    Ok(page)
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Decoder<Cursor<&'a [u8]>>, PageError> {
    let mut bounds = tiff::decoder::Limits::default();
    bounds.decoding_buffer_size = usize::try_from(limits.max_decoded_bytes).unwrap_or(usize::MAX);
    bounds.intermediate_buffer_size = bounds.decoding_buffer_size;
    let decoder = Decoder::new(Cursor::new(bytes)).map_err(decode_error)?;
    Ok(decoder.with_limits(bounds))
}

/// Horizontal resolution in dots per inch, where the file states one in inches or centimetres.
fn resolution_dpi(decoder: &mut Decoder<Cursor<&[u8]>>) -> Option<f32> {
    let unit = decoder
        .find_tag_unsigned::<u16>(Tag::ResolutionUnit)
        .ok()
        .flatten()
        .unwrap_or(2);
    let resolution = decoder.get_tag_f32(Tag::XResolution).ok()?;
    let dpi = match unit {
        2 => resolution,
        3 => resolution * 2.54,
        _ => return None,
    };
    (dpi.is_finite() && dpi >= 1.0).then_some(dpi)
}

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
fn decode_error(error: TiffError) -> PageError {
    PageError::Decode(error.to_string())
}

fn unsupported(color: ColorType) -> PageError {
    PageError::Decode(format!("its colour type {color:?} is not supported"))
}

/// The compression as people name it, for errors.
fn compression_name(code: u16) -> String {
    CompressionMethod::from_u16(code).map_or_else(|| code.to_string(), |name| format!("{name:?}"))
}
