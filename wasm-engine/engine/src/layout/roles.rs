//! What blocks are for: headings, items of lists, captions, fields, notes, and what belongs to the sheet rather than the text.

use ocr_chat_document::{Block, BlockKind, Line};

/// A heading's letters are at least this much taller than the body's.
const HEADING_RATIO: f32 = 1.25;

/// Headings of one level differ in height by less than this factor.
const LEVEL_RATIO: f32 = 1.12;

/// Most characters of a heading; longer is a paragraph in large type.
const MAX_HEADING_CHARS: usize = 160;

/// The deepest level of headings that formats know.
const MAX_LEVEL: u8 = 6;

/// A note's letters are at most this much of the body's height.
const NOTE_RATIO: f32 = 0.9;

/// Share of the page's height at its top and bottom where headers, footers and page numbers stand.
const MARGIN_SHARE: f32 = 0.12;

/// Gap in line heights between the text and what stands in the margin.
const MARGIN_GAP_HEIGHTS: f32 = 0.9;

/// Flowing text that a page has at least, in characters, before its first or last line is taken for furniture: a letterhead or the
/// name of a shop is content.
const MIN_PROSE_CHARS: usize = 600;

/// Most characters of a running header or footer.
const MAX_FURNITURE_CHARS: usize = 120;

/// A list's items of one level begin within this much, in line heights.
const NESTING_HEIGHTS: f32 = 0.8;

/// Longest label of a form's field, in characters.
const MAX_LABEL_CHARS: usize = 40;

/// Gives blocks, in reading order on a page of `height_px`, their kinds and levels.
pub(super) fn assign(blocks: &mut [Block], height_px: u32) {
    let body_px = body_height_px(blocks);
    let is_prose = |block: &Block| block.lines.len() > 1 && !block.text.contains('\n');
    let n_prose: usize = blocks
        .iter()
        .filter(|block| is_prose(block))
        .map(|block| block.text.chars().count())
        .sum();
    for block in blocks.iter_mut() {
        if block.kind != BlockKind::Paragraph {
            continue;
        }
        if is_caption(&block.text) {
            block.kind = BlockKind::Caption;
        } else if is_heading(block, body_px) {
            block.kind = BlockKind::Heading;
        } else if let Some(marker) = marker(&block.text) {
            block.kind = BlockKind::ListItem;
            block.marker = Some(marker.to_owned());
        } else if let Some(fields) = fields(&block.text) {
            block.kind = BlockKind::KeyValue;
            block.text = fields;
        }
    }
    demote_lone_numbers(blocks);
    nest(blocks);
    rank_headings(blocks);
    mark_margins(
        blocks,
        height_px as f32,
        body_px,
        n_prose >= MIN_PROSE_CHARS,
    );
}

/// Height of a line from its foot to its top, in pixels, also where it is turned.
fn line_height_px(line: &Line) -> f32 {
    let [start, _, _, below] = line.polygon;
    ((below.x - start.x) as f32).hypot((below.y - start.y) as f32)
}

fn block_height_px(block: &Block) -> f32 {
    crate::sort::median(block.lines.iter().map(line_height_px)).unwrap_or(0.0)
}

/// The height in which most characters of the page are set.
fn body_height_px(blocks: &[Block]) -> f32 {
    let mut heights: Vec<(f32, usize)> = blocks
        .iter()
        .flat_map(|block| &block.lines)
        .map(|line| (line_height_px(line), line.text.chars().count()))
        .collect();
    crate::sort::by_key(&mut heights, |(height, _)| *height);
    let half = heights.iter().map(|(_, n)| n).sum::<usize>() / 2;
    let mut n_chars = 0;
    let median = heights.iter().find(|(_, n)| {
        n_chars += n;
        n_chars > half
    });
    median.map_or(1.0, |(height, _)| height.max(1.0))
}

fn is_heading(block: &Block, body_px: f32) -> bool {
    let n_chars = block.text.chars().count();
    let n_letters = block.text.chars().filter(|c| c.is_alphabetic()).count();
    block.lines.len() <= 3
        && n_letters >= 3
        && n_letters * 2 >= n_chars
        && n_chars <= MAX_HEADING_CHARS
        && block_height_px(block) >= HEADING_RATIO * body_px
        && !block.text.ends_with(['.', ',', ';', '\u{3002}'])
}

