//! The rows of a page: lines that stand beside each other, in the order in which they are read.

use std::ops::Range;

use ocr_chat_document::block::round_confidence;
use ocr_chat_document::fields::Field;
use ocr_chat_document::{BBox, Line, Page};

/// How far apart the middles of two lines of one row stand at most, in heights of the lower one.
const MAX_OFFSET: f32 = 0.5;

/// What stands side by side on a page.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Number of the page, from 1.
    pub(crate) page: u32,
    /// Texts of the row's lines in reading order, parted by tabs.
    pub(crate) text: String,
    /// Box around the row in pixels of the page.
    pub(crate) bbox: BBox,
    /// Height of its tallest line in pixels.
    pub(crate) height_px: i32,
    spans: Vec<Span>,
}

/// A stretch of a row's text and where it stands.
#[derive(Debug, Clone)]
struct Span {
    range: Range<usize>,
    bbox: BBox,
    confidence: Option<f32>,
}

impl Row {
    /// The stretch `range` (bytes of `text`) as a field with `value`.
    pub(crate) fn field<T>(&self, range: Range<usize>, value: T) -> Field<T> {
        let spans = || {
            let is_touched =
                |span: &&Span| span.range.start < range.end && range.start < span.range.end;
            self.spans.iter().filter(is_touched)
        };
        let bbox = BBox::union_of(spans().map(|span| span.bbox)).unwrap_or(self.bbox);
        Field {
            value,
            text: self.text[range.clone()].trim().replace('\t', " "),
            page: self.page,
            bbox,
            confidence: mean(spans().filter_map(|span| span.confidence)),
        }
    }

    /// The whole row as a text.
    pub(crate) fn text_field(&self) -> Field<String> {
        self.part(0..self.text.len())
    }

    /// The stretch `range` as a text.
    pub(crate) fn part(&self, range: Range<usize>) -> Field<String> {
        let field = self.field(range, String::new());
        Field {
            value: field.text.clone(),
            ..field
        }
    }
}

/// Several fields that go on in each other as one text, joined by `joint`. All stand on the page of the first.
pub(crate) fn joined(fields: &[Field<String>], joint: &str) -> Option<Field<String>> {
    let first = fields.first()?;
    let page = first.page;
    let fields: Vec<&Field<String>> = fields.iter().filter(|field| field.page == page).collect();
    let texts: Vec<&str> = fields.iter().map(|field| field.text.as_str()).collect();
    let text = texts.join(joint);
    Some(Field {
        value: text.clone(),
        text,
        page,
        bbox: BBox::union_of(fields.iter().map(|field| field.bbox))?,
        confidence: mean(fields.iter().filter_map(|field| field.confidence)),
    })
}

/// The mean of confidences; `None` for none.
fn mean(confidences: impl Iterator<Item = f32>) -> Option<f32> {
    let (n, sum) = confidences.fold((0_usize, 0.0), |(n, sum), next| (n + 1, sum + next));
    (n > 0).then(|| round_confidence(sum / n as f32))
}

/// The rows of `pages`, page by page from the top down.
pub(crate) fn rows<'a>(pages: impl IntoIterator<Item = &'a Page>) -> Vec<Row> {
    pages.into_iter().flat_map(rows_of).collect()
}

fn rows_of(page: &Page) -> Vec<Row> {
    let mut lines: Vec<&Line> = page.blocks.iter().flat_map(|block| &block.lines).collect();
    lines.retain(|line| !line.text.trim().is_empty());
    let slope = slope(&lines);
    let level = |line: &Line| {
        let (x, y) = middle(line.bbox);
        y - x * slope
    };
    lines.sort_by(|a, b| level(a).total_cmp(&level(b)));
    let mut groups: Vec<Vec<&Line>> = Vec::new();
    for line in lines {
        let belongs = |group: &Vec<&Line>| {
            group.iter().all(|other| {
                let height = line_height(line).min(line_height(other));
                (level(line) - level(other)).abs() < MAX_OFFSET * height
                    && line.bbox.overlap_x(other.bbox) * 2
                        < line.bbox.width().min(other.bbox.width())
            })
        };
        // Lines come by level: only the last rows can take one.
        let n = groups.len();
        match groups[n.saturating_sub(3)..].iter().rposition(belongs) {
            Some(position) => groups[n.saturating_sub(3) + position].push(line),
            None => groups.push(vec![line]),
        }
    }
    groups
        .into_iter()
        .map(|group| row(page.index + 1, group))
        .collect()
}

fn row(page: u32, mut lines: Vec<&Line>) -> Row {
    let is_rtl = lines.iter().map(|line| direction(&line.text)).sum::<i32>() < 0;
    lines.sort_by_key(|line| if is_rtl { -line.bbox.x1 } else { line.bbox.x0 });
    let mut text = String::new();
    let mut spans = Vec::new();
    for line in &lines {
        if !text.is_empty() {
            text.push('\t');
        }
        let start = text.len();
        let content = line.text.replace('\t', " ");
        text.push_str(&content);
        let mut from = start;
        for word in &line.words {
            if let Some(found) = text[from..].find(&word.text) {
                let range = from + found..from + found + word.text.len();
                from = range.end;
                spans.push(Span {
                    range,
                    bbox: word.bbox,
                    confidence: Some(word.confidence),
                });
            }
        }
        if line.words.is_empty() {
            spans.push(Span {
                range: start..text.len(),
                bbox: line.bbox,
                confidence: line.confidence,
            });
        }
    }
    Row {
        page,
        text,
        bbox: BBox::union_of(lines.iter().map(|line| line.bbox)).unwrap_or_default(),
        height_px: lines
            .iter()
            .map(|line| line_height(line) as i32)
            .max()
            .unwrap_or(0),
        spans,
    }
}

/// Median of the lines' slopes (pixels down a pixel to the right); 0 where lines are too short to tell.
fn slope(lines: &[&Line]) -> f32 {
    let mut slopes: Vec<f32> = lines
        .iter()
        .filter_map(|line| {
            let [a, b, ..] = line.polygon;
            let (dx, dy) = ((b.x - a.x) as f32, (b.y - a.y) as f32);
            (dx.abs() > 4.0 * line_height(line)).then(|| dy / dx)
        })
        .collect();
    slopes.sort_by(f32::total_cmp);
    slopes.get(slopes.len() / 2).copied().unwrap_or(0.0)
}

/// Height of a line's letters in pixels: of its polygon, which a slanting line's box exceeds.
pub(crate) fn line_height(line: &Line) -> f32 {
    let [a, _, _, d] = line.polygon;
    let side = ((d.x - a.x) as f32).hypot((d.y - a.y) as f32);
    if side > 0.0 {
        side
    } else {
        line.bbox.height() as f32
    }
}

fn middle(bbox: BBox) -> (f32, f32) {
    (
        (bbox.x0 + bbox.x1) as f32 / 2.0,
        (bbox.y0 + bbox.y1) as f32 / 2.0,
    )
}

/// More than 0 for text from left to right, less for text from right to left.
fn direction(text: &str) -> i32 {
    text.chars()
        .map(|c| match c {
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}' => -1,
            c if c.is_alphabetic() => 1,
            _ => 0,
        })
        .sum()
}
