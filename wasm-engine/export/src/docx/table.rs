//! Tables.

use super::text::{Languages, Look, push_runs};
use crate::grid::{Grid, Place};
use crate::script;

/// Narrowest column in twips: a third of an inch.
const MIN_COLUMN_TWIPS: i32 = 480;

/// Appends the table `grid`, `width` twips wide.
pub(super) fn push_table(
    out: &mut String,
    grid: &Grid<'_>,
    width: i32,
    languages: &Languages,
    document: &Languages,
) {
    let balance: i64 = grid
        .cells
        .iter()
        .map(|cell| script::balance(&cell.cell.text))
        .sum();
    let widths = column_widths(grid, width);
    let bidi = if balance > 0 { "<w:bidiVisual/>" } else { "" };
    out.push_str(&format!(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"TableGrid\"/>{bidi}<w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>",
        widths.iter().sum::<i32>()
    ));
    for width in &widths {
        out.push_str(&format!("<w:gridCol w:w=\"{width}\"/>"));
    }
    out.push_str("</w:tblGrid>");
    for row in 0..grid.n_rows {
        let header = if row < grid.n_header_rows {
            "<w:tblHeader/>"
        } else {
            ""
        };
        out.push_str(&format!("<w:tr><w:trPr><w:cantSplit/>{header}</w:trPr>"));
        let mut column = 0;
        while column < grid.n_columns {
            let place = grid.place(row, column);
            let cell = match place {
                Place::Empty => None,
                Place::First(position) | Place::Covered(position) => Some(&grid.cells[position]),
            };
            let span = cell.map_or(1, |cell| cell.column_span);
            let cell_width: i32 = widths[column..column + span].iter().sum();
            out.push_str(&format!(
                "<w:tc><w:tcPr><w:tcW w:w=\"{cell_width}\" w:type=\"dxa\"/>"
            ));
            if span > 1 {
                out.push_str(&format!("<w:gridSpan w:val=\"{span}\"/>"));
            }
            let is_first = matches!(place, Place::First(_));
            if cell.is_some_and(|cell| cell.row_span > 1) {
                out.push_str(if is_first {
                    "<w:vMerge w:val=\"restart\"/>"
                } else {
                    "<w:vMerge/>"
                });
            }
            out.push_str("</w:tcPr><w:p><w:pPr><w:pStyle w:val=\"TableText\"/>");
            if let Some(cell) = cell.filter(|_| is_first) {
                // A number alone goes with its table.
                let own = script::balance(&cell.cell.text);
                if own > 0 || own == 0 && balance > 0 {
                    out.push_str("<w:bidi/>");
                }
                out.push_str("</w:pPr>");
                let look = Look {
                    is_bold: cell.cell.is_header,
                    is_italic: false,
                };
                push_runs(out, cell.cell.text.trim(), look, languages, document);
            } else {
                out.push_str("</w:pPr>");
            }
            out.push_str("</w:p></w:tc>");
            column += span;
        }
        out.push_str("</w:tr>");
    }
    out.push_str("</w:tbl>");
}

/// The widths of the columns in twips, as on the page, together about `width`.
fn column_widths(grid: &Grid<'_>, width: i32) -> Vec<i32> {
    let widths_px = grid.column_widths_px();
    let total: i64 = widths_px.iter().map(|&px| i64::from(px)).sum();
    widths_px
        .into_iter()
        .map(|px| {
            let twips = i64::from(width) * i64::from(px) / total.max(1);
            i32::try_from(twips)
                .unwrap_or(MIN_COLUMN_TWIPS)
                .max(MIN_COLUMN_TWIPS)
        })
        .collect()
}
