//! TIFF compressions 2 (modified Huffman) and 3 (Group 3), which the TIFF library does not decode.

use std::io::Cursor;

use hayro_ccitt::{DecodeSettings, DecoderContext, EncodingMode};
use image::{DynamicImage, GrayImage};
use tiff::decoder::Decoder;
use tiff::tags::Tag;

use super::{compression_name, decode_error};
use crate::error::PageError;

/// Decodes the current directory's strips (TIFF 6.0, sections 10 and 11).
///
/// A strip that is damaged keeps the rows before the damage; the rest stays white.
pub(super) fn decode(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    bytes: &[u8],
    width: u32,
    height: u32,
) -> Result<DynamicImage, PageError> {
    let tag_u32 = |decoder: &mut Decoder<Cursor<&[u8]>>, tag: Tag, default: u32| {
        Ok::<u32, PageError>(
            decoder
                .find_tag_unsigned::<u32>(tag)
                .map_err(decode_error)?
                .unwrap_or(default),
        )
    };
    let compression = decoder
        .get_tag_unsigned::<u16>(Tag::Compression)
        .map_err(decode_error)?;
    let offsets = decoder
        .get_tag_u64_vec(Tag::StripOffsets)
        .map_err(decode_error)?;
    let lengths = decoder
        .get_tag_u64_vec(Tag::StripByteCounts)
        .map_err(decode_error)?;
    let rows_per_strip = tag_u32(decoder, Tag::RowsPerStrip, height)?.clamp(1, height);
    let is_lsb_first = tag_u32(decoder, Tag::FillOrder, 1)? == 2;
    let options = tag_u32(decoder, Tag::Unknown(292), 0)?;
    // 0: white is zero, the usual one; the fax codes themselves speak of white and black runs.
    let is_inverted = tag_u32(decoder, Tag::PhotometricInterpretation, 0)? == 1;
    let encoding = match (compression, options & 1) {
        (3, 1) => EncodingMode::Group3_2D,
        (2 | 3, _) => EncodingMode::Group3_1D,
        _ => {
            return Err(PageError::Decode(format!(
                "its compression {} is not supported",
                compression_name(compression)
            )));
        }
    };
    let mut rows = Rows {
        gray: GrayImage::from_pixel(width, height, image::Luma([255])),
        next_row: 0,
    };
    for (strip_idx, (&offset, &length)) in offsets.iter().zip(&lengths).enumerate() {
        let first_row = u32::try_from(strip_idx)
            .unwrap_or(u32::MAX)
            .saturating_mul(rows_per_strip);
        if first_row >= height {
            break;
        }
        rows.next_row = first_row;
        let strip = strip(bytes, offset, length, is_lsb_first);
        let mut context = DecoderContext::new(DecodeSettings {
            columns: width,
            rows: rows_per_strip.min(height - first_row),
            end_of_block: compression == 3,
            end_of_line: compression == 3,
            rows_are_byte_aligned: compression == 2 || options & 4 != 0,
            encoding,
            strict: false,
        });
        if hayro_ccitt::decode(&strip, &mut rows, &mut context).is_err() && rows.next_row == 0 {
            return Err(PageError::Decode("its fax data is damaged".to_owned()));
        }
    }
    let mut gray = rows.gray;
    if is_inverted {
        image::imageops::invert(&mut gray);
    }
    Ok(DynamicImage::ImageLuma8(gray))
}

/// The bytes of a strip, most significant bit first, as far as the file has them.
fn strip(bytes: &[u8], offset: u64, length: u64, is_lsb_first: bool) -> Vec<u8> {
    let clamp = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
    let strip = &bytes[clamp(offset)..clamp(offset.saturating_add(length))];
    if is_lsb_first {
        strip.iter().map(|byte| byte.reverse_bits()).collect()
    } else {
        strip.to_vec()
    }
}

/// Where decoded rows are painted.
struct Rows {
    gray: GrayImage,
    next_row: u32,
}

impl hayro_ccitt::Decoder for Rows {
    fn push_row(&mut self, changes: &[u32]) {
        let width = self.gray.width();
        if self.next_row < self.gray.height() {
            for run in changes.chunks(2) {
                let end = run.get(1).copied().unwrap_or(width).min(width);
                for x in run[0]..end {
                    self.gray.put_pixel(x, self.next_row, image::Luma([0]));
                }
            }
            self.next_row += 1;
        }
    }
}
