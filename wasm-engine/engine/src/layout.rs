//! Lines to blocks in reading order, by geometry alone. All thresholds are in line heights.

mod order;

mod paragraphs;

mod direction;

use ocr_chat_document::{BBox, Block, Line, Word};

use crate::geometry::PointF;
use crate::text::{CharSpan, ReadLine};

/// The blocks of a page of `width_px` x `height_px`, in reading order.
///
/// Lines that run in different directions (vertical columns beside level lines, a note along the margin) are laid out apart, each
/// in a frame in which they are level: columns that run down and stand from right to left are rows from top to bottom there.
pub fn blocks(lines: Vec<ReadLine>, width_px: u32, height_px: u32) -> Vec<Block> {
    let clamp = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
    let size = (clamp(width_px), clamp(height_px));
    let mut by_direction: [Vec<ReadLine>; 4] = Default::default();
    for read in lines {
        by_direction[read.rect.quarters()].push(read);
    }
    let mut groups: Vec<Vec<ReadLine>> =
        by_direction.into_iter().filter(|g| !g.is_empty()).collect();
    // The direction that most of the text runs in comes first.
    let n_chars = |group: &Vec<ReadLine>| {
        group
            .iter()
            .map(|read| read.text.chars.len())
            .sum::<usize>()
    };
    groups.sort_by_key(|group| std::cmp::Reverse(n_chars(group)));
    groups
        .into_iter()
        .flat_map(|group| level_blocks(group, size))
        .collect()
}

/// The blocks of lines that run in about the same direction.
fn level_blocks(lines: Vec<ReadLine>, size: (i32, i32)) -> Vec<Block> {
    let frame = order::Frame::of(&lines);
    let placed: Vec<order::Placed> = lines
        .into_iter()
        .filter_map(|read| {
            let extent = frame.extent(&read.rect);
            Some(order::Placed {
                line: line(&read, size)?,
                extent,
            })
        })
        .collect();
    let is_rtl = direction::is_rtl(placed.iter().map(|p| p.line.text.as_str()));
    order::columns(placed, is_rtl)
        .into_iter()
        .flat_map(|column| paragraphs::paragraphs(order::rows(column)))
        .collect()
}

/// The document's line of a line that was read; `None` where it holds nothing but spaces.
fn line(read: &ReadLine, (width_px, height_px): (i32, i32)) -> Option<Line> {
    let text = read.text.text();
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let corners = read.rect.corners();
    let polygon = corners.map(|corner| {
        let mut point = corner.rounded();
        point.x = point.x.clamp(0, width_px);
        point.y = point.y.clamp(0, height_px);
        point
    });
    Some(Line {
        text: text.to_owned(),
        bbox: BBox::around(&polygon)?,
        polygon,
        confidence: read
            .text
            .confidence()
            .map(ocr_chat_document::block::round_confidence),
        words: words(&read.text.chars, &corners, (width_px, height_px)),
    })
}

/// Words of a line: characters between spaces; a character of a script written without spaces is a word of its own.
fn words(chars: &[CharSpan], corners: &[PointF; 4], size: (i32, i32)) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open: Vec<&CharSpan> = Vec::new();
    for c in chars {
        let is_space = c.text.trim().is_empty();
        let stands_alone = c.text.chars().any(is_written_without_spaces);
        if is_space || stands_alone {
            words.extend(word(&open, corners, size));
            open.clear();
        }
        if stands_alone {
            words.extend(word(&[c], corners, size));
        } else if !is_space {
            open.push(c);
        }
    }
    words.extend(word(&open, corners, size));
    words
}

fn word(
    chars: &[&CharSpan],
    corners: &[PointF; 4],
    (width_px, height_px): (i32, i32),
) -> Option<Word> {
    // In logical order, so the first character may be the one furthest to the right.
    let start = chars.iter().map(|c| c.start).reduce(f32::min)?;
    let end = chars.iter().map(|c| c.end).reduce(f32::max)?;
    let [top_left, top_right, bottom_right, bottom_left] = *corners;
    let points = [
        top_left.lerp(top_right, start),
        top_left.lerp(top_right, end),
        bottom_left.lerp(bottom_right, end),
        bottom_left.lerp(bottom_right, start),
    ]
    .map(PointF::rounded);
    let confidence = chars.iter().map(|c| c.confidence).sum::<f32>() / chars.len() as f32;
    Some(Word {
        text: chars.iter().map(|c| c.text.as_str()).collect(),
        bbox: BBox::around(&points)?.clamped(width_px, height_px),
        confidence: ocr_chat_document::block::round_confidence(confidence),
    })
}

