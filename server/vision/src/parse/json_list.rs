//! Lists of objects in JSON: dots.ocr (`bbox`, `category`, `text`; `dots_ocr/utils/prompts.py`) and Qwen-VL (`bbox_2d`, `label`, `text_content` ...).

use ocr_chat_document::BlockKind;
use serde_json::{Map, Value};

use crate::parse::{Parsed, ParsedBlock, grid, html, markdown};

/// Reads a list of objects. What breaks off, or has damage in the middle, is read object by object; an answer without any object is
/// Markdown.
pub(super) fn parse(answer: &str) -> Parsed {
    let (objects, is_damaged) = match serde_json::from_str::<Value>(answer.trim()) {
        Ok(value) => (objects_in(value), false),
        Err(_) => (salvage(answer), true),
    };
    let mut parsed = Parsed {
        is_damaged,
        ..Parsed::default()
    };
    for object in &objects {
        parsed.blocks.extend(blocks(object));
    }
    if parsed.blocks.is_empty() && !answer.trim_start().starts_with(['[', '{']) {
        return Parsed {
            is_damaged: true,
            ..markdown::parse(answer)
        };
    }
    parsed
}

/// The objects of a list, of an object that holds a list, or the object itself.
fn objects_in(value: Value) -> Vec<Map<String, Value>> {
    match value {
        Value::Array(items) => items
            .into_iter()
            .filter_map(|item| match item {
                Value::Object(object) => Some(object),
                _ => None,
            })
            .collect(),
        Value::Object(object) => {
            let list = object.values().find(|value| {
                value
                    .as_array()
                    .is_some_and(|items| items.first().is_some_and(Value::is_object))
            });
            match list {
                Some(list) if text_of(&object).is_none() => objects_in(list.clone()),
                _ => vec![object],
            }
        }
        _ => Vec::new(),
    }
}

/// Whole objects anywhere in `text`, the innermost of those that do not end.
fn salvage(text: &str) -> Vec<Map<String, Value>> {
    let mut objects = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find('{').map(|offset| at + offset) {
        let mut stream = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        match stream.next() {
            Some(Ok(Value::Object(object))) => {
                at = start + stream.byte_offset().max(1);
                objects.extend(objects_in(Value::Object(object)));
            }
            _ => {
                objects.extend(half_object(&text[start..]));
                at = start + 1;
            }
        }
        // An answer of braces would be looked at once a brace, to its end.
        if objects.len() >= super::MAX_BLOCKS {
            break;
        }
    }
    objects
}

/// The last object of an answer that breaks off inside of its text: closed, it may be whole.
fn half_object(text: &str) -> Option<Map<String, Value>> {
    if text[1..].contains('{') || !text.contains("\"text\"") {
        return None;
    }
    let mut text = text.trim_end().to_owned();
    // A cut inside of an escape.
    while text.ends_with('\\') {
        text.pop();
    }
    text.push_str("\"}");
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

fn string<'a>(object: &'a Map<String, Value>, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| object.get(*key)?.as_str())
}

fn text_of(object: &Map<String, Value>) -> Option<&str> {
    string(
        object,
        &["text", "text_content", "content", "block_content"],
    )
}

fn bbox_of(object: &Map<String, Value>) -> Option<[f32; 4]> {
    let numbers = ["bbox", "bbox_2d", "block_bbox"]
        .iter()
        .find_map(|key| object.get(*key)?.as_array())?;
    let numbers: Vec<f32> = numbers
        .iter()
        .filter_map(|number| Some(number.as_f64()? as f32).filter(|number| number.is_finite()))
        .collect();
    <[f32; 4]>::try_from(numbers).ok()
}

fn blocks(object: &Map<String, Value>) -> Vec<ParsedBlock> {
    let bbox = bbox_of(object);
    let category = string(object, &["category", "label", "type", "block_label"]).unwrap_or("");
    // Qwen-VL that was asked for text lines alone puts the text in the place of the label.
    let text = text_of(object).unwrap_or("");
    let (category, text) = if text.is_empty() && kind_of(category).is_none() {
        ("text", category)
    } else {
        (category, text)
    };
    let kind = kind_of(category).unwrap_or(BlockKind::Paragraph);
    let mut blocks = match kind {
        BlockKind::Figure => vec![ParsedBlock::new(kind, "")],
        BlockKind::Formula => vec![ParsedBlock::new(kind, latex(text))],
        BlockKind::Table => {
            let table = grid::from_html(&html::tokens(text)).0;
            match table.filter(|_| text.contains("<t")) {
                Some(table) => vec![ParsedBlock::of_table(table)],
                None => markdown::parse(text).blocks,
            }
        }
        _ => {
            let mut blocks = markdown::parse(text).blocks;
            for block in &mut blocks {
                let is_text = matches!(
                    block.kind,
                    BlockKind::Paragraph | BlockKind::Heading | BlockKind::ListItem
                );
                if kind == BlockKind::Heading && block.kind != BlockKind::Heading {
                    let level = if is_title(category) { 1 } else { 2 };
                    *block = ParsedBlock::heading(level, std::mem::take(&mut block.text));
                } else if kind == BlockKind::ListItem && block.kind == BlockKind::Paragraph {
                    *block = markdown::item_block(1, "•", &block.text);
                } else if is_text
                    && !matches!(
                        kind,
                        BlockKind::Paragraph | BlockKind::Heading | BlockKind::ListItem
                    )
                {
                    block.kind = kind;
                    block.level = None;
                    block.marker = None;
                }
            }
            blocks
        }
    };
    for block in &mut blocks {
        block.bbox = bbox;
    }
    blocks
}

fn is_title(category: &str) -> bool {
    category.eq_ignore_ascii_case("title") || category == "doc_title"
}

/// LaTeX without the marks around it.
pub(super) fn latex(text: &str) -> String {
    let text = text.trim();
    for (open, close) in [("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")] {
        let inner = text
            .strip_prefix(open)
            .and_then(|text| text.strip_suffix(close));
        if let Some(inner) = inner {
            return inner.trim().to_owned();
        }
    }
    text.to_owned()
}

/// The kind behind a name of a kind, of dots.ocr, Qwen-VL, Chandra, PaddleOCR and others.
pub(super) fn kind_of(name: &str) -> Option<BlockKind> {
    let name = name.to_ascii_lowercase().replace(['-', ' '], "_");
    Some(match name.as_str() {
        "text" | "paragraph" | "complex_block" | "code_block" | "code" | "form"
        | "table_of_contents" | "abstract" | "reference" | "bibliography" | "blank_page"
        | "chemical_block" => BlockKind::Paragraph,
        "title" | "doc_title" | "section_header" | "heading" | "sub_title" | "paragraph_title" => {
            BlockKind::Heading
        }
        "list_item" | "list_group" | "list" => BlockKind::ListItem,
        "table" => BlockKind::Table,
        "picture" | "image" | "figure" | "chart" | "diagram" | "logo" | "seal" => BlockKind::Figure,
        "formula" | "equation" | "equation_block" | "display_formula" => BlockKind::Formula,
        "caption" | "figure_title" | "table_title" => BlockKind::Caption,
        "page_header" | "header" => BlockKind::Header,
        "page_footer" | "footer" => BlockKind::Footer,
        "page_number" | "number" => BlockKind::PageNumber,
        "footnote" => BlockKind::Footnote,
        _ => return None,
    })
}
