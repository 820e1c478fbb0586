//! What belongs to the sheets of a document rather than to what is written on them, told by its repetition: one page alone cannot say that the line at its top stands on
//! the other pages, too.

use crate::block::{Block, BlockKind};
use crate::geometry::BBox;
use crate::page::{Page, PageStatus};

/// Share of the page's height at its top and at its foot in which furniture stands.
const MARGIN_SHARE: f32 = 0.15;

/// Furniture has at most this many lines, and this many characters.
const MAX_LINES: usize = 3;
const MAX_CHARS: usize = 160;

/// Pages to either side among which a repetition is looked for: running heads change with the chapter.
const REACH_PAGES: usize = 8;

/// Pages on which something stands at the same place before it is furniture; fewer will do where they are half of the document.
const MIN_PAGES: usize = 3;

/// How far the places may lie apart, in line heights: sheets are not fed in the same way.
const PLACE_HEIGHTS: f32 = 1.5;

/// Share of the characters in which the texts may differ: what a recogniser reads differently, the name of a month.
const MAX_DIFFERENCE: f32 = 0.2;

/// Marks running headers and footers, page numbers and logos that stand on several of `pages`, which are those of one document, in order, read so far. Numbers may
/// differ from page to page; a number alone must count the pages. Nothing else of the pages changes, and what is marked already stays.
pub fn mark_repeated(pages: &mut [Page]) {
    let candidates: Vec<Vec<Candidate>> = pages.iter().map(candidates).collect();
    let is_read = |page: &&Page| page.status == PageStatus::Done;
    let n_read = pages.iter().filter(is_read).count();
    let mut found: Vec<(usize, usize, BlockKind)> = Vec::new();
    for (page_idx, page) in pages.iter().enumerate() {
        let mut repeated: Vec<&Candidate> = candidates[page_idx]
            .iter()
            .filter(|candidate| {
                let first = page_idx.saturating_sub(REACH_PAGES);
                let last = (page_idx + REACH_PAGES).min(pages.len() - 1);
                let others = (first..=last).filter(|&other| other != page_idx);
                let n_others = others
                    .filter(|&other| {
                        let distance = other as i64 - page_idx as i64;
                        let mut there = candidates[other].iter();
                        there.any(|other| candidate.repeats(other, distance))
                    })
                    .count();
                let n = n_others + 1;
                n >= 2 && (n >= MIN_PAGES || 2 * n >= n_read)
            })
            .collect();
        // From the edge inwards: what has something of the page between itself and the edge is a part of the page.
        repeated.sort_by_key(|candidate| candidate.edge_distance);
        let mut marked: Vec<usize> = Vec::new();
        for candidate in repeated {
            let is_outermost = page.blocks.iter().enumerate().all(|(idx, block)| {
                let is_outside = match candidate.kind {
                    BlockKind::Header => block.bbox.y1 <= candidate.bbox.y0,
                    _ => block.bbox.y0 >= candidate.bbox.y1,
                };
                !is_outside || block.kind.is_furniture() || marked.contains(&idx)
            });
            if is_outermost {
                marked.push(candidate.block);
                let kind = if candidate.is_number {
                    BlockKind::PageNumber
                } else {
                    candidate.kind
                };
                found.push((page_idx, candidate.block, kind));
            }
        }
    }
    for (page_idx, block_idx, kind) in found {
        let block = &mut pages[page_idx].blocks[block_idx];
        block.kind = kind;
        block.level = None;
        block.marker = None;
    }
}

/// A block in the margin of its page.
struct Candidate {
    block: usize,
    bbox: BBox,
    /// From the edge of the page that is near, in pixels.
    edge_distance: i32,
    /// The box in shares of the page's width and height.
    place: [f32; 4],
    /// Height of a line, in shares of the page's width and height.
    reach: (f32, f32),
    /// Header or footer, by where it stands.
    kind: BlockKind,
    is_figure: bool,
    /// The text with `#` for each number.
    key: Vec<char>,
    /// Nothing but numbers and what stands around the number of a page.
    is_number: bool,
    /// The numbers in it.
    numbers: Vec<i64>,
}

