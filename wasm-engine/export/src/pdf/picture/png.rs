//! PNG files: their compressed data is PDF's own deflate with PNG predictors.

use super::Picture;

/// `file` as an image object; `None` where it has transparency or is interlaced, or where it is no PNG.
pub(super) fn picture(file: &[u8]) -> Option<Picture> {
    let mut rest = file.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    let mut header: Option<Header> = None;
    let mut palette: &[u8] = &[];
    let mut data = Vec::new();
    while let Some((kind, content, after)) = chunk(rest) {
        rest = after;
        match kind {
            b"IHDR" => header = Some(Header::read(content)?),
            b"PLTE" => palette = content,
            b"tRNS" => return None,
            b"IDAT" => data.extend_from_slice(content),
            b"IEND" => break,
            _ => {}
        }
    }
    let header = header?;
    if data.is_empty() {
        return None;
    }
    Some(Picture {
        width_px: header.width_px,
        height_px: header.height_px,
        entries: header.entries(palette)?,
        data,
        orientation: 1,
    })
}

/// Kind and content of the chunk at the start of `bytes`, and what follows it.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let content = rest.get(..length)?;
    // The checksum is four bytes.
    Some((kind, content, rest.get(length.checked_add(4)?..)?))
}

struct Header {
    width_px: u32,
    height_px: u32,
    bits: u8,
    color_type: u8,
}

impl Header {
    fn read(content: &[u8]) -> Option<Self> {
        let (width, rest) = content.split_first_chunk::<4>()?;
        let (height, rest) = rest.split_first_chunk::<4>()?;
        // Bit depth, colour type, compression, filter, interlace; colour types 4 and 6 have alpha.
        let [bits, color_type @ (0 | 2 | 3), 0, 0, 0] = *rest else {
            return None;
        };
        let header = Self {
            width_px: u32::from_be_bytes(*width),
            height_px: u32::from_be_bytes(*height),
            bits,
            color_type,
        };
        (header.width_px > 0 && header.height_px > 0 && matches!(bits, 1 | 2 | 4 | 8 | 16))
            .then_some(header)
    }

    fn entries(&self, palette: &[u8]) -> Option<Vec<u8>> {
        let mut entries = Vec::new();
        let n_colors = match self.color_type {
            0 => {
                entries.extend_from_slice(b"/ColorSpace/DeviceGray");
                1
            }
            2 => {
                entries.extend_from_slice(b"/ColorSpace/DeviceRGB");
                3
            }
            _ => {
                super::packed::push_palette(&mut entries, palette)?;
                1
            }
        };
        let (bits, width) = (self.bits, self.width_px);
        entries.extend_from_slice(
            format!("/BitsPerComponent {bits}/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors {n_colors}/BitsPerComponent {bits}/Columns {width}>>").as_bytes(),
        );
        Some(entries)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn encode(color: png::ColorType, pixels: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(color);
        encoder.set_palette(vec![1, 2, 3, 4, 5, 6]);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(pixels).unwrap();
        drop(writer);
        bytes
    }

    #[test]
    fn compressed_data_is_kept() {
        let found = picture(&encode(png::ColorType::Rgb, &[9; 6])).unwrap();
        assert_eq!((found.width_px, found.height_px), (2, 1));
        let entries = String::from_utf8(found.entries).unwrap();
        assert!(
            entries.contains("/DeviceRGB/BitsPerComponent 8"),
            "{entries}"
        );
        let rows = miniz_oxide::inflate::decompress_to_vec_zlib(&found.data).unwrap();
        assert_eq!(rows.len(), 7, "a filter byte and six samples");
    }

    #[test]
    fn a_palette_becomes_an_indexed_color_space() {
        let found = picture(&encode(png::ColorType::Indexed, &[0, 1])).unwrap();
        let expected = b"/ColorSpace[/Indexed/DeviceRGB 1(\x01\x02\x03\x04\x05\x06)]";
        assert!(found.entries.starts_with(expected), "{:?}", found.entries);
    }

    #[test]
    fn transparency_is_left_to_decoding() {
        assert_eq!(picture(&encode(png::ColorType::Rgba, &[9; 8])), None);
        assert_eq!(picture(b"\x89PNG\r\n\x1a\n\0\0"), None);
    }
}
