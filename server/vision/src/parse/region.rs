//! Answers to `OCR:`, `Table Recognition:` and `Formula Recognition:` of PaddleOCR-VL (arXiv 2510.14528) and GLM-OCR: one region's content alone.

use ocr_chat_document::BlockKind;

use crate::parse::{Parsed, ParsedBlock, grid, html, json_list, markdown};

/// Reads the content of a region: a table where it is one, a formula where all of it is, text otherwise.
pub(super) fn parse(answer: &str) -> Parsed {
    let has_otsl = ["<fcel>", "<ecel>", "<ched>"]
        .iter()
        .any(|mark| answer.contains(mark));
    if has_otsl && let Some(table) = grid::from_otsl(&html::tokens(answer)) {
        return Parsed {
            blocks: vec![ParsedBlock::of_table(table)],
            is_damaged: !answer.trim_end().ends_with("<nl>"),
            language: None,
        };
    }
    let trimmed = answer.trim();
    let latex = json_list::latex(trimmed);
    if latex.len() < trimmed.len() && !latex.contains('$') {
        return Parsed {
            blocks: vec![ParsedBlock::new(BlockKind::Formula, latex)],
            ..Parsed::default()
        };
    }
    if trimmed.starts_with('<') || trimmed.starts_with('|') {
        return markdown::parse(answer);
    }
    // Lines are lines here: a region is not a document.
    let lines: Vec<String> = trimmed
        .lines()
        .map(|line| super::inline::plain(line.trim()))
        .collect();
    Parsed {
        blocks: vec![ParsedBlock::new(BlockKind::Paragraph, lines.join("\n"))],
        ..Parsed::default()
    }
}
