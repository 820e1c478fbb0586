//! Displayed formulas: lines of signs rather than words that stand apart from the text around them.
//!
//! A formula is kept as one block with its box, so that its picture can be shown: what the recognisers write of it are its signs from left to right, without
//! what stands above and below. Ordinary text must never be taken for one, so a line needs the signs (`signs.rs`) and the place: indented or centred
//! beside running text above or below it, or numbered at the margin, or alone on the page. All thresholds are in line heights.

mod ink;

#[cfg(feature = "formula")]
pub(crate) mod network;

mod signs;

use ocr_chat_document::{BBox, Block, BlockKind};

use crate::layout::{self, PageLine};
use crate::raster::PageImage;
use signs::Signs;

/// Most of a formula's characters that may stand in words, 0 to 1: `if`, `for all x`. A line with more is a sentence with a formula in it.
const MAX_WORDS: f32 = 0.25;

/// The same of a part of a formula that stands on a line of its own, such as `lim` or a limit of a sum.
const MAX_WORDS_OF_PART: f32 = 0.34;

/// Least weight of the signs of a formula's lines together (see [`Signs::weight`]): `n = 24` has two.
const MIN_WEIGHT: usize = 3;

/// Lines at least this long and mostly of words are running text, in their own heights.
const TEXT_HEIGHTS: f32 = 8.0;
const MIN_WORDS_OF_TEXT: f32 = 0.5;

/// Parts of a formula stand at most this far apart, in line heights of the page: below each other, and beside each other.
const MAX_GAP_Y: f32 = 0.6;
const MAX_GAP_X: f32 = 1.5;

/// The same beside each other where a whole statement is on either side.
const MAX_GAP_OF_STATEMENTS_X: f32 = 3.0;

/// The longest line that is a part of a formula without being one itself, in line heights of the page.
const MAX_PART_HEIGHTS: f32 = 12.0;

/// How far away running text may be to say how its column runs, in line heights of the page.
const MAX_AWAY_HEIGHTS: f32 = 8.0;

/// How much further in than that text a formula begins, in line heights of the page: an indented paragraph has one or two.
const MIN_INDENT_HEIGHTS: f32 = 2.2;

/// A line beside a formula that is nearer than this, in line heights of the page, makes it a part of a row.
const MIN_CLEAR_HEIGHTS: f32 = 4.0;

/// Most lines of a page that holds nothing but a formula.
const MAX_LINES_ALONE: usize = 12;

/// A formula, and its lines by their places in the page's lines.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FoundFormula {
    pub(crate) block: Block,
    pub(crate) lines: Vec<usize>,
}

/// A line as this module sees it.
struct Seen<'a> {
    line: &'a PageLine,
    bbox: BBox,
    signs: Signs,
    is_level: bool,
}

impl Seen<'_> {
    fn is_statement(&self) -> bool {
        self.is_level && self.signs.is_statement() && self.signs.words() <= MAX_WORDS
    }

    /// Whether it may be a limit, a denominator, an index beside a statement.
    fn is_part(&self, height_px: f32) -> bool {
        let is_short = (self.bbox.width() as f32) < MAX_PART_HEIGHTS * height_px;
        let has_no_words = self.signs.words() <= MAX_WORDS_OF_PART || self.signs.n_chars <= 2;
        is_short && has_no_words && !self.signs.is_foreign()
    }

    fn is_text(&self) -> bool {
        self.is_level
            && self.bbox.width() as f32 >= TEXT_HEIGHTS * self.bbox.height().max(1) as f32
            && self.signs.words() >= MIN_WORDS_OF_TEXT
    }

    fn is_number(&self) -> bool {
        signs::is_number(&self.line.line.text)
    }
}

/// The formulas among `lines` of the page `image`, of which those at `taken` stand in tables and figures.
pub(crate) fn formulas(
    lines: &[PageLine],
    taken: &dyn Fn(usize) -> bool,
    image: &PageImage,
) -> Vec<FoundFormula> {
    let texts = lines.iter().map(|line| line.line.text.as_str());
    let is_greek = signs::greek_share(texts) > 0.3;
    let seen: Vec<Seen<'_>> = lines
        .iter()
        .enumerate()
        .map(|(idx, line)| Seen {
            line,
            bbox: line.line.bbox,
            signs: Signs::of(&line.line.text, is_greek),
            is_level: line.rect.quarters() == 0 && !taken(idx),
        })
        .collect();
    if !seen.iter().any(Seen::is_statement) {
        return Vec::new();
    }
    let Some(height_px) = line_height(&seen) else {
        return Vec::new();
    };
    let is_alone = is_alone(&seen, height_px);
    let mut is_used = vec![false; seen.len()];
    let mut found = Vec::new();
    for start in 0..seen.len() {
        if is_used[start] || !seen[start].is_statement() {
            continue;
        }
        let mut members = if is_alone {
            (0..seen.len()).collect()
        } else {
            group(start, &seen, height_px, &is_used)
        };
        let weight: usize = members.iter().map(|&idx| seen[idx].signs.weight()).sum();
        if weight < MIN_WEIGHT {
            continue;
        }
        if !is_alone {
            let Some(number) = place(&members, &seen, height_px) else {
                continue;
            };
            members.extend(number);
        }
        for &member in &members {
            is_used[member] = true;
        }
        members.sort_unstable();
        found.push(formula(members, lines, image, height_px));
    }
    found
}

