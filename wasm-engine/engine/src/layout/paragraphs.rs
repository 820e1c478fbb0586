//! Rows to paragraphs.

use ocr_chat_document::{Block, BlockKind, Line};

use super::order::{Extent, Placed};

/// A paragraph ends where the gap to the next row is this many line heights wider than the usual one of the column.
const WIDER_GAP_HEIGHTS: f32 = 0.3;

/// The usual gap of a column is taken to be within these bounds, in line heights: regions of tight lines overlap, and the rows of a
/// form stand apart without being one paragraph.
const USUAL_GAP_HEIGHTS: (f32, f32) = (-0.4, 0.7);

/// Rows of one paragraph differ in height by at most this factor.
const MAX_HEIGHT_RATIO: f32 = 1.6;

/// Joins rows that stand close and are alike into blocks; `rows` are in reading order.
pub(super) fn paragraphs(rows: Vec<Vec<Placed>>) -> Vec<Block> {
    let usual_gap = usual_gap(&rows);
    let mut blocks: Vec<Vec<Vec<Line>>> = Vec::new();
    let mut previous: Option<Extent> = None;
    for row in rows {
        let Some(extent) = Extent::around(&row) else {
            continue;
        };
        let lines: Vec<Line> = row.into_iter().map(|placed| placed.line).collect();
        match blocks.last_mut() {
            Some(block) if previous.is_some_and(|p| goes_on(p, extent, usual_gap)) => {
                block.push(lines);
            }
            _ => blocks.push(vec![lines]),
        }
        previous = Some(extent);
    }
    blocks.into_iter().filter_map(block).collect()
}

/// The median gap between neighbouring rows, in line heights.
fn usual_gap(rows: &[Vec<Placed>]) -> f32 {
    let extents: Vec<Extent> = rows.iter().filter_map(|row| Extent::around(row)).collect();
    let mut gaps: Vec<f32> = extents
        .windows(2)
        .map(|pair| gap(pair[0], pair[1]))
        .collect();
    gaps.sort_by(f32::total_cmp);
    let (least, most) = USUAL_GAP_HEIGHTS;
    // Of an even number the smaller one: with two rows and a gap on either side, nothing says which is usual.
    let median = gaps.get(gaps.len().saturating_sub(1) / 2);
    median.map_or(most, |gap| gap.clamp(least, most))
}

/// The gap between two rows in heights of the lower of them; negative where they overlap.
fn gap(above: Extent, below: Extent) -> f32 {
    (below.y0 - above.y1) / above.height().min(below.height()).max(1.0)
}

fn goes_on(above: Extent, below: Extent, usual_gap: f32) -> bool {
    let height = above.height().min(below.height()).max(1.0);
    let ratio = above.height().max(below.height()) / height;
    gap(above, below) <= usual_gap + WIDER_GAP_HEIGHTS && ratio <= MAX_HEIGHT_RATIO
}

fn block(rows: Vec<Vec<Line>>) -> Option<Block> {
    let text: Vec<String> = rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|line| line.text.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    let lines: Vec<Line> = rows.into_iter().flatten().collect();
    (!lines.is_empty()).then(|| Block::new(BlockKind::Paragraph, text.join("\n"), lines))
}
