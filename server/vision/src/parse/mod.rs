//! What models answer, made into blocks. No answer is an error: what cannot be read as its format says is text, and what stands before
//! damage is kept.

mod html;

mod inline;

mod grid;

mod markdown;

mod front_matter;

mod grounding;

mod json_list;

mod doctags;

mod layout_html;

mod region;

pub(crate) mod mistral;

use ocr_chat_document::{BlockKind, Table};
use serde::{Deserialize, Serialize};

/// The forms of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// Markdown, tables as HTML or with pipes, formulas as LaTeX. Without boxes.
    Markdown,
    /// Markdown behind a YAML front matter, as olmOCR writes it. Without boxes.
    FrontMatter,
    /// `<|ref|>kind<|/ref|><|det|>[[x0, y0, x1, y1]]<|/det|>` in front of each block, as DeepSeek-OCR writes it.
    Grounding,
    /// A JSON list of objects with `bbox` or `bbox_2d`, `category` or `label`, and text, as dots.ocr and Qwen-VL write it.
    JsonList,
    /// DocTags with OTSL tables, as granite-docling writes them.
    Doctags,
    /// HTML whose elements have `data-bbox` and `data-label`, as Chandra and Qwen2.5-VL ("QwenVL HTML") write it.
    LayoutHtml,
    /// The text, table (OTSL or HTML) or formula of one region, as PaddleOCR-VL and GLM-OCR write it. Without boxes.
    Region,
}

/// A block as the model told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedBlock {
    /// What it is.
    pub kind: BlockKind,
    /// Its text without marks: plain for all kinds but a formula, whose text is LaTeX.
    pub text: String,
    /// Level of a heading or of a list item.
    pub level: Option<u8>,
    /// What marks a list item, also at the start of its text.
    pub marker: Option<String>,
    /// A table's cells; their boxes are empty.
    pub table: Option<Table>,
    /// Left, top, right, bottom in the model's own coordinates, where it gave them.
    pub bbox: Option<[f32; 4]>,
}

impl ParsedBlock {
    /// A block of text.
    pub(crate) fn new(kind: BlockKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            level: None,
            marker: None,
            table: None,
            bbox: None,
        }
    }

    /// A heading; its level is held between 1 and 6.
    pub(crate) fn heading(level: usize, text: impl Into<String>) -> Self {
        Self {
            level: u8::try_from(level.clamp(1, 6)).ok(),
            ..Self::new(BlockKind::Heading, text)
        }
    }

    /// A table.
    pub(crate) fn of_table(table: Table) -> Self {
        let text = table.text();
        Self {
            table: Some(table),
            ..Self::new(BlockKind::Table, text)
        }
    }

    /// Whether there is nothing in it: no text, no table, and no picture's place.
    fn is_empty(&self) -> bool {
        self.text.trim().is_empty() && self.table.is_none() && self.kind != BlockKind::Figure
    }
}

/// An answer, parsed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parsed {
    /// The blocks in the model's order, which is the order of reading.
    pub blocks: Vec<ParsedBlock>,
    /// Whether the answer breaks off or does not have its form, so that something may be missing.
    pub is_damaged: bool,
    /// The language of the page as the model names it.
    pub language: Option<String>,
}

/// Longest answer that is parsed, in bytes; of a longer one the start.
const MAX_BYTES: usize = 1 << 20;

/// Most blocks of a page.
const MAX_BLOCKS: usize = 5_000;

/// Reads `answer` as `format`.
pub fn parse(format: Format, answer: &str) -> Parsed {
    let mut end = answer.len().min(MAX_BYTES);
    while !answer.is_char_boundary(end) {
        end -= 1;
    }
    let text = without_fence(&without_thoughts(&answer[..end]));
    let mut parsed = match format {
        Format::Markdown => markdown::parse(&text),
        Format::FrontMatter => front_matter::parse(&text),
        Format::Grounding => grounding::parse(&text),
        Format::JsonList => json_list::parse(&text),
        Format::Doctags => doctags::parse(&text),
        Format::LayoutHtml => layout_html::parse(&text),
        Format::Region => region::parse(&text),
    };
    parsed.is_damaged |= end < answer.len();
    for block in &mut parsed.blocks {
        // Control characters are no text, and XML files cannot hold them.
        block
            .text
            .retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
        for cell in block.table.iter_mut().flat_map(|table| &mut table.cells) {
            cell.text
                .retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
        }
    }
    parsed.blocks.retain(|block| !block.is_empty());
    parsed.is_damaged |= parsed.blocks.len() > MAX_BLOCKS;
    parsed.blocks.truncate(MAX_BLOCKS);
    parsed
}

/// The answer behind what a model that thinks thought.
fn without_thoughts(text: &str) -> String {
    match text.rsplit_once("</think>") {
        Some((_, answer)) => answer.to_owned(),
        None => text.to_owned(),
    }
}

/// The answer inside of the code fence that many models put around it; one that does not end is none the less one.
fn without_fence(text: &str) -> String {
    let trimmed = text.trim();
    let Some(inner) = trimmed.strip_prefix("```") else {
        return text.to_owned();
    };
    let Some((info, body)) = inner.split_once('\n') else {
        return text.to_owned();
    };
    if !info.chars().all(|c| c.is_ascii_alphanumeric()) {
        return text.to_owned();
    }
    // A fence that ends in the middle is a part of a document, not around it.
    match body.find("\n```") {
        Some(end) if body[end + 4..].trim().is_empty() => body[..end].to_owned(),
        Some(_) if !matches!(info, "markdown" | "md" | "json" | "html" | "yaml") => text.to_owned(),
        Some(end) => body[..end].to_owned(),
        None => body.to_owned(),
    }
}

/// Four numbers; `None` for any other number of them and for what is no number.
fn four_numbers(text: &str) -> Option<[f32; 4]> {
    let mut numbers = text
        .split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-')))
        .filter(|word| !word.is_empty())
        .map(|word| word.parse::<f32>().ok().filter(|n| n.is_finite()));
    let four = [
        numbers.next()??,
        numbers.next()??,
        numbers.next()??,
        numbers.next()??,
    ];
    numbers.next().is_none().then_some(four)
}
