//! DeepSeek-OCR's answers: before each block its kind and its box (arXiv 2510.18234; `run_dpsk_ocr_pdf.py` of its repository).

use ocr_chat_document::BlockKind;

use crate::parse::{Parsed, ParsedBlock, four_numbers, markdown};

const REF: &str = "<|ref|>";
const REF_END: &str = "<|/ref|>";
const DET: &str = "<|det|>";
const DET_END: &str = "<|/det|>";

/// Reads an answer with boxes. Without any it is Markdown.
pub(super) fn parse(answer: &str) -> Parsed {
    let answer = answer
        .replace("<｜end▁of▁sentence｜>", "")
        .replace("<--- Page Split --->", "");
    let Some(first) = answer.find(REF) else {
        return markdown::parse(&answer);
    };
    let mut parsed = Parsed::default();
    if !answer[..first].trim().is_empty() {
        parsed
            .blocks
            .extend(markdown::parse(&answer[..first]).blocks);
    }
    for piece in answer[first..].split(REF).skip(1) {
        let Some((label, rest)) = piece.split_once(REF_END) else {
            parsed.is_damaged = true;
            continue;
        };
        let located = rest
            .trim_start()
            .strip_prefix(DET)
            .and_then(|rest| rest.split_once(DET_END));
        let (bbox, content) = match located {
            Some((boxes, content)) => (first_box(boxes), content),
            None => {
                // The box breaks off, or is not there: the label is all that is known.
                parsed.is_damaged = true;
                let content = if rest.trim_start().starts_with(DET) {
                    ""
                } else {
                    rest
                };
                (None, content)
            }
        };
        add(&mut parsed, label.trim(), bbox, content);
    }
    parsed
}

/// The box around all of `[[x0, y0, x1, y1], ...]`.
fn first_box(boxes: &str) -> Option<[f32; 4]> {
    boxes.split(']').filter_map(four_numbers).reduce(|a, b| {
        [
            a[0].min(b[0]),
            a[1].min(b[1]),
            a[2].max(b[2]),
            a[3].max(b[3]),
        ]
    })
}

fn add(parsed: &mut Parsed, label: &str, bbox: Option<[f32; 4]>, content: &str) {
    let kind = match label {
        "image" | "figure" | "chart" => {
            parsed.blocks.push(ParsedBlock {
                bbox,
                ..ParsedBlock::new(BlockKind::Figure, "")
            });
            None
        }
        "title" | "sub_title" => Some(BlockKind::Heading),
        "equation" | "formula" => Some(BlockKind::Formula),
        "image_caption" | "table_caption" | "figure_title" => Some(BlockKind::Caption),
        "header" | "page_header" => Some(BlockKind::Header),
        "footer" | "page_footer" => Some(BlockKind::Footer),
        "page_number" => Some(BlockKind::PageNumber),
        "footnote" | "page_footnote" => Some(BlockKind::Footnote),
        "text" | "table" | "list" | "table_footnote" | "table_body" | "paragraph" => {
            Some(BlockKind::Paragraph)
        }
        // "OCR this image" puts the words themselves in the place of the kind.
        words => {
            let words = super::inline::plain(words);
            parsed.blocks.push(ParsedBlock {
                bbox,
                ..ParsedBlock::new(BlockKind::Paragraph, words)
            });
            Some(BlockKind::Paragraph)
        }
    };
    let inner = markdown::parse(content);
    parsed.is_damaged |= inner.is_damaged;
    for mut block in inner.blocks {
        match kind {
            // A line of a program that begins with `#` is text, and a title may come without.
            Some(BlockKind::Heading)
                if matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem) =>
            {
                let level = if label == "title" { 1 } else { 2 };
                block = ParsedBlock::heading(level, block.text);
            }
            Some(BlockKind::Formula) if block.kind == BlockKind::Paragraph => {
                block.kind = BlockKind::Formula;
                block.text = block.text.trim_matches('$').trim().to_owned();
            }
            Some(BlockKind::Paragraph) if label == "text" && block.kind == BlockKind::Heading => {
                block = ParsedBlock::new(BlockKind::Paragraph, content.trim());
            }
            Some(kind) if block.kind == BlockKind::Paragraph => block.kind = kind,
            _ => {}
        }
        block.bbox = bbox;
        parsed.blocks.push(block);
    }
}
