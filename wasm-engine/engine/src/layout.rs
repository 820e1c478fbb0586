//! Lines to blocks in reading order, by geometry alone. All thresholds are in line heights.

mod order;

mod flow;

mod paragraphs;

mod roles;

mod direction;

use ocr_chat_document::{BBox, Block, Line, Word};

pub(crate) use direction::is_rtl;
pub(crate) use flow::joins;
pub(crate) use roles::is_caption;

use crate::geometry::{PointF, RotatedRect};
use crate::text::{CharSpan, ReadLine};

/// A line of the document and the rectangle it was read in.
#[derive(Debug, Clone, PartialEq)]
pub struct PageLine {
    /// The line.
    pub line: Line,
    /// Its rectangle, reading along its width.
    pub rect: RotatedRect,
}

/// The lines of a page of `width_px` x `height_px`, those that hold nothing but spaces left out.
pub fn lines(read: &[ReadLine], width_px: u32, height_px: u32) -> Vec<PageLine> {
    let clamp = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
    let size = (clamp(width_px), clamp(height_px));
    read.iter()
        .filter_map(|read| {
            Some(PageLine {
                line: line(read, size)?,
                rect: read.rect,
            })
        })
        .collect()
}

/// The blocks of a page of `height_px`, in reading order: those that `lines` make, and `wholes`, tables and figures, at their places among them.
/// Columns end at `rules` that run right across them.
///
/// Lines that run in different directions (vertical columns beside level lines, a note along the margin) are laid out apart, each
/// in a frame in which they are level: columns that run down and stand from right to left are rows from top to bottom there.
pub fn blocks(
    lines: Vec<PageLine>,
    wholes: Vec<Block>,
    rules: &[BBox],
    height_px: u32,
) -> Vec<Block> {
    let mut by_direction: [Vec<PageLine>; 4] = Default::default();
    for line in lines {
        by_direction[line.rect.quarters()].push(line);
    }
    let mut groups: Vec<Vec<PageLine>> =
        by_direction.into_iter().filter(|g| !g.is_empty()).collect();
    // The direction that most of the text runs in comes first.
    let n_chars =
        |group: &Vec<PageLine>| group.iter().map(|line| line.line.text.len()).sum::<usize>();
    crate::sort::by_key(&mut groups, |group| -(n_chars(group) as f32));
    if groups.is_empty() {
        groups.push(Vec::new());
    }
    // Tables and figures stand upright, among the lines that do.
    let level = groups
        .iter()
        .position(|group| group.first().is_none_or(|line| line.rect.quarters() == 0));
    let mut wholes = Some(wholes);
    let mut blocks: Vec<Block> = Vec::new();
    for (idx, group) in groups.into_iter().enumerate() {
        let (wholes, rules) = if level == Some(idx) {
            (wholes.take(), rules)
        } else {
            (None, &[][..])
        };
        blocks.extend(level_blocks(group, wholes.unwrap_or_default(), rules));
    }
    blocks.extend(wholes.unwrap_or_default());
    roles::assign(&mut blocks, height_px);
    blocks
}

/// The blocks of lines that run in about the same direction.
fn level_blocks(lines: Vec<PageLine>, wholes: Vec<Block>, rules: &[BBox]) -> Vec<Block> {
    let frame = order::Frame::of(&lines);
    let rules: Vec<order::Extent> = rules
        .iter()
        .map(|rule| frame.extent(&level(*rule)))
        .collect();
    let of_blocks = wholes.into_iter().map(|block| order::Placed {
        extent: frame.extent(&level(block.bbox)),
        content: order::Content::Block(block),
    });
    let of_lines = lines.into_iter().map(|line| order::Placed {
        extent: frame.extent(&line.rect),
        content: order::Content::Line(line.line),
    });
    let placed: Vec<order::Placed> = of_lines.chain(of_blocks).collect();
    let is_rtl = is_rtl(placed.iter().map(order::Placed::text));
    order::columns(placed, &rules, is_rtl)
        .into_iter()
        .flat_map(|column| paragraphs::paragraphs(order::rows(column)))
        .collect()
}

