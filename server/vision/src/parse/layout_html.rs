//! HTML whose elements say where they stand: Chandra's `<div data-bbox data-label>` (`chandra/prompts.py`) and the "QwenVL HTML" of Qwen2.5-VL, whose
//! `<h2 data-bbox>`, `<p data-bbox>`, `<table data-bbox>` have their kind in their name.

use ocr_chat_document::BlockKind;

use crate::parse::html::{self, Token};
use crate::parse::{Parsed, ParsedBlock, four_numbers, grid, json_list, markdown};

/// Reads HTML with boxes. An answer without any is Markdown.
pub(super) fn parse(answer: &str) -> Parsed {
    let tokens = html::tokens(answer);
    let starts: Vec<usize> = outermost(&tokens);
    if starts.is_empty() {
        return Parsed {
            is_damaged: true,
            ..markdown::parse(answer)
        };
    }
    let mut parsed = Parsed::default();
    for (idx, &start) in starts.iter().enumerate() {
        let limit = starts.get(idx + 1).copied().unwrap_or(tokens.len());
        let element = &tokens[start..limit];
        let (end, is_closed) = end_of(element);
        parsed.is_damaged |= !is_closed;
        add(&mut parsed, &element[..end]);
    }
    parsed
}

/// Where elements with a box begin that stand in no other one.
fn outermost(tokens: &[Token]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at < tokens.len() && starts.len() < super::MAX_BLOCKS {
        if tokens[at].attribute("data-bbox").is_some()
            || tokens[at].attribute("data-label").is_some()
        {
            starts.push(at);
            let (end, is_closed) = end_of(&tokens[at..]);
            // What is not closed may hold everything behind it: those are blocks of their own.
            at += if is_closed { end } else { 1 };
        } else {
            at += 1;
        }
    }
    starts
}

/// The number of tokens of the element that the first opens, and whether it is closed.
fn end_of(tokens: &[Token]) -> (usize, bool) {
    let Some(Token::Open { name, .. }) = tokens.first() else {
        return (tokens.len().min(1), true);
    };
    if matches!(name.as_str(), "img" | "hr" | "br" | "input") {
        return (1, true);
    }
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Open { name: open, .. } if open == name => depth += 1,
            Token::Close(close) if close == name => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return (at + 1, true);
                }
            }
            _ => {}
        }
    }
    (tokens.len(), false)
}

fn add(parsed: &mut Parsed, element: &[Token]) {
    let Some(first) = element.first() else { return };
    let bbox = first.attribute("data-bbox").and_then(four_numbers);
    let label = first.attribute("data-label").unwrap_or("");
    if label.eq_ignore_ascii_case("blank-page") {
        return;
    }
    let kind = json_list::kind_of(label)
        .or_else(|| kind_of_element(first))
        .unwrap_or(BlockKind::Paragraph);
    let mut blocks = Vec::new();
    let mut text_from = 0;
    let mut at = 0;
    // What has a form of its own inside of a block: tables, headings, items.
    while at < element.len() {
        let Token::Open { name, .. } = &element[at] else {
            at += 1;
            continue;
        };
        let (length, block) = match name.as_str() {
            "table" => {
                let (table, length) = grid::from_html(&element[at..]);
                (length.max(1), table.map(ParsedBlock::of_table))
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                let (length, _) = end_of(&element[at..]);
                let level = name[1..].parse().unwrap_or(2);
                let text = html::text_of(&element[at..at + length]);
                (length, Some(ParsedBlock::heading(level, text)))
            }
            "li" => {
                let (length, _) = end_of(&element[at..]);
                let text = html::text_of(&element[at..at + length]);
                (length, Some(item(&text)))
            }
            _ => {
                at += 1;
                continue;
            }
        };
        push_text(&mut blocks, kind, &element[text_from..at]);
        blocks.extend(block);
        at += length;
        text_from = at;
    }
    push_text(&mut blocks, kind, &element[text_from.min(element.len())..]);
    if kind == BlockKind::Figure {
        // What a model says of a picture stands nowhere on the page.
        blocks = vec![ParsedBlock::new(kind, "")];
    }
    let own_kind = matches!(
        kind,
        BlockKind::Header
            | BlockKind::Footer
            | BlockKind::PageNumber
            | BlockKind::Footnote
            | BlockKind::Caption
    );
    for block in &mut blocks {
        if own_kind && block.table.is_none() {
            block.kind = kind;
            block.level = None;
        }
        block.bbox = bbox;
    }
    parsed.blocks.extend(blocks);
}

fn kind_of_element(token: &Token) -> Option<BlockKind> {
    let Token::Open { name, attributes } = token else {
        return None;
    };
    let class = attributes.iter().find(|(name, _)| name == "class");
    let class_kind =
        class.and_then(|(_, class)| class.split_whitespace().find_map(json_list::kind_of));
    class_kind.or(match name.as_str() {
        "img" => Some(BlockKind::Figure),
        "math" => Some(BlockKind::Formula),
        _ => None,
    })
}

fn push_text(blocks: &mut Vec<ParsedBlock>, kind: BlockKind, tokens: &[Token]) {
    let text = html::text_of(tokens);
    if text.is_empty() {
        return;
    }
    blocks.push(match kind {
        BlockKind::Heading => ParsedBlock::heading(2, text),
        BlockKind::Formula => ParsedBlock::new(kind, json_list::latex(&text)),
        BlockKind::ListItem => item(&text),
        // Text in a table's element that is in no table.
        BlockKind::Table => ParsedBlock::new(BlockKind::Paragraph, text),
        kind => ParsedBlock::new(kind, text),
    });
}

fn item(text: &str) -> ParsedBlock {
    match markdown::list_item(text) {
        Some(item) => markdown::item_block(1, &item.marker, item.text),
        None => markdown::item_block(1, "•", text),
    }
}
