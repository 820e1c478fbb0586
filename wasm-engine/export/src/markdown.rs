//! Markdown (CommonMark): headings, list items and paragraphs; running headers and footers are left out.

use ocr_chat_document::{Block, BlockKind, Page};

/// The Markdown of `pages`, joined by a thematic break.
pub fn markdown(pages: &[Page]) -> String {
    let pages: Vec<String> = pages.iter().map(page_markdown).collect();
    pages.join("\n\n---\n\n")
}

fn page_markdown(page: &Page) -> String {
    let mut out = String::new();
    let mut previous = None;
    for block in &page.blocks {
        if block.kind.is_furniture() {
            continue;
        }
        if let Some(previous) = previous {
            let tight = previous == BlockKind::ListItem && block.kind == BlockKind::ListItem;
            out.push_str(if tight { "\n" } else { "\n\n" });
        }
        push_block(&mut out, block);
        previous = Some(block.kind);
    }
    out
}

fn push_block(out: &mut String, block: &Block) {
    match block.kind {
        BlockKind::Heading => {
            out.push_str("# ");
            out.push_str(&escaped(&block.text.replace('\n', " ")));
        }
        BlockKind::ListItem => {
            out.push_str("- ");
            out.push_str(&escaped(&block.text).replace('\n', "\n  "));
        }
        _ => {
            // A hard break keeps the lines of an address or a receipt apart.
            let lines: Vec<String> = block.text.lines().map(escaped).collect();
            out.push_str(&lines.join("\\\n"));
        }
    }
}

/// `line` with the characters escaped that CommonMark would read as markup.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let trimmed = line.trim_start();
    if starts_a_block(trimmed) {
        out.push('\\');
    }
    let ordered = trimmed.find(|c: char| !c.is_ascii_digit()).filter(|&end| {
        end > 0
            && end <= 9
            && trimmed[end..].starts_with(['.', ')'])
            && trimmed[end + 1..].starts_with(' ')
    });
    for (at, c) in trimmed.char_indices() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|')
            && !(at == 0 && starts_a_block(trimmed))
            || ordered == Some(at)
        {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Whether the line's first character would open a heading, list, quote, rule or fence.
fn starts_a_block(line: &str) -> bool {
    line.starts_with('>')
        || line.starts_with("~~~")
        || line.trim_start_matches('#').is_empty() && !line.is_empty()
        || line.starts_with('#') && line.trim_start_matches('#').starts_with(' ')
        || ["-", "+", "="].iter().any(|mark| {
            line.strip_prefix(mark)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '-', '=']))
        })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::PageStatus;

    fn block(kind: BlockKind, text: &str) -> Block {
        Block::new(kind, text, vec![])
    }

    fn page(blocks: Vec<Block>) -> Page {
        Page {
            status: PageStatus::Done,
            blocks,
            ..Page::pending(0)
        }
    }

    #[test]
    fn kinds_become_markup_and_footers_stay_out() {
        let pages = [
            page(vec![
                block(BlockKind::Heading, "INVOICE"),
                block(BlockKind::Paragraph, "Acme Corp\nTotal: 215.00"),
                block(BlockKind::ListItem, "one"),
                block(BlockKind::ListItem, "two"),
                block(BlockKind::Footer, "page 1"),
            ]),
            page(vec![block(BlockKind::Paragraph, "next")]),
        ];
        assert_eq!(
            markdown(&pages),
            "# INVOICE\n\nAcme Corp\\\nTotal: 215.00\n\n- one\n- two\n\n---\n\nnext"
        );
    }

    #[test]
    fn text_that_looks_like_markup_stays_text() {
        for (text, expected) in [
            ("a*b_c", "a\\*b\\_c"),
            ("# 12", "\\# 12"),
            ("- item", "\\- item"),
            ("1. item", "1\\. item"),
            ("-12.50", "-12.50"),
            ("---", "\\---"),
            ("> quote", "\\> quote"),
            ("2.50", "2.50"),
            ("<b>", "\\<b\\>"),
            ("#", "\\#"),
        ] {
            assert_eq!(escaped(text), expected, "{text}");
        }
    }
}
