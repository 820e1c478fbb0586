//! Paragraphs that go on in the next column or on the next page: formats whose text flows write them as one, where they begin; the pages keep their lines.

use std::collections::{BTreeMap, BTreeSet};

use ocr_chat_document::{Block, BlockKind, Page, PageStatus};

/// Fewest characters of a paragraph that goes on elsewhere: shorter are labels and names.
const MIN_CHARS: usize = 40;

/// Lines are justified when this share of them, the last left aside, ends this near to the same place, in line heights; then a hyphen at a line's
/// end is the printer's.
const MIN_AT_END: f32 = 0.6;
const AT_END_HEIGHTS: f32 = 0.6;

/// A last line of Chinese or Japanese that is this near to the end of its column, in line heights, may go on.
const ROOM_HAN_HEIGHTS: f32 = 1.5;

/// What a sentence ends with, behind which brackets and quotation marks may stand.
const ENDS: [char; 13] = [
    '.', '!', '?', ':', ';', '\u{2026}', '\u{3002}', '\u{ff01}', '\u{ff1f}', '\u{ff1a}',
    '\u{ff1b}', '\u{964}', '\u{6d4}',
];
const CLOSERS: [char; 12] = [
    ')', ']', '"', '\'', '\u{201d}', '\u{2019}', '\u{bb}', '\u{300d}', '\u{300f}', '\u{ff09}',
    '\u{201c}', '\u{ab}',
];

/// What a word that goes on in the next line ends with.
pub(crate) const HYPHENS: [char; 3] = ['-', '\u{ad}', '\u{2010}'];

/// A block by the position of its page among those that are written, and its own on the page.
pub(crate) type At = (usize, usize);

/// Which paragraphs of a document go on elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    next: BTreeMap<At, At>,
    continuations: BTreeSet<At>,
}

/// A part of a paragraph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Piece<'a> {
    pub(crate) at: At,
    /// What parts it from the piece before: a space, or nothing.
    pub(crate) separator: &'static str,
    /// Its text, without the hyphen that its last line ends with where the word goes on in the next piece.
    pub(crate) text: &'a str,
}

impl Flow {
    /// The paragraphs of `pages`, which are those of one document in order.
    pub(crate) fn of(pages: &[&Page]) -> Self {
        let mut flow = Self::default();
        for (position, page) in pages.iter().enumerate() {
            for (block_idx, block) in page.blocks.iter().enumerate() {
                if !is_text(block) || block.text.chars().count() < MIN_CHARS {
                    continue;
                }
                let Some(at) = next_text(pages, position, block_idx) else {
                    continue;
                };
                let next = &pages[at.0].blocks[at.1];
                let is_elsewhere = at.0 != position || is_next_column(block, next);
                if is_elsewhere && is_text(next) && goes_on(block, next) {
                    flow.next.insert((position, block_idx), at);
                    flow.continuations.insert(at);
                }
            }
        }
        flow
    }

    /// Whether no paragraph goes on elsewhere.
    pub(crate) fn is_empty(&self) -> bool {
        self.next.is_empty()
    }

    /// Whether the block is written with the one that it goes on from.
    pub(crate) fn is_continuation(&self, at: At) -> bool {
        self.continuations.contains(&at)
    }

    /// The pieces of the paragraph that begins with the block at `at`, itself first; one alone of a block that does not go on.
    pub(crate) fn pieces<'a>(&self, pages: &[&'a Page], at: At) -> Vec<Piece<'a>> {
        let block = |at: At| &pages[at.0].blocks[at.1];
        let mut pieces = Vec::new();
        let (mut at, mut separator) = (at, "");
        loop {
            let text = block(at).text.as_str();
            let Some(&next) = self.next.get(&at) else {
                pieces.push(Piece {
                    at,
                    separator,
                    text,
                });
                return pieces;
            };
            let (text, behind) = junction(block(at), block(next));
            pieces.push(Piece {
                at,
                separator,
                text,
            });
            (at, separator) = (next, behind);
        }
    }
}

fn is_text(block: &Block) -> bool {
    block.kind == BlockKind::Paragraph && !block.text.contains('\n') && block.table.is_none()
}

/// The block that is read behind the one at `(position, block_idx)`: what stands apart from the running text is passed over, and so is the end of the page.
fn next_text(pages: &[&Page], position: usize, block_idx: usize) -> Option<At> {
    let is_passed = |block: &Block| {
        block.kind.is_furniture()
            || matches!(
                block.kind,
                BlockKind::Figure | BlockKind::Caption | BlockKind::Footnote | BlockKind::Table
            )
    };
    let find = |position: usize, from: usize| {
        let blocks = pages[position].blocks.iter().enumerate().skip(from);
        let mut blocks = blocks.filter(|(_, block)| !is_passed(block));
        blocks.next().map(|(idx, _)| (position, idx))
    };
    if let Some(at) = find(position, block_idx + 1) {
        return Some(at);
    }
    let (page, next) = (pages[position], pages.get(position + 1)?);
    let is_next = next.index == page.index + 1 && next.status == PageStatus::Done;
    is_next.then(|| find(position + 1, 0)).flatten()
}

