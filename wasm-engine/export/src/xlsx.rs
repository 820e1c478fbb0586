//! Excel (ECMA-376 part 1, SpreadsheetML): a sheet a table, then one with the text of every block.
//!
//! Written here rather than by a library: the one there is (rust_xlsxwriter) asks a clock whenever a workbook is made, which the browser's workers may
//! not, packs sheets on threads, and holds all cells in memory. Sheets are written row by row; their texts, kept until the end, are a part of their
//! own as in Excel's files.

mod parts;
mod strings;
mod styles;

use std::io::{self, Write};

use ocr_chat_document::{Answer, Block, BlockKind, Table};
use unicode_width::UnicodeWidthStr;

use crate::grid::{Grid, Place};
use crate::number::{self, DecimalMark};
use crate::package::{Package, core_properties};
use crate::{script, theme};
use strings::Strings;
use styles::Styles;

/// Excel's limit for a sheet.
const MAX_ROWS: usize = 1_048_576;

/// Narrowest and widest column in characters that a table gets.
const COLUMN_CHARS: (usize, usize) = (6, 60);

/// Columns of the sheet of texts, in characters.
const TEXT_WIDTHS: [usize; 3] = [6, 14, 100];

/// Height of a line and of the highest row, in points.
const LINE_POINTS: usize = 15;
const MAX_ROW_POINTS: usize = 409;

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// Writes the workbook.
///
/// # Errors
/// When `out` fails.
pub fn xlsx(answer: &Answer, out: &mut dyn Write) -> io::Result<()> {
    let tables = tables(answer);
    let mark = number::decimal_mark(
        tables
            .iter()
            .flat_map(|(_, table)| &table.cells)
            .map(|cell| cell.text.as_str()),
    );
    let mut package = Package::new(out);
    let n_sheets = tables.len() + 1;
    package.part("[Content_Types].xml", &parts::content_types(n_sheets))?;
    package.part("_rels/.rels", &parts::root_relations())?;
    package.part(
        "docProps/core.xml",
        &core_properties(
            answer.created_at.as_deref(),
            answer.detected_language.as_deref(),
        ),
    )?;
    let names: Vec<&str> = tables.iter().map(|(name, _)| name.as_str()).collect();
    package.part("xl/workbook.xml", &parts::workbook(&names))?;
    package.part(
        "xl/_rels/workbook.xml.rels",
        &parts::workbook_relations(n_sheets),
    )?;
    package.part("xl/theme/theme1.xml", &theme::xml())?;
    let mut styles = Styles::default();
    let mut strings = Strings::default();
    for (position, (_, table)) in tables.iter().enumerate() {
        package.start(&format!("xl/worksheets/sheet{}.xml", position + 1))?;
        write_table(
            &mut package,
            table,
            mark,
            position == 0,
            &mut styles,
            &mut strings,
        )?;
    }
    package.start(&format!("xl/worksheets/sheet{n_sheets}.xml"))?;
    write_text(&mut package, answer, tables.is_empty(), &mut strings)?;
    package.part("xl/styles.xml", &styles.xml())?;
    package.start("xl/sharedStrings.xml")?;
    strings.write(&mut package)?;
    package.finish()
}

/// The tables with the names of their sheets, "Page 3 table 1".
fn tables(answer: &Answer) -> Vec<(String, &Table)> {
    let mut tables = Vec::new();
    for page in &answer.pages {
        let of_page = page
            .page
            .blocks
            .iter()
            .filter_map(|block| block.table.as_ref())
            .filter(|table| Grid::new(table).is_some());
        for (position, table) in of_page.enumerate() {
            let name = format!("Page {} table {}", page.page.index + 1, position + 1);
            tables.push((name, table));
        }
    }
    tables
}

