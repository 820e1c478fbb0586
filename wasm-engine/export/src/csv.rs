//! CSV (RFC 4180): the tables of a document; where it has none, one row a line of text, with its page and box.

use std::io::Write;

use ocr_chat_document::{Answer, Table};

use crate::{ExportError, ExportFormat};

/// The tables, one after another with an empty line between them; a cell that spans stands in its first place.
///
/// A document without tables has one row a line: `page` (from 1), `block` and `line` (from 1), `kind`, the box in pixels, `confidence`, `text`.
/// A text that a spreadsheet would take for a formula is written with an apostrophe in front.
///
/// # Errors
/// [`ExportError::Write`] when the writer fails.
pub fn csv(answer: &Answer, out: &mut dyn Write) -> Result<(), ExportError> {
    let failed = |error| ExportError::write(ExportFormat::Csv, error);
    let mut tables = answer
        .pages
        .iter()
        .flat_map(|page| &page.page.blocks)
        .filter_map(|block| block.table.as_ref())
        .filter(|table| table.n_rows > 0 && table.n_columns > 0)
        .peekable();
    if tables.peek().is_none() {
        return with_writer(out, |writer| write_rows(answer, writer)).map_err(failed);
    }
    for (position, table) in tables.enumerate() {
        if position > 0 {
            out.write_all(b"\r\n")
                .map_err(|error| failed(error.into()))?;
        }
        with_writer(out, |writer| write_table(table, writer)).map_err(failed)?;
    }
    Ok(())
}

type CsvWriter<'a> = csv::Writer<&'a mut dyn Write>;

fn with_writer(
    out: &mut dyn Write,
    write: impl FnOnce(&mut CsvWriter<'_>) -> Result<(), csv::Error>,
) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    write(&mut writer)?;
    Ok(writer.flush()?)
}

fn write_table(table: &Table, writer: &mut CsvWriter<'_>) -> Result<(), csv::Error> {
    for row in 0..table.n_rows {
        writer.write_record(table.row_texts(row).into_iter().map(inert))?;
    }
    Ok(())
}

fn write_rows(answer: &Answer, writer: &mut CsvWriter<'_>) -> Result<(), csv::Error> {
    writer.write_record([
        "page",
        "block",
        "line",
        "kind",
        "x0",
        "y0",
        "x1",
        "y1",
        "confidence",
        "text",
    ])?;
    for page in &answer.pages {
        for (block_idx, block) in page.page.blocks.iter().enumerate() {
            let kind = serde_json::to_value(block.kind)
                .ok()
                .and_then(|kind| kind.as_str().map(str::to_owned))
                .unwrap_or_default();
            for (line_idx, line) in block.lines.iter().enumerate() {
                let b = line.bbox;
                writer.write_record([
                    (page.page.index + 1).to_string(),
                    (block_idx + 1).to_string(),
                    (line_idx + 1).to_string(),
                    kind.clone(),
                    b.x0.to_string(),
                    b.y0.to_string(),
                    b.x1.to_string(),
                    b.y1.to_string(),
                    line.confidence.map(|c| c.to_string()).unwrap_or_default(),
                    inert(&line.text),
                ])?;
            }
        }
    }
    Ok(())
}

/// `text`, made harmless for spreadsheets that run what starts like a formula (OWASP "CSV injection").
///
/// Numbers keep their sign: `-12.50` is not a formula.
fn inert(text: &str) -> String {
    let is_formula = text.starts_with(['=', '@', '\t', '\r'])
        || (text.starts_with(['+', '-'])
            && text
                .chars()
                .skip(1)
                .any(|c| !c.is_ascii_digit() && !" .,%()-".contains(c)));
    if is_formula {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::{BBox, Cell};

    #[test]
    fn a_table_is_a_row_a_row() {
        let cell = |row, column, text: &str| Cell {
            row,
            column,
            row_span: 1,
            column_span: 1,
            is_header: false,
            text: text.into(),
            bbox: BBox::default(),
        };
        let table = Table {
            n_rows: 2,
            n_columns: 2,
            cells: vec![
                cell(0, 0, "a, b"),
                cell(0, 1, "=1+1"),
                cell(1, 1, "two\nlines"),
            ],
        };
        let mut bytes = Vec::new();
        with_writer(&mut bytes, |writer| write_table(&table, writer)).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "\"a, b\",'=1+1\r\n,\"two\nlines\"\r\n"
        );
    }

    #[test]
    fn formulas_are_made_inert_and_numbers_are_kept() {
        assert_eq!(inert("=1+1"), "'=1+1");
        assert_eq!(inert("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
        assert_eq!(inert("-12.50"), "-12.50");
        assert_eq!(inert("+66 2 123 4567"), "+66 2 123 4567");
        assert_eq!(inert("Total"), "Total");
    }
}
