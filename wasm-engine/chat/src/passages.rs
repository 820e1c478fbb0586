//! What can be quoted: sentences, fields, rows of tables, each with its page and boxes.

use std::ops::Range;

use ocr_chat_document::{BBox, Block, BlockKind, Page, Table};
use ocr_chat_fields::sentences;

use crate::text::words;

/// Longest sentence, characters; what is longer is cut at line ends or spaces.
const MAX_CHARS: usize = 400;

/// Something that can be quoted.
#[derive(Debug, Clone)]
pub(crate) struct Passage {
    /// Which of the documents, from 0.
    pub(crate) document: usize,
    /// Number of the page, from 1.
    pub(crate) page: u32,
    /// What it says, as it stands on the page; white space may differ.
    pub(crate) text: String,
    /// Where, one box a line.
    pub(crate) boxes: Vec<BBox>,
    /// What it is part of.
    pub(crate) form: Form,
    /// Words that stand around it and say what it is about: headings above it, names of columns, what the sentence before it says.
    pub(crate) context: Vec<String>,
}

/// What a passage is part of.
#[derive(Debug, Clone)]
pub(crate) enum Form {
    /// Running text.
    Sentence,
    /// A heading.
    Heading,
    /// A label and its value.
    Field {
        /// The label.
        label: String,
        /// The value.
        value: String,
    },
    /// A row of a table.
    Row(Vec<CellOf>),
}

/// A cell of a row.
#[derive(Debug, Clone)]
pub(crate) struct CellOf {
    /// What stands above it in rows of headers.
    pub(crate) header: String,
    /// What it says.
    pub(crate) text: String,
    /// Where.
    pub(crate) bbox: BBox,
}

/// The passages of a document, in reading order.
pub(crate) fn passages(document: usize, pages: &[&Page]) -> Vec<Passage> {
    let mut all = Vec::new();
    // Headings reach over the ends of pages; a list, so that those of a lower level end with a higher one.
    let mut headings: Vec<(u8, Vec<String>)> = Vec::new();
    for page in pages {
        for block in page.blocks.iter().filter(|block| !is_passed_over(block)) {
            let number = page.index + 1;
            let mut found = of_block(document, number, block);
            let above: Vec<String> = headings
                .iter()
                .flat_map(|(_, words)| words.clone())
                .collect();
            for passage in &mut found {
                passage.context.extend(above.iter().cloned());
            }
            all.extend(found);
            if block.kind == BlockKind::Heading {
                let level = block.level.unwrap_or(1);
                headings.retain(|(other, _)| *other < level);
                headings.push((level, words(&block.text)));
            }
        }
    }
    all
}

/// Page numbers say nothing; running heads do, once: they may be the only place of a name.
fn is_passed_over(block: &Block) -> bool {
    block.kind == BlockKind::PageNumber || block.text.trim().is_empty()
}

fn of_block(document: usize, page: u32, block: &Block) -> Vec<Passage> {
    let passage = |range: Range<usize>, form: Form, context: Vec<String>| Passage {
        document,
        page,
        text: spaced(&block.text[range.clone()]),
        boxes: block.boxes(range),
        form,
        context,
    };
    match (&block.table, block.kind) {
        (Some(table), _) => rows(document, page, block, table),
        (None, BlockKind::Heading) => vec![passage(0..block.text.len(), Form::Heading, Vec::new())],
        (None, BlockKind::KeyValue) => {
            let (label, value) = block.text.split_once('\t').unwrap_or((&block.text, ""));
            let form = Form::Field {
                label: label
                    .trim()
                    .trim_end_matches([':', '：'])
                    .trim_end()
                    .to_owned(),
                value: spaced(value),
            };
            vec![passage(0..block.text.len(), form, Vec::new())]
        }
        _ => {
            let mut found: Vec<Passage> = Vec::new();
            for range in parts(&block.text) {
                // "It ends on ..." is about what the sentence before says.
                let before = found
                    .last()
                    .map_or_else(Vec::new, |before| words(&before.text));
                let form = field(&block.text[range.clone()]);
                found.push(passage(range, form, before));
            }
            found
        }
    }
}

