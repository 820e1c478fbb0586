//! Finding text in a page, and words that should be checked. Pure: nothing here knows of the screen.

use std::ops::Range;

use ocr_chat_document::{Line, Page};

/// A stretch of a line: its number on the page in reading order, and bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) line_idx: usize,
    pub(crate) range: Range<usize>,
}

/// How much the characters of a word may lack together, 1 each at most, before it should be checked. On the pages of the fixtures (641 words, 6 of them wrong) .1 marks 19
/// words and 3 of the wrong ones, .2 marks 15 and 2; a limit on the mean over the characters misses what is wrong in long words.
const MAX_DOUBT: f32 = 0.1;

/// The lines of a page in reading order, each with the position of its block and its own within it.
pub(crate) fn lines(page: &Page) -> impl Iterator<Item = (usize, usize, &Line)> {
    page.blocks
        .iter()
        .enumerate()
        .flat_map(|(block_idx, block)| {
            let lines = block.lines.iter().enumerate();
            lines.map(move |(line_idx, line)| (block_idx, line_idx, line))
        })
}

/// The stretches of `line` that should be checked, by its words' confidences. Doubtful words without a space between them are one stretch.
pub(crate) fn doubtful(line: &Line) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (place, word) in line.placed_words() {
        let n_chars = word.text.chars().count() as f32;
        if (1.0 - word.confidence) * n_chars < MAX_DOUBT {
            continue;
        }
        match ranges.last_mut() {
            Some(last) if last.end == place.start => last.end = place.end,
            _ => ranges.push(place),
        }
    }
    ranges
}

/// Where `query` stands on `page`, each place as the stretches of the lines that it touches. Capitals, accents and marks count nothing, white space and line ends are
/// one space.
pub(crate) fn find(page: &Page, query: &str) -> Vec<Vec<Stretch>> {
    let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
    let query: Vec<char> = query.chars().flat_map(folded).collect();
    if query.is_empty() {
        return Vec::new();
    }
    let text = Folded::of(page);
    let mut found = Vec::new();
    let mut at = 0;
    while at + query.len() <= text.chars.len() {
        if text.chars[at..at + query.len()] == query[..] {
            found.push(text.stretches(at..at + query.len()));
            at += query.len();
        } else {
            at += 1;
        }
    }
    found
}

/// A page's text as it is compared, with the place of each character.
#[derive(Default)]
struct Folded {
    chars: Vec<char>,
    places: Vec<Stretch>,
}

impl Folded {
    fn of(page: &Page) -> Self {
        let mut folded = Self::default();
        for (line_idx, (_, _, line)) in lines(page).enumerate() {
            folded.space(line_idx, 0..0);
            for (at, c) in line.text.char_indices() {
                let range = at..at + c.len_utf8();
                if c.is_whitespace() {
                    folded.space(line_idx, range);
                    continue;
                }
                for c in self::folded(c) {
                    folded.chars.push(c);
                    folded.places.push(Stretch {
                        line_idx,
                        range: range.clone(),
                    });
                }
            }
        }
        folded
    }

    fn space(&mut self, line_idx: usize, range: Range<usize>) {
        if self.chars.last().is_some_and(|last| *last != ' ') {
            self.chars.push(' ');
            self.places.push(Stretch { line_idx, range });
        }
    }

    fn stretches(&self, range: Range<usize>) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        for place in &self.places[range] {
            match stretches.last_mut() {
                Some(last) if last.line_idx == place.line_idx => {
                    last.range.end = last.range.end.max(place.range.end);
                }
                _ => stretches.push(place.clone()),
            }
        }
        stretches.retain(|stretch| !stretch.range.is_empty());
        stretches
    }
}

/// `c` as it is compared: small, without its accent; nothing of marks that stand on other letters.
fn folded(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().filter(|c| !is_mark(*c)).map(plain)
}

/// Marks of Latin, Greek and Cyrillic, points of Hebrew, vowels and the line of Arabic: those that people leave out. In other scripts marks are letters.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{ad}')
}

/// Small letters with accents, by the letter they stand on.
#[rustfmt::skip]
const ACCENTED: [(char, &str); 25] = [
    ('a', "àáâãäåāăąǎả"), ('c', "çćĉċč"), ('d', "ďđ"), ('e', "èéêëēĕėęěẻẽ"), ('g', "ĝğġģ"), ('h', "ĥħ"), ('i', "ìíîïĩīĭįı"), ('j', "ĵ"), ('k', "ķ"),
    ('l', "ĺļľŀł"), ('n', "ñńņňŉ"), ('o', "òóôõöøōŏőơ"), ('r', "ŕŗř"), ('s', "śŝşšș"), ('t', "ţťŧț"), ('u', "ùúûüũūŭůűųư"), ('w', "ŵ"),
    ('y', "ýÿŷ"), ('z', "źżž"), ('α', "ά"), ('ε', "έ"), ('ο', "ό"), ('ι', "ίϊΐ"), ('е', "ёѐ"), ('и', "йѝ"),
];

