//! Samples of any depth, layout and colour to 8-bit pictures.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, RgbImage, RgbaImage};
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::{PlanarConfiguration, Tag};

use super::{decode_error, lzw, unsupported};
use crate::error::PageError;

/// Decodes the current directory.
pub(super) fn decode(
    decoder: &mut Decoder<Cursor<&[u8]>>,
    bytes: &[u8],
    width: u32,
    height: u32,
) -> Result<DynamicImage, PageError> {
    let color = decoder.colortype().map_err(decode_error)?;
    let is_planar = decoder
        .find_tag_unsigned::<u16>(Tag::PlanarConfiguration)
        .map_err(decode_error)?
        == Some(PlanarConfiguration::Planar.to_u16());
    let palette = match color {
        ColorType::Palette(_) => decoder
            .get_tag_u16_vec(Tag::ColorMap)
            .map_err(decode_error)?,
        _ => Vec::new(),
    };
    let mut decoded = DecodingResult::U8(Vec::new());
    if let Err(error) = decoder.read_image_to_buffer(&mut decoded) {
        let lenient = lzw::decode(decoder, bytes, width, height, color);
        decoded = DecodingResult::U8(lenient.ok_or_else(|| decode_error(error))?);
    }
    let n_samples = usize::from(color.num_samples());
    let (width_px, height_px) = (width as usize, height as usize);
    let per_row = width_px * if is_planar { 1 } else { n_samples };
    let n_rows = height_px * if is_planar { n_samples } else { 1 };
    let mut samples = to_u8(
        decoded,
        color.bit_depth(),
        per_row,
        n_rows,
        matches!(color, ColorType::Palette(_)),
    );
    if samples.len() < width_px * height_px * n_samples {
        return Err(PageError::Decode(
            "it holds fewer pixels than it declares".to_owned(),
        ));
    }
    if is_planar && n_samples > 1 {
        samples = interleaved(&samples, width_px * height_px, n_samples);
    }
    let picture = match color {
        ColorType::Gray(_) => {
            GrayImage::from_raw(width, height, samples).map(DynamicImage::ImageLuma8)
        }
        ColorType::GrayA(_) => {
            image::GrayAlphaImage::from_raw(width, height, samples).map(DynamicImage::ImageLumaA8)
        }
        ColorType::RGB(_) => {
            RgbImage::from_raw(width, height, samples).map(DynamicImage::ImageRgb8)
        }
        ColorType::RGBA(_) => {
            RgbaImage::from_raw(width, height, samples).map(DynamicImage::ImageRgba8)
        }
        ColorType::Palette(_) => {
            let rgb = samples
                .iter()
                .flat_map(|&index| palette_color(&palette, index))
                .collect();
            RgbImage::from_raw(width, height, rgb).map(DynamicImage::ImageRgb8)
        }
        ColorType::CMYK(_) => map_pixels(width, height, &samples, 4, |p| {
            [0, 1, 2].map(|c| mul255(255 - p[c], 255 - p[3]))
        }),
        ColorType::CMYKA(_) => map_pixels(width, height, &samples, 5, |p| {
            [0, 1, 2].map(|c| mul255(255 - p[c], 255 - p[3]))
        }),
        ColorType::YCbCr(_) => map_pixels(width, height, &samples, 3, ycbcr_to_rgb),
        // The lightness of L*a*b*, or the first band of many: enough to read by.
        ColorType::Lab(_) | ColorType::Multiband { .. } => {
            map_pixels(width, height, &samples, n_samples, |p| [p[0]; 3])
        }
        other => return Err(unsupported(other)),
    };
    picture.ok_or_else(|| PageError::Decode("it holds fewer pixels than it declares".to_owned()))
}

/// Samples as bytes; `per_row` samples in each of `n_rows` rows. Depths below 8 bits are packed and start each row on a byte.
fn to_u8(
    decoded: DecodingResult,
    bit_depth: u8,
    per_row: usize,
    n_rows: usize,
    is_index: bool,
) -> Vec<u8> {
    match decoded {
        DecodingResult::U8(bytes) if bit_depth < 8 => {
            unpack(&bytes, bit_depth, per_row, n_rows, is_index)
        }
        DecodingResult::U8(bytes) => bytes,
        DecodingResult::U16(v) if is_index => v
            .iter()
            .map(|&s| u8::try_from(s).unwrap_or(u8::MAX))
            .collect(),
        DecodingResult::U16(v) => v.iter().map(|&s| (s >> 8) as u8).collect(),
        DecodingResult::U32(v) => v.iter().map(|&s| (s >> 24) as u8).collect(),
        DecodingResult::U64(v) => v.iter().map(|&s| (s >> 56) as u8).collect(),
        DecodingResult::I8(v) => v.iter().map(|&s| s.cast_unsigned()).collect(),
        DecodingResult::I16(v) => v
            .iter()
            .map(|&s| ((i32::from(s) + 32_768) >> 8) as u8)
            .collect(),
        DecodingResult::I32(v) => v
            .iter()
            .map(|&s| ((i64::from(s) + (1 << 31)) >> 24) as u8)
            .collect(),
        DecodingResult::I64(v) => v
            .iter()
            .map(|&s| ((i128::from(s) + (1 << 63)) >> 56) as u8)
            .collect(),
        DecodingResult::F16(v) => stretch(v.iter().map(|s| s.to_f32()).collect()),
        DecodingResult::F32(v) => stretch(v),
        DecodingResult::F64(v) => stretch(v.into_iter().map(|s| s as f32).collect()),
    }
}

