//! Formats by their first bytes; names and MIME types lie too often to count.

use super::Format;
use crate::error::OpenError;

/// How far a PDF header may stand from the start, after what mail gateways and scanners put in front (ISO 32000-1, annex H).
const PDF_HEADER_WITHIN_BYTES: usize = 1024;

/// Finds the format; see [`Format::sniff`].
pub(super) fn sniff(bytes: &[u8]) -> Result<Format, OpenError> {
    if bytes.is_empty() {
        return Err(OpenError::Empty);
    }
    let format = match bytes {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Format::Png),
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => Some(Format::Webp),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
        [b'B', b'M', ..] => Some(Format::Bmp),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => Some(Format::Tiff),
        _ => None,
    };
    if let Some(format) = format {
        return Ok(format);
    }
    if let Some(known) = known_but_unsupported(bytes) {
        return Err(known);
    }
    let head = &bytes[..bytes.len().min(PDF_HEADER_WITHIN_BYTES)];
    if head.windows(5).any(|window| window == b"%PDF-") {
        return Ok(Format::Pdf);
    }
    Err(OpenError::UnsupportedFormat)
}

/// Formats that people do send, with what to do about them.
fn known_but_unsupported(bytes: &[u8]) -> Option<OpenError> {
    let (format, advice) = match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4)? {
            b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1" => (
                "HEIC",
                "convert the photo to JPEG first (on iPhones: Settings, Camera, Formats, Most Compatible)",
            ),
            b"avif" | b"avis" => ("AVIF", "convert the picture to PNG or JPEG first"),
            _ => return None,
        },
        [0, 0, 0, 12, b'j', b'P', ..] => ("JPEG 2000", "convert the picture to PNG or JPEG first"),
        [b'P', b'K', 3, 4, ..] => (
            "ZIP and Office",
            "send the pages as PDF or pictures, unpacked",
        ),
        [0x1f, 0x8b, ..] => ("gzip", "unpack the file first"),
        _ => return None,
    };
    Some(OpenError::KnownButUnsupported { format, advice })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn content_decides() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n...."), Ok(Format::Png));
        assert_eq!(sniff(b"\xff\xd8\xff\xe0"), Ok(Format::Jpeg));
        assert_eq!(sniff(b"junk before\n%PDF-1.4\n"), Ok(Format::Pdf));
        assert_eq!(sniff(b"MM\0\x2a...."), Ok(Format::Tiff));
        assert_eq!(sniff(b""), Err(OpenError::Empty));
        assert_eq!(sniff(b"hello, world"), Err(OpenError::UnsupportedFormat));
    }

    #[test]
    fn a_heic_photo_is_told_what_to_do() {
        let error = sniff(b"\0\0\0\x18ftypheic\0\0\0\0").unwrap_err();
        assert!(error.to_string().contains("JPEG"), "{error}");
    }
}
