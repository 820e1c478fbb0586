//! DocTags, the answer of SmolDocling and granite-docling (arXiv 2503.11576; `docling_core/types/doc/tokens.py`): an element a block, its place
//! as four `<loc_N>` of a grid of 500 x 500, tables as OTSL.

use ocr_chat_document::BlockKind;

use crate::parse::html::{self, Token};
use crate::parse::{Parsed, ParsedBlock, grid, markdown};

/// Reads DocTags. An answer without any is Markdown.
pub(super) fn parse(answer: &str) -> Parsed {
    let answer = answer
        .replace("<|end_of_text|>", "")
        .replace("<end_of_utterance>", "");
    let tokens = html::tokens(&answer);
    let is_doctags = tokens
        .iter()
        .any(|token| matches!(token, Token::Open { name, .. } if kind_of(name).is_some()));
    if !is_doctags {
        return Parsed {
            is_damaged: true,
            ..markdown::parse(&answer)
        };
    }
    let mut reader = Reader::default();
    let mut at = 0;
    while at < tokens.len() {
        at += reader.read(&tokens[at..]);
    }
    let is_closed = tokens
        .iter()
        .any(|token| matches!(token, Token::Close(name) if name == "doctag"));
    let is_opened = tokens
        .iter()
        .any(|token| matches!(token, Token::Open { name, .. } if name == "doctag"));
    Parsed {
        blocks: reader.blocks,
        is_damaged: reader.is_damaged || (is_opened && !is_closed),
        language: None,
    }
}

#[derive(Default)]
struct Reader {
    blocks: Vec<ParsedBlock>,
    /// Lists that are open: whether each is ordered, and how many items it has.
    lists: Vec<(bool, usize)>,
    is_damaged: bool,
}

/// What an element becomes; `None` for one that is none of a block's.
fn kind_of(name: &str) -> Option<BlockKind> {
    Some(match name {
        "text"
        | "paragraph"
        | "reference"
        | "code"
        | "checkbox_selected"
        | "checkbox_unselected"
        | "inline" => BlockKind::Paragraph,
        "title" => BlockKind::Heading,
        name if name.starts_with("section_header") => BlockKind::Heading,
        "list_item" => BlockKind::ListItem,
        "otsl" | "table" | "document_index" => BlockKind::Table,
        "picture" | "chart" => BlockKind::Figure,
        "formula" => BlockKind::Formula,
        "caption" => BlockKind::Caption,
        "page_header" => BlockKind::Header,
        "page_footer" => BlockKind::Footer,
        "footnote" => BlockKind::Footnote,
        _ => return None,
    })
}

impl Reader {
    /// Reads what the first of `tokens` begins; how many tokens it took, at least 1.
    fn read(&mut self, tokens: &[Token]) -> usize {
        let name = match &tokens[0] {
            Token::Open { name, .. } => name.as_str(),
            Token::Close(name) => {
                if matches!(name.as_str(), "ordered_list" | "unordered_list") {
                    self.lists.pop();
                }
                return 1;
            }
            Token::Text(text) => {
                // Text outside of every element: something is wrong, but it is text.
                if !text.trim().is_empty() {
                    self.is_damaged = true;
                    self.blocks
                        .push(ParsedBlock::new(BlockKind::Paragraph, text.trim()));
                }
                return 1;
            }
        };
        if matches!(name, "ordered_list" | "unordered_list") {
            self.lists.push((name == "ordered_list", 0));
            return 1;
        }
        let Some(kind) = kind_of(name) else {
            return 1;
        };
        let inner = &tokens[1..];
        let end = inner.iter().position(|token| match token {
            Token::Close(close) => close == name,
            // An element that was not closed ends where the next of its kind begins.
            Token::Open { name: open, .. } => open == name && kind != BlockKind::Figure,
            Token::Text(_) => false,
        });
        let is_closed = end.is_some_and(|end| matches!(inner[end], Token::Close(_)));
        self.is_damaged |= !is_closed;
        let length = end.unwrap_or(inner.len());
        self.element(kind, name, &inner[..length]);
        1 + length + usize::from(is_closed)
    }