/// Han, Hiragana, Katakana and their extensions.
fn is_written_without_spaces(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

#[cfg(test)]
pub(crate) mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::geometry::RotatedRect;
    use crate::text::LineText;

    /// A line of `text` at (x, y), 10 pixels high and 6 wide a character.
    pub(crate) fn read_line(text: &str, x: f32, y: f32) -> ReadLine {
        let n = text.chars().count() as f32;
        ReadLine {
            rect: RotatedRect {
                center: PointF::new(x + n * 3.0, y + 5.0),
                width: n * 6.0,
                height: 10.0,
                angle: 0.0,
            },
            text: LineText {
                chars: text
                    .chars()
                    .enumerate()
                    .map(|(idx, c)| CharSpan {
                        text: c.to_string(),
                        start: idx as f32 / n,
                        end: (idx + 1) as f32 / n,
                        confidence: 0.9,
                    })
                    .collect(),
            },
        }
    }

    fn texts(lines: Vec<ReadLine>) -> Vec<String> {
        blocks(lines, 800, 800)
            .into_iter()
            .map(|block| block.text)
            .collect()
    }

    #[test]
    fn a_receipt_keeps_its_rows() {
        let lines = vec![
            read_line("9.00", 300.0, 22.0),
            read_line("TOTAL", 10.0, 40.0),
            read_line("Coffee", 10.0, 20.0),
            read_line("11.50", 300.0, 41.0),
        ];
        assert_eq!(texts(lines).join("\n"), "Coffee 9.00\nTOTAL 11.50");
    }

    #[test]
    fn columns_are_read_one_after_the_other() {
        let mut lines = Vec::new();
        for row in 0..6_u8 {
            let y = f32::from(row) * 14.0;
            lines.push(read_line(
                &format!("left column line no {row} of text"),
                10.0,
                y,
            ));
            lines.push(read_line(
                &format!("right column line no {row} of text"),
                300.0,
                y + 5.0,
            ));
        }
        let text = texts(lines).join("\n");
        let (left, right) = (text.rfind("left").unwrap(), text.find("right").unwrap());
        assert!(left < right, "{text}");
    }

    #[test]
    fn an_empty_line_parts_paragraphs() {
        let lines = vec![
            read_line("first paragraph", 10.0, 0.0),
            read_line("goes on here", 10.0, 13.0),
            read_line("second paragraph", 10.0, 50.0),
        ];
        assert_eq!(
            texts(lines),
            ["first paragraph\ngoes on here", "second paragraph"]
        );
    }

    #[test]
    fn words_have_their_own_boxes() {
        let block = blocks(vec![read_line("ab cd", 10.0, 10.0)], 100, 100).remove(0);
        let words = &block.lines[0].words;
        assert_eq!(
            words.iter().map(|w| w.text.as_str()).collect::<Vec<_>>(),
            ["ab", "cd"]
        );
        assert_eq!(words[0].bbox, BBox::new(10, 10, 22, 20));
        assert_eq!(words[1].bbox, BBox::new(28, 10, 40, 20));
    }

    #[test]
    fn a_skewed_page_keeps_its_rows() {
        let angle = 5.0_f32.to_radians();
        let (sin, cos) = angle.sin_cos();
        let mut lines = vec![
            read_line("Coffee", 10.0, 20.0),
            read_line("9.00", 600.0, 20.0),
            read_line("TOTAL", 10.0, 40.0),
            read_line("11.50", 600.0, 40.0),
        ];
        for line in &mut lines {
            let c = line.rect.center;
            line.rect.center = PointF::new(c.x * cos - c.y * sin, c.x * sin + c.y * cos);
            line.rect.angle = angle;
        }
        lines.reverse();
        assert_eq!(texts(lines).join("\n"), "Coffee 9.00\nTOTAL 11.50");
    }
}
