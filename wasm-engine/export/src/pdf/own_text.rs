//! Which lines of a page its file has as text already.

use ocr_chat_document::{BBox, Line, Page, WarningCode};

use super::text::lines;
use crate::sources::PageSources;

/// Share of a line's box inside the boxes of the page's own lines from which on it is one of them. The engine recognises regions that are covered by
/// less than this (`MIN_COVERED_SHARE` of its `text_layer`).
const MIN_OWN_SHARE: f64 = 0.5;

/// A page and the lines of it that need text laid under them.
#[derive(Debug)]
pub(super) struct PageLines<'a> {
    pub(super) page: &'a Page,
    pub(super) lines: Vec<&'a Line>,
}

/// The lines of `page` that its file does not say itself.
pub(super) fn page_lines<'a>(page: &'a Page, sources: &dyn PageSources) -> PageLines<'a> {
    let is_own_used = page
        .warnings
        .iter()
        .any(|warning| warning.code == WarningCode::TextLayerUsed);
    let lines = if is_own_used {
        // What the page says itself is not said twice.
        sources
            .own_text(page.index)
            .map_or_else(Vec::new, |own| recognised(page, &own))
    } else {
        lines(page).collect()
    };
    PageLines { page, lines }
}

fn recognised<'a>(page: &'a Page, own: &[BBox]) -> Vec<&'a Line> {
    let is_own = |line: &Line| own_share(line.bbox, own) >= MIN_OWN_SHARE;
    lines(page).filter(|line| !is_own(line)).collect()
}

/// Share of `bbox` inside `boxes`; where those lie over one another it is too high, and a line is not said twice.
fn own_share(bbox: BBox, boxes: &[BBox]) -> f64 {
    let area = |bbox: BBox| f64::from(bbox.width().max(0)) * f64::from(bbox.height().max(0));
    let inside: f64 = boxes
        .iter()
        .map(|own| {
            let common = BBox {
                x0: bbox.x0.max(own.x0),
                y0: bbox.y0.max(own.y0),
                x1: bbox.x1.min(own.x1),
                y1: bbox.y1.min(own.y1),
            };
            area(common)
        })
        .sum();
    if area(bbox) > 0.0 {
        inside / area(bbox)
    } else {
        1.0
    }
}
