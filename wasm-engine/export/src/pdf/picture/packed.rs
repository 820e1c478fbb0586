//! Decoded pages, packed again without loss: two colours as fax data, few as a palette, greys as one channel.

use std::collections::HashMap;
use std::io::Cursor;

use fax::encoder::Encoder;
use fax::{Color, VecWriter};

use super::super::writer::{deflate, push_literal};
use super::Picture;

/// Bytes that a decoded page may take: 150 million pixels in three channels, the engine's own limit.
const MAX_DECODED_BYTES: usize = 450 << 20;

/// The PNG `file`, decoded and packed; `None` where it cannot be decoded, is transparent, or has so many colours that its own data is as good.
pub(super) fn picture(file: &[u8]) -> Option<Picture> {
    let limits = png::Limits {
        bytes: MAX_DECODED_BYTES,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(file), limits);
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().ok()?;
    let size = reader
        .output_buffer_size()
        .filter(|&n| n <= MAX_DECODED_BYTES)?;
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels).ok()?;
    pixels.truncate(info.buffer_size());
    let n_channels = match info.color_type {
        png::ColorType::Grayscale => 1,
        png::ColorType::Rgb => 3,
        _ => return None,
    };
    pack(&pixels, n_channels, info.width, info.height)
}

fn pack(pixels: &[u8], n_channels: usize, width_px: u32, height_px: u32) -> Option<Picture> {
    /// More colours need more than a byte a pixel.
    const MAX_COLORS: usize = 256;
    let mut colors: HashMap<&[u8], usize> = HashMap::new();
    let mut palette: Vec<&[u8]> = Vec::new();
    let mut indices = Vec::with_capacity(pixels.len() / n_channels);
    for pixel in pixels.chunks_exact(n_channels) {
        let next = palette.len();
        let index = *colors.entry(pixel).or_insert(next);
        if index == next {
            if next == MAX_COLORS {
                return None;
            }
            palette.push(pixel);
        }
        indices.push(u8::try_from(index).ok()?);
    }
    let width = usize::try_from(width_px).ok()?;
    let is_gray = |color: &&[u8]| color.iter().all(|&sample| sample == color[0]);
    let (entries, data) = if palette.len() <= 2
        && palette
            .iter()
            .all(|color| color.iter().all(|&s| s == 0 || s == 255) && is_gray(color))
        && u16::try_from(width_px).is_ok()
    {
        let is_black: Vec<bool> = palette.iter().map(|color| color[0] == 0).collect();
        (
            format!("/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns {width_px}/Rows {height_px}>>").into_bytes(),
            fax_data(&indices, &is_black, width)?,
        )
    } else if palette.len() > 16 && palette.iter().all(is_gray) {
        let gray: Vec<u8> = indices
            .iter()
            .map(|&idx| palette[usize::from(idx)][0])
            .collect();
        (
            format!("/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors 1/BitsPerComponent 8/Columns {width_px}>>").into_bytes(),
            deflate(&differences(&gray, width)),
        )
    } else {
        let bits = match palette.len() {
            0..=2 => 1,
            3..=4 => 2,
            5..=16 => 4,
            _ => 8,
        };
        let colors: Vec<u8> = palette
            .iter()
            .flat_map(|color| [color[0], color[n_channels / 2], color[n_channels - 1]])
            .collect();
        let mut entries = Vec::new();
        push_palette(&mut entries, &colors)?;
        entries
            .extend_from_slice(format!("/BitsPerComponent {bits}/Filter/FlateDecode").as_bytes());
        (entries, deflate(&packed_rows(&indices, width, bits)))
    };
    Some(Picture {
        width_px,
        height_px,
        entries,
        data,
        orientation: 1,
    })
}

/// An indexed colour space over `palette`, triples of red, green and blue; `None` for an empty one.
pub(super) fn push_palette(entries: &mut Vec<u8>, palette: &[u8]) -> Option<()> {
    let last = (palette.len() / 3).checked_sub(1)?;
    entries.extend_from_slice(format!("/ColorSpace[/Indexed/DeviceRGB {last}").as_bytes());
    push_literal(entries, &palette[..(last + 1) * 3]);
    entries.push(b']');
    Some(())
}

