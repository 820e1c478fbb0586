//! Where tables may stand: rows of pieces that leave the same corridors free. All thresholds are in line heights.

use ocr_chat_document::{BBox, Line};

use super::rules::{self, Rule};
use crate::raster::PageImage;

/// Words closer than this belong to one piece of text.
const PIECE_GAP_HEIGHTS: f32 = 1.0;

/// Pieces belong to one row when they share this much of the lower one's height.
const ROW_OVERLAP: f32 = 0.5;

/// Rows of one table stand at most this far apart.
const MAX_ROW_GAP_HEIGHTS: f32 = 2.5;

/// A corridor between two columns is at least this wide.
const MIN_CORRIDOR_HEIGHTS: f32 = 0.5;

/// Rows with several pieces that make a table where nothing is ruled.
const MIN_ROWS: usize = 4;

/// Columns that make a table where nothing is ruled: two are labels and values, an address and a date, a line of a receipt.
const MIN_COLUMNS: usize = 3;

/// Pieces longer than this on the average are running text in columns, not cells.
const MAX_CELL_HEIGHTS: f32 = 12.0;

/// Rules of one table begin and end within this much of each other.
const ALIGNED_HEIGHTS: f32 = 3.0;

/// Share of the places of rows and columns that hold something, where nothing is ruled: the fields of a form leave more free.
const MIN_FILLED: f32 = 0.8;

/// Share of the rows between two rules that have several pieces, where cells stand.
const MIN_BROKEN: f32 = 0.4;

/// Pieces beside what rules bound, as a share of those inside, above which the rules are not a table's.
const MAX_BESIDE: f32 = 0.25;

/// So few rows between two rules are titles and heads, whatever they look like.
const MAX_HEAD_ROWS: usize = 3;

/// A piece of text between gaps: a word or several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    pub(super) bbox: BBox,
    /// The line it is of.
    pub(super) line: usize,
    /// Whether it is a sign before a figure, often set apart from it: `$   178`.
    pub(super) is_sign: bool,
}

/// Pieces side by side, from left to right.
pub(super) type Row = Vec<Piece>;

/// A part of the page that may be a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Region {
    pub(super) bbox: BBox,
    pub(super) rows: Vec<Row>,
    /// Left and right edges of the columns.
    pub(super) columns: Vec<(i32, i32)>,
    /// Median height of its lines in pixels.
    pub(super) height_px: f32,
    /// Whether rules bound it.
    pub(super) is_ruled: bool,
    /// Whether rules part its columns, too.
    pub(super) is_grid: bool,
}

/// The regions of the page `image` that may be tables; they do not overlap. First what rules bound, then what stands in columns.
/// Beside them, the rules that run across the page.
pub(super) fn regions(lines: &[Line], image: &PageImage) -> (Vec<Region>, Vec<Rule>) {
    let pieces = pieces(lines);
    let height_px = median_height(&pieces);
    let rules = rules::across(image, height_px);
    let ruled = ruled(&pieces, &rules, height_px, image);
    let rest = pieces
        .into_iter()
        .filter(|piece| {
            !ruled
                .iter()
                .any(|region| region.bbox.holds_middle_of(piece.bbox))
        })
        .collect();
    let rows = rows(rest);
    let mut regions = ruled;
    let mut start = 0;
    while start < rows.len() {
        match grow(&rows, start) {
            Some((end, region))
                if !regions.iter().any(|other| other.bbox.overlaps(region.bbox)) =>
            {
                regions.push(region);
                start = end;
            }
            _ => start += 1,
        }
    }
    (regions, rules)
}