/// "Label: value" in running text is a field, too, where the label is short.
fn field(text: &str) -> Form {
    let text = text.trim();
    let split = text
        .split_once([':', '：'])
        .map(|(label, value)| (label.trim(), value.trim()));
    match split {
        Some((label, value))
            if !value.is_empty()
                && label.chars().count() <= 40
                && label.chars().any(char::is_alphabetic)
                && !value.starts_with("//")
                && !label.ends_with(|c: char| c.is_ascii_digit()) =>
        {
            Form::Field {
                label: spaced(label),
                value: spaced(value),
            }
        }
        _ => Form::Sentence,
    }
}

/// The sentences of `text`, byte ranges without white space at their ends. Line ends part addresses and verse.
fn parts(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        for sentence in sentences::split(line) {
            let range = start + sentence.start..start + sentence.end;
            push_part(text, range, &mut parts);
        }
        start += line.len();
    }
    parts
}

fn push_part(text: &str, range: Range<usize>, parts: &mut Vec<Range<usize>>) {
    let part = &text[range.clone()];
    let trimmed = part.trim();
    if trimmed.is_empty() {
        return;
    }
    let start = range.start + part.len() - part.trim_start().len();
    let end = start + trimmed.len();
    if trimmed.chars().count() <= MAX_CHARS {
        parts.push(start..end);
        return;
    }
    let cut = trimmed
        .char_indices()
        .nth(MAX_CHARS)
        .map_or(trimmed.len(), |(at, _)| at);
    let space = trimmed[..cut]
        .rfind(char::is_whitespace)
        .filter(|at| *at > 0)
        .unwrap_or(cut);
    parts.push(start..start + space);
    push_part(text, start + space..end, parts);
}

fn rows(document: usize, page: u32, block: &Block, table: &Table) -> Vec<Passage> {
    let n_header_rows = table.n_header_rows().max(u32::from(looks_headed(table)));
    let header = |column: u32| -> String {
        let above = table.cells.iter().filter(|cell| {
            cell.row < n_header_rows
                && (cell.column..cell.column + cell.column_span).contains(&column)
        });
        above
            .map(|cell| spaced(&cell.text))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let names: Vec<String> = (0..table.n_columns)
        .flat_map(|column| words(&header(column)))
        .collect();
    let body = (n_header_rows..table.n_rows).filter_map(|row| {
        let mut cells: Vec<_> = table
            .cells
            .iter()
            .filter(|cell| {
                (cell.row..cell.row + cell.row_span).contains(&row) && !cell.text.trim().is_empty()
            })
            .collect();
        cells.sort_by_key(|cell| cell.column);
        let text: Vec<String> = cells
            .iter()
            .filter(|cell| cell.row == row)
            .map(|cell| spaced(&cell.text))
            .collect();
        let boxes = BBox::union_of(cells.iter().map(|cell| cell.bbox))
            .into_iter()
            .collect();
        let spanning = cells
            .iter()
            .filter(|cell| cell.row < row)
            .flat_map(|cell| words(&cell.text));
        let context = names.iter().cloned().chain(spanning).collect();
        (!text.is_empty()).then(|| Passage {
            document,
            page,
            text: text.join(" "),
            boxes,
            form: Form::Row(
                cells
                    .iter()
                    .map(|cell| CellOf {
                        header: header(cell.column),
                        text: spaced(&cell.text),
                        bbox: cell.bbox,
                    })
                    .collect(),
            ),
            context,
        })
    });
    let mut found: Vec<Passage> = body.collect();
    if found.is_empty() && !block.text.trim().is_empty() {
        // A table of headers alone is still text.
        found.push(Passage {
            document,
            page,
            text: spaced(&block.text),
            boxes: vec![block.bbox],
            form: Form::Sentence,
            context: Vec::new(),
        });
    }
    found
}

/// Whether the first row names columns although nothing says so: it has no figures, and the rows below have.
fn looks_headed(table: &Table) -> bool {
    let has_figures = |row: u32| {
        let mut cells = table.cells.iter().filter(|cell| cell.row == row);
        cells.any(|cell| cell.text.chars().any(|c| c.is_ascii_digit()))
    };
    table.n_rows > 2 && !has_figures(0) && (1..table.n_rows).any(has_figures)
}

/// `text` with every run of white space as one space.
pub(crate) fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