/// The rows in ITU-T T.6 ("Group 4").
fn fax_data(indices: &[u8], is_black: &[bool], width: usize) -> Option<Vec<u8>> {
    let mut encoder = Encoder::new(VecWriter::new());
    for row in indices.chunks_exact(width) {
        let colors = row.iter().map(|&idx| {
            if is_black[usize::from(idx)] {
                Color::Black
            } else {
                Color::White
            }
        });
        let Ok(()) = encoder.encode_line(colors, u16::try_from(width).ok()?);
    }
    let Ok(writer) = encoder.finish();
    Some(writer.finish())
}

/// Each row as its difference from the row above, behind the byte that says so (PNG filter 2, "Up").
fn differences(gray: &[u8], width: usize) -> Vec<u8> {
    let mut rows = Vec::with_capacity(gray.len() + gray.len() / width.max(1));
    let mut above = vec![0; width];
    for row in gray.chunks_exact(width) {
        rows.push(2);
        rows.extend(
            row.iter()
                .zip(&above)
                .map(|(sample, up)| sample.wrapping_sub(*up)),
        );
        above.copy_from_slice(row);
    }
    rows
}

/// The rows at `bits` a pixel, each filled up to a whole byte.
fn packed_rows(indices: &[u8], width: usize, bits: usize) -> Vec<u8> {
    let per_byte = 8 / bits;
    indices
        .chunks_exact(width)
        .flat_map(|row| row.chunks(per_byte))
        .map(|pixels| {
            let filled =
                pixels.iter().fold(
                    0_u8,
                    |byte, &idx| {
                        if bits == 8 { idx } else { (byte << bits) | idx }
                    },
                );
            let n_missing = per_byte - pixels.len();
            if n_missing == 0 {
                filled
            } else {
                filled << (n_missing * bits)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn entries(picture: &Picture) -> String {
        String::from_utf8_lossy(&picture.entries).into_owned()
    }

    #[test]
    fn black_on_white_becomes_fax_data_that_decodes_to_the_same() {
        let width = 40_u16;
        let pixels: Vec<u8> = (0..u32::from(width) * 9)
            .map(|n| if n * n % 7 < 3 { 0 } else { 255 })
            .collect();
        let found = pack(&pixels, 1, 40, 9).unwrap();
        assert!(entries(&found).contains("/CCITTFaxDecode/DecodeParms<</K -1/Columns 40/Rows 9>>"));
        let mut back = Vec::new();
        fax::decoder::decode_g4(found.data.iter().copied(), width, Some(9), |line| {
            back.extend(fax::decoder::pels(line, width).map(|color| match color {
                Color::Black => 0_u8,
                Color::White => 255,
            }));
        });
        assert_eq!(back, pixels);
    }

    #[test]
    fn few_colors_share_a_byte_and_many_are_left_alone() {
        let three = [[255, 0, 0], [0, 255, 0], [0, 0, 255]].concat();
        let found = pack(&three, 3, 3, 1).unwrap();
        assert!(
            entries(&found).contains("/BitsPerComponent 2"),
            "{}",
            entries(&found)
        );
        let rows = miniz_oxide::inflate::decompress_to_vec_zlib(&found.data).unwrap();
        assert_eq!(rows, [0b0001_1000]);
        let many: Vec<u8> = (0..300_u32)
            .flat_map(|n| [(n % 256) as u8, (n / 256) as u8, 7])
            .collect();
        assert_eq!(pack(&many, 3, 300, 1), None);
    }

    #[test]
    fn greys_lose_their_copies() {
        let pixels: Vec<u8> = (0..60_u8).flat_map(|n| [n, n, n]).collect();
        let found = pack(&pixels, 3, 30, 2).unwrap();
        assert!(entries(&found).starts_with("/ColorSpace/DeviceGray/BitsPerComponent 8"));
        let rows = miniz_oxide::inflate::decompress_to_vec_zlib(&found.data).unwrap();
        assert_eq!((rows[0], rows[1], rows[31], rows[32]), (2, 0, 2, 30));
    }
}