fn candidates(page: &Page) -> Vec<Candidate> {
    if page.status != PageStatus::Done || page.width == 0 || page.height == 0 {
        return Vec::new();
    }
    let (width, height) = (page.width as f32, page.height as f32);
    let of_block = |(block, found): (usize, &Block)| {
        let bbox = found.bbox;
        let kind = if bbox.y1 as f32 <= MARGIN_SHARE * height {
            BlockKind::Header
        } else if bbox.y0 as f32 >= (1.0 - MARGIN_SHARE) * height {
            BlockKind::Footer
        } else {
            return None;
        };
        let is_figure = found.kind == BlockKind::Figure;
        let may_be = is_figure
            || found.kind.is_furniture()
            || matches!(
                found.kind,
                BlockKind::Paragraph
                    | BlockKind::Heading
                    | BlockKind::Caption
                    | BlockKind::ListItem
                    | BlockKind::Footnote
            );
        let is_short = is_figure
            || !found.text.trim().is_empty()
                && found.lines.len() <= MAX_LINES
                && found.text.chars().count() <= MAX_CHARS;
        if !may_be || !is_short {
            return None;
        }
        let line_px = if is_figure {
            // A logo has no lines; a fiftieth of the page is about two.
            height / 50.0
        } else {
            bbox.height() as f32 / found.lines.len().max(1) as f32
        };
        let (key, numbers) = key(&found.text);
        Some(Candidate {
            block,
            bbox,
            edge_distance: match kind {
                BlockKind::Header => bbox.y0,
                _ => i32::try_from(page.height).unwrap_or(i32::MAX) - bbox.y1,
            },
            place: [
                bbox.x0 as f32 / width,
                bbox.y0 as f32 / height,
                bbox.x1 as f32 / width,
                bbox.y1 as f32 / height,
            ],
            reach: (
                PLACE_HEIGHTS * line_px / width,
                PLACE_HEIGHTS * line_px / height,
            ),
            kind,
            is_figure,
            is_number: !is_figure && is_number(&key),
            key,
            numbers,
        })
    };
    page.blocks
        .iter()
        .enumerate()
        .filter_map(of_block)
        .collect()
}

impl Candidate {
    /// Whether `other`, which stands `distance` pages behind this, is the same piece of furniture.
    fn repeats(&self, other: &Self, distance: i64) -> bool {
        if self.kind != other.kind || self.is_figure != other.is_figure {
            return false;
        }
        let near = |a: f32, b: f32, reach: f32| (a - b).abs() <= reach;
        let (own, theirs) = (self.place, other.place);
        let (across, down) = self.reach;
        if !near(own[1], theirs[1], down) || !near(own[3], theirs[3], down) {
            return false;
        }
        // The same place, whichever edge the text is set against, or that of the facing page.
        let (left, right) = (
            near(own[0], theirs[0], across),
            near(own[2], theirs[2], across),
        );
        let is_centred = near(own[0] + own[2], theirs[0] + theirs[2], across);
        let is_facing =
            near(own[0], 1.0 - theirs[2], across) || near(own[2], 1.0 - theirs[0], across);
        if self.is_figure {
            return left && right;
        }
        if !(left || right || is_centred || is_facing) {
            return false;
        }
        if self.is_number || other.is_number {
            // A number that counts the pages: 7, 8, 9; the second of `7 / 12` stays.
            let counts = self.numbers.iter().zip(&other.numbers);
            return self.key == other.key
                && counts.clone().any(|(own, theirs)| theirs - own == distance)
                && counts
                    .clone()
                    .all(|(own, theirs)| theirs - own == distance || theirs == own);
        }
        let longest = self.key.len().max(other.key.len());
        let most = (MAX_DIFFERENCE * longest as f32) as usize;
        differ_by_at_most(&self.key, &other.key, most)
    }
}

/// The text in small letters with `#` for each number and without white space, and the numbers.
fn key(text: &str) -> (Vec<char>, Vec<i64>) {
    let mut key = Vec::new();
    let mut numbers: Vec<i64> = Vec::new();
    let mut is_in_number = false;
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        let Some(digit) = c.to_digit(10) else {
            is_in_number = false;
            key.extend(c.to_lowercase());
            continue;
        };
        if !is_in_number {
            key.push('#');
            numbers.push(0);
            is_in_number = true;
        }
        if let Some(number) = numbers.last_mut() {
            *number = number.saturating_mul(10).saturating_add(i64::from(digit));
        }
    }
    (key, numbers)
}

/// Whether a key is that of a page's number: `#`, `-#-`, `page#`, `#/#`, `#of#`.
fn is_number(key: &[char]) -> bool {
    let key: String = key.iter().collect();
    let core = key.trim_matches(|c: char| "-\u{2013}\u{2014}|[]().".contains(c));
    let core = ["page", "seite", "p.", "pág.", "página", "стр.", "หน้า", "第"]
        .iter()
        .find_map(|word| core.strip_prefix(word))
        .unwrap_or(core);
    matches!(
        core,
        "#" | "#/#" | "#of#" | "#von#" | "#de#" | "#sur#" | "#页" | "#頁"
    )
}

