//! Rows to paragraphs.

use ocr_chat_document::{Block, BlockKind, Line};

use super::direction::is_rtl;
use super::flow::{self, Row};
use super::order::{Content, Extent, Placed};
use super::roles;

/// A paragraph ends where the gap to the next row is this many line heights wider than the usual one of the column.
const WIDER_GAP_HEIGHTS: f32 = 0.3;

/// The usual gap of a column is taken to be within these bounds, in line heights: regions of tight lines overlap, and the rows of a
/// form stand apart without being one paragraph.
const USUAL_GAP_HEIGHTS: (f32, f32) = (-0.4, 0.7);

/// Rows of one paragraph differ in height by at most this factor.
const MAX_HEIGHT_RATIO: f32 = 1.6;

/// A first line that begins this much further in than the column begins a paragraph, in line heights.
const INDENT_HEIGHTS: f32 = 0.8;

/// Lines of a row this near, in line heights, are one that the detector took for several, at a wide space in justified text.
const WORD_GAP_HEIGHTS: f32 = 1.0;

/// The lines of one row and the box around them.
struct LineRow {
    lines: Vec<Line>,
    extent: Extent,
}

/// Joins rows that stand close and are alike into blocks; `rows` are those of a column in reading order.
pub(super) fn paragraphs(rows: Vec<Vec<Placed>>) -> Vec<Block> {
    let usual_gap = usual_gap(&rows);
    let of_lines = rows.iter().flatten().filter(|placed| !placed.is_block());
    let column = of_lines
        .map(|placed| placed.extent)
        .reduce(Extent::union)
        .unwrap_or(Extent {
            x0: 0.0,
            x1: 0.0,
            y0: 0.0,
            y1: 0.0,
        });
    let is_rtl = is_rtl(rows.iter().flatten().map(Placed::text));
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Vec<LineRow> = Vec::new();
    for row in rows {
        let Some(extent) = Extent::around(&row) else {
            continue;
        };
        let mut lines = Vec::new();
        let mut whole = None;
        for placed in row {
            match placed.content {
                Content::Line(line) => lines.push(line),
                Content::Block(block) => whole = Some(block),
            }
        }
        let row = LineRow { lines, extent };
        let goes_on = whole.is_none()
            && open
                .last()
                .is_some_and(|above| goes_on(above, &row, usual_gap))
            && !begins(&open, &row, &column, is_rtl);
        if !goes_on {
            blocks.extend(block(std::mem::take(&mut open), &column, is_rtl));
        }
        match whole {
            Some(block) => blocks.push(block),
            None => open.push(row),
        }
    }
    blocks.extend(block(open, &column, is_rtl));
    blocks
}

/// The median gap between neighbouring rows, in line heights.
fn usual_gap(rows: &[Vec<Placed>]) -> f32 {
    let extents: Vec<Extent> = rows
        .iter()
        .filter(|row| !row.iter().any(Placed::is_block))
        .filter_map(|row| Extent::around(row))
        .collect();
    let mut gaps: Vec<f32> = extents
        .windows(2)
        .map(|pair| gap(pair[0], pair[1]))
        .collect();
    crate::sort::by_key(&mut gaps, |gap| *gap);
    let (least, most) = USUAL_GAP_HEIGHTS;
    // Of an even number the smaller one: with two rows and a gap on either side, nothing says which is usual.
    let median = gaps.get(gaps.len().saturating_sub(1) / 2);
    median.map_or(most, |gap| gap.clamp(least, most))
}

/// The gap between two rows in heights of the lower of them; negative where they overlap.
fn gap(above: Extent, below: Extent) -> f32 {
    (below.y0 - above.y1) / above.height().min(below.height()).max(1.0)
}

fn goes_on(above: &LineRow, below: &LineRow, usual_gap: f32) -> bool {
    let (above, below) = (above.extent, below.extent);
    let height = above.height().min(below.height()).max(1.0);
    let ratio = above.height().max(below.height()) / height;
    gap(above, below) <= usual_gap + WIDER_GAP_HEIGHTS && ratio <= MAX_HEIGHT_RATIO
}

/// Whether `row` begins a paragraph of its own although it stands close: by its indent in running text, or as an item of a list.
fn begins(open: &[LineRow], row: &LineRow, column: &Extent, is_rtl: bool) -> bool {
    let Some(first) = row.lines.first() else {
        return false;
    };
    if roles::marker(&first.text).is_some() {
        return true;
    }
    let height = row.extent.height();
    let indent = |extent: &Extent| {
        if is_rtl {
            column.x1 - extent.x1
        } else {
            extent.x0 - column.x0
        }
    };
    let is_prose = open.len() >= 2 && {
        let rows: Vec<Row> = open.iter().map(flow_row).collect();
        flow::flows(&rows, column.x0, column.x1, is_rtl)
    };
    // The rest of the paragraph stands at the margin: a hanging indent is the other way round.
    is_prose
        && indent(&row.extent) >= INDENT_HEIGHTS * height
        && open
            .last()
            .is_some_and(|above| indent(&above.extent) < INDENT_HEIGHTS * height / 2.0)
}

fn flow_row(row: &LineRow) -> Row {
    let texts: Vec<&str> = row.lines.iter().map(|line| line.text.as_str()).collect();
    Row {
        text: texts.join(" "),
        extent: row.extent,
        is_single: row.lines.windows(2).all(|pair| {
            let gap = pair[1].bbox.x0.max(pair[0].bbox.x0) - pair[1].bbox.x1.min(pair[0].bbox.x1);
            gap as f32 <= WORD_GAP_HEIGHTS * row.extent.height()
        }),
    }
}

fn block(rows: Vec<LineRow>, column: &Extent, is_rtl: bool) -> Option<Block> {
    if rows.is_empty() {
        return None;
    }
    let flow: Vec<Row> = rows.iter().map(flow_row).collect();
    let text = if flow::flows(&flow, column.x0, column.x1, is_rtl) {
        flow::flowing(&flow)
    } else {
        let texts: Vec<&str> = flow.iter().map(|row| row.text.as_str()).collect();
        texts.join("\n")
    };
    let lines: Vec<Line> = rows.into_iter().flat_map(|row| row.lines).collect();
    Some(Block::new(BlockKind::Paragraph, text, lines))
}
