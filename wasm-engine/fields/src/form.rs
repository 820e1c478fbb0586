//! Forms: labels and what stands beside them.

use std::ops::Range;

use ocr_chat_document::fields::{Form, FormField, TextField};
use ocr_chat_document::{Block, BlockKind, Page};

use crate::head::pieces;
use crate::rows::{Row, rows};

/// Longest label, characters: what is longer is a sentence with a colon.
const MAX_LABEL_CHARS: usize = 60;

/// The fields of a form on `pages`, in reading order: what the layout took for a field, rows of tables of two columns, and text behind a colon.
pub fn form(pages: &[&Page]) -> Form {
    let fields = pages.iter().flat_map(|page| {
        let rows = rows([*page]);
        let mut fields: Vec<FormField> = rows.iter().flat_map(of_row).collect();
        let cells = page
            .blocks
            .iter()
            .filter(|block| block.kind == BlockKind::Table);
        fields.extend(cells.flat_map(|block| of_table(page, block)));
        // A table's rows are rows of the page, too: what was found twice is one.
        let mut kept: Vec<FormField> = Vec::new();
        for field in fields {
            let is_new = !kept.iter().any(|other| {
                other.label.text == field.label.text && other.label.bbox.overlaps(field.label.bbox)
            });
            if is_new {
                kept.push(field);
            }
        }
        kept.sort_by_key(|field| (field.label.bbox.y0 / 8, field.label.bbox.x0));
        kept
    });
    Form {
        fields: fields.collect(),
    }
}

/// Fields of a row: every piece that ends with a colon, or has one, labels what stands behind it up to the next label.
fn of_row(row: &Row) -> Vec<FormField> {
    let mut found: Vec<(Range<usize>, Option<Range<usize>>)> = Vec::new();
    for piece in pieces(row) {
        let text = &row.text[piece.clone()];
        match colon(text) {
            Some((label_end, value_start)) => {
                let value = trimmed(row, piece.start + value_start..piece.end);
                found.push((piece.start..piece.start + label_end, value));
            }
            None => {
                // What stands behind a label that has no value yet.
                if let Some((_, value @ None)) = found.last_mut() {
                    *value = trimmed(row, piece);
                }
            }
        }
    }
    let fields = found.into_iter().filter_map(|(label, value)| {
        let label = trimmed(row, label)?;
        let is_label = row.text[label.clone()].chars().count() <= MAX_LABEL_CHARS
            && row.text[label.clone()].chars().any(char::is_alphabetic);
        is_label.then(|| FormField {
            label: row.part(label),
            value: value.map(|value| row.part(value)),
        })
    });
    fields.collect()
}

/// Where a label ends and its value begins, bytes: at the first colon that is not of a time or an address on the web.
fn colon(text: &str) -> Option<(usize, usize)> {
    text.char_indices()
        .filter(|(_, c)| matches!(c, ':' | '：'))
        .find_map(|(at, c)| {
            let end = at + c.len_utf8();
            let before = text[..at].chars().next_back();
            let after = text[end..].chars().next();
            let is_time = before.is_some_and(|c| c.is_ascii_digit())
                && after.is_some_and(|c| c.is_ascii_digit());
            let is_address = text[end..].starts_with("//");
            (!is_time && !is_address && before.is_some()).then_some((at, end))
        })
}

fn trimmed(row: &Row, range: Range<usize>) -> Option<Range<usize>> {
    let is_filler = |c: char| c.is_whitespace() || "_.…".contains(c);
    let text = &row.text[range.clone()];
    let start = text.len() - text.trim_start_matches(is_filler).len();
    let end = text
        .trim_end_matches(|c: char| c.is_whitespace() || "_…".contains(c))
        .len();
    (start < end).then(|| range.start + start..range.start + end)
}

/// Rows of two cells: the left names the right.
fn of_table(page: &Page, block: &Block) -> Vec<FormField> {
    let Some(table) = block.table.as_ref().filter(|table| table.n_columns == 2) else {
        return Vec::new();
    };
    let field = |text: &str, bbox| TextField {
        value: text.replace('\n', " "),
        text: text.replace('\n', " "),
        page: page.index + 1,
        bbox,
        confidence: block.confidence,
    };
    let fields = (0..table.n_rows).filter_map(|row| {
        let cell = |column| {
            table
                .cells
                .iter()
                .find(|cell| cell.row == row && cell.column == column && cell.column_span == 1)
        };
        let (left, right) = (cell(0)?, cell(1)?);
        let label = left.text.trim().trim_end_matches([':', '：']).trim_end();
        let is_label =
            label.chars().any(char::is_alphabetic) && label.chars().count() <= MAX_LABEL_CHARS;
        is_label.then(|| FormField {
            label: field(label, left.bbox),
            value: (!right.text.trim().is_empty()).then(|| field(right.text.trim(), right.bbox)),
        })
    });
    fields.collect()
}