    fn element(&mut self, kind: BlockKind, name: &str, inner: &[Token]) {
        // A caption stands inside of its table or picture and is a block of its own, before a table and behind a picture.
        let caption = inner
            .iter()
            .position(|token| matches!(token, Token::Open { name, .. } if name == "caption"));
        let (inner, caption) = match caption {
            Some(start) if matches!(kind, BlockKind::Table | BlockKind::Figure) => {
                let length = inner[start..]
                    .iter()
                    .position(|token| matches!(token, Token::Close(name) if name == "caption"))
                    .unwrap_or(inner.len() - start);
                let caption = &inner[start + 1..start + length];
                let rest: Vec<Token> = inner[..start]
                    .iter()
                    .chain(&inner[(start + length + 1).min(inner.len())..])
                    .cloned()
                    .collect();
                (rest, Some(caption.to_vec()))
            }
            _ => (inner.to_vec(), None),
        };
        let caption = caption.map(|caption| ParsedBlock {
            bbox: place(&caption),
            ..ParsedBlock::new(BlockKind::Caption, html::text_of(&caption))
        });
        let bbox = place(&inner);
        let text = || html::text_of(&inner);
        let block = match kind {
            BlockKind::Table => grid::from_otsl(&inner).map(ParsedBlock::of_table),
            BlockKind::Figure => Some(ParsedBlock::new(kind, "")),
            BlockKind::Heading => {
                let level = name
                    .strip_prefix("section_header_level_")
                    .and_then(|level| level.parse::<usize>().ok());
                Some(ParsedBlock::heading(
                    level.map_or(1, |level| level + 1),
                    text(),
                ))
            }
            BlockKind::ListItem => Some(self.item(&text())),
            BlockKind::Paragraph if name == "code" => {
                Some(ParsedBlock::new(kind, raw_text(&inner)))
            }
            BlockKind::Paragraph if name == "checkbox_selected" => {
                Some(ParsedBlock::new(kind, format!("☑ {}", text())))
            }
            BlockKind::Paragraph if name == "checkbox_unselected" => {
                Some(ParsedBlock::new(kind, format!("☐ {}", text())))
            }
            _ => Some(ParsedBlock::new(kind, text())),
        };
        let block = block.map(|block| ParsedBlock { bbox, ..block });
        if kind == BlockKind::Figure {
            self.blocks.extend(block.into_iter().chain(caption));
        } else {
            self.blocks.extend(caption.into_iter().chain(block));
        }
    }

    fn item(&mut self, text: &str) -> ParsedBlock {
        let level = u8::try_from(self.lists.len().clamp(1, 6)).unwrap_or(1);
        let marker = match self.lists.last_mut() {
            Some((true, n_items)) => {
                *n_items += 1;
                format!("{n_items}.")
            }
            _ => "•".to_owned(),
        };
        // The model may have read the marker as text, too.
        let own = markdown::list_item(text).map(|item| (item.marker, item.text.to_owned()));
        match own {
            Some((marker, text)) => markdown::item_block(level, &marker, &text),
            None => markdown::item_block(level, &marker, text),
        }
    }
}

/// The box of the first four places.
fn place(tokens: &[Token]) -> Option<[f32; 4]> {
    let mut places = tokens.iter().filter_map(|token| match token {
        Token::Open { name, .. } => name.strip_prefix("loc_")?.parse::<f32>().ok(),
        _ => None,
    });
    Some([
        places.next()?,
        places.next()?,
        places.next()?,
        places.next()?,
    ])
}

/// Text with its line ends: of a program.
fn raw_text(tokens: &[Token]) -> String {
    let text: String = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Text(text) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    text.trim_matches('\n').to_owned()
}