fn plain(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let found = ACCENTED.iter().find(|(_, accented)| accented.contains(c));
    found.map_or(c, |(letter, _)| *letter)
}

/// A piece of a line's text and how it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) text: String,
    pub(crate) is_doubtful: bool,
    /// The number of the place that it belongs to, where it was searched for.
    pub(crate) hit: Option<usize>,
}

/// `text` in pieces, by what should be checked and what was found; `hits` with their numbers, in order.
pub(crate) fn segments(
    text: &str,
    doubtful: &[Range<usize>],
    hits: &[(Range<usize>, usize)],
) -> Vec<Segment> {
    let mut cuts: Vec<usize> = doubtful
        .iter()
        .chain(hits.iter().map(|(range, _)| range))
        .flat_map(|range| [range.start, range.end])
        .chain([0, text.len()])
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2)
        .filter_map(|cut| {
            let holds = |range: &Range<usize>| range.start <= cut[0] && cut[1] <= range.end;
            Some(Segment {
                text: text.get(cut[0]..cut[1])?.to_owned(),
                is_doubtful: doubtful.iter().any(holds),
                hit: hits.iter().find(|(range, _)| holds(range)).map(|hit| hit.1),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ocr_chat_document::{BBox, Block, BlockKind, Point, Word};

    use super::*;

    fn line(words: &[(&str, f32)]) -> Line {
        let texts: Vec<&str> = words.iter().map(|(text, _)| *text).collect();
        let words = words.iter().map(|&(text, confidence)| Word {
            text: text.to_owned(),
            bbox: BBox::default(),
            confidence,
        });
        Line {
            text: texts.join(" "),
            bbox: BBox::default(),
            polygon: [Point { x: 0, y: 0 }; 4],
            confidence: None,
            words: words.collect(),
        }
    }

    fn page(lines: &[&str]) -> Page {
        let lines = lines.iter().map(|text| line(&[(*text, 1.0)])).collect();
        Page {
            blocks: vec![Block::new(BlockKind::Paragraph, "", lines)],
            ..Page::pending(0)
        }
    }

    fn found<'a>(page: &'a Page, query: &str) -> Vec<Vec<&'a str>> {
        let all: Vec<&Line> = lines(page).map(|(_, _, line)| line).collect();
        let text = |stretch: &Stretch| &all[stretch.line_idx].text[stretch.range.clone()];
        let places = find(page, query);
        places
            .iter()
            .map(|place| place.iter().map(text).collect())
            .collect()
    }

    #[test]
    fn capitals_accents_and_line_ends_count_nothing() {
        let page = page(&["The Café in", "Übersee, CAFE in Łódź"]);
        assert_eq!(found(&page, "café"), [["Café"], ["CAFE"]]);
        assert_eq!(found(&page, "cafe  IN uber"), [vec!["Café in", "Über"]]);
        assert_eq!(found(&page, "lodz"), [["Łódź"]]);
        assert_eq!(found(&page, " "), [[""; 0]; 0]);
        assert_eq!(found(&page, "tea"), [[""; 0]; 0]);
    }

    #[test]
    fn marks_are_letters_where_readers_need_them() {
        let page = page(&["กำหนดชำระ", "السَّلام", "İstanbul", "kaffe\u{301}e"]);
        assert_eq!(found(&page, "ชำระ"), [["ชำระ"]]);
        assert_eq!(found(&page, "ชา"), [[""; 0]; 0]);
        assert_eq!(found(&page, "السلام"), [["السَّلام"]]);
        assert_eq!(found(&page, "istanbul"), [["İstanbul"]]);
        assert_eq!(found(&page, "kaffee"), [["kaffe\u{301}e"]]);
    }

    #[test]
    fn doubtful_characters_that_stand_together_are_one_stretch() {
        let mut line = line(&[("合", 0.7), ("訐", 0.6), ("12", 0.99)]);
        line.text = "合訐 12".to_owned();
        let whole = 0..6;
        assert_eq!(doubtful(&line), [whole]);
        let first = 0..5;
        assert_eq!(
            doubtful(&self::line(&[("0live", 0.977), ("soap", 0.99)])),
            [first]
        );
    }

    #[test]
    fn a_line_is_cut_where_something_begins_or_ends() {
        let olive = 0..5;
        let shown: Vec<(String, bool, Option<usize>)> =
            segments("Olive soap", std::slice::from_ref(&olive), &[(3..8, 7)])
                .into_iter()
                .map(|segment| (segment.text, segment.is_doubtful, segment.hit))
                .collect();
        let wanted = [
            ("Oli", true, None),
            ("ve", true, Some(7)),
            (" so", false, Some(7)),
            ("ap", false, None),
        ];
        assert_eq!(
            shown,
            wanted.map(|(text, weak, hit)| (text.to_owned(), weak, hit))
        );
        assert_eq!(segments("", &[], &[]), []);
    }
}
