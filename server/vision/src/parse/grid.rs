//! Tables from the ways in which models write them: HTML, OTSL, pipes.

use ocr_chat_document::{BBox, Cell, Table};

use crate::parse::html::{self, Token};

/// Most rows and columns of a table; a model in a loop writes more.
const MAX_ROWS: u32 = 2_000;
const MAX_COLUMNS: u32 = 200;

/// Puts cells into a grid, in the order of rows.
#[derive(Default)]
struct Grid {
    cells: Vec<Cell>,
    /// For each column, the first row that is free again.
    free_from: Vec<u32>,
    row: u32,
    column: u32,
    has_row: bool,
}

impl Grid {
    fn next_row(&mut self) {
        if self.has_row {
            self.row += 1;
        }
        self.has_row = true;
        self.column = 0;
    }

    /// Puts a cell at the next free place of the row; one that would lie outside of the largest table is left out.
    fn put(&mut self, text: String, row_span: u32, column_span: u32, is_header: bool) {
        self.has_row = true;
        while self.taken_until(self.column) > self.row {
            self.column += 1;
        }
        if self.row >= MAX_ROWS || self.column >= MAX_COLUMNS {
            return;
        }
        let row_span = row_span.clamp(1, MAX_ROWS - self.row);
        let mut width = 1;
        // A span ends where another cell reaches down into the row.
        while width < column_span.min(MAX_COLUMNS - self.column)
            && self.taken_until(self.column + width) <= self.row
        {
            width += 1;
        }
        let end = (self.column + width) as usize;
        if self.free_from.len() < end {
            self.free_from.resize(end, 0);
        }
        self.free_from[self.column as usize..end].fill(self.row + row_span);
        self.cells.push(Cell {
            row: self.row,
            column: self.column,
            row_span,
            column_span: width,
            is_header,
            text,
            bbox: BBox::default(),
        });
        self.column += width;
    }

    fn taken_until(&self, column: u32) -> u32 {
        self.free_from.get(column as usize).copied().unwrap_or(0)
    }

    /// The table; `None` for one without cells. Spans that reach below the last row are cut.
    fn finish(mut self) -> Option<Table> {
        let n_rows = self.cells.iter().map(|cell| cell.row + 1).max()?;
        let n_columns = u32::try_from(self.free_from.len()).ok()?;
        for cell in &mut self.cells {
            cell.row_span = cell.row_span.min(n_rows - cell.row);
        }
        Some(Table {
            n_rows,
            n_columns,
            cells: self.cells,
        })
    }
}

/// The first table of `tokens`, of which the first opens it, and how many tokens it takes. A table that does not end is read as far as
/// it goes. Tables inside of cells are text.
pub(super) fn from_html(tokens: &[Token]) -> (Option<Table>, usize) {
    let mut grid = Grid::default();
    let mut cell: Option<(u32, u32, bool, usize)> = None;
    let mut depth = 0_usize;
    let mut in_head = false;
    let mut at = 0;
    let span = |token: &Token, name| {
        let value = token
            .attribute(name)
            .and_then(|value| value.trim().parse().ok());
        value.unwrap_or(1_u32)
    };
    while at < tokens.len() {
        let token = &tokens[at];
        let name = match token {
            Token::Open { name, .. } | Token::Close(name) => name.as_str(),
            Token::Text(_) => "",
        };
        let is_open = matches!(token, Token::Open { .. });
        let ends_cell =
            depth == 1 && matches!(name, "td" | "th" | "tr" | "thead" | "tbody" | "tfoot");
        let ends_table = name == "table" && !is_open && depth == 1;
        if (ends_cell || ends_table)
            && let Some((row_span, column_span, is_header, start)) = cell.take()
        {
            let text = html::text_of(&tokens[start..at]);
            grid.put(text, row_span, column_span, is_header);
        }
        match (name, is_open) {
            ("table", true) => depth += 1,
            ("table", false) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    at += 1;
                    break;
                }
            }
            ("thead", is_open) if depth == 1 => in_head = is_open,
            ("tr", true) if depth == 1 => grid.next_row(),
            ("td" | "th", true) if depth == 1 => {
                let is_header = name == "th" || in_head;
                cell = Some((
                    span(token, "rowspan"),
                    span(token, "colspan"),
                    is_header,
                    at + 1,
                ));
            }
            _ => {}
        }
        at += 1;
    }
    if let Some((row_span, column_span, is_header, start)) = cell {
        let text = html::text_of(&tokens[start..at]);
        grid.put(text, row_span, column_span, is_header);
    }
    (grid.finish(), at)
}

