//! What the codes of a text layer mean: ligatures parted, controls and private codes recognised as such.

use unicode_normalization::UnicodeNormalization as _;

/// Stands for a glyph of which the font does not say what it means.
pub(super) const UNKNOWN: char = '\u{fffd}';

/// `text` as other text is written: ligatures and Arabic presentation forms as their letters, any space as a space, bullets of symbol fonts as
/// bullets; controls, unassigned and private codes as [`UNKNOWN`].
pub(super) fn normalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{ad}' | '\u{2010}' | '\u{2011}' => out.push('-'),
            // Marks of direction and joining say nothing that the order of the letters does not.
            '\u{200b}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {}
            '\u{200c}' | '\u{200d}' => out.push(c),
            '\u{fb00}'..='\u{fb06}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => {
                out.extend(c.nfkc().filter(|part| *part != ' '));
            }
            // Wingdings and Symbol, whose codes many writers leave in the private area: their usual bullets.
            '\u{f0b7}' | '\u{f06c}' | '\u{f09f}' => out.push('\u{2022}'),
            '\u{f0a7}' | '\u{f06e}' => out.push('\u{25aa}'),
            '\u{f0d8}' => out.push('\u{27a2}'),
            '\u{f0fc}' => out.push('\u{2713}'),
            c if c.is_whitespace() => out.push(' '),
            c if c.is_control() || is_private(c) => out.push(UNKNOWN),
            c => out.push(c),
        }
    }
    out
}

/// The private use areas, and what is no character.
fn is_private(c: char) -> bool {
    matches!(u32::from(c), 0xe000..=0xf8ff | 0xf0000..=0x0010_ffff | 0xfff0..=0xfffc | 0xfffe..=0xffff)
}

/// A text string of the PDF: UTF-16 or UTF-8 by its mark, else `PDFDocEncoding`, of which Latin-1 is the part that matters.
pub(super) fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, units @ ..] => {
            let units: Vec<u16> = units
                .chunks_exact(2)
                .map(|unit| u16::from_be_bytes([unit[0], unit[1]]))
                .collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, text @ ..] => String::from_utf8_lossy(text).into_owned(),
        bytes => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Marks that stand over or under the letter before them.
pub(super) fn is_mark(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(unicode_normalization::char::is_combining_mark)
}

/// Whether letters of this kind are written from right to left.
pub(super) fn is_rtl_letter(c: char) -> bool {
    matches!(u32::from(c), 0x05be | 0x05c0 | 0x05d0..=0x05f4 | 0x0608..=0x064a | 0x066d..=0x066f | 0x0671..=0x06ef | 0x06fa..=0x08ff
        | 0x0591..=0x05bd | 0x064b..=0x065f | 0x0670 | 0x10800..=0x10fff | 0x1e800..=0x1efff)
        && !matches!(u32::from(c), 0x06f0..=0x06f9)
}

/// Whether words in this script are not parted by spaces: Han, Kana, and full-width punctuation.
pub(super) fn is_written_without_spaces(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0x30ff | 0x31c0..=0x31ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0xff00..=0xff60 | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn ligatures_and_presentation_forms_become_letters() {
        assert_eq!(normalised("o\u{fb03}ce"), "office");
        assert_eq!(normalised("\u{fefb}"), "\u{644}\u{627}");
        assert_eq!(normalised("a\u{a0}b"), "a b");
        assert_eq!(normalised("\u{f0b7}"), "\u{2022}");
        assert_eq!(normalised("\u{f123}\u{3}"), "\u{fffd}\u{fffd}");
        assert_eq!(normalised("co\u{ad}"), "co-");
    }

    #[test]
    fn text_strings_have_three_encodings() {
        assert_eq!(text_string(b"\xfe\xff\x05\xd0"), "\u{5d0}");
        assert_eq!(text_string(b"\xef\xbb\xbf\xd7\x90"), "\u{5d0}");
        assert_eq!(text_string(b"caf\xe9"), "caf\u{e9}");
    }
}
