//! Lines to running text: which line ends are the writer's and which the paper's.

use super::order::Extent;

/// Lines of a flowing paragraph are at least this long on the average, in line heights: shorter are addresses, labels, verse.
const MIN_FLOW_HEIGHTS: f32 = 14.0;

/// Those of a narrow column will do where this share of several lines begins with a small letter: lines of addresses do not.
const MIN_NARROW_FLOW_HEIGHTS: f32 = 9.0;
const MIN_NARROW_ROWS: usize = 4;
const MIN_SMALL_LETTERS: f32 = 0.6;

/// Share of the line ends that must be the paper's for a paragraph to flow.
const MIN_SOFT: f32 = 0.75;

/// Lines are justified when this share of them ends this near to the same place, in line heights.
const MIN_AT_END: f32 = 0.6;
const AT_END_HEIGHTS: f32 = 0.6;

/// Width of a space in line heights.
const SPACE_HEIGHTS: f32 = 0.25;

/// Room at a line's end, in line heights, that a script without spaces leaves at most: a character, or a word where the words are not seen.
const ROOM_HAN_HEIGHTS: f32 = 1.5;
const ROOM_UNSPACED_HEIGHTS: f32 = 6.0;

/// One row of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) text: String,
    pub(super) extent: Extent,
    /// Whether it is a single line, or several with no more than a space between; running text has no gaps.
    pub(super) is_single: bool,
}

/// Whether `rows` are running text of a column between `left` and `right`.
pub(super) fn flows(rows: &[Row], left: f32, right: f32, is_rtl: bool) -> bool {
    if rows.len() < 2 || !rows.iter().all(|row| row.is_single) {
        return false;
    }
    let height = mean(rows.iter().map(|row| row.extent.height()));
    let begins_small = |row: &&Row| row.text.starts_with(char::is_lowercase);
    let n_small = rows[1..].iter().filter(begins_small).count();
    let is_prose = rows.len() >= MIN_NARROW_ROWS
        && n_small as f32 >= MIN_SMALL_LETTERS * (rows.len() - 1) as f32;
    let least = if is_prose {
        MIN_NARROW_FLOW_HEIGHTS
    } else {
        MIN_FLOW_HEIGHTS
    };
    if mean(rows.iter().map(|row| row.extent.x1 - row.extent.x0)) < least * height {
        return false;
    }
    let n_soft = rows
        .windows(2)
        .filter(|pair| is_soft(&pair[0], &pair[1], left, right, is_rtl))
        .count();
    n_soft as f32 >= MIN_SOFT * (rows.len() - 1) as f32
}

/// Whether the first word of `below` had no room behind `above`.
fn is_soft(above: &Row, below: &Row, left: f32, right: f32, is_rtl: bool) -> bool {
    let height = above.extent.height();
    let room = if is_rtl {
        above.extent.x0 - left
    } else {
        right - above.extent.x1
    };
    let first = below.text.split_whitespace().next().unwrap_or("");
    let needed = if first.chars().any(is_han_or_kana) {
        ROOM_HAN_HEIGHTS * height
    } else if first.chars().any(is_unspaced) {
        ROOM_UNSPACED_HEIGHTS * height
    } else {
        let n_chars = below.text.chars().count().max(1) as f32;
        let per_char = (below.extent.x1 - below.extent.x0) / n_chars;
        per_char * first.chars().count() as f32 + SPACE_HEIGHTS * height
    };
    // A quarter more, for what the edges of regions are worth.
    room <= needed * 1.25 + SPACE_HEIGHTS * height
}

/// The text of rows that flow: joined as their script joins words, hyphenation undone. Where the lines end at random nobody hyphenated them, and
/// a hyphen at the end of one is its word's own.
pub(super) fn flowing(rows: &[Row]) -> String {
    let is_justified = is_justified(rows);
    let mut text = String::new();
    for row in rows {
        if text.is_empty() {
            text.push_str(&row.text);
        } else if let Some(stem) = hyphenated(&text, &row.text) {
            if is_justified {
                text.truncate(stem);
            }
            text.push_str(&row.text);
        } else {
            if !joins(&text, &row.text) {
                text.push(' ');
            }
            text.push_str(&row.text);
        }
    }
    text
}

