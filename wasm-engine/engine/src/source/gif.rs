//! GIF: every frame of an animation is a page, composed over the frames before it.

use std::io::Cursor;

use image::codecs::gif::GifDecoder;
use image::metadata::Orientation;
use image::{AnimationDecoder, DynamicImage, ImageDecoder};

use super::{Format, as_open_error, check_size, picture};
use crate::error::{OpenError, PageError};
use crate::limits::Limits;
use crate::raster::PageImage;

/// Counts the frames by walking the blocks (GIF89a specification, section 12), decoding none.
///
/// A file that ends early counts as many frames as have started.
pub(super) fn count_frames(bytes: &[u8], limits: &Limits) -> Result<usize, OpenError> {
    open(bytes, limits).map_err(|error| as_open_error(error, Format::Gif))?;
    Ok(walk(bytes, limits.max_pages).unwrap_or_else(|n_frames| n_frames))
}

/// Decodes frame `index`.
pub(super) fn decode_frame(
    bytes: &[u8],
    index: usize,
    limits: &Limits,
) -> Result<PageImage, PageError> {
    let frame = open(bytes, limits)?
        .into_frames()
        .nth(index)
        .ok_or(PageError::NoSuchPage(index))?
        .map_err(|error| PageError::Decode(error.to_string()))?;
    let picture = DynamicImage::ImageRgba8(frame.into_buffer());
    picture::upright(picture, Orientation::NoTransforms)
}

fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<GifDecoder<Cursor<&'a [u8]>>, PageError> {
    let decoder = GifDecoder::new(Cursor::new(bytes))
        .map_err(|error| PageError::Decode(error.to_string()))?;
    let (width, height) = decoder.dimensions();
    check_size(u64::from(width), u64::from(height), limits)?;
    Ok(decoder)
}

/// `Ok(n)` when the trailer was reached, `Err(n)` when the file ended or turned strange after `n` frames.
fn walk(bytes: &[u8], max_frames: usize) -> Result<usize, usize> {
    let mut n_frames = 0;
    let mut at = 13 + color_table_bytes(bytes.get(10).copied().unwrap_or(0));
    loop {
        match bytes.get(at).ok_or(n_frames)? {
            0x3b => return Ok(n_frames),
            // Extension: label, then sub-blocks.
            0x21 => at = skip_sub_blocks(bytes, at + 2).ok_or(n_frames)?,
            // Image: descriptor, local colour table, minimum code size, then sub-blocks.
            0x2c => {
                n_frames += 1;
                if n_frames > max_frames {
                    return Ok(n_frames);
                }
                let packed = *bytes.get(at + 9).ok_or(n_frames)?;
                at = skip_sub_blocks(bytes, at + 11 + color_table_bytes(packed)).ok_or(n_frames)?;
            }
            _ => return Err(n_frames),
        }
    }
}

fn color_table_bytes(packed: u8) -> usize {
    if packed & 0x80 == 0 {
        0
    } else {
        3 << ((packed & 7) + 1)
    }
}

fn skip_sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let n = usize::from(*bytes.get(at)?);
        at += 1 + n;
        if n == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use image::codecs::gif::GifEncoder;
    use image::{Frame, Rgba, RgbaImage};

    fn animation(n_frames: u8) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new(&mut bytes);
        for n in 0..n_frames {
            let frame = RgbaImage::from_pixel(6, 4, Rgba([n * 60, 0, 0, 255]));
            encoder.encode_frame(Frame::new(frame)).unwrap();
        }
        drop(encoder);
        bytes
    }

    #[test]
    fn every_frame_is_a_page() {
        let bytes = animation(3);
        let limits = Limits::server();
        assert_eq!(count_frames(&bytes, &limits), Ok(3));
        let last = decode_frame(&bytes, 2, &limits).unwrap();
        assert_eq!(
            (last.width_px(), last.height_px(), last.rgb()[0]),
            (6, 4, 120)
        );
    }

    #[test]
    fn a_cut_file_keeps_the_frames_that_have_started() {
        let bytes = animation(3);
        let cut = &bytes[..bytes.len() - 12];
        assert_eq!(count_frames(cut, &Limits::server()), Ok(3));
    }
}
