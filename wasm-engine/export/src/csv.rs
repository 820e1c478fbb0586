//! CSV (RFC 4180): one row a line of text, with its page and box.

use std::io::Write;

use ocr_chat_document::Answer;

use crate::{ExportError, ExportFormat};

/// One row a line: `page` (from 1), `block` and `line` (from 1), `kind`, the box in pixels, `confidence`, `text`.
///
/// A text that a spreadsheet would take for a formula is written with an apostrophe in front.
///
/// # Errors
/// [`ExportError::Write`] when the writer fails.
pub fn csv(answer: &Answer, out: &mut dyn Write) -> Result<(), ExportError> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    write_rows(answer, &mut writer)
        .and_then(|()| Ok(writer.flush()?))
        .map_err(|error| ExportError::write(ExportFormat::Csv, error))
}

fn write_rows(answer: &Answer, writer: &mut csv::Writer<&mut dyn Write>) -> Result<(), csv::Error> {
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

    use super::inert;

    #[test]
    fn formulas_are_made_inert_and_numbers_are_kept() {
        assert_eq!(inert("=1+1"), "'=1+1");
        assert_eq!(inert("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
        assert_eq!(inert("-12.50"), "-12.50");
        assert_eq!(inert("+66 2 123 4567"), "+66 2 123 4567");
        assert_eq!(inert("Total"), "Total");
    }
}
