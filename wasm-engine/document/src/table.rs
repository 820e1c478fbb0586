//! Tables: a grid of cells.

use serde::{Deserialize, Serialize};

use crate::block::Line;
use crate::geometry::BBox;

/// A table as a grid of rows and columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Number of rows of the grid.
    pub n_rows: u32,
    /// Number of columns of the grid.
    pub n_columns: u32,
    /// The cells, by row and column. They do not overlap and lie inside the grid; a place that no cell covers is empty.
    pub cells: Vec<Cell>,
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// First row that the cell covers, from 0.
    pub row: u32,
    /// First column that the cell covers, from 0; the leftmost in text from left to right, the rightmost in text from right to left.
    pub column: u32,
    /// Number of rows that the cell covers, at least 1.
    pub row_span: u32,
    /// Number of columns that the cell covers, at least 1.
    pub column_span: u32,
    /// Whether the cell names what stands below or beside it.
    pub is_header: bool,
    /// The cell's text, its lines parted by `\n`.
    pub text: String,
    /// The cell's box; around its text where the table has no rules.
    pub bbox: BBox,
}

impl Table {
    /// Whether any cell covers more than one place of the grid.
    pub fn has_spans(&self) -> bool {
        self.cells
            .iter()
            .any(|cell| cell.row_span > 1 || cell.column_span > 1)
    }

    /// Number of rows at the top whose cells are all headers.
    pub fn n_header_rows(&self) -> u32 {
        let is_header = |row: u32| {
            let mut cells = self.cells.iter().filter(|cell| cell.row == row).peekable();
            cells.peek().is_some() && cells.all(|cell| cell.is_header)
        };
        (0..self.n_rows)
            .take_while(|&row| is_header(row))
            .fold(0, |n, _| n + 1)
    }

    /// The texts of row `row`, one for each column; a cell that spans stands in its first place, the others are empty.
    pub fn row_texts(&self, row: u32) -> Vec<&str> {
        let mut texts = vec![""; usize::try_from(self.n_columns).unwrap_or(0)];
        for cell in self.cells.iter().filter(|cell| cell.row == row) {
            if let Some(text) = usize::try_from(cell.column)
                .ok()
                .and_then(|column| texts.get_mut(column))
            {
                *text = &cell.text;
            }
        }
        texts
    }

    /// The table as plain text: cells parted by tabs, rows by `\n`; line breaks inside cells become spaces.
    pub fn text(&self) -> String {
        let rows: Vec<String> = (0..self.n_rows)
            .map(|row| {
                let texts: Vec<String> = self
                    .row_texts(row)
                    .iter()
                    .map(|text| text.replace('\n', " "))
                    .collect();
                texts.join("\t").trim_end().to_owned()
            })
            .collect();
        rows.join("\n")
    }

    /// Brings the cells after a line of the table changed from `old` to `new`.
    pub(crate) fn follow(&mut self, old: &Line, new: &Line) {
        if old.words.is_empty() {
            let shared = |cell: &&mut Cell| {
                let (x, y) = (cell.bbox.overlap_x(old.bbox), cell.bbox.overlap_y(old.bbox));
                i64::from(x) * i64::from(y)
            };
            if let Some(cell) = self.cells.iter_mut().max_by_key(shared) {
                cell.replace(&old.text, &new.text);
            }
            return;
        }
        for cell in &mut self.cells {
            let bbox = cell.bbox;
            let part = |line: &Line| {
                let range = line.stretch_of(|word| bbox.holds_middle_of(word.bbox));
                range.map(|range| line.text[range].to_owned())
            };
            if let Some(before) = part(old) {
                cell.replace(&before, &part(new).unwrap_or_default());
            }
        }
    }
}

impl Cell {
    /// Puts `after` in place of `before`; in place of everything where the cell says it otherwise and has a single line.
    fn replace(&mut self, before: &str, after: &str) {
        match self.text.find(before) {
            Some(at) => self.text.replace_range(at..at + before.len(), after),
            None if !self.text.contains('\n') => after.clone_into(&mut self.text),
            None => {}
        }
        let lines = self.text.lines().map(str::trim).filter(|l| !l.is_empty());
        self.text = lines.collect::<Vec<_>>().join("\n");
    }
}

/// Brings the lines of a table after `cell` was given its text: each of them takes a line of the cell, or a part of its words where these are not as many.
pub(crate) fn into_lines(cell: &Cell, lines: &mut [Line]) {
    let mut touched: Vec<(&mut Line, std::ops::Range<usize>)> = lines
        .iter_mut()
        .filter_map(|line| {
            let range = line.stretch_of(|word| cell.bbox.holds_middle_of(word.bbox))?;
            Some((line, range))
        })
        .collect();
    let parts: Vec<String> = if cell.text.lines().count() == touched.len() {
        cell.text.lines().map(str::to_owned).collect()
    } else {
        let lengths: Vec<usize> = touched.iter().map(|(_, range)| range.len()).collect();
        parted(&cell.text, &lengths)
    };
    for ((line, range), part) in touched.iter_mut().zip(parts) {
        let mut text = line.text.clone();
        text.replace_range(range.clone(), &part);
        line.correct(&text);
    }
}

/// The words of `text` in as many parts as there are `lengths`, about in their proportion.
fn parted(text: &str, lengths: &[usize]) -> Vec<String> {
    let n_all: usize = text.split_whitespace().map(str::len).sum();
    let total: usize = lengths.iter().sum::<usize>().max(1);
    let mut parts = vec![Vec::new(); lengths.len()];
    let (mut at, mut n, mut until) = (0, 0, lengths.first().copied().unwrap_or(0));
    for word in text.split_whitespace() {
        while at + 1 < lengths.len() && n * total >= until * n_all.max(1) {
            at += 1;
            until += lengths[at];
        }
        if let Some(part) = parts.get_mut(at) {
            part.push(word);
        }
        n += word.len();
    }
    parts.into_iter().map(|part| part.join(" ")).collect()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn cell(row: u32, column: u32, column_span: u32, is_header: bool, text: &str) -> Cell {
        Cell {
            row,
            column,
            row_span: 1,
            column_span,
            is_header,
            text: text.into(),
            bbox: BBox::default(),
        }
    }

    #[test]
    fn a_table_reads_row_by_row() {
        let table = Table {
            n_rows: 3,
            n_columns: 3,
            cells: vec![
                cell(0, 0, 1, true, "Item"),
                cell(0, 1, 2, true, "Price\nand tax"),
                cell(1, 0, 1, false, "Coffee"),
                cell(1, 2, 1, false, "9.00"),
            ],
        };
        assert!(table.has_spans());
        assert_eq!(table.n_header_rows(), 1);
        assert_eq!(table.row_texts(1), ["Coffee", "", "9.00"]);
        assert_eq!(table.text(), "Item\tPrice and tax\nCoffee\t\t9.00\n");
    }
}