/// Floats have no agreed white: the range that is there becomes 0 to 255.
fn stretch(values: Vec<f32>) -> Vec<u8> {
    let finite = values.iter().copied().filter(|v| v.is_finite());
    let (low, high) = finite.fold((f32::MAX, f32::MIN), |(low, high), v| {
        (low.min(v), high.max(v))
    });
    let range = (high - low).max(f32::MIN_POSITIVE);
    values
        .into_iter()
        .map(|v| {
            if v.is_finite() {
                ((v - low) / range * 255.0).round() as u8
            } else {
                255
            }
        })
        .collect()
}

/// Packed samples of 1, 2 or 4 bits to bytes, spread over 0 to 255 unless they are palette indices.
fn unpack(bytes: &[u8], bit_depth: u8, per_row: usize, n_rows: usize, is_index: bool) -> Vec<u8> {
    let bits = usize::from(bit_depth.clamp(1, 7));
    let row_bytes = (per_row * bits).div_ceil(8);
    let max = (1_u16 << bits) - 1;
    let mut out = Vec::with_capacity(per_row * n_rows);
    for row in bytes.chunks(row_bytes.max(1)).take(n_rows) {
        for sample_idx in 0..per_row {
            let bit = sample_idx * bits;
            let pair = u16::from(row.get(bit / 8).copied().unwrap_or(0)) << 8
                | u16::from(row.get(bit / 8 + 1).copied().unwrap_or(0));
            let value = (pair >> (16 - bits - bit % 8)) & max;
            out.push(if is_index { value } else { value * 255 / max } as u8);
        }
    }
    out
}

fn interleaved(planes: &[u8], plane_len: usize, n_samples: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(plane_len * n_samples);
    for pixel_idx in 0..plane_len {
        out.extend((0..n_samples).map(|plane| planes[plane * plane_len + pixel_idx]));
    }
    out
}

fn palette_color(palette: &[u16], index: u8) -> [u8; 3] {
    let n_colors = palette.len() / 3;
    [0, 1, 2].map(|channel| {
        palette
            .get(channel * n_colors + usize::from(index))
            .map_or(0, |&value| (value >> 8) as u8)
    })
}

fn map_pixels(
    width: u32,
    height: u32,
    samples: &[u8],
    n_samples: usize,
    to_rgb: impl Fn(&[u8]) -> [u8; 3],
) -> Option<DynamicImage> {
    let rgb = samples.chunks_exact(n_samples).flat_map(to_rgb).collect();
    RgbImage::from_raw(width, height, rgb).map(DynamicImage::ImageRgb8)
}

fn mul255(a: u8, b: u8) -> u8 {
    ((u16::from(a) * u16::from(b) + 127) / 255) as u8
}

/// ITU-R BT.601, full range, as TIFF 6.0 section 21 has it by default.
fn ycbcr_to_rgb(pixel: &[u8]) -> [u8; 3] {
    let [y, cb, cr] = [
        f32::from(pixel[0]),
        f32::from(pixel[1]) - 128.0,
        f32::from(pixel[2]) - 128.0,
    ];
    [
        y + 1.402 * cr,
        y - 0.344_14 * cb - 0.714_14 * cr,
        y + 1.772 * cb,
    ]
    .map(|v| v.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn packed_bits_start_each_row_on_a_byte() {
        let bytes = [0b1010_0000, 0b0100_0000];
        assert_eq!(unpack(&bytes, 1, 3, 2, false), [255, 0, 255, 0, 255, 0]);
        assert_eq!(unpack(&[0b1101_1000], 2, 3, 1, true), [3, 1, 2]);
        assert_eq!(unpack(&[0xf0], 4, 2, 1, false), [255, 0]);
    }

    #[test]
    fn floats_are_stretched_and_nothing_is_lost_to_nan() {
        assert_eq!(stretch(vec![0.0, 0.5, 1.0, f32::NAN]), [0, 128, 255, 255]);
    }

    #[test]
    fn planes_are_woven() {
        assert_eq!(interleaved(&[1, 2, 3, 4, 5, 6], 2, 3), [1, 3, 5, 2, 4, 6]);
    }
}
