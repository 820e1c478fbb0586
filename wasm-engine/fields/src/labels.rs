//! What stands beside or below a label.

use std::ops::Range;

use ocr_chat_document::fields::TextField;

use crate::head::pieces;
use crate::rows::Row;
use crate::terms::Folded;

/// How far below a label its value begins at most, in heights of the label's row.
const MAX_GAP: i32 = 2;

/// The first text that `fits` beside one of `labels` or below it, in the order of the labels.
pub(crate) fn below_or_behind(
    rows: &[Row],
    labels: &[&str],
    fits: impl Fn(&str) -> bool,
) -> Option<TextField> {
    labels.iter().find_map(|label| {
        rows.iter().enumerate().find_map(|(position, row)| {
            let range = Folded::new(&row.text).find(&[label])?;
            behind(rows, position, &range, &fits)
        })
    })
}

/// The text that `fits` behind the label at `label` in row `position`: in the same piece, in the next one, or below it.
pub(crate) fn behind(
    rows: &[Row],
    position: usize,
    label: &Range<usize>,
    fits: impl Fn(&str) -> bool,
) -> Option<TextField> {
    let row = &rows[position];
    let all = pieces(row);
    let own = all.iter().position(|piece| piece.contains(&label.start))?;
    let is_sign = |c: char| c.is_whitespace() || ":：.#°-–=|".contains(c) || c == '№';
    let trimmed = |range: Range<usize>| {
        let text = &row.text[range.clone()];
        let start = range.start + text.len() - text.trim_start_matches(is_sign).len();
        (start < range.end).then_some(start..range.end)
    };
    let same = trimmed(label.end.min(all[own].end)..all[own].end);
    // Another label's piece is no value.
    let is_label = |piece: &Range<usize>| row.text[piece.clone()].contains([':', '：']);
    let next = all
        .get(own + 1)
        .cloned()
        .filter(|piece| !is_label(piece))
        .and_then(trimmed);
    let beside = [same, next]
        .into_iter()
        .flatten()
        .find(|range| fits(&row.text[range.clone()]));
    if let Some(range) = beside {
        return Some(row.part(range));
    }
    let place = row.field(label.clone(), ()).bbox;
    let below = rows[position + 1..].iter().take(2).take_while(|below| {
        below.page == row.page && below.bbox.y0 - row.bbox.y1 < MAX_GAP * row.height_px.max(1) * 2
    });
    below
        .flat_map(|below| pieces(below).into_iter().map(move |piece| (below, piece)))
        .find(|(below, piece)| {
            let bbox = below.field(piece.clone(), ()).bbox;
            bbox.overlap_x(place) > 0 && fits(&below.text[piece.clone()])
        })
        .map(|(below, piece)| below.part(piece))
}
