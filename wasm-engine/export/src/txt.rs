//! Plain text, flowing or with the page's layout kept.

use std::io::{self, Write};

use ocr_chat_document::{Answer, BBox, Line, Page, PageStatus};
use unicode_width::UnicodeWidthStr;

use crate::flow::Flow;
use crate::options::TextLayout;
use crate::script;

/// Two lines stand in one row where they share this part of the lower one's height.
const MIN_ROW_OVERLAP: f64 = 0.5;

/// A gap between words that is wider than this many characters parts a line into columns.
const MIN_COLUMN_GAP_CHARS: f64 = 2.5;

/// Spaces between columns at least: one alone would look like a space between words.
const MIN_SPACES: usize = 2;

/// At most this many empty rows stand for a gap, so that a mostly empty page is not a screen of nothing.
const MAX_EMPTY_ROWS: usize = 3;

/// Widest column in characters that text is moved to; a page with one tiny line has no honest character width.
const MAX_COLUMN: usize = 400;

/// Writes the text: pages joined by a form feed. Flowing text is [`Answer::text`] with paragraphs that go on in the next column or on the next page in
/// one piece, where they begin.
///
/// # Errors
/// When `out` fails.
pub fn txt(answer: &Answer, layout: TextLayout, out: &mut dyn Write) -> io::Result<()> {
    match layout {
        TextLayout::Flowing => {
            let text = flowing(answer);
            out.write_all(text.as_bytes())?;
            if !text.is_empty() && !text.ends_with('\n') {
                out.write_all(b"\n")?;
            }
        }
        TextLayout::Kept => {
            for (position, page) in answer.pages.iter().enumerate() {
                if position > 0 {
                    out.write_all(b"\x0c")?;
                }
                out.write_all(kept_layout(&page.page).as_bytes())?;
            }
        }
    }
    Ok(())
}

/// The text of all pages, as [`Page::text`] has it but for paragraphs that go on elsewhere.
fn flowing(answer: &Answer) -> String {
    let pages: Vec<&Page> = answer.pages.iter().map(|page| &page.page).collect();
    let flow = Flow::of(&pages);
    if flow.is_empty() {
        return answer.text.clone();
    }
    let mut text = String::new();
    for (position, page) in pages.iter().enumerate() {
        if position > 0 {
            text.push('\u{c}');
        }
        let start = text.len();
        for (block_idx, block) in page.blocks.iter().enumerate() {
            let at = (position, block_idx);
            if block.text.is_empty() || flow.is_continuation(at) {
                continue;
            }
            if text.len() > start {
                text.push_str("\n\n");
            }
            for piece in flow.pieces(&pages, at) {
                text.push_str(piece.separator);
                text.push_str(piece.text);
            }
        }
    }
    text
}

/// A stretch of text and its box.
#[derive(Debug, Clone)]
struct Segment {
    text: String,
    bbox: BBox,
}

/// The text of `page` in a grid of characters, each row ended by `\n`: what stands side by side on the page stands side by side, columns begin
/// where they began. On a page from right to left, columns count from the right edge.
///
/// A page that failed has a line that says so; blocks without lines have no place and come behind the others.
pub fn kept_layout(page: &Page) -> String {
    if page.status == PageStatus::Failed {
        return format!("[Page {} could not be read.]\n", page.index + 1);
    }
    let lines: Vec<&Line> = page
        .blocks
        .iter()
        .flat_map(|block| &block.lines)
        .filter(|line| !line.text.trim().is_empty())
        .collect();
    let mut out = String::new();
    if let Some(char_width) = char_width_px(&lines) {
        let balance: i64 = lines.iter().map(|line| script::balance(&line.text)).sum();
        let segments: Vec<Segment> = lines
            .iter()
            .flat_map(|line| segments(line, char_width))
            .collect();
        push_rows(&mut out, rows(segments), char_width, balance > 0);
    }
    for block in &page.blocks {
        if block.lines.is_empty() && !block.text.trim().is_empty() {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&block.text);
            out.push('\n');
        }
    }
    out
}

