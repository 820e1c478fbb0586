//! Pages of which nothing was kept: the words themselves, where they stood.

use ocr_chat_document::{Line, Page};

use super::font::TextFont;
use super::runs::{LinePlace, Run, runs};
use super::text::{lines, push_matrix, text_layer};
use super::writer::{number, push_literal};

/// Name of the font in the resources of pages that show words.
pub(super) const FONT_NAME: &str = "OcrChatWords";

/// Helvetica, which every reader has (ISO 32000-1, 9.6.2.2), in the Windows code page 1252.
pub(super) const FONT: &str =
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>";

/// The size of Helvetica in a line's box: its ascenders and descenders fill 0.925 of the size.
const SIZE_OF_HEIGHT: f64 = 0.95;

/// Widths of the characters from space to tilde, in thousandths (Adobe's Helvetica metrics).
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667,
    611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667,
    667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
    222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// Mean width of what Latin text has beyond ASCII, nearly all of it small letters with accents.
const OTHER_WIDTH: u16 = 556;

/// The words of `page`: lines that Helvetica can write are painted; the others, which it has no letters for, are laid down invisibly, so that
/// they are still found and copied.
pub(super) fn words(page: &Page, font: &mut TextFont) -> Vec<u8> {
    let (painted, hidden): (Vec<&Line>, Vec<&Line>) =
        lines(page).partition(|line| line.text.chars().all(|c| windows_1252(c).is_some()));
    let mut out = Vec::new();
    if !painted.is_empty() {
        out.extend_from_slice(b"BT 0 g\n");
        for line in painted {
            push_line(&mut out, line, page.height);
        }
        out.extend_from_slice(b"ET\n");
    }
    if !hidden.is_empty() {
        out.extend_from_slice(&text_layer(hidden, page.height, font));
    }
    out
}

fn push_line(out: &mut Vec<u8>, line: &Line, height_px: u32) {
    let Some(place) = LinePlace::of(line, height_px) else {
        return;
    };
    let size = place.height * SIZE_OF_HEIGHT;
    out.extend_from_slice(format!("/{FONT_NAME} {} Tf\n", number(size, 1)).as_bytes());
    for run in runs(line, &place, height_px) {
        push_run(out, &run, &place, size);
    }
}

fn push_run(out: &mut Vec<u8>, run: &Run<'_>, place: &LinePlace, size: f64) {
    let text = run.clusters.concat();
    let mut codes: Vec<u8> = text.chars().filter_map(windows_1252).collect();
    let natural = codes.iter().map(|&code| width(code)).sum::<f64>() * size;
    if natural <= 0.0 {
        return;
    }
    let scale = (100.0 * (run.end - run.start) / natural).clamp(20.0, 300.0);
    if run.space_after {
        codes.push(b' ');
    }
    push_matrix(out, place, run.start, false);
    out.extend_from_slice(format!("{} Tz ", number(scale, 1)).as_bytes());
    push_literal(out, &codes);
    out.extend_from_slice(b"Tj\n");
}

/// Width of a code in font sizes.
fn width(code: u8) -> f64 {
    let width = code
        .checked_sub(b' ')
        .and_then(|idx| WIDTHS.get(usize::from(idx)))
        .unwrap_or(&OTHER_WIDTH);
    f64::from(*width) / 1000.0
}

/// The code of `c` in the Windows code page 1252.
fn windows_1252(c: char) -> Option<u8> {
    /// Codes 0x80 to 0x9f; five are not assigned.
    const HIGH: [char; 32] = [
        '\u{20ac}', '\0', '\u{201a}', '\u{192}', '\u{201e}', '\u{2026}', '\u{2020}', '\u{2021}',
        '\u{2c6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\0', '\u{17d}', '\0', '\0',
        '\u{2018}', '\u{2019}', '\u{201c}', '\u{201d}', '\u{2022}', '\u{2013}', '\u{2014}',
        '\u{2dc}', '\u{2122}', '\u{161}', '\u{203a}', '\u{153}', '\0', '\u{17e}', '\u{178}',
    ];
    match u32::from(c) {
        0x20..=0x7e | 0xa0..=0xff => u8::try_from(u32::from(c)).ok(),
        _ => {
            let at = HIGH.iter().position(|&high| high == c && c != '\0')?;
            u8::try_from(0x80 + at).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn latin_letters_have_codes_and_others_have_none() {
        assert_eq!(windows_1252('A'), Some(b'A'));
        assert_eq!(windows_1252('\u{e9}'), Some(0xe9));
        assert_eq!(windows_1252('\u{20ac}'), Some(0x80));
        assert_eq!(windows_1252('\u{178}'), Some(0x9f));
        assert_eq!(windows_1252('\u{3b1}'), None);
        assert_eq!(windows_1252('\0'), None);
    }

    #[test]
    fn widths_are_those_of_helvetica() {
        assert_eq!(
            (width(b' '), width(b'A'), width(b'i'), width(b'~')),
            (0.278, 0.667, 0.222, 0.584)
        );
    }
}