/// Whether `next` stands beside `block` and begins further up.
fn is_next_column(block: &Block, next: &Block) -> bool {
    let is_beside = next.bbox.x0 >= block.bbox.x1 || next.bbox.x1 <= block.bbox.x0;
    is_beside && next.bbox.y0 < block.bbox.y1
}

/// Whether the sentence at the end of `block` goes on in `next`.
fn goes_on(block: &Block, next: &Block) -> bool {
    if block.detected_language != next.detected_language {
        return false;
    }
    let text = block.text.trim_end();
    let Some(first) = next.text.chars().next() else {
        return false;
    };
    if stem(text, first).is_some() {
        return true;
    }
    let last = text.trim_end_matches(CLOSERS).chars().next_back();
    let is_open = last.is_some_and(|last| !ENDS.contains(&last));
    let is_han = last.is_some_and(is_han_or_kana) && is_han_or_kana(first);
    is_open && (first.is_lowercase() || is_han && ends_full(block))
}

/// Whether the last line reaches the end of its column.
fn ends_full(block: &Block) -> bool {
    block.lines.len() > 1
        && block.lines.last().is_some_and(|line| {
            let room = (block.bbox.x1 - line.bbox.x1) as f32;
            room <= ROOM_HAN_HEIGHTS * line.bbox.height() as f32
        })
}

/// `text` without the hyphen at its end, where a word goes on with the letter `first`.
fn stem(text: &str, first: char) -> Option<&str> {
    let stem = text.strip_suffix(HYPHENS)?;
    (first.is_lowercase() && stem.ends_with(char::is_alphabetic)).then_some(stem)
}

/// The text of `block` as it is written in front of `next`, and what parts them.
fn junction<'a>(block: &'a Block, next: &Block) -> (&'a str, &'static str) {
    let text = block.text.trim_end();
    let first = next.text.chars().next().unwrap_or(' ');
    if let Some(stem) = stem(text, first) {
        return if is_ragged(block) {
            (text, "")
        } else {
            (stem, "")
        };
    }
    let is_tight = text.chars().next_back().is_some_and(is_han_or_kana) && is_han_or_kana(first);
    (text, if is_tight { "" } else { " " })
}

/// Whether lines end where their words do, so that nobody hyphenated them.
fn is_ragged(block: &Block) -> bool {
    let lines = &block.lines;
    let near = |line: &&ocr_chat_document::Line| {
        (block.bbox.x1 - line.bbox.x1) as f32 <= AT_END_HEIGHTS * line.bbox.height() as f32
    };
    lines.len() > 2 && (lines.iter().filter(near).count() as f32) < MIN_AT_END * lines.len() as f32
}