/// Levels by size: the tallest is 1, and a step in size is a step in level.
fn rank_headings(blocks: &mut [Block]) {
    let is_heading = |block: &&Block| block.kind == BlockKind::Heading;
    let mut heights: Vec<f32> = blocks
        .iter()
        .filter(is_heading)
        .map(block_height_px)
        .collect();
    crate::sort::by_key(&mut heights, |height| -height);
    let mut tops: Vec<f32> = Vec::new();
    for height in heights {
        if tops.last().is_none_or(|top| height * LEVEL_RATIO < *top) {
            tops.push(height);
        }
    }
    for block in blocks
        .iter_mut()
        .filter(|block| block.kind == BlockKind::Heading)
    {
        let height = block_height_px(block);
        let rank = tops.iter().rposition(|top| height <= *top).unwrap_or(0);
        block.level = Some(u8::try_from(rank + 1).unwrap_or(MAX_LEVEL).min(MAX_LEVEL));
    }
}

/// The marker that a list item begins with, for example `•`, `12.`, `(a)`; `None` where the text begins otherwise.
pub(super) fn marker(text: &str) -> Option<&str> {
    let (first, rest) = text.split_once(char::is_whitespace)?;
    if rest.trim().is_empty() {
        return None;
    }
    let is_bullet = first.chars().count() == 1
        && first.starts_with([
            '\u{2022}', '\u{25cf}', '\u{25e6}', '\u{25aa}', '\u{25a0}', '\u{2023}', '\u{b7}',
            '\u{2013}', '-', '*',
        ]);
    let core = first.strip_prefix('(').map_or_else(
        || first.strip_suffix(['.', ')']),
        |inner| inner.strip_suffix(')'),
    );
    let is_number = core.is_some_and(|core| {
        let is_short = (1..=3).contains(&core.len());
        let is_decimal = core.chars().all(|c| c.is_ascii_digit());
        let is_letter = core.len() == 1 && core.chars().all(|c| c.is_ascii_alphabetic());
        let is_roman = core.chars().all(|c| "ivxIVX".contains(c));
        // Initials and abbreviations look like letters with a full stop.
        let is_closed = first.ends_with(')');
        is_short && (is_decimal || (is_letter && is_closed) || (is_roman && is_closed))
    });
    (is_bullet || is_number).then_some(first)
}

/// A single item in a row of its own is no list when it is a number: a dated line, a section's number.
fn demote_lone_numbers(blocks: &mut [Block]) {
    let is_item = |block: Option<&Block>| block.is_some_and(|b| b.kind == BlockKind::ListItem);
    let lone: Vec<usize> = (0..blocks.len())
        .filter(|&idx| {
            let has_digit = blocks[idx]
                .marker
                .as_ref()
                .is_some_and(|marker| marker.contains(|c: char| c.is_ascii_digit()));
            let before = idx.checked_sub(1).and_then(|before| blocks.get(before));
            has_digit && !is_item(before) && !is_item(blocks.get(idx + 1))
        })
        .collect();
    for idx in lone {
        blocks[idx].kind = BlockKind::Paragraph;
        blocks[idx].marker = None;
    }
}

/// Levels of neighbouring list items by their indents.
fn nest(blocks: &mut [Block]) {
    let mut indents: Vec<f32> = Vec::new();
    for block in blocks.iter_mut() {
        if block.kind != BlockKind::ListItem {
            indents.clear();
            continue;
        }
        let tolerance = NESTING_HEIGHTS * block_height_px(block);
        let is_rtl = super::is_rtl([block.text.as_str()]);
        let indent = if is_rtl {
            -block.bbox.x1
        } else {
            block.bbox.x0
        } as f32;
        while indents.last().is_some_and(|last| indent < last - tolerance) {
            indents.pop();
        }
        if indents.last().is_none_or(|last| indent > last + tolerance) {
            indents.push(indent);
        }
        block.level = Some(
            u8::try_from(indents.len())
                .unwrap_or(MAX_LEVEL)
                .min(MAX_LEVEL),
        );
    }
}

/// Words that captions begin with, in the languages that documents come in most; a number follows.
const CAPTIONS: [&str; 19] = [
    "fig.",
    "fig",
    "figure",
    "table",
    "tab.",
    "tableau",
    "tabelle",
    "abb.",
    "abbildung",
    "figura",
    "tabla",
    "tabela",
    "рис.",
    "таблица",
    "图",
    "表",
    "圖",
    "ภาพที่",
    "ตารางที่",
];

/// Whether `text` begins as captions do: "Figure 2:", "Table 1."
pub(crate) fn is_caption(text: &str) -> bool {
    let text = text.to_lowercase();
    CAPTIONS.iter().any(|word| {
        text.strip_prefix(word).is_some_and(|rest| {
            let rest = rest.trim_start();
            let number: String = rest
                .chars()
                .take_while(|c| c.is_numeric() || *c == '.')
                .collect();
            let behind = rest[number.len()..].chars().next();
            // "Table 5 shows" is a sentence.
            number.contains(char::is_numeric)
                && (number.ends_with('.')
                    || behind.is_none_or(|c| matches!(c, ':' | '.' | '\u{ff1a}' | '\n')))
        })
    })
}