/// Whether most lines but the last end at the same place. Only text that runs from left to right has hyphens.
fn is_justified(rows: &[Row]) -> bool {
    let Some((_, full)) = rows.split_last() else {
        return false;
    };
    let ends = full.iter().map(|row| row.extent.x1);
    let right = ends.fold(f32::MIN, f32::max);
    let ends_there = |row: &&Row| right - row.extent.x1 <= AT_END_HEIGHTS * row.extent.height();
    full.iter().filter(ends_there).count() as f32 >= MIN_AT_END * full.len() as f32
}

/// Length of `text` without the hyphen at its end, where a word goes on in `next`: a letter, a hyphen, then a small letter.
fn hyphenated(text: &str, next: &str) -> Option<usize> {
    let stem = text.strip_suffix(['-', '\u{ad}', '\u{2010}'])?;
    let goes_on = next.chars().next().is_some_and(char::is_lowercase);
    let is_word = stem.chars().next_back().is_some_and(char::is_alphabetic);
    (goes_on && is_word).then_some(stem.len())
}

/// Whether `next` follows `text` without a space: between letters of scripts that are written without.
pub(crate) fn joins(text: &str, next: &str) -> bool {
    let (Some(last), Some(first)) = (text.chars().next_back(), next.chars().next()) else {
        return true;
    };
    let is_tight = |c: char| is_han_or_kana(c) || is_wide_sign(c);
    (is_tight(last) && is_tight(first)) || (is_unspaced(last) && is_unspaced(first))
}

/// Han, Hiragana, Katakana and their extensions.
pub(super) fn is_han_or_kana(c: char) -> bool {
    matches!(u32::from(c), 0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

/// Punctuation of Chinese and Japanese.
fn is_wide_sign(c: char) -> bool {
    matches!(u32::from(c), 0x3000..=0x303f | 0xff00..=0xffef)
}

/// Thai, Lao, Khmer, Burmese, Tibetan: spaces part sentences there, not words.
fn is_unspaced(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0fff | 0x1000..=0x109f | 0x1780..=0x17ff)
}

fn mean(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    let n = values.len().max(1) as f32;
    values.sum::<f32>() / n
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn rows(texts: &[&str]) -> Vec<Row> {
        let row = |(idx, text): (usize, &&str)| Row {
            text: (*text).to_owned(),
            extent: Extent {
                x0: 0.0,
                x1: text.chars().count() as f32 * 5.0,
                y0: idx as f32 * 12.0,
                y1: idx as f32 * 12.0 + 10.0,
            },
            is_single: true,
        };
        texts.iter().enumerate().map(row).collect()
    }

    #[test]
    fn a_line_that_could_not_hold_the_next_word_goes_on() {
        let prose = rows(&[
            "The cartilage, indeed, when the bones have been",
            "buried in a dry situation, is very indestruct-",
            "ible, as has long been known.",
        ]);
        assert!(flows(&prose, 0.0, 240.0, false));
        assert_eq!(
            flowing(&prose),
            "The cartilage, indeed, when the bones have been buried in a dry situation, is very indestructible, as has \
             long been known."
        );
        let address = rows(&[
            "Acme Corporation of the Western",
            "Main Street 5",
            "Springfield",
        ]);
        assert!(!flows(&address, 0.0, 240.0, false));
    }

    #[test]
    fn scripts_without_spaces_join_without() {
        assert_eq!(
            flowing(&rows(&["今日は天気が", "良いので"])),
            "今日は天気が良いので"
        );
        assert_eq!(flowing(&rows(&["ภาษา", "ไทย"])), "ภาษาไทย");
        // Ragged lines were not hyphenated: the hyphen is the word's own.
        assert_eq!(
            flowing(&rows(&[
                "It is fast and memory-",
                "efficient, and can power all kinds of performance-",
                "critical services"
            ])),
            "It is fast and memory-efficient, and can power all kinds of performance-critical services"
        );
        assert_eq!(
            flowing(&rows(&["see fig-", "Ure 5-", "7"])),
            "see fig- Ure 5- 7"
        );
    }
}
