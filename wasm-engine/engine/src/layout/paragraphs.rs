//! Rows to paragraphs.

use ocr_chat_document::block::mean_confidence;
use ocr_chat_document::{BBox, Block, BlockKind, Line};

use super::order::{Extent, Placed};

/// Rows of one paragraph are at most this many line heights apart.
const MAX_GAP_HEIGHTS: f32 = 0.9;

/// Rows of one paragraph differ in height by at most this factor.
const MAX_HEIGHT_RATIO: f32 = 1.6;

/// Joins rows that stand close and are alike into blocks; `rows` are in reading order.
pub(super) fn paragraphs(rows: Vec<Vec<Placed>>) -> Vec<Block> {
    let mut blocks: Vec<Vec<Vec<Line>>> = Vec::new();
    let mut previous: Option<Extent> = None;
    for row in rows {
        let Some(extent) = Extent::around(&row) else {
            continue;
        };
        let lines: Vec<Line> = row.into_iter().map(|placed| placed.line).collect();
        match blocks.last_mut() {
            Some(block) if previous.is_some_and(|p| goes_on(p, extent)) => block.push(lines),
            _ => blocks.push(vec![lines]),
        }
        previous = Some(extent);
    }
    blocks.into_iter().filter_map(block).collect()
}

fn goes_on(above: Extent, below: Extent) -> bool {
    let height = above.height().min(below.height());
    let ratio = above.height().max(below.height()) / height.max(1.0);
    below.y0 - above.y1 <= MAX_GAP_HEIGHTS * height && ratio <= MAX_HEIGHT_RATIO
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
    Some(Block {
        kind: BlockKind::Paragraph,
        text: text.join("\n"),
        bbox: BBox::union_of(lines.iter().map(|line| line.bbox))?,
        confidence: mean_confidence(
            lines
                .iter()
                .map(|line| (line.text.as_str(), line.confidence)),
        ),
        lines,
    })
}