/// A table of lines with pipes; `None` where the second line is not the rule under the head.
pub(super) fn from_pipes(lines: &[&str]) -> Option<Table> {
    let is_rule = |line: &&str| {
        line.contains('-')
            && line
                .chars()
                .all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
    };
    let rule = lines.get(1).filter(|line| is_rule(line))?;
    let n_columns = pipe_cells(rule).len();
    let mut grid = Grid::default();
    for (idx, line) in lines.iter().enumerate().filter(|(idx, _)| *idx != 1) {
        grid.next_row();
        for text in pipe_cells(line).into_iter().take(n_columns) {
            grid.put(text, 1, 1, idx == 0);
        }
    }
    grid.finish()
}

fn pipe_cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let line = line.strip_suffix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek() == Some(&'|') => {
                chars.next();
                if let Some(cell) = cells.last_mut() {
                    cell.push('|');
                }
            }
            '|' => cells.push(String::new()),
            c => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
    }
    cells
        .iter()
        .map(|cell| super::inline::plain(cell.trim()))
        .collect()
}

/// A table of OTSL (arXiv 2305.03898), as DocTags and PaddleOCR-VL have it: `<fcel>` a cell with text, `<ecel>` an empty one, `<ched>`, `<rhed>` and
/// `<srow>` headers, `<lcel>` goes on with the cell to the left, `<ucel>` with the one above, `<xcel>` with both, `<nl>` ends a row.
pub(super) fn from_otsl(tokens: &[Token]) -> Option<Table> {
    #[derive(Clone, Copy, PartialEq)]
    enum Place {
        Cell(usize),
        Left,
        Up,
        Cross,
    }
    let mut texts: Vec<(String, bool)> = Vec::new();
    let mut rows: Vec<Vec<Place>> = vec![Vec::new()];
    for token in tokens {
        let row = rows.len() - 1;
        if row >= MAX_ROWS as usize {
            break;
        }
        let is_full = rows[row].len() >= MAX_COLUMNS as usize;
        match token {
            Token::Open { name, .. } => match name.as_str() {
                "nl" => rows.push(Vec::new()),
                _ if is_full => {}
                "fcel" | "ecel" | "ched" | "rhed" | "srow" => {
                    rows[row].push(Place::Cell(texts.len()));
                    texts.push((
                        String::new(),
                        matches!(name.as_str(), "ched" | "rhed" | "srow"),
                    ));
                }
                "lcel" => rows[row].push(Place::Left),
                "ucel" => rows[row].push(Place::Up),
                "xcel" => rows[row].push(Place::Cross),
                "br" => push_text(&mut texts, "\n"),
                _ => {}
            },
            Token::Text(text) => push_text(&mut texts, text),
            Token::Close(_) => {}
        }
    }
    rows.retain(|row| !row.is_empty());
    let mut cells = Vec::new();
    for (row_idx, row) in rows.iter().enumerate() {
        for (column, place) in row.iter().enumerate() {
            // What goes on with nothing is an empty place.
            let Place::Cell(text_idx) = *place else {
                continue;
            };
            let right = row[column + 1..].iter();
            let column_span = 1 + right.take_while(|place| **place == Place::Left).count();
            let below = rows[row_idx + 1..].iter();
            let row_span = 1 + below
                .take_while(|row| {
                    row.get(column) == Some(&Place::Up)
                        && (1..column_span).all(|offset| {
                            matches!(
                                row.get(column + offset),
                                Some(Place::Cross | Place::Left | Place::Up)
                            )
                        })
                })
                .count();
            let (text, is_header) = &texts[text_idx];
            cells.push(Cell {
                row: u32::try_from(row_idx).ok()?,
                column: u32::try_from(column).ok()?,
                row_span: u32::try_from(row_span).ok()?,
                column_span: u32::try_from(column_span).ok()?,
                is_header: *is_header,
                text: text.trim().to_owned(),
                bbox: BBox::default(),
            });
        }
    }
    let n_columns = rows.iter().map(Vec::len).max()?;
    (!cells.is_empty()).then_some(Table {
        n_rows: u32::try_from(rows.len()).ok()?,
        n_columns: u32::try_from(n_columns).ok()?,
        cells,
    })
}