/// `text` as fields of a form, label and value of each line parted by a tab; `None` where a line is none.
fn fields(text: &str) -> Option<String> {
    let mut fields = Vec::new();
    for line in text.lines() {
        let at = line.find([':', '\u{ff1a}'])?;
        let colon = line[at..].chars().next()?.len_utf8();
        let (label, value) = (line[..at].trim(), line[at + colon..].trim());
        let is_label = label.chars().any(char::is_alphabetic)
            && label.chars().count() <= MAX_LABEL_CHARS
            && !value.is_empty()
            && !value.starts_with("//");
        if !is_label {
            return None;
        }
        fields.push(format!("{}\t{value}", &line[..at + colon]));
    }
    (!fields.is_empty()).then(|| fields.join("\n"))
}

/// Marks page numbers, running headers and footers, and footnotes.
fn mark_margins(blocks: &mut [Block], height_px: f32, body_px: f32, has_prose: bool) {
    let n_lines: usize = blocks.iter().map(|block| block.lines.len()).sum();
    if n_lines < 4 {
        return;
    }
    let extremes: Vec<usize> = (0..blocks.len())
        .filter(|&idx| {
            let own = blocks[idx].bbox;
            let others = || {
                blocks
                    .iter()
                    .enumerate()
                    .filter(move |(other, _)| *other != idx)
            };
            let is_told = is_page_number(&blocks[idx].text) || is_running_head(&blocks[idx]);
            let gap = if is_told { -0.1 } else { MARGIN_GAP_HEIGHTS } * body_px;
            let is_lone_number = own.y0 as f32 >= height_px / 2.0
                && is_page_number(&blocks[idx].text)
                && others().all(|(_, other)| other.bbox.y1 as f32 + 2.0 * body_px <= own.y0 as f32);
            let is_first = own.y1 as f32 <= MARGIN_SHARE * height_px
                && others().all(|(_, other)| {
                    other.bbox.y0 as f32 >= own.y1 as f32 + gap || beside(own, other.bbox)
                });
            let is_last = own.y0 as f32 >= (1.0 - MARGIN_SHARE) * height_px
                && others().all(|(_, other)| {
                    other.bbox.y1 as f32 + gap <= own.y0 as f32 || beside(own, other.bbox)
                });
            is_first || is_last || is_lone_number
        })
        .collect();
    for idx in extremes {
        let block = &mut blocks[idx];
        if block.kind == BlockKind::Table {
            continue;
        }
        let is_top = (block.bbox.y1 as f32) < height_px / 2.0;
        if is_page_number(&block.text) || (has_prose && is_running_head(block)) {
            block.kind = if is_page_number(&block.text) {
                BlockKind::PageNumber
            } else if is_top {
                BlockKind::Header
            } else {
                BlockKind::Footer
            };
        } else if has_prose
            && block.lines.len() <= 3
            && block.text.chars().count() <= MAX_FURNITURE_CHARS
            && block_height_px(block) < HEADING_RATIO * body_px
        {
            block.kind = if is_top {
                BlockKind::Header
            } else {
                BlockKind::Footer
            };
        } else {
            continue;
        }
        block.level = None;
        block.marker = None;
    }
    if !has_prose {
        return;
    }
    for block in blocks.iter_mut() {
        let is_low = block.bbox.y0 as f32 > height_px * 0.6;
        let is_small = block_height_px(block) <= NOTE_RATIO * body_px;
        let is_marked = block
            .text
            .starts_with(['*', '\u{2020}', '\u{2021}', '\u{b9}', '\u{b2}', '\u{b3}'])
            || block.text.starts_with(|c: char| c.is_ascii_digit());
        let is_text = matches!(block.kind, BlockKind::Paragraph | BlockKind::ListItem);
        if is_text && is_low && is_small && is_marked && block.text.chars().any(char::is_alphabetic)
        {
            block.kind = BlockKind::Footnote;
            block.level = None;
            block.marker = None;
        }
    }
}

/// Whether a block is one row of several pieces with a page number at an end: `400   BRITISH HUSBANDRY   Ch. XIX.`
fn is_running_head(block: &Block) -> bool {
    let lines = &block.lines;
    let is_one_row = lines
        .windows(2)
        .all(|pair| beside(pair[0].bbox, pair[1].bbox));
    let has_number = [lines.first(), lines.last()]
        .into_iter()
        .flatten()
        .any(|line| is_page_number(&line.text));
    lines.len() > 1 && is_one_row && has_number
}

/// Whether both stand on one row: a header of two parts.
fn beside(a: ocr_chat_document::BBox, b: ocr_chat_document::BBox) -> bool {
    let shared = a.y1.min(b.y1) - a.y0.max(b.y0);
    2 * shared > (a.y1 - a.y0).min(b.y1 - b.y0) && (b.y1 - b.y0) < 3 * (a.y1 - a.y0)
}