/// Width of a character in pixels: the median over the page's lines.
fn char_width_px(lines: &[&Line]) -> Option<f64> {
    let widths = lines.iter().filter_map(|line| {
        let n = line.text.trim().width();
        (n > 0 && line.bbox.width() > 0).then(|| f64::from(line.bbox.width()) / n as f64)
    });
    median(widths.collect())
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// A line, parted where its words leave a gap.
fn segments(line: &Line, char_width: f64) -> Vec<Segment> {
    let whole = || {
        vec![Segment {
            text: line.text.trim().to_owned(),
            bbox: line.bbox,
        }]
    };
    let spaces = crate::words::spaces_before(line);
    let mut segments: Vec<Segment> = Vec::new();
    for (word, has_space) in line.words.iter().zip(spaces) {
        let last = segments.last_mut().filter(|last| {
            let gap = (word.bbox.x0 - last.bbox.x1).max(last.bbox.x0 - word.bbox.x1);
            !has_space || f64::from(gap) <= MIN_COLUMN_GAP_CHARS * char_width
        });
        if let Some(last) = last {
            if has_space {
                last.text.push(' ');
            }
            last.text.push_str(&word.text);
            last.bbox = last.bbox.union(word.bbox);
        } else {
            segments.push(Segment {
                text: word.text.clone(),
                bbox: word.bbox,
            });
        }
    }
    if segments.len() < 2 {
        return whole();
    }
    segments
}

/// Segments in rows from top to bottom.
fn rows(mut segments: Vec<Segment>) -> Vec<Vec<Segment>> {
    segments.sort_by_key(|segment| (segment.bbox.y0 + segment.bbox.y1, segment.bbox.x0));
    let mut rows: Vec<Vec<Segment>> = Vec::new();
    for segment in segments {
        let shares_row = rows
            .last()
            .and_then(|row| row.first())
            .is_some_and(|first| {
                let lower = first.bbox.height().min(segment.bbox.height()).max(1);
                f64::from(first.bbox.overlap_y(segment.bbox)) >= MIN_ROW_OVERLAP * f64::from(lower)
            });
        match rows.last_mut() {
            Some(row) if shares_row => row.push(segment),
            _ => rows.push(vec![segment]),
        }
    }
    rows
}

fn push_rows(out: &mut String, rows: Vec<Vec<Segment>>, char_width: f64, is_rtl: bool) {
    let all = || rows.iter().flatten();
    let left = all().map(|segment| segment.bbox.x0).min().unwrap_or(0);
    let right = all().map(|segment| segment.bbox.x1).max().unwrap_or(0);
    let height = median(all().map(|s| f64::from(s.bbox.height())).collect()).unwrap_or(1.0);
    let pitch = (height * 1.4).max(1.0);
    let mut bottom: Option<i32> = None;
    for mut row in rows {
        let top = row.iter().map(|s| s.bbox.y0).min().unwrap_or(0);
        if let Some(bottom) = bottom {
            let gap = f64::from(top - bottom).max(0.0);
            let n_empty = (gap / pitch + 0.2).floor() as usize;
            out.extend(std::iter::repeat_n('\n', n_empty.min(MAX_EMPTY_ROWS)));
        }
        bottom = row.iter().map(|s| s.bbox.y1).max();
        let distance = |bbox: BBox| {
            if is_rtl {
                right - bbox.x1
            } else {
                bbox.x0 - left
            }
        };
        row.sort_by_key(|segment| distance(segment.bbox));
        let mut column = 0;
        for segment in row {
            let wanted = (f64::from(distance(segment.bbox)) / char_width).round() as usize;
            let at = if column == 0 {
                wanted
            } else {
                wanted.max(column + MIN_SPACES)
            };
            let at = at.min(MAX_COLUMN.max(column + MIN_SPACES));
            out.extend(std::iter::repeat_n(' ', at - column));
            out.push_str(&segment.text);
            column = at + segment.text.width();
        }
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::{Block, BlockKind, Point};

    /// A line of characters 10 px wide and 20 px high.
    fn line(text: &str, x0: i32, y0: i32) -> Line {
        let width = i32::try_from(text.width()).unwrap() * 10;
        let bbox = BBox::new(x0, y0, x0 + width, y0 + 20);
        let corner = |x, y| Point { x, y };
        Line {
            text: text.into(),
            bbox,
            polygon: [
                corner(bbox.x0, bbox.y0),
                corner(bbox.x1, bbox.y0),
                corner(bbox.x1, bbox.y1),
                corner(bbox.x0, bbox.y1),
            ],
            confidence: Some(0.9),
            words: vec![],
        }
    }

    fn page(lines: Vec<Line>) -> Page {
        Page {
            status: PageStatus::Done,
            blocks: vec![Block::new(BlockKind::Paragraph, "", lines)],
            ..Page::pending(0)
        }
    }

    #[test]
    fn columns_stand_side_by_side_and_gaps_stay() {
        let page = page(vec![
            line("Item", 100, 0),
            line("Price", 300, 2),
            line("Coffee", 100, 28),
            line("9.00", 300, 28),
            line("Total", 100, 120),
        ]);
        assert_eq!(
            kept_layout(&page),
            "Item                Price\nCoffee              9.00\n\n\nTotal\n"
        );
    }

    #[test]
    fn a_wide_column_stays_apart_from_the_next() {
        let wide = Line {
            bbox: BBox::new(0, 0, 100, 20),
            ..line("iiiiiiiiiiiiiiiiiiii", 0, 0)
        };
        let page = page(vec![
            wide,
            line("next", 120, 0),
            line("Some text", 0, 40),
            line("Some more", 0, 64),
        ]);
        assert!(kept_layout(&page).starts_with("iiiiiiiiiiiiiiiiiiii  next\n"));
    }

    #[test]
    fn a_page_from_right_to_left_counts_from_the_right() {
        let page = page(vec![line("שלום", 300, 0), line("12", 100, 0)]);
        assert_eq!(kept_layout(&page), "שלום                  12\n");
    }

    #[test]
    fn a_failed_page_says_so() {
        assert_eq!(
            kept_layout(&Page::failed(0, "x")),
            "[Page 1 could not be read.]\n"
        );
    }
}
