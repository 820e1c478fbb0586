//! Words into the cells of a table: by the structure that the network found, or by the corridors between the columns.

use std::collections::{BTreeMap, BTreeSet};

use ocr_chat_document::{BBox, Cell, Line, Table, Word};

use super::region::{Piece, Region, Row};
use super::structure::{FoundCell, Structure};

/// A word further than this from every cell is in none, in line heights.
const MAX_DISTANCE_HEIGHTS: f32 = 1.5;

/// How much further away a cell above or below is than one beside: rows are closer than columns.
const ROW_DISTANCE_WEIGHT: f32 = 3.0;

/// Share of the words that must find their cells.
const MIN_PLACED: f32 = 0.9;

/// Share of the cells that hold something, where nothing is ruled and where rules bound the table: made-up grids are mostly empty.
const MIN_FILLED: f32 = 0.6;
const MIN_FILLED_RULED: f32 = 0.3;

/// Share of the pieces behind the first column that hold figures, where corridors alone make a table.
const MIN_FIGURES: f32 = 0.6;

/// Share of the rows that may disagree with what is seen, where nothing is ruled and where rules bound the table.
const MAX_DISAGREEING: f32 = 0.05;
const MAX_DISAGREEING_RULED: f32 = 0.15;

/// Share of the pieces of several words that may be parted by columns.
const MAX_PARTED: f32 = 0.3;

/// Words of one line of a cell share this much of the lower one's height.
const LINE_OVERLAP: f32 = 0.5;

/// Mean probability of the tokens from which a structure is believed.
const MIN_CONFIDENCE: f32 = 0.85;

/// The table of a found structure, filled with the words of `lines`; `None` where they do not agree.
pub(super) fn from_structure(
    structure: &Structure,
    lines: &[&Line],
    region: &Region,
    is_rtl: bool,
) -> Option<Table> {
    let height_px = region.height_px;
    if !structure.is_complete || structure.confidence < MIN_CONFIDENCE {
        return None;
    }
    let mut words: Vec<Vec<&Word>> = vec![Vec::new(); structure.cells.len()];
    let (mut n_words, mut n_placed) = (0_usize, 0_usize);
    for word in lines.iter().flat_map(|line| &line.words) {
        n_words += 1;
        if let Some(cell) = cell_of(word.bbox, &structure.cells, height_px) {
            n_placed += 1;
            words[cell].push(word);
        }
    }
    if (n_placed as f32) < MIN_PLACED * n_words as f32 {
        return None;
    }
    let mut table = Table {
        n_rows: 0,
        n_columns: 0,
        cells: Vec::new(),
    };
    let mut taken: Vec<Vec<bool>> = Vec::new();
    for (found, words) in structure.cells.iter().zip(words) {
        let column = take(&mut taken, found);
        table.n_rows = table.n_rows.max(found.row + found.row_span);
        table.n_columns = table.n_columns.max(column + found.column_span);
        let own = BBox::union_of(words.iter().map(|word| word.bbox));
        let [x0, y0, x1, y1] = found.rect.map(|edge| edge.round() as i32);
        table.cells.push(Cell {
            row: found.row,
            column,
            row_span: found.row_span,
            column_span: found.column_span,
            is_header: found.is_header,
            text: text(words, is_rtl),
            bbox: own.unwrap_or(BBox::new(x0, y0, x1, y1)),
        });
    }
    let last_row = structure.cells.last()?.row + 1;
    // Spans below the last row cover nothing.
    table.n_rows = last_row;
    for cell in &mut table.cells {
        cell.row_span = cell.row_span.min(last_row - cell.row);
    }
    if is_rtl {
        mirror(&mut table);
    }
    let is_table = table.n_rows >= 2 && table.n_columns >= 2;
    // More columns than there are corridors are made up; fewer are columns that run into each other.
    let n_corridors = region.columns.len() as u32;
    let is_plausible = region.is_ruled || table.n_columns <= n_corridors + n_corridors / 2 + 1;
    let n_filled = table
        .cells
        .iter()
        .filter(|cell| !cell.text.is_empty())
        .count();
    let least = if region.is_ruled {
        MIN_FILLED_RULED
    } else {
        MIN_FILLED
    };
    let is_filled = n_filled as f32 >= least * table.cells.len() as f32;
    let agrees = region.is_grid
        || rows_agree(structure, region, lines) && columns_agree(structure, region, lines);
    (is_table && is_plausible && is_filled && agrees).then_some(table)
}