/// The regions between rules that begin and end together.
fn ruled(pieces: &[Piece], rules: &[Rule], height_px: f32, image: &PageImage) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::new();
    let tolerance = (ALIGNED_HEIGHTS * height_px) as i32;
    let mut used = vec![false; rules.len()];
    for first in 0..rules.len() {
        if used[first] {
            continue;
        }
        let top = rules[first];
        // The rows of each stretch from rule to rule, as long as they look like a table's.
        let mut bottom = top;
        let mut all: Vec<Row> = Vec::new();
        let mut n_broken = 0;
        let mut pending: Vec<Row> = Vec::new();
        for (idx, &rule) in rules.iter().enumerate().skip(first + 1) {
            let is_aligned =
                (rule.x0 - top.x0).abs() <= tolerance && (rule.x1 - top.x1).abs() <= tolerance;
            if !is_aligned {
                continue;
            }
            let stretch = BBox::new(top.x0 - tolerance, bottom.y1, top.x1 + tolerance, rule.y0);
            let inside = pieces
                .iter()
                .filter(|piece| stretch.holds_middle_of(piece.bbox));
            let rows = rows(inside.copied().collect());
            let broken = rows.iter().filter(|row| row.len() > 1).count();
            let is_head = rows.len() <= MAX_HEAD_ROWS;
            if !is_head && (broken as f32) < MIN_BROKEN * rows.len() as f32 {
                break;
            }
            used[idx] = true;
            bottom = rule;
            pending.extend(rows);
            if broken > 0 {
                n_broken += broken;
                all.append(&mut pending);
            }
        }
        if n_broken < 2 {
            continue;
        }
        all.append(&mut pending);
        let mut bbox = BBox::new(top.x0, top.y0, top.x1, bottom.y1);
        // Rules under single columns of figures have text beside them that is of the same rows.
        let beside = pieces.iter().filter(|piece| {
            let y = i32::midpoint(piece.bbox.y0, piece.bbox.y1);
            (bbox.y0..bbox.y1).contains(&y) && !bbox.holds_middle_of(piece.bbox)
        });
        let n_inside: usize = all.iter().map(Vec::len).sum();
        if beside.count() as f32 > MAX_BESIDE * n_inside as f32 {
            continue;
        }
        let below = rows_below(pieces, bbox, height_px);
        if let Some(own) = BBox::union_of(below.iter().flatten().map(|piece| piece.bbox)) {
            bbox.y1 = own.y1;
            all.extend(below);
        }
        let columns = columns(&all, height_px);
        let is_grid = rules::n_down(image, bbox, height_px) + 1 >= columns.len();
        let is_prose = mean_length(&all) > MAX_CELL_HEIGHTS * height_px;
        let is_table = columns.len() >= 2 && (!is_prose || is_grid);
        if is_table && !regions.iter().any(|other| other.bbox.overlaps(bbox)) {
            regions.push(Region {
                bbox,
                rows: all,
                columns,
                height_px,
                is_ruled: true,
                is_grid,
            });
        }
    }
    regions
}

/// The rows that go on below the last rule: a head may be ruled, and the body not.
fn rows_below(pieces: &[Piece], bbox: BBox, height_px: f32) -> Vec<Row> {
    let below = BBox::new(bbox.x0, bbox.y1, bbox.x1, i32::MAX);
    let mut rows = rows(
        pieces
            .iter()
            .filter(|piece| below.holds_middle_of(piece.bbox))
            .copied()
            .collect(),
    );
    let mut bottom_px = bbox.y1;
    let mut n_rows = 0;
    for (idx, row) in rows.iter().enumerate() {
        let gap = top(row) - bottom_px;
        if gap as f32 > MAX_ROW_GAP_HEIGHTS * height_px || idx > n_rows + MAX_HEAD_ROWS {
            break;
        }
        bottom_px = bottom(row);
        if row.len() > 1 {
            n_rows = idx + 1;
        }
    }
    rows.truncate(n_rows);
    let n_broken = rows.iter().filter(|row| row.len() > 1).count();
    // A row of two pieces under a table is a note or a new section as likely.
    if n_broken < MIN_ROWS || mean_length(&rows) > MAX_CELL_HEIGHTS * height_px {
        rows.clear();
    }
    rows
}

/// The lines cut at wide gaps between words.
fn pieces(lines: &[Line]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (line, of) in lines.iter().enumerate() {
        let height = (of.bbox.y1 - of.bbox.y0) as f32;
        let is_sign = |text: &str| matches!(text, "$" | "€" | "£" | "¥" | "฿" | "₹" | "₩" | "RM");
        let mut words: Vec<(BBox, bool)> = of
            .words
            .iter()
            .map(|word| (word.bbox, is_sign(&word.text)))
            .collect();
        crate::sort::by_key(&mut words, |(bbox, _)| bbox.x0 as f32);
        let mut open: Option<Piece> = None;
        for (bbox, is_sign) in words {
            match &mut open {
                Some(piece) if ((bbox.x0 - piece.bbox.x1) as f32) < PIECE_GAP_HEIGHTS * height => {
                    piece.bbox = piece.bbox.union(bbox);
                    piece.is_sign = false;
                }
                _ => {
                    pieces.extend(open);
                    open = Some(Piece {
                        bbox,
                        line,
                        is_sign,
                    });
                }
            }
        }
        pieces.extend(open);
    }
    pieces
}

/// Pieces side by side, rows from top to bottom.
fn rows(mut pieces: Vec<Piece>) -> Vec<Row> {
    crate::sort::by_key(&mut pieces, |piece| (piece.bbox.y0 + piece.bbox.y1) as f32);
    let mut rows: Vec<Row> = Vec::new();
    for piece in pieces {
        let row = rows.iter_mut().rev().take(3).find(|row| {
            row.iter().all(|other| {
                let shared = piece.bbox.y1.min(other.bbox.y1) - piece.bbox.y0.max(other.bbox.y0);
                let lower = (piece.bbox.y1 - piece.bbox.y0).min(other.bbox.y1 - other.bbox.y0);
                shared as f32 >= ROW_OVERLAP * lower as f32
            })
        });
        match row {
            Some(row) => row.push(piece),
            None => rows.push(vec![piece]),
        }
    }
    for row in &mut rows {
        crate::sort::by_key(row, |piece| piece.bbox.x0 as f32);
    }
    rows
}

