//! JPEG files, embedded as they are (`DCTDecode`).

use super::Picture;

/// `file` as an image object; `None` where PDF's JPEG filter does not know its process (lossless, arithmetic, 12 bits).
pub(super) fn picture(file: &[u8]) -> Option<Picture> {
    let mut orientation = 1;
    let mut is_adobe = false;
    let mut at = 2;
    loop {
        if *file.get(at)? != 0xff {
            return None;
        }
        let marker = *file.get(at + 1)?;
        match marker {
            // Fill bytes, and markers without a length.
            0xff => {
                at += 1;
                continue;
            }
            0x01 | 0xd0..=0xd8 => {
                at += 2;
                continue;
            }
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes([*file.get(at + 2)?, *file.get(at + 3)?]));
        let segment = file.get(at + 4..at + 2 + length)?;
        match marker {
            0xe1 => {
                if let Some(tiff) = segment.strip_prefix(b"Exif\0\0") {
                    orientation = exif_orientation(tiff).unwrap_or(orientation);
                }
            }
            0xee => is_adobe |= segment.starts_with(b"Adobe"),
            // Baseline, extended and progressive Huffman coding.
            0xc0..=0xc2 => return frame(file, segment, orientation, is_adobe),
            0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf | 0xd9 | 0xda => return None,
            _ => {}
        }
        at += 2 + length;
    }
}

fn frame(file: &[u8], segment: &[u8], orientation: u8, is_adobe: bool) -> Option<Picture> {
    let [8, h1, h0, w1, w0, n_components, components @ ..] = segment else {
        return None;
    };
    let (height_px, width_px) = (
        u32::from(u16::from_be_bytes([*h1, *h0])),
        u32::from(u16::from_be_bytes([*w1, *w0])),
    );
    // A height of 0 comes later in the file, after the first scan.
    if height_px == 0 || width_px == 0 {
        return None;
    }
    let ids: Vec<u8> = components.chunks(3).map(|component| component[0]).collect();
    let color = match n_components {
        1 => "/ColorSpace/DeviceGray",
        // Named so by writers that store the colours untransformed, without a marker that says so.
        3 if ids == *b"RGB" => "/ColorSpace/DeviceRGB/DecodeParms<</ColorTransform 0>>",
        3 => "/ColorSpace/DeviceRGB",
        // Adobe's applications write ink amounts inverted.
        4 if is_adobe => "/ColorSpace/DeviceCMYK/Decode[1 0 1 0 1 0 1 0]",
        4 => "/ColorSpace/DeviceCMYK",
        _ => return None,
    };
    Some(Picture {
        width_px,
        height_px,
        entries: format!("{color}/BitsPerComponent 8/Filter/DCTDecode").into_bytes(),
        data: file.to_vec(),
        orientation,
    })
}

/// The orientation in the first directory of EXIF data.
fn exif_orientation(tiff: &[u8]) -> Option<u8> {
    const ORIENTATION: u16 = 0x0112;
    let is_little = tiff.starts_with(b"II");
    let word = |at: usize| -> Option<u16> {
        let bytes = [*tiff.get(at)?, *tiff.get(at + 1)?];
        Some(if is_little {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    };
    let (low, high) = if is_little { (4, 6) } else { (6, 4) };
    let directory = (usize::from(word(high)?) << 16) + usize::from(word(low)?);
    let n_entries = usize::from(word(directory)?);
    (0..n_entries)
        .map(|idx| directory + 2 + idx * 12)
        .find(|&entry| word(entry) == Some(ORIENTATION))
        .and_then(|entry| word(entry + 8))
        .and_then(|value| u8::try_from(value).ok())
        .filter(|value| (1..=8).contains(value))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn file(segments: &[(u8, &[u8])]) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8];
        for (marker, content) in segments {
            file.extend_from_slice(&[0xff, *marker, 0, content.len() as u8 + 2]);
            file.extend_from_slice(content);
        }
        file
    }

    const GRAY: &[u8] = &[8, 0, 3, 0, 5, 1, 1, 0x11, 0];
    const CMYK: &[u8] = &[
        8, 0, 3, 0, 5, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0,
    ];

    #[test]
    fn the_file_is_kept_and_its_orientation_found() {
        let exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0";
        let bytes = file(&[(0xe1, exif), (0xc0, GRAY)]);
        let found = picture(&bytes).unwrap();
        assert_eq!(
            (found.width_px, found.height_px, found.orientation),
            (5, 3, 6)
        );
        assert_eq!(found.data, bytes);
    }

    #[test]
    fn adobe_inks_are_inverted() {
        let found = picture(&file(&[(0xee, b"Adobe\0\x64\0\0\0\0\x02"), (0xc2, CMYK)])).unwrap();
        let entries = String::from_utf8(found.entries).unwrap();
        assert!(
            entries.contains("/DeviceCMYK/Decode[1 0 1 0 1 0 1 0]"),
            "{entries}"
        );
    }

    #[test]
    fn processes_that_pdf_does_not_know_are_left_to_decoding() {
        assert_eq!(picture(&file(&[(0xc9, GRAY)])), None);
        assert_eq!(picture(&file(&[(0xc3, GRAY)])), None);
        assert_eq!(picture(&[0xff, 0xd8, 0xff]), None);
    }
}