/// The median height of running text; of all lines where there is none.
fn line_height(seen: &[Seen<'_>]) -> Option<f32> {
    let height = |seen: &Seen<'_>| seen.bbox.height() as f32;
    crate::sort::median(seen.iter().filter(|seen| seen.is_text()).map(height))
        .or_else(|| crate::sort::median(seen.iter().map(height)))
        .filter(|height_px| *height_px > 3.0)
}

/// Whether the page is the picture of a formula: few lines, none of words, and enough signs.
fn is_alone(seen: &[Seen<'_>], height_px: f32) -> bool {
    seen.len() <= MAX_LINES_ALONE
        && seen
            .iter()
            .all(|seen| seen.is_statement() || seen.is_level && seen.is_part(height_px))
}

/// The lines that belong to the statement at `start`: those near one that belongs to it, which are statements or parts of one.
fn group(start: usize, seen: &[Seen<'_>], height_px: f32, is_used: &[bool]) -> Vec<usize> {
    let mut members = vec![start];
    let mut at = 0;
    while at < members.len() {
        let member = members[at];
        at += 1;
        for (idx, other) in seen.iter().enumerate() {
            let is_free = other.is_level && !is_used[idx] && !members.contains(&idx);
            if !is_free || other.is_number() {
                continue;
            }
            let both_state = other.is_statement() && seen[member].is_statement();
            if !(other.is_statement() || other.is_part(height_px)) {
                continue;
            }
            let max_x = if both_state {
                MAX_GAP_OF_STATEMENTS_X
            } else {
                MAX_GAP_X
            };
            let (gap_x, gap_y) = gaps(seen[member].bbox, other.bbox);
            if gap_x <= max_x * height_px && gap_y <= MAX_GAP_Y * height_px {
                members.push(idx);
            }
        }
    }
    members
}

/// Whether lines that look like a formula stand like one: `None` where they do not, else the place of the formula's number, if it has one.
fn place(members: &[usize], seen: &[Seen<'_>], height_px: f32) -> Option<Option<usize>> {
    let bbox = BBox::union_of(members.iter().map(|&idx| seen[idx].bbox))?;
    let others = || (0..seen.len()).filter(|idx| !members.contains(idx));
    let is_beside = |other: BBox| 2 * bbox.overlap_y(other) > other.height().min(bbox.height());
    let number = others().find(|&idx| {
        seen[idx].is_level && seen[idx].is_number() && is_beside(seen[idx].bbox) && {
            let column = column(bbox, seen, height_px);
            // Within the column that the text around it has.
            column.is_none_or(|column| column.union(bbox).overlap_x(seen[idx].bbox) > 0)
        }
    });
    // What stands close beside is what it goes on with: a row of a table, a sentence.
    let has_neighbour = others().filter(|idx| Some(*idx) != number).any(|idx| {
        let other = seen[idx].bbox;
        let gap_x = gaps(bbox, other).0;
        bbox.holds_middle_of(other) || is_beside(other) && gap_x < MIN_CLEAR_HEIGHTS * height_px
    });
    if has_neighbour {
        return None;
    }
    let column = column(bbox, seen, height_px)?;
    let indent_px = (bbox.x0 - column.x0) as f32;
    let is_indented = indent_px >= MIN_INDENT_HEIGHTS * height_px;
    (is_indented || number.is_some()).then_some(number)
}

/// Where running text near above and below `bbox` begins and ends; `None` where there is none.
fn column(bbox: BBox, seen: &[Seen<'_>], height_px: f32) -> Option<BBox> {
    let near = seen.iter().filter(|other| {
        let (gap_x, gap_y) = gaps(bbox, other.bbox);
        other.is_text() && gap_x <= 0.0 && gap_y <= MAX_AWAY_HEIGHTS * height_px
    });
    BBox::union_of(near.map(|seen| seen.bbox))
}

/// How far two boxes are apart across and down, in pixels; 0 and less where they overlap.
fn gaps(a: BBox, b: BBox) -> (f32, f32) {
    let gap = |a0: i32, a1: i32, b0: i32, b1: i32| (b0 - a1).max(a0 - b1) as f32;
    (gap(a.x0, a.x1, b.x0, b.x1), gap(a.y0, a.y1, b.y0, b.y1))
}

/// The block of the lines at `members`. Its box holds the signs that no line has, such as a fraction's bar.
fn formula(
    members: Vec<usize>,
    lines: &[PageLine],
    image: &PageImage,
    height_px: f32,
) -> FoundFormula {
    let own: Vec<PageLine> = members.iter().map(|&idx| lines[idx].clone()).collect();
    let others: Vec<BBox> = (0..lines.len())
        .filter(|idx| members.binary_search(idx).is_err())
        .map(|idx| lines[idx].line.bbox)
        .collect();
    // In the order in which they would be read as text.
    let parts = layout::blocks(own, Vec::new(), &[], image.height_px());
    let texts: Vec<String> = parts.iter().map(|part| part.text.clone()).collect();
    let lines = parts.into_iter().flat_map(|part| part.lines).collect();
    let mut block = Block::new(BlockKind::Formula, texts.join("\n"), lines);
    block.bbox = ink::grown(image, block.bbox, &others, height_px);
    FoundFormula {
        block,
        lines: members,
    }
}

#[cfg(test)]
mod tests;