/// The longest table that begins with row `start`, and the row behind it.
fn grow(rows: &[Row], start: usize) -> Option<(usize, Region)> {
    if rows[start].len() < 2 {
        return None;
    }
    let height_px = median_height(&rows[start]);
    let mut end = start + 1;
    let mut columns = columns(&rows[start..end], height_px);
    for next in start + 1..rows.len() {
        let gap = top(&rows[next]) - bottom(&rows[next - 1]);
        if gap as f32 > MAX_ROW_GAP_HEIGHTS * height_px {
            break;
        }
        // A row of one piece is a title across, or a cell that goes on; the table must go on behind it.
        if rows[next].len() < 2 {
            continue;
        }
        let grown = self::columns(&rows[start..=next], height_px);
        if grown.len() < MIN_COLUMNS || next - end > 3 {
            break;
        }
        columns = grown;
        end = next + 1;
    }
    let start = head(rows, start, &columns, height_px);
    let table = &rows[start..end];
    let n_broken = table.iter().filter(|row| row.len() > 1).count();
    let n_pieces = table
        .iter()
        .filter(|row| row.len() > 1)
        .flatten()
        .filter(|piece| !piece.is_sign)
        .count();
    let is_filled = n_pieces as f32 >= MIN_FILLED * (n_broken * columns.len()) as f32;
    let is_table = n_broken >= MIN_ROWS
        && is_filled
        && columns.len() >= MIN_COLUMNS
        && mean_length(table) <= MAX_CELL_HEIGHTS * height_px;
    let region = Region {
        bbox: BBox::union_of(table.iter().flatten().map(|piece| piece.bbox))?,
        rows: table.to_vec(),
        columns,
        height_px,
        is_ruled: false,
        is_grid: false,
    };
    is_table.then_some((end, region))
}

/// The first of the rows right above `start` that head several columns: single pieces that stand over the columns of values, not over the
/// labels.
fn head(rows: &[Row], start: usize, columns: &[(i32, i32)], height_px: f32) -> usize {
    let [labels, .., last] = columns else {
        return start;
    };
    let mut first = start;
    while first > 0 && start - first < MAX_HEAD_ROWS {
        let [piece] = rows[first - 1][..] else {
            break;
        };
        let gap = (top(&rows[first]) - piece.bbox.y1) as f32;
        let is_over_values = piece.bbox.x0 > labels.1 && piece.bbox.x1 <= last.1;
        if gap > height_px || !is_over_values {
            break;
        }
        first -= 1;
    }
    first
}

/// The columns that rows of several pieces leave corridors between.
fn columns(rows: &[Row], height_px: f32) -> Vec<(i32, i32)> {
    let mut spans: Vec<(i32, i32)> = Vec::new();
    for row in rows.iter().filter(|row| row.len() > 1) {
        let mut after_sign = false;
        for piece in row {
            match spans.last_mut() {
                // A sign and its figure are of one column.
                Some(span) if after_sign => span.1 = piece.bbox.x1,
                _ => spans.push((piece.bbox.x0, piece.bbox.x1)),
            }
            after_sign = piece.is_sign;
        }
    }
    crate::sort::by_key(&mut spans, |span| span.0 as f32);
    let mut columns: Vec<(i32, i32)> = Vec::new();
    for (x0, x1) in spans {
        match columns.last_mut() {
            Some(column) if ((x0 - column.1) as f32) < MIN_CORRIDOR_HEIGHTS * height_px => {
                column.1 = column.1.max(x1);
            }
            _ => columns.push((x0, x1)),
        }
    }
    columns
}

fn top(row: &Row) -> i32 {
    row.iter().map(|piece| piece.bbox.y0).min().unwrap_or(0)
}

fn bottom(row: &Row) -> i32 {
    row.iter().map(|piece| piece.bbox.y1).max().unwrap_or(0)
}

fn median_height(pieces: &[Piece]) -> f32 {
    let heights = pieces.iter().map(|piece| piece.bbox.height() as f32);
    crate::sort::median(heights).map_or(1.0, |height| height.max(1.0))
}

fn mean_length(rows: &[Row]) -> f32 {
    let lengths = rows.iter().filter(|row| row.len() > 1).flatten();
    let (n, sum) = lengths.fold((0_u32, 0), |(n, sum), piece| {
        (n + 1, sum + piece.bbox.x1 - piece.bbox.x0)
    });
    sum as f32 / n.max(1) as f32
}