/// `7`, `- 7 -`, `vii`, `Page 7`, `7 / 12`, `7 of 12`.
fn is_page_number(text: &str) -> bool {
    let text = text.to_lowercase();
    let core = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '-' | '\u{2013}' | '\u{2014}' | '|' | '[' | ']' | '.')
    });
    let core = ["page", "seite", "p.", "หน้า", "стр.", "pág.", "第"]
        .iter()
        .find_map(|word| core.strip_prefix(word))
        .unwrap_or(core)
        .trim_end_matches(['\u{9875}', '\u{9801}'])
        .trim();
    let is_number = |part: &str| {
        let part = part.trim();
        !part.is_empty()
            && part.chars().count() <= 5
            && (part.chars().all(char::is_numeric) || part.chars().all(|c| "ivxlcdm".contains(c)))
    };
    match core.split_once([' ', '/']) {
        None => is_number(core),
        Some((page, rest)) => {
            let total = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            let total = total
                .strip_prefix("of ")
                .or_else(|| total.strip_prefix("von "))
                .unwrap_or(total);
            is_number(page) && is_number(total)
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::{BBox, Point};

    fn block(text: &str, x: i32, y: i32, height: i32) -> Block {
        let bbox = BBox::new(
            x,
            y,
            x + text.chars().count() as i32 * height / 2,
            y + height,
        );
        let at = |x, y| Point { x, y };
        let line = Line {
            text: text.to_owned(),
            bbox,
            polygon: [
                at(bbox.x0, bbox.y0),
                at(bbox.x1, bbox.y0),
                at(bbox.x1, bbox.y1),
                at(bbox.x0, bbox.y1),
            ],
            confidence: Some(0.9),
            words: vec![],
        };
        Block::new(BlockKind::Paragraph, text, vec![line])
    }

    fn kinds(mut blocks: Vec<Block>) -> Vec<(BlockKind, Option<u8>)> {
        assign(&mut blocks, 1000);
        blocks
            .iter()
            .map(|block| (block.kind, block.level))
            .collect()
    }

    #[test]
    fn size_makes_headings_and_their_levels() {
        let body = "a line of the body text that is long enough to weigh more than all of the headings together";
        let found = kinds(vec![
            block("Title of it all", 10, 200, 40),
            block(body, 10, 300, 20),
            block("First part", 10, 350, 28),
            block(body, 10, 400, 20),
            block("Second part", 10, 450, 29),
            block("1,234.00", 10, 500, 40),
        ]);
        assert_eq!(found[0], (BlockKind::Heading, Some(1)));
        assert_eq!(found[2], (BlockKind::Heading, Some(2)));
        assert_eq!(found[4], (BlockKind::Heading, Some(2)));
        assert_eq!(
            found[5],
            (BlockKind::Paragraph, None),
            "a sum is no heading"
        );
    }

    #[test]
    fn lists_nest_by_indent_and_a_lone_number_is_none() {
        let found = kinds(vec![
            block("1. first", 10, 200, 20),
            block("• inner", 40, 230, 20),
            block("2. second", 10, 260, 20),
            block("a paragraph", 10, 300, 20),
            block("12. May 2026", 10, 330, 20),
        ]);
        let levels: Vec<_> = found.iter().map(|(_, level)| *level).collect();
        assert_eq!(levels, [Some(1), Some(2), Some(1), None, None]);
        assert_eq!(marker("(a) word"), Some("(a)"));
        assert_eq!(marker("A. Smith"), None);
        assert_eq!(marker("-12.50"), None);
    }

    #[test]
    fn fields_and_captions_are_told_from_sentences() {
        assert_eq!(
            fields("Total: 215.00\nDate: 3 May"),
            Some("Total:\t215.00\nDate:\t3 May".to_owned())
        );
        assert_eq!(fields("see http://example.org"), None);
        assert!(is_caption("Table 1. Fungal isolates"));
        assert!(is_caption("Figure 2: the model"));
        assert!(!is_caption("Table 5 shows the results"));
    }

    #[test]
    fn numbers_in_the_margin_are_page_numbers_and_a_letterhead_stays() {
        for text in ["7", "- 12 -", "xix", "Page 3 of 12", "3 / 12", "หน้า 4"] {
            assert!(is_page_number(text), "{text}");
        }
        assert!(!is_page_number("2026-11-22"));
        let mut blocks = vec![block("Acme Corporation", 10, 20, 20)];
        blocks.extend((0..6).map(|n| block("short line", 10, 200 + 40 * n, 20)));
        blocks.push(block("7", 400, 950, 20));
        let found = kinds(blocks);
        assert_eq!(found[0].0, BlockKind::Paragraph);
        assert_eq!(found[7].0, BlockKind::PageNumber);
    }
}