fn is_han_or_kana(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use ocr_chat_document::{Answer, BBox, Detail, Document, EngineInfo};

    use super::*;

    const FIRST: &str = "The harvest of that year was larger than anybody in the valley remem-";
    const SECOND: &str = "bered, and the barns were too small for it";
    const THIRD: &str = "so that most of it was sold in October.";

    fn block(text: &str, x: i32, y: i32) -> Block {
        Block {
            bbox: BBox::new(x, y, x + 400, y + 60),
            ..Block::new(BlockKind::Paragraph, text, Vec::new())
        }
    }

    fn page(index: u32, blocks: Vec<Block>) -> Page {
        Page {
            status: PageStatus::Done,
            width: 1000,
            height: 1400,
            blocks,
            ..Page::pending(index)
        }
    }

    /// A paragraph over two columns and onto the next page, with what stands between.
    fn pages() -> Vec<Page> {
        let note = Block {
            kind: BlockKind::Footnote,
            ..block("1 Parish register.", 50, 1300)
        };
        let number = Block {
            kind: BlockKind::PageNumber,
            ..block("7", 480, 1360)
        };
        let next = vec![block(THIRD, 50, 100), block("A new paragraph.", 50, 300)];
        vec![
            page(
                0,
                vec![
                    block(FIRST, 50, 1200),
                    block(SECOND, 550, 100),
                    note,
                    number,
                ],
            ),
            page(1, next),
        ]
    }

    fn answer(pages: Vec<Page>) -> Answer {
        let markdown = crate::markdown(&pages);
        let engine = EngineInfo {
            name: "test".into(),
            version: "1".into(),
            models: vec![],
        };
        let document = Document {
            engine,
            pages,
            warnings: vec![],
        };
        Answer::local(document, "auto", markdown, Detail::Lines)
    }

    fn exported(format: crate::ExportFormat) -> String {
        let options = crate::ExportOptions::default();
        let bytes = crate::export_to_vec(&answer(pages()), format, &options, &crate::NoSources);
        String::from_utf8(bytes.unwrap()).unwrap()
    }

    const WHOLE: &str = "The harvest of that year was larger than anybody in the valley remembered, and the barns were too small for it so that most of it was sold in October.";

    #[test]
    fn a_sentence_goes_on_in_the_next_column_and_on_the_next_page() {
        assert_eq!(
            exported(crate::ExportFormat::Md).trim_end(),
            format!("{WHOLE}\n\n1 Parish register.\n\n---\n\nA new paragraph.")
        );
        assert_eq!(
            exported(crate::ExportFormat::Txt).trim_end(),
            format!("{WHOLE}\n\n1 Parish register.\n\n7\u{c}A new paragraph.")
        );
        let html = exported(crate::ExportFormat::Html);
        assert!(html.contains(&format!("<p>{WHOLE}</p>")), "{html}");
        let raw = answer(pages());
        assert!(
            raw.pages[1].text.starts_with(THIRD),
            "pages keep their lines"
        );
    }

    #[test]
    fn every_piece_is_traced_to_its_own_page_and_box() {
        let map = crate::markdown_map(&pages());
        let chars: Vec<char> = map.markdown.chars().collect();
        let found: Vec<(String, u32, usize)> = map.spans[..3]
            .iter()
            .map(|span| {
                (
                    chars[span.start..span.end].iter().collect(),
                    span.page,
                    span.block,
                )
            })
            .collect();
        let expected = [
            (FIRST.trim_end_matches('-'), 0, 0),
            (SECOND, 0, 1),
            (THIRD, 1, 0),
        ];
        let expected = expected.map(|(text, page, block)| (text.to_owned(), page, block));
        assert_eq!(found, expected);
        assert_eq!(map.spans[1].bbox, BBox::new(550, 100, 950, 160));
    }

    #[test]
    fn word_gets_one_paragraph() {
        let mut found = Vec::new();
        crate::docx::docx(&answer(pages()), &crate::NoSources, &mut found).unwrap();
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(found)).unwrap();
        let mut part = archive.by_name("word/document.xml").unwrap();
        let mut xml = String::new();
        std::io::Read::read_to_string(&mut part, &mut xml).unwrap();
        let paragraphs: Vec<String> = xml
            .split("</w:p>")
            .map(|paragraph| {
                let texts = paragraph.split("<w:t").skip(1);
                let text = texts.filter_map(|text| text.split_once('>')?.1.split_once("</w:t>"));
                text.map(|(text, _)| text).collect()
            })
            .collect();
        assert_eq!(paragraphs[0], WHOLE);
        assert_eq!(paragraphs[2], "A new paragraph.");
    }

    #[test]
    fn what_ends_or_begins_or_only_follows_stays_apart() {
        let ends = FIRST.replace("remem-", "remembers.");
        let separate = [
            (ends.as_str(), SECOND, "a full stop"),
            (SECOND, "Then came the winter.", "a capital"),
            ("Contents", SECOND, "a label"),
        ];
        for (first, second, why) in separate {
            let pages = [
                page(0, vec![block(first, 50, 1200)]),
                page(1, vec![block(second, 50, 100)]),
            ];
            let pages: Vec<&Page> = pages.iter().collect();
            assert!(Flow::of(&pages).is_empty(), "{why}");
        }
        // In one column the layout has decided.
        let below = page(0, vec![block(SECOND, 50, 100), block(THIRD, 50, 300)]);
        assert!(Flow::of(&[&below]).is_empty());
        // A page between them was not read.
        let (first, third) = (
            page(0, vec![block(SECOND, 50, 1200)]),
            page(2, vec![block(THIRD, 50, 100)]),
        );
        assert!(Flow::of(&[&first, &third]).is_empty());
    }

    #[test]
    fn chinese_goes_on_without_a_space_where_its_line_was_full() {
        let text =
            "果园里的苹果树在那一年春天开满了白色的花，山谷里的人都说从来没有见过这样多的花，收成";
        let line = |x1: i32, y: i32| ocr_chat_document::Line {
            text: text.into(),
            bbox: BBox::new(50, y, x1, y + 30),
            polygon: [ocr_chat_document::Point { x: 0, y: 0 }; 4],
            confidence: None,
            words: vec![],
        };
        let flow = |last: i32| {
            let first = Block {
                lines: vec![line(450, 1200), line(last, 1230)],
                ..block(text, 50, 1200)
            };
            let pages = [
                page(0, vec![first]),
                page(1, vec![block("也很好。", 50, 100)]),
            ];
            let pages: Vec<&Page> = pages.iter().collect();
            let flow = Flow::of(&pages);
            let pieces = flow.pieces(&pages, (0, 0));
            pieces
                .iter()
                .map(|piece| [piece.separator, piece.text].concat())
                .collect::<String>()
        };
        assert_eq!(flow(440), format!("{text}也很好。"));
        assert_eq!(flow(200), text);
    }
}
