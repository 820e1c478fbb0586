//! A table's cells laid out in its grid, checked: writers of XML must not produce overlapping spans, whatever they are given.

use ocr_chat_document::{Cell, Table};

/// Tables with more places than this are written as text: no sheet of paper holds them.
const MAX_PLACES: usize = 200_000;

/// A cell as the writers need it: inside the grid, overlapping none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GridCell<'a> {
    /// The cell.
    pub(crate) cell: &'a Cell,
    /// Its position in `Table::cells`.
    pub(crate) idx: usize,
    /// First row.
    pub(crate) row: usize,
    /// First column.
    pub(crate) column: usize,
    /// Rows covered, at least 1.
    pub(crate) row_span: usize,
    /// Columns covered, at least 1.
    pub(crate) column_span: usize,
}

/// What stands at one place of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// No cell.
    Empty,
    /// The first place of the cell at this position of [`Grid::cells`].
    First(usize),
    /// Another place of that cell.
    Covered(usize),
}

/// The grid.
#[derive(Debug, Clone)]
pub(crate) struct Grid<'a> {
    /// The cells by row and column.
    pub(crate) cells: Vec<GridCell<'a>>,
    /// Number of rows.
    pub(crate) n_rows: usize,
    /// Number of columns.
    pub(crate) n_columns: usize,
    /// Number of rows at the top that are headers.
    pub(crate) n_header_rows: usize,
    places: Vec<Place>,
}

impl<'a> Grid<'a> {
    /// The grid of `table`; `None` where it is empty or breaks the promises of [`Table::cells`], so that writing its cells would lose text.
    pub(crate) fn new(table: &'a Table) -> Option<Self> {
        let n_rows = usize::try_from(table.n_rows).ok()?;
        let n_columns = usize::try_from(table.n_columns).ok()?;
        let n_places = n_rows.checked_mul(n_columns)?;
        if n_places == 0 || n_places > MAX_PLACES {
            return None;
        }
        let mut order: Vec<usize> = (0..table.cells.len()).collect();
        order.sort_by_key(|&idx| (table.cells[idx].row, table.cells[idx].column));
        let mut grid = Self {
            cells: Vec::with_capacity(order.len()),
            n_rows,
            n_columns,
            n_header_rows: usize::try_from(table.n_header_rows()).ok()?,
            places: vec![Place::Empty; n_places],
        };
        for idx in order {
            grid.put(&table.cells[idx], idx)?;
        }
        Some(grid)
    }

    fn put(&mut self, cell: &'a Cell, idx: usize) -> Option<()> {
        let at = GridCell {
            cell,
            idx,
            row: usize::try_from(cell.row).ok()?,
            column: usize::try_from(cell.column).ok()?,
            row_span: usize::try_from(cell.row_span).ok()?,
            column_span: usize::try_from(cell.column_span).ok()?,
        };
        let inside = at.row_span > 0
            && at.column_span > 0
            && at.row.checked_add(at.row_span)? <= self.n_rows
            && at.column.checked_add(at.column_span)? <= self.n_columns;
        if !inside {
            return None;
        }
        let position = self.cells.len();
        for row in at.row..at.row + at.row_span {
            for column in at.column..at.column + at.column_span {
                let place = &mut self.places[row * self.n_columns + column];
                if *place != Place::Empty {
                    return None;
                }
                *place = if (row, column) == (at.row, at.column) {
                    Place::First(position)
                } else {
                    Place::Covered(position)
                };
            }
        }
        self.cells.push(at);
        Some(())
    }

    /// What stands at `row` and `column`, both inside the grid.
    pub(crate) fn place(&self, row: usize, column: usize) -> Place {
        self.places[row * self.n_columns + column]
    }

    /// Whether any cell covers more than one place.
    pub(crate) fn has_spans(&self) -> bool {
        self.cells
            .iter()
            .any(|cell| cell.row_span > 1 || cell.column_span > 1)
    }

    /// Width of each column in pixels by the boxes of the cells that cover it alone, at least 1; the mean for columns without one.
    pub(crate) fn column_widths_px(&self) -> Vec<i32> {
        let mut edges: Vec<Option<(i32, i32)>> = vec![None; self.n_columns];
        for cell in self.cells.iter().filter(|cell| cell.column_span == 1) {
            let bbox = cell.cell.bbox;
            if bbox.width() > 0 {
                let (x0, x1) = edges[cell.column].unwrap_or((bbox.x0, bbox.x1));
                edges[cell.column] = Some((x0.min(bbox.x0), x1.max(bbox.x1)));
            }
        }
        let widths: Vec<i32> = edges
            .iter()
            .flatten()
            .map(|(x0, x1)| (x1 - x0).max(1))
            .collect();
        let n = i32::try_from(widths.len()).unwrap_or(1).max(1);
        let mean = (widths.iter().fold(0, |sum: i32, w| sum.saturating_add(*w)) / n).max(1);
        edges
            .into_iter()
            .map(|edge| edge.map_or(mean, |(x0, x1)| (x1 - x0).max(1)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::BBox;

    fn cell(row: u32, column: u32, row_span: u32, column_span: u32) -> Cell {
        Cell {
            row,
            column,
            row_span,
            column_span,
            is_header: false,
            text: format!("{row},{column}"),
            bbox: BBox::new(0, 0, 40, 10),
        }
    }

    fn table(cells: Vec<Cell>) -> Table {
        Table {
            n_rows: 2,
            n_columns: 2,
            cells,
        }
    }

    #[test]
    fn spans_cover_their_places() {
        let table = table(vec![cell(1, 1, 1, 1), cell(0, 0, 2, 1)]);
        let grid = Grid::new(&table).unwrap();
        assert_eq!(grid.place(0, 0), Place::First(0));
        assert_eq!(grid.place(1, 0), Place::Covered(0));
        assert_eq!(grid.place(0, 1), Place::Empty);
        assert_eq!(grid.cells[1].idx, 0);
        assert!(grid.has_spans());
    }

    #[test]
    fn a_table_that_breaks_its_promises_has_no_grid() {
        for cells in [
            vec![cell(0, 0, 1, 2), cell(0, 1, 1, 1)],
            vec![cell(0, 0, 3, 1)],
            vec![cell(0, 2, 1, 1)],
            vec![cell(0, 0, 0, 1)],
        ] {
            assert!(Grid::new(&table(cells)).is_none());
        }
        let huge = Table {
            n_rows: u32::MAX,
            n_columns: u32::MAX,
            cells: vec![],
        };
        assert!(Grid::new(&huge).is_none());
    }
}