/// An upright box as a rectangle.
fn level(bbox: BBox) -> RotatedRect {
    let [x0, y0, x1, y1] = [bbox.x0, bbox.y0, bbox.x1, bbox.y1].map(|edge| edge as f32);
    RotatedRect {
        center: PointF::new(f32::midpoint(x0, x1), f32::midpoint(y0, y1)),
        width: x1 - x0,
        height: y1 - y0,
        angle: 0.0,
    }
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
        let stands_alone = c.text.chars().any(flow::is_han_or_kana);
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

#[cfg(test)]
pub(crate) mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
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

    fn laid_out(read: &[ReadLine]) -> Vec<Block> {
        blocks(lines(read, 800, 800), Vec::new(), &[], 800)
    }

    fn texts(lines: &[ReadLine]) -> Vec<String> {
        laid_out(lines)
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
        assert_eq!(texts(&lines).join("\n"), "Coffee 9.00\nTOTAL 11.50");
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
        let text = texts(&lines).join("\n");
        let (left, right) = (text.rfind("left").unwrap(), text.find("right").unwrap());
        assert!(left < right, "{text}");
    }

    #[test]
    fn notes_in_a_margin_are_read_apart_from_the_text_beside() {
        let mut lines: Vec<ReadLine> = (0..8)
            .map(|row| {
                let text = format!("text {row} of the column goes on here");
                read_line(&text, 120.0, 12.0 * row as f32)
            })
            .collect();
        for (note, y) in [("Received", 40.0), ("13 May", 55.0), ("Accepted", 65.0)] {
            lines.push(read_line(note, 10.0, y));
        }
        let texts = texts(&lines);
        assert!(texts[0].starts_with("Received"), "{texts:?}");
        assert!(
            texts
                .iter()
                .any(|text| text.starts_with("text 0") && text.contains("text 7")),
            "{texts:?}"
        );

        // Labels stand in the rows of their values.
        let mut form: Vec<ReadLine> = lines[..8].to_vec();
        form.extend((0..4).map(|row| read_line("Label:", 10.0, 24.0 * row as f32)));
        assert!(self::texts(&form)[0].starts_with("Label: text 0"));
    }

    #[test]
    fn a_caption_in_columns_ends_before_the_text_in_columns() {
        let mut lines = Vec::new();
        for row in 0..5 {
            for (column, x) in [(1, 0.0), (2, 300.0)] {
                let text = format!("caption {column} {row} and what it says here");
                lines.push(read_line(&text, x, 12.0 * row as f32));
                let text = format!("body {column} {row} and what it says here");
                let mut body = read_line(&text, x, 100.0 + 18.0 * row as f32);
                body.rect.height = 14.0;
                lines.push(body);
            }
        }
        let text = texts(&lines).join(" ");
        let at = |needle: &str| {
            text.find(needle)
                .unwrap_or_else(|| panic!("{needle}: {text}"))
        };
        assert!(at("caption 1 4") < at("caption 2 0"), "{text}");
        assert!(at("caption 2 4") < at("body 1 0"), "{text}");
        assert!(at("body 1 4") < at("body 2 0"), "{text}");
    }

    /// Two columns above and two below `y` 100, four lines each.
    fn sections() -> Vec<ReadLine> {
        let mut lines = Vec::new();
        for row in 0..5 {
            for (column, x) in [(1, 0.0), (2, 300.0)] {
                for (section, y) in [("upper", 0.0), ("lower", 115.0)] {
                    let text = format!("{section} {column} {row} and what it says here");
                    lines.push(read_line(
                        &text,
                        x,
                        y + 18.0 * row as f32 + 3.0 * column as f32,
                    ));
                }
            }
        }
        lines
    }

    #[test]
    fn columns_end_at_a_rule_right_across_and_at_a_heading() {
        let order = |lines: &[ReadLine], rules: &[BBox]| {
            let blocks = blocks(super::lines(lines, 800, 800), Vec::new(), rules, 800);
            let texts: Vec<String> = blocks.into_iter().map(|block| block.text).collect();
            let text = texts.join(" ");
            let at = |needle: &str| {
                text.find(needle)
                    .unwrap_or_else(|| panic!("{needle}: {text}"))
            };
            (
                at("upper 2 0") < at("lower 1 0"),
                at("lower 1 4") < at("lower 2 0"),
            )
        };
        let lines = sections();
        assert_eq!(order(&lines, &[]), (false, true), "nothing parts them");
        let across = BBox::new(5, 106, 480, 108);
        assert_eq!(order(&lines, &[across]), (true, true));
        let in_one_column = BBox::new(5, 106, 200, 108);
        assert_eq!(order(&lines, &[in_one_column]), (false, true));
        let underline = BBox::new(5, 82, 480, 83);
        assert_eq!(
            order(&lines, &[underline]),
            (false, true),
            "in the middle of a line"
        );

        let mut lines = sections();
        let mut heading = read_line(
            "What came of it, and what did not come of it at all",
            60.0,
            98.0,
        );
        heading.rect.width = 400.0;
        lines.push(heading);
        assert_eq!(order(&lines, &[]), (true, true));
    }

    #[test]
    fn an_empty_line_parts_paragraphs() {
        let lines = vec![
            read_line("first paragraph", 10.0, 0.0),
            read_line("goes on here", 10.0, 13.0),
            read_line("second paragraph", 10.0, 50.0),
        ];
        assert_eq!(
            texts(&lines),
            ["first paragraph\ngoes on here", "second paragraph"]
        );
    }

    #[test]
    fn words_have_their_own_boxes() {
        let block = laid_out(&[read_line("ab cd", 10.0, 10.0)]).remove(0);
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
        assert_eq!(texts(&lines).join("\n"), "Coffee 9.00\nTOTAL 11.50");
    }
}