/// Everything of a sheet up to its rows.
fn sheet_head(is_rtl: bool, is_first: bool, n_frozen: usize, widths: &[usize]) -> String {
    let mut xml = format!(
        "<worksheet xmlns=\"{MAIN}\"><sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews><sheetView"
    );
    if is_rtl {
        xml.push_str(" rightToLeft=\"1\"");
    }
    if is_first {
        xml.push_str(" tabSelected=\"1\"");
    }
    xml.push_str(" workbookViewId=\"0\"");
    if n_frozen > 0 {
        xml.push_str(&format!(
            "><pane ySplit=\"{n_frozen}\" topLeftCell=\"A{}\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView>",
            n_frozen + 1
        ));
    } else {
        xml.push_str("/>");
    }
    xml.push_str("</sheetViews><sheetFormatPr defaultRowHeight=\"15\"/><cols>");
    for (position, width) in widths.iter().enumerate() {
        let number = position + 1;
        xml.push_str(&format!(
            "<col min=\"{number}\" max=\"{number}\" width=\"{width}.7109375\" customWidth=\"1\"/>"
        ));
    }
    xml.push_str("</cols><sheetData>");
    xml
}

const SHEET_TAIL: &str = "<pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/>\
     <pageSetup fitToHeight=\"0\"/></worksheet>";

fn write_table(
    package: &mut Package<'_>,
    table: &Table,
    mark: Option<DecimalMark>,
    is_first: bool,
    styles: &mut Styles,
    strings: &mut Strings,
) -> io::Result<()> {
    let Some(grid) = Grid::new(table) else {
        return Ok(());
    };
    let balance: i64 = table
        .cells
        .iter()
        .map(|cell| script::balance(&cell.text))
        .sum();
    // A sheet of nothing but headers has nothing to scroll below them.
    let n_frozen = Some(grid.n_header_rows).filter(|&n| n < grid.n_rows);
    let widths = fitted_widths(&grid);
    package.write(&sheet_head(
        balance > 0,
        is_first,
        n_frozen.unwrap_or(0),
        &widths,
    ))?;
    for row in 0..grid.n_rows {
        let of_row = grid
            .cells
            .iter()
            .filter(|cell| cell.row == row && cell.row_span == 1);
        let n_lines = of_row.map(|cell| {
            let width = widths[cell.column..cell.column + cell.column_span]
                .iter()
                .sum();
            n_lines(&cell.cell.text, width)
        });
        let mut xml = row_start(row, n_lines.max().unwrap_or(1));
        for column in 0..grid.n_columns {
            if let Place::First(position) = grid.place(row, column) {
                let cell = grid.cells[position].cell;
                let at = address(row, column);
                match number::parse(&cell.text, mark) {
                    Some(number) => {
                        let style = styles.number(&number.format, cell.is_header);
                        xml.push_str(&format!(
                            "<c r=\"{at}\" s=\"{style}\"><v>{}</v></c>",
                            number.value
                        ));
                    }
                    None if cell.text.trim().is_empty() => {}
                    None => {
                        let style = if cell.is_header {
                            styles::HEADER
                        } else {
                            styles::TEXT
                        };
                        xml.push_str(&strings.cell(&at, style, &cell.text));
                    }
                }
            }
        }
        xml.push_str("</row>");
        package.write(&xml)?;
    }
    package.write("</sheetData>")?;
    package.write(&merges(&grid))?;
    package.write(SHEET_TAIL)
}

/// The start of a row that is `n_lines` high. Spreadsheets give rows of more than one line their height only when they are edited.
fn row_start(row: usize, n_lines: usize) -> String {
    let number = row + 1;
    if n_lines <= 1 {
        return format!("<row r=\"{number}\">");
    }
    let points = (n_lines * LINE_POINTS).min(MAX_ROW_POINTS);
    format!("<row r=\"{number}\" ht=\"{points}\" customHeight=\"1\">")
}

/// Lines that `text` takes in a column of `width` characters.
fn n_lines(text: &str, width: usize) -> usize {
    text.trim_end()
        .lines()
        .map(|line| line.width().div_ceil(width.max(1)).max(1))
        .sum()
}

