//! The text of a page as content stream operators.

use ocr_chat_document::{Line, Page};

use super::font::{DESCENT, TextFont};
use super::runs::{LinePlace, Run, runs};
use super::writer::{number, push_literal};

/// Name of the font in the resources of every page that shows text. Unlikely enough not to meet another of its name.
pub(super) const FONT_NAME: &str = "OcrChatText";

/// Text rendering mode in which nothing is painted (ISO 32000-1, table 106).
const INVISIBLE: u8 = 3;

/// The lines of `page` in reading order.
pub(super) fn lines(page: &Page) -> impl Iterator<Item = &Line> {
    page.blocks.iter().flat_map(|block| &block.lines)
}

/// `lines` of a page of `height_px`, in pixels of the upright page, y up from the bottom edge, as a text object; empty where there are none.
///
/// Each line has its own matrix, each run its place and its horizontal scaling, so that a selection covers the words. Runs that are written
/// from right to left stand in a mirrored matrix: their codes are in logical order and advance to the left.
pub(super) fn text_layer<'a>(
    lines: impl IntoIterator<Item = &'a Line>,
    height_px: u32,
    font: &mut TextFont,
) -> Vec<u8> {
    let mut out = Vec::new();
    for line in lines {
        push_line(&mut out, line, height_px, font);
    }
    if out.is_empty() {
        return out;
    }
    let mut text = format!("BT {INVISIBLE} Tr\n").into_bytes();
    text.append(&mut out);
    text.extend_from_slice(b"ET\n");
    text
}

fn push_line(out: &mut Vec<u8>, line: &Line, height_px: u32, font: &mut TextFont) {
    let Some(place) = LinePlace::of(line, height_px) else {
        return;
    };
    let runs = runs(line, &place, height_px);
    let size = place.height;
    out.extend_from_slice(format!("/{FONT_NAME} {} Tf\n", number(size, 1)).as_bytes());
    // Whether the matrix in force is mirrored, and where along the line its origin stands.
    let mut state: Option<(bool, f64)> = None;
    for run in &runs {
        push_run(out, run, &place, &mut state, font);
    }
}

fn push_run(
    out: &mut Vec<u8>,
    run: &Run<'_>,
    place: &LinePlace,
    state: &mut Option<(bool, f64)>,
    font: &mut TextFont,
) {
    let mut codes: Vec<u8> = Vec::with_capacity(run.clusters.len() * 2 + 2);
    for code in run.clusters.iter().filter_map(|cluster| font.code(cluster)) {
        codes.extend_from_slice(&code.to_be_bytes());
    }
    if codes.is_empty() {
        return;
    }
    let natural = font.length(codes.len() / 2) * place.height;
    let scale = (100.0 * (run.end - run.start) / natural).max(1.0);
    if run.space_after {
        codes.extend_from_slice(&font.space().to_be_bytes());
    }
    let from = if run.is_rtl { run.end } else { run.start };
    let reached = match *state {
        Some((is_mirrored, at)) if is_mirrored == run.is_rtl => {
            // Steps add up, and so would what is rounded off them.
            let step = ((from - at) * 10.0).round() / 10.0;
            let shown = if run.is_rtl { -step } else { step };
            out.extend_from_slice(format!("{} 0 Td ", number(shown, 1)).as_bytes());
            at + step
        }
        _ => {
            push_matrix(out, place, from, run.is_rtl);
            from
        }
    };
    *state = Some((run.is_rtl, reached));
    out.extend_from_slice(format!("{} Tz ", number(scale, 1)).as_bytes());
    push_literal(out, &codes);
    out.extend_from_slice(b"Tj\n");
}

/// The text matrix whose origin stands on the baseline, `from` pixels along the line.
pub(super) fn push_matrix(out: &mut Vec<u8>, place: &LinePlace, from: f64, is_mirrored: bool) {
    let (cos, sin) = place.along;
    let up = DESCENT * place.height;
    let x = place.origin.0 + cos * from - sin * up;
    let y = place.origin.1 + sin * from + cos * up;
    let sign = if is_mirrored { -1.0 } else { 1.0 };
    let matrix = [cos * sign, sin * sign, -sin, cos].map(|value| number(value, 5));
    out.extend_from_slice(
        format!("{} {} {} Tm ", matrix.join(" "), number(x, 1), number(y, 1)).as_bytes(),
    );
}
