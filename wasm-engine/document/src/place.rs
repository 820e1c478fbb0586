//! Where a stretch of a block's text stands on the page.

use std::ops::Range;

use crate::block::{Block, Line, Word};
use crate::geometry::BBox;

/// Characters that lines have at their ends and running text has not.
pub(crate) const HYPHENS: [char; 4] = ['-', '\u{ad}', '\u{2010}', '¬'];

impl Block {
    /// The boxes of the stretch `range` (bytes of [`Block::text`]), one for each line that it touches, tight around its words where the lines have them.
    ///
    /// Lines are followed through the text character by character; white space and hyphens at line ends, in which the two differ, are passed over. The
    /// block's own box where nothing fits.
    pub fn boxes(&self, range: Range<usize>) -> Vec<BBox> {
        let mut boxes = Vec::new();
        let mut text = self
            .text
            .char_indices()
            .filter(|(_, c)| !c.is_whitespace())
            .peekable();
        for line in &self.lines {
            let mut touched: Option<Range<usize>> = None;
            for (at, c) in line.text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
                let Some(&(position, expected)) = text.peek() else {
                    break;
                };
                if c != expected && HYPHENS.contains(&c) {
                    continue;
                }
                text.next();
                if range.contains(&position) {
                    let end = at + c.len_utf8();
                    touched = Some(touched.map_or(at..end, |touched| touched.start..end));
                }
            }
            boxes.extend(touched.map(|touched| line.bbox_of(&touched)));
        }
        if boxes.is_empty() {
            boxes.push(self.bbox);
        }
        boxes
    }
}

impl Line {
    /// Each word with its place in the line's text, in bytes. Words that are not in the text are left out.
    pub fn placed_words(&self) -> impl Iterator<Item = (Range<usize>, &Word)> {
        let mut from = 0;
        self.words.iter().filter_map(move |word| {
            let start = from + self.text.get(from..)?.find(&word.text)?;
            from = start + word.text.len();
            Some((start..from, word))
        })
    }

    /// Box around the words that the stretch `range` (bytes of the line's text) touches; the line's own without words.
    pub fn bbox_of(&self, range: &Range<usize>) -> BBox {
        let words = self
            .placed_words()
            .filter(|(place, _)| place.start < range.end && range.start < place.end);
        BBox::union_of(words.map(|(_, word)| word.bbox)).unwrap_or(self.bbox)
    }

    /// The stretch from the first to the last of the words that `is_wanted` picks.
    pub(crate) fn stretch_of(&self, is_wanted: impl Fn(&Word) -> bool) -> Option<Range<usize>> {
        self.placed_words()
            .filter(|(_, word)| is_wanted(word))
            .map(|(place, _)| place)
            .reduce(|all, place| all.start..place.end)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::block::{BlockKind, Word};
    use crate::geometry::Point;

    fn line(y: i32, text: &str, has_words: bool) -> Line {
        let bbox = BBox::new(0, y, 10 * text.len() as i32, y + 10);
        let mut x = 0;
        let words = text.split(' ').map(|word| {
            let width = 10 * word.len() as i32;
            let left = x;
            x += width + 10;
            Word {
                text: word.to_owned(),
                bbox: BBox::new(left, y, left + width, y + 10),
                confidence: 1.0,
            }
        });
        Line {
            text: text.to_owned(),
            bbox,
            polygon: [Point { x: 0, y: 0 }; 4],
            confidence: None,
            words: if has_words {
                words.collect()
            } else {
                Vec::new()
            },
        }
    }

    #[test]
    fn a_stretch_has_a_box_in_each_line_it_touches() {
        let lines = vec![
            line(0, "The har-", true),
            line(20, "bour was new.", true),
            line(40, "It cost much.", false),
        ];
        let block = Block::new(
            BlockKind::Paragraph,
            "The harbour was new. It cost much.",
            lines,
        );
        let at = |part: &str| {
            let start = block.text.find(part).unwrap();
            block.boxes(start..start + part.len())
        };
        assert_eq!(
            at("harbour"),
            [BBox::new(40, 0, 80, 10), BBox::new(0, 20, 40, 30)]
        );
        assert_eq!(at("new."), [BBox::new(90, 20, 130, 30)]);
        assert_eq!(
            at("cost"),
            [BBox::new(0, 40, 130, 50)],
            "without words the line"
        );
        assert_eq!(block.boxes(0..0), [block.bbox]);
    }
}