/// Whether the rows of the structure are those that are seen: no row of pieces over several rows of the table, no line of text either, no several
/// in one. Several lines in one cell are common, in several cells at once they are rows that were taken for one (receipts, forms, prose in
/// columns); so is, where nothing is ruled, a line that stands alone in a column where the row before it has nothing.
fn rows_agree(structure: &Structure, region: &Region, lines: &[&Line]) -> bool {
    let rows_of = |boxes: &mut dyn Iterator<Item = BBox>| -> BTreeSet<(u32, usize)> {
        boxes
            .filter_map(|bbox| cell_of(bbox, &structure.cells, region.height_px))
            .map(|idx| (idx, &structure.cells[idx]))
            .filter(|(_, cell)| cell.row_span == 1 && !cell.is_header)
            .map(|(idx, cell)| (cell.row, idx))
            .collect()
    };
    let is_one_row = |cells: &BTreeSet<(u32, usize)>| {
        cells.first().map(|(row, _)| row) == cells.last().map(|(row, _)| row)
    };
    let mut seen_in: BTreeMap<u32, usize> = BTreeMap::new();
    let mut filled: BTreeSet<(u32, usize)> = BTreeSet::new();
    let (mut n_seen, mut n_split) = (0_usize, 0_usize);
    for row in &region.rows {
        let cells = rows_of(&mut row.iter().map(|piece| piece.bbox));
        let Some(&(first, _)) = cells.first() else {
            continue;
        };
        let goes_on = row.len() == 1 && (region.is_ruled || !cells.is_disjoint(&filled));
        if !goes_on {
            n_seen += 1;
            n_split += usize::from(!is_one_row(&cells));
            for row in cells.iter().map(|(row, _)| *row).collect::<BTreeSet<_>>() {
                *seen_in.entry(row).or_default() += 1;
            }
        }
        // Rows come from the top: what was filled in rows further up is of no more use.
        filled = filled.split_off(&(first, 0));
        filled.extend(cells);
    }
    let is_torn = |line: &&&Line| {
        let cells = line
            .words
            .iter()
            .filter_map(|word| cell_of(word.bbox, &structure.cells, region.height_px))
            .map(|idx| &structure.cells[idx])
            .filter(|cell| cell.row_span == 1);
        cells.map(|cell| cell.row).collect::<BTreeSet<_>>().len() > 1
    };
    let n_torn = lines.iter().filter(is_torn).count();
    let n_merged = seen_in.values().filter(|n| **n > 1).count();
    let share = if region.is_ruled {
        MAX_DISAGREEING_RULED
    } else {
        MAX_DISAGREEING
    };
    (n_split.max(n_torn)) as f32 <= share * n_seen as f32
        && n_merged as f32 <= share * seen_in.len() as f32
}

/// Whether most of what stands close together is in one cell: made-up columns part the words of labels.
fn columns_agree(structure: &Structure, region: &Region, lines: &[&Line]) -> bool {
    let (mut n_pieces, mut n_parted) = (0_usize, 0_usize);
    for piece in region.rows.iter().flatten() {
        let words = lines.iter().flat_map(|line| &line.words);
        let cells: Vec<usize> = words
            .filter(|word| piece.bbox.holds_middle_of(word.bbox))
            .filter_map(|word| cell_of(word.bbox, &structure.cells, region.height_px))
            .collect();
        if cells.len() > 1 {
            n_pieces += 1;
            n_parted += usize::from(cells.iter().any(|cell| *cell != cells[0]));
        }
    }
    n_parted as f32 <= MAX_PARTED * n_pieces as f32
}

/// Takes the first free places of the cell's row for it; the column of the first.
fn take(taken: &mut Vec<Vec<bool>>, cell: &FoundCell) -> u32 {
    let row = cell.row as usize;
    let rows = row + cell.row_span as usize;
    if taken.len() < rows {
        taken.resize(rows, Vec::new());
    }
    let column = (0..)
        .find(|&at| !taken[row].get(at).copied().unwrap_or(false))
        .unwrap_or(0);
    for row in &mut taken[row..rows] {
        let end = column + cell.column_span as usize;
        if row.len() < end {
            row.resize(end, false);
        }
        row[column..end].fill(true);
    }
    u32::try_from(column).unwrap_or(0)
}

