//! A layer on its way from one Worker to another: its characters as one text, everything else as numbers.

use crate::geometry::{PointF, RotatedRect};
use crate::text::{CharSpan, LineText, ReadLine, TextLayer};

/// Parts the characters of a line; what a character stands for may be several code points.
const CHAR_END: char = '\u{1f}';

/// Parts the lines.
const LINE_END: char = '\u{1e}';

/// The numbers of the layer itself: characters, mapped, invisible, share under pictures, painted lines.
const N_OF_LAYER: usize = 5;

/// The numbers of a line before those of its characters: centre, size, angle.
const N_OF_LINE: usize = 5;

/// The layer as text and numbers, which [`unpacked`] puts together again.
pub fn packed(layer: &TextLayer) -> (String, Vec<f32>) {
    let mut text = String::new();
    let mut numbers = vec![
        layer.n_chars as f32,
        layer.n_mapped as f32,
        layer.n_invisible as f32,
        layer.picture_share,
        layer.lines.len() as f32,
    ];
    for line in layer.lines.iter().chain(&layer.invisible_lines) {
        let rect = line.rect;
        numbers.extend([
            rect.center.x,
            rect.center.y,
            rect.width,
            rect.height,
            rect.angle,
        ]);
        for c in &line.text.chars {
            text.push_str(&c.text);
            text.push(CHAR_END);
            numbers.extend([c.start, c.end, c.confidence]);
        }
        text.push(LINE_END);
    }
    (text, numbers)
}

/// The layer of text and numbers; `None` where they do not belong together.
pub fn unpacked(text: &str, numbers: &[f32]) -> Option<TextLayer> {
    let (of_layer, mut rest) = numbers.split_at_checked(N_OF_LAYER)?;
    let mut lines = Vec::new();
    for line in text.split_terminator(LINE_END) {
        let (of_line, behind) = rest.split_at_checked(N_OF_LINE)?;
        rest = behind;
        let mut chars = Vec::new();
        for text in line.split_terminator(CHAR_END) {
            let (of_char, behind) = rest.split_at_checked(3)?;
            rest = behind;
            chars.push(CharSpan {
                text: text.to_owned(),
                start: of_char[0],
                end: of_char[1],
                confidence: of_char[2],
            });
        }
        lines.push(ReadLine {
            rect: RotatedRect {
                center: PointF::new(of_line[0], of_line[1]),
                width: of_line[2],
                height: of_line[3],
                angle: of_line[4],
            },
            text: LineText { chars },
        });
    }
    let n_painted = of_layer[4] as usize;
    if !rest.is_empty() || n_painted > lines.len() {
        return None;
    }
    let invisible_lines = lines.split_off(n_painted);
    Some(TextLayer {
        lines,
        invisible_lines,
        n_chars: of_layer[0] as usize,
        n_mapped: of_layer[1] as usize,
        n_invisible: of_layer[2] as usize,
        picture_share: of_layer[3],
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn line(chars: &[&str], y: f32) -> ReadLine {
        let span = |(idx, text): (usize, &&str)| CharSpan {
            text: (*text).to_owned(),
            start: idx as f32 / 8.0,
            end: (idx as f32 + 1.0) / 8.0,
            confidence: 1.0,
        };
        ReadLine {
            rect: RotatedRect {
                center: PointF::new(100.5, y),
                width: 80.0,
                height: 12.0,
                angle: -0.01,
            },
            text: LineText {
                chars: chars.iter().enumerate().map(span).collect(),
            },
        }
    }

    #[test]
    fn a_layer_survives_the_trip_and_a_torn_one_does_not() {
        let layer = TextLayer {
            lines: vec![line(&["a", " ", "ffi", "é"], 10.0), line(&[], 20.0)],
            invisible_lines: vec![line(&["ก", "ำ"], 30.0)],
            n_chars: 5,
            n_mapped: 4,
            n_invisible: 2,
            picture_share: 0.25,
        };
        let (text, numbers) = packed(&layer);
        assert_eq!(unpacked(&text, &numbers), Some(layer));
        assert_eq!(unpacked(&text, &numbers[..numbers.len() - 1]), None);
        assert_eq!(unpacked("", &numbers), None);
        assert_eq!(unpacked("", &[]), None);
    }
}