fn push_text(texts: &mut [(String, bool)], piece: &str) {
    if let Some((text, _)) = texts.last_mut() {
        text.push_str(piece);
    }
}

/// Whether no two cells of `table` overlap and all lie inside: what [`Table`] promises.
#[cfg(test)]
pub(super) fn is_sound(table: &Table) -> bool {
    let mut taken = std::collections::HashSet::new();
    table.cells.iter().all(|cell| {
        let rows = cell.row..cell.row + cell.row_span;
        let columns = cell.column..cell.column + cell.column_span;
        rows.end <= table.n_rows
            && columns.end <= table.n_columns
            && rows
                .clone()
                .all(|row| columns.clone().all(|column| taken.insert((row, column))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_tables_keep_their_spans() {
        let html = "<table><thead><tr><th rowspan=2>Model</th><th colspan='2'>Score</th></tr><tr><th>a</th><th>b</th></tr></thead>\
                    <tr><td>X</td><td>1</td><td>2</td></tr></table> behind";
        let tokens = html::tokens(html);
        let (table, n_tokens) = from_html(&tokens);
        let table = table.unwrap();
        assert!(is_sound(&table));
        assert_eq!(
            (table.n_rows, table.n_columns, table.n_header_rows()),
            (3, 3, 2)
        );
        assert_eq!(table.row_texts(1), ["", "a", "b"]);
        assert_eq!(tokens[n_tokens], Token::Text(" behind".into()));
    }

    #[test]
    fn a_table_cut_off_keeps_what_stands_before_the_cut() {
        let (table, _) = from_html(&html::tokens(
            "<table><tr><td>A</td><td>B</td></tr><tr><td>C<",
        ));
        assert_eq!(table.unwrap().text(), "A\tB\nC<");
        let (none, _) = from_html(&html::tokens("<table><tr>"));
        assert!(none.is_none());
    }

    #[test]
    fn huge_spans_stay_in_the_grid() {
        let html = "<table><tr><td rowspan=4294967295 colspan=4294967295>A</td></tr><tr><td>B</td></tr></table>";
        let table = from_html(&html::tokens(html)).0.unwrap();
        assert!(is_sound(&table), "{table:?}");
        assert!(table.n_columns <= MAX_COLUMNS);
    }

    #[test]
    fn otsl_of_the_paper() {
        // The cells of figure 3 of arXiv 2305.03898, with texts.
        let otsl =
            "<ched>Name<ched>Marks<lcel><nl><ucel><ched>a<ched>b<nl><fcel>Ada<fcel>1<ecel><nl>";
        let table = from_otsl(&html::tokens(otsl)).unwrap();
        assert!(is_sound(&table));
        assert_eq!(table.cells[0].row_span, 2);
        assert_eq!(table.cells[1].column_span, 2);
        assert_eq!(table.row_texts(2), ["Ada", "1", ""]);
    }

    #[test]
    fn pipes_with_escapes() {
        let table = from_pipes(&["| a | b |", "|:--|---|", "| 1 \\| 2 | **x** | lost |"]).unwrap();
        assert_eq!(table.text(), "a\tb\n1 | 2\tx");
        assert!(from_pipes(&["| a |", "no rule"]).is_none());
    }
}