/// The cell that a word stands in or is nearest to.
fn cell_of(word: BBox, cells: &[FoundCell], height_px: f32) -> Option<usize> {
    let [x0, y0, x1, y1] = [word.x0, word.y0, word.x1, word.y1].map(|edge| edge as f32);
    let overlap = |cell: &FoundCell| {
        let [left, top, right, bottom] = cell.rect;
        (x1.min(right) - x0.max(left)).max(0.0) * (y1.min(bottom) - y0.max(top)).max(0.0)
    };
    let most = cells
        .iter()
        .map(overlap)
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    if most.1 > 0.0 {
        return Some(most.0);
    }
    let (x, y) = (f32::midpoint(x0, x1), f32::midpoint(y0, y1));
    let distance = |cell: &FoundCell| {
        let [left, top, right, bottom] = cell.rect;
        let dx = (left - x).max(x - right).max(0.0);
        let dy = (top - y).max(y - bottom).max(0.0);
        dx + ROW_DISTANCE_WEIGHT * dy
    };
    let nearest = cells
        .iter()
        .map(distance)
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(&b.1))?;
    (nearest.1 <= MAX_DISTANCE_HEIGHTS * ROW_DISTANCE_WEIGHT * height_px).then_some(nearest.0)
}

/// Words in reading order: lines from top to bottom, parted by `\n`, words by spaces where their script has them.
fn text(mut words: Vec<&Word>, is_rtl: bool) -> String {
    crate::sort::by_key(&mut words, |word| (word.bbox.y0 + word.bbox.y1) as f32);
    let mut lines: Vec<Vec<&Word>> = Vec::new();
    for word in words {
        let line = lines.iter_mut().rev().take(2).find(|line| {
            line.iter().all(|other| {
                let shared = word.bbox.y1.min(other.bbox.y1) - word.bbox.y0.max(other.bbox.y0);
                let lower = (word.bbox.y1 - word.bbox.y0).min(other.bbox.y1 - other.bbox.y0);
                shared as f32 >= LINE_OVERLAP * lower as f32
            })
        });
        match line {
            Some(line) => line.push(word),
            None => lines.push(vec![word]),
        }
    }
    let mut text = String::new();
    for mut line in lines {
        crate::sort::by_key(&mut line, |word| word.bbox.x0 as f32);
        if is_rtl {
            line.reverse();
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let mut previous: Option<&Word> = None;
        for word in line {
            if previous.is_some_and(|previous| !crate::layout::joins(&previous.text, &word.text)) {
                text.push(' ');
            }
            text.push_str(&word.text);
            previous = Some(word);
        }
    }
    text
}

/// The table that the region's rows and corridors make, for what the network cannot read: very long tables, or without it.
pub(super) fn from_corridors(region: &Region, lines: &[Line], is_rtl: bool) -> Table {
    let n_columns = region.columns.len();
    let mut table = Table {
        n_rows: 0,
        n_columns: n_columns as u32,
        cells: Vec::new(),
    };
    let n_header_rows = n_header_rows(region, lines);
    for row in &region.rows {
        let row_idx = table.n_rows;
        for piece in row {
            let touches = |(x0, x1): &(i32, i32)| piece.bbox.x0 < *x1 && piece.bbox.x1 > *x0;
            let Some(first) = region.columns.iter().position(touches) else {
                continue;
            };
            let last = region.columns.iter().rposition(touches).unwrap_or(first);
            let (first, last) = if !is_rtl && row.len() == 1 && heads_all_values(piece, region) {
                (1, n_columns - 1)
            } else {
                (first, last)
            };
            let text = piece_text(piece.bbox, &lines[piece.line], is_rtl);
            let before = table
                .cells
                .iter_mut()
                .find(|cell| cell.row == row_idx && cell.column + cell.column_span > first as u32);
            if let Some(cell) = before {
                cell.text.push(' ');
                cell.text.push_str(&text);
                cell.bbox = cell.bbox.union(piece.bbox);
                continue;
            }
            table.cells.push(Cell {
                row: row_idx,
                column: first as u32,
                row_span: 1,
                column_span: (last - first + 1) as u32,
                is_header: row_idx < n_header_rows,
                text,
                bbox: piece.bbox,
            });
        }
        table.n_rows += 1;
    }
    if is_rtl {
        mirror(&mut table);
    }
    table
}

/// Rows that head the columns: those at the top that have no label of a row, otherwise a first row without figures above rows with figures.
fn n_header_rows(region: &Region, lines: &[Line]) -> u32 {
    let Some((left, right)) = region.columns.first() else {
        return 0;
    };
    let has_label = |row: &Row| {
        row.iter()
            .any(|piece| piece.bbox.x0 < *right && piece.bbox.x1 > *left)
    };
    let n_unlabelled = region.rows.iter().take_while(|row| !has_label(row)).count();
    if (1..region.rows.len()).contains(&n_unlabelled) {
        return u32::try_from(n_unlabelled).unwrap_or(0);
    }
    let has_figures = |row: &Row| row.iter().skip(1).any(|piece| has_digit(piece, lines));
    let n_with_figures = region
        .rows
        .iter()
        .skip(1)
        .filter(|row| has_figures(row))
        .count();
    let heads = region.rows.first().is_some_and(|row| !has_figures(row))
        && n_with_figures * 2 > region.rows.len();
    u32::from(heads)
}

/// Whether most of what stands behind the first column are figures, and nothing is ruled.
pub(super) fn has_figures(region: &Region, lines: &[Line]) -> bool {
    let values = || region.rows.iter().flat_map(|row| row.iter().skip(1));
    let n_figures = values().filter(|piece| has_digit(piece, lines)).count();
    !region.is_ruled && n_figures as f32 >= MIN_FIGURES * values().count() as f32
}

fn has_digit(piece: &Piece, lines: &[Line]) -> bool {
    piece_text(piece.bbox, &lines[piece.line], false)
        .chars()
        .any(|c| c.is_ascii_digit())
}

/// Whether the only piece of a row stands in the middle of all columns but the first.
fn heads_all_values(piece: &Piece, region: &Region) -> bool {
    let [_, first, .., last] = &region.columns[..] else {
        return false;
    };
    let middle = |x0: i32, x1: i32| f32::midpoint(x0 as f32, x1 as f32);
    (middle(piece.bbox.x0, piece.bbox.x1) - middle(first.0, last.1)).abs() <= region.height_px
}

fn piece_text(piece: BBox, line: &Line, is_rtl: bool) -> String {
    let inside = |word: &&Word| {
        let center = i32::midpoint(word.bbox.x0, word.bbox.x1);
        (piece.x0..=piece.x1).contains(&center)
    };
    text(line.words.iter().filter(inside).collect(), is_rtl)
}

/// Columns counted from the right, for text that runs from right to left.
fn mirror(table: &mut Table) {
    for cell in &mut table.cells {
        cell.column = table
            .n_columns
            .saturating_sub(cell.column + cell.column_span);
    }
    let n_columns = table.n_columns;
    crate::sort::by_key(&mut table.cells, |cell| {
        (cell.row * n_columns + cell.column) as f32
    });
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::layout::tests::read_line;
    use crate::raster::PageImage;
    use crate::table::region;

    /// A statement: a heading over three years, a unit, signs set apart from their figures.
    fn statement() -> Vec<Line> {
        let mut read = vec![
            read_line("Year Ended", 408.0, 100.0),
            read_line("Jan 26, 2025", 304.0, 115.0),
            read_line("Jan 28, 2024", 404.0, 115.0),
            read_line("Jan 29, 2023", 504.0, 115.0),
            read_line("(In millions)", 399.0, 130.0),
        ];
        for (row, (label, figures)) in [
            ("Cost of revenue", ["178", "141", "138"]),
            ("Research", ["3,423", "2,532", "1,892"]),
            ("Sales and other", ["1,136", "876", "680"]),
            ("Total", ["4,737", "3,549", "2,710"]),
        ]
        .into_iter()
        .enumerate()
        {
            let y = 145.0 + 14.0 * row as f32;
            read.push(read_line(label, 0.0, y));
            for (column, figure) in figures.into_iter().enumerate() {
                let x = 300.0 + 100.0 * column as f32;
                if row % 3 == 0 {
                    read.push(read_line("$", x, y));
                }
                read.push(read_line(figure, x + 42.0, y));
            }
        }
        let lines = crate::layout::lines(&read, 700, 300);
        lines.into_iter().map(|line| line.line).collect()
    }

    #[test]
    fn figures_in_clear_columns_are_a_table_by_their_corridors() {
        let lines = statement();
        let image = PageImage::from_rgb(700, 300, vec![255; 700 * 300 * 3]).unwrap();
        let (regions, _) = region::regions(&lines, &image);
        assert_eq!(regions.len(), 1);
        assert!(has_figures(&regions[0], &lines));
        let table = from_corridors(&regions[0], &lines, false);
        assert_eq!((table.n_rows, table.n_columns), (7, 4));
        let cell = |row: u32, column: u32| {
            let found = table.cells.iter().find(|cell| {
                cell.row == row && (cell.column..cell.column + cell.column_span).contains(&column)
            });
            found.map(|cell| (cell.text.as_str(), cell.is_header))
        };
        for column in 1..4 {
            assert_eq!(cell(0, column), Some(("Year Ended", true)));
            assert_eq!(cell(2, column), Some(("(In millions)", true)));
        }
        assert_eq!(cell(1, 2), Some(("Jan 28, 2024", true)));
        assert_eq!(cell(3, 0), Some(("Cost of revenue", false)));
        assert_eq!(cell(3, 1), Some(("$ 178", false)));
        assert_eq!(cell(5, 3), Some(("680", false)));
    }
}