/// Whether the edit distance of `a` and `b` is `most` or less.
fn differ_by_at_most(a: &[char], b: &[char], most: usize) -> bool {
    if a.len().abs_diff(b.len()) > most {
        return false;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (idx, c) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = idx + 1;
        for (other_idx, other) in b.iter().enumerate() {
            let above = row[other_idx + 1];
            let swapped = diagonal + usize::from(c != other);
            row[other_idx + 1] = swapped.min(above + 1).min(row[other_idx] + 1);
            diagonal = above;
        }
    }
    row[b.len()] <= most
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn block(kind: BlockKind, text: &str, x: i32, y: i32) -> Block {
        let width = 10 * i32::try_from(text.chars().count()).unwrap();
        Block {
            bbox: BBox::new(x, y, x + width.max(80), y + 20),
            ..Block::new(kind, text, Vec::new())
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

    fn body(index: u32) -> Block {
        let text = [
            "Of apples and of pears",
            "The orchard in spring",
            "What the frost left",
            "A harvest",
        ];
        block(BlockKind::Paragraph, text[index as usize % 4], 100, 600)
    }

    fn kinds(mut pages: Vec<Page>) -> Vec<Vec<BlockKind>> {
        mark_repeated(&mut pages);
        let kinds = |page: &Page| page.blocks.iter().map(|block| block.kind).collect();
        pages.iter().map(kinds).collect()
    }

    #[test]
    fn what_stands_at_the_same_place_of_several_pages_is_furniture() {
        let months = ["3 May 2026", "17 June 2026", "1 July 2026", "30 May 2026"];
        let pages = (0..4).map(|index| {
            let head = format!(
                "Annual report of the fruit growers, {}",
                months[index as usize]
            );
            let number = format!("{}", index + 41);
            // Numbers on the outer edges of facing pages.
            let x = if index % 2 == 0 { 880 } else { 40 };
            page(
                index,
                vec![
                    block(BlockKind::Heading, &head, 100, 40 + 3 * index as i32),
                    body(index),
                    block(BlockKind::Paragraph, &number, x, 1350),
                    block(BlockKind::Figure, "", 450, 1300),
                ],
            )
        });
        for kinds in kinds(pages.collect()) {
            let expected = [
                BlockKind::Header,
                BlockKind::Paragraph,
                BlockKind::PageNumber,
                BlockKind::Footer,
            ];
            assert_eq!(kinds, expected);
        }
    }

    #[test]
    fn what_differs_or_moves_or_stands_inside_stays() {
        let texts = ["Apples", "Quinces and medlars", "Pears"];
        let pages = (0..3).map(|index| {
            let at = index as usize;
            page(
                index,
                vec![
                    block(BlockKind::Heading, texts[at], 100, 40),
                    // Repeated, but below a heading that is not.
                    block(BlockKind::Paragraph, "Read this first", 100, 90),
                    body(index),
                    // Amounts, which do not count the pages.
                    block(BlockKind::Paragraph, ["17", "4", "301"][at], 100, 1350),
                ],
            )
        });
        for (idx, kinds) in kinds(pages.collect()).iter().enumerate() {
            assert_eq!(
                kinds[..],
                [
                    BlockKind::Heading,
                    BlockKind::Paragraph,
                    BlockKind::Paragraph,
                    BlockKind::Paragraph
                ],
                "page {idx}"
            );
        }
    }

    #[test]
    fn one_page_of_ten_that_happens_to_agree_is_no_furniture() {
        let pages: Vec<Page> = (0..10)
            .map(|index| {
                let head = if index == 2 || index == 7 {
                    "Summary"
                } else {
                    ""
                };
                page(
                    index,
                    vec![block(BlockKind::Heading, head, 100, 40), body(index)],
                )
            })
            .collect();
        assert!(
            kinds(pages)
                .iter()
                .flatten()
                .all(|kind| !kind.is_furniture())
        );
    }

    #[test]
    fn fewer_pages_and_pages_that_failed_are_no_trouble() {
        assert!(kinds(Vec::new()).is_empty());
        let head = || block(BlockKind::Paragraph, "Minutes of the board", 100, 40);
        assert_eq!(kinds(vec![page(0, vec![head()])]), [[BlockKind::Paragraph]]);
        let pages = vec![
            page(0, vec![head(), body(0)]),
            Page::failed(1, "torn"),
            page(2, vec![head(), body(2)]),
        ];
        assert_eq!(kinds(pages)[2][0], BlockKind::Header);
    }
}