fn merges(grid: &Grid<'_>) -> String {
    let ranges: Vec<String> = grid
        .cells
        .iter()
        .filter(|cell| cell.row_span > 1 || cell.column_span > 1)
        .map(|cell| {
            format!(
                "<mergeCell ref=\"{}:{}\"/>",
                address(cell.row, cell.column),
                address(
                    cell.row + cell.row_span - 1,
                    cell.column + cell.column_span - 1
                )
            )
        })
        .collect();
    if ranges.is_empty() {
        return String::new();
    }
    format!(
        "<mergeCells count=\"{}\">{}</mergeCells>",
        ranges.len(),
        ranges.concat()
    )
}

/// Width of each column in characters: its longest line, within bounds.
fn fitted_widths(grid: &Grid<'_>) -> Vec<usize> {
    let (narrowest, widest) = COLUMN_CHARS;
    let mut widths = vec![narrowest; grid.n_columns];
    for cell in grid.cells.iter().filter(|cell| cell.column_span == 1) {
        let longest = cell.cell.text.lines().map(UnicodeWidthStr::width).max();
        let width = &mut widths[cell.column];
        *width = (*width).max(longest.unwrap_or(0) + 1).min(widest);
    }
    widths
}

/// One row a block: page from 1, kind, text.
fn write_text(
    package: &mut Package<'_>,
    answer: &Answer,
    is_first: bool,
    strings: &mut Strings,
) -> io::Result<()> {
    package.write(&sheet_head(false, is_first, 1, &TEXT_WIDTHS))?;
    let mut row = 0;
    let mut write_row = |package: &mut Package<'_>, page: Option<u32>, kind: &str, text: &str| {
        if row >= MAX_ROWS {
            return Ok(());
        }
        let mut xml = row_start(row, n_lines(text, TEXT_WIDTHS[2]));
        let style = if row == 0 {
            styles::HEADER
        } else {
            styles::TEXT
        };
        match page {
            Some(page) => xml.push_str(&format!(
                "<c r=\"{}\" s=\"{}\"><v>{page}</v></c>",
                address(row, 0),
                styles::TEXT
            )),
            None => xml.push_str(&strings.cell(&address(row, 0), style, "Page")),
        }
        xml.push_str(&strings.cell(&address(row, 1), style, kind));
        if !text.trim().is_empty() {
            xml.push_str(&strings.cell(&address(row, 2), style, text));
        }
        xml.push_str("</row>");
        row += 1;
        package.write(&xml)
    };
    write_row(package, None, "Kind", "Text")?;
    for page in &answer.pages {
        let number = page.page.index + 1;
        if page.page.status == ocr_chat_document::PageStatus::Failed {
            write_row(
                package,
                Some(number),
                "failed",
                "The page could not be read.",
            )?;
        }
        for block in &page.page.blocks {
            write_row(package, Some(number), kind_name(block), &block.text)?;
        }
    }
    package.write("</sheetData>")?;
    package.write(SHEET_TAIL)
}

fn kind_name(block: &Block) -> &'static str {
    match block.kind {
        BlockKind::Heading => "heading",
        BlockKind::ListItem => "list item",
        BlockKind::Table => "table",
        BlockKind::Figure => "figure",
        BlockKind::Formula => "formula",
        BlockKind::Caption => "caption",
        BlockKind::Header => "header",
        BlockKind::Footer => "footer",
        BlockKind::PageNumber => "page number",
        BlockKind::Footnote => "footnote",
        BlockKind::KeyValue => "field",
        _ => "paragraph",
    }
}

/// `A1` for row 0 and column 0.
fn address(row: usize, mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + (column % 26) as u8);
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    letters.reverse();
    let letters: String = letters.into_iter().map(char::from).collect();
    format!("{letters}{}", row + 1)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn addresses_count_in_letters() {
        let columns = [0, 25, 26, 51, 52, 701, 702, 16_383];
        let names = columns.map(|column| address(9, column));
        assert_eq!(
            names,
            [
                "A10", "Z10", "AA10", "AZ10", "BA10", "ZZ10", "AAA10", "XFD10"
            ]
        );
    }
}
