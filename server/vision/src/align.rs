//! Finds the words of a model's block among the words that the local engine read, so that every block has a box, lines and a confidence.
//!
//! A block stands where most of its words stand: the words of the page in reading order are a row, and the block goes to the stretch of it that holds most
//! of the block's words, words that are rare on the page counting more. Where two stretches are as good, the one behind the last block wins; the order
//! is a help and no rule, because a model may read columns in another order. Inside of the stretch, words are paired in order (longest common
//! subsequence), equal ones and those that differ by a character or two.

use std::collections::HashMap;

use ocr_chat_document::{BBox, Page};

/// A word of the local reading.
#[derive(Debug, Clone)]
pub(crate) struct LocalWord {
    /// Letters and digits alone, in lower case.
    key: String,
    pub(crate) bbox: BBox,
    pub(crate) confidence: f32,
    /// Number of its line on the page.
    pub(crate) line_idx: usize,
}

/// The words of a page as the local engine read it.
#[derive(Debug, Default)]
pub(crate) struct LocalWords {
    pub(crate) words: Vec<LocalWord>,
    /// Boxes of the lines.
    pub(crate) lines: Vec<BBox>,
    places: HashMap<String, Vec<usize>>,
}

/// Longest stretch beyond the block's own number of words, as a factor.
const STRETCH: f32 = 1.3;

/// Words around a stretch that are paired, too.
const AROUND: usize = 4;

/// Most words of a block that are paired one by one; the pairs of a longer one are found in pieces.
const MAX_PAIRED_WORDS: usize = 600;

/// Letters and digits of `word` in lower case; for a word of signs alone the word.
pub(crate) fn key(word: &str) -> String {
    let key: String = word
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if key.is_empty() { word.to_owned() } else { key }
}

/// The words of a text: runs without spaces, and single characters of scripts that are written without.
pub(crate) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for run in text.split_whitespace() {
        let mut start = 0;
        for (at, c) in run.char_indices() {
            if is_spaceless(c) {
                if start < at {
                    words.push(&run[start..at]);
                }
                words.push(&run[at..at + c.len_utf8()]);
                start = at + c.len_utf8();
            }
        }
        if start < run.len() {
            words.push(&run[start..]);
        }
    }
    words
}

/// Chinese, Japanese, Thai, Lao, Khmer, Burmese.
pub(crate) fn is_spaceless(c: char) -> bool {
    matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0xf900..=0xfaff | 0x20000..=0x3ffff)
}

impl LocalWords {
    pub(crate) fn of(page: &Page) -> Self {
        let mut local = Self::default();
        for line in page.blocks.iter().flat_map(|block| &block.lines) {
            let line_idx = local.lines.len();
            local.lines.push(line.bbox);
            if line.words.is_empty() {
                // A line without words of its own: each gets its part of the line.
                let parts = words(&line.text);
                let boxes = split_along(line.bbox, &parts);
                for (word, bbox) in parts.iter().zip(boxes) {
                    local.push(word, bbox, line.confidence.unwrap_or(0.0), line_idx);
                }
            }
            for word in &line.words {
                let parts = words(&word.text);
                let boxes = split_along(word.bbox, &parts);
                for (part, bbox) in parts.iter().zip(boxes) {
                    local.push(part, bbox, word.confidence, line_idx);
                }
            }
        }
        local
    }

    fn push(&mut self, word: &str, bbox: BBox, confidence: f32, line_idx: usize) {
        let key = key(word);
        self.places
            .entry(key.clone())
            .or_default()
            .push(self.words.len());
        self.words.push(LocalWord {
            key,
            bbox,
            confidence,
            line_idx,
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The stretch of the row that holds most of `keys`, and the share of them that it holds, by weight. `behind` is where the last
    /// block ended.
    pub(crate) fn stretch(&self, keys: &[String], behind: usize) -> Option<std::ops::Range<usize>> {
        if keys.is_empty() || self.words.is_empty() {
            return None;
        }
        let length = ((keys.len() as f32 * STRETCH) as usize + 2).min(self.words.len());
        // Each word of the block counts once for each time that it comes in the block.
        let mut wanted: HashMap<&str, i32> = HashMap::new();
        for key in keys {
            *wanted.entry(key).or_default() += 1;
        }
        let weight = |key: &str| {
            let n_places = self.places.get(key).map_or(0, Vec::len);
            key.chars().count().min(8) as f32 / (1.0 + n_places as f32).ln_1p()
        };
        let mut score = 0.0;
        let mut inside: HashMap<&str, i32> = HashMap::new();
        let mut best: Option<(f32, usize)> = None;
        for end in 0..self.words.len() {
            let entering = self.words[end].key.as_str();
            if let Some(&n_wanted) = wanted.get(entering) {
                let n_inside = inside.entry(entering).or_default();
                *n_inside += 1;
                if *n_inside <= n_wanted {
                    score += weight(entering);
                }
            }
            if end >= length {
                let leaving = self.words[end - length].key.as_str();
                if let Some(&n_wanted) = wanted.get(leaving) {
                    let n_inside = inside.entry(leaving).or_default();
                    if *n_inside <= n_wanted {
                        score -= weight(leaving);
                    }
                    *n_inside -= 1;
                }
            }
            let start = (end + 1).saturating_sub(length);
            // A nudge towards what comes next: a word's worth, no more.
            let distance = start.abs_diff(behind) as f32 / self.words.len() as f32;
            let preferred = score * (1.02 - 0.02 * distance);
            if score > 0.5 && best.is_none_or(|(best, _)| preferred > best) {
                best = Some((preferred, start));
            }
        }
        // A little around it: which of two equal words it begins with is for the pairing to say.
        best.map(|(_, start)| {
            start.saturating_sub(AROUND)..(start + length + AROUND).min(self.words.len())
        })
    }

    /// The words inside of `bbox`, as a stretch of the row: from the first to the last whose middle is in it.
    pub(crate) fn inside(&self, bbox: BBox) -> Vec<usize> {
        (0..self.words.len())
            .filter(|idx| bbox.holds_middle_of(self.words[*idx].bbox))
            .collect()
    }

    /// For each of `keys`, the word of `candidates` that is it.
    pub(crate) fn pairs(&self, keys: &[String], candidates: &[usize]) -> Vec<Option<usize>> {
        let mut pairs = Vec::with_capacity(keys.len());
        let mut from = 0;
        for piece in keys.chunks(MAX_PAIRED_WORDS) {
            let rest = &candidates[from.min(candidates.len())..];
            let rest = &rest[..rest.len().min(piece.len() * 2 + 50)];
            let found = self.pairs_of_piece(piece, rest);
            if let Some(last) = found.iter().rev().find_map(|pair| *pair) {
                from += rest
                    .iter()
                    .position(|idx| *idx == last)
                    .map_or(0, |at| at + 1);
            }
            pairs.extend(found);
        }
        pairs
    }

    fn pairs_of_piece(&self, keys: &[String], candidates: &[usize]) -> Vec<Option<usize>> {
        let (n, m) = (keys.len(), candidates.len());
        let alike = |key: &str, idx: usize| likeness(key, &self.words[idx].key);
        let mut best = vec![0_u16; (n + 1) * (m + 1)];
        for i in (0..n).rev() {
            for j in (0..m).rev() {
                let skip = best[(i + 1) * (m + 1) + j].max(best[i * (m + 1) + j + 1]);
                let pair = match alike(&keys[i], candidates[j]) {
                    0 => 0,
                    score => best[(i + 1) * (m + 1) + j + 1].saturating_add(score),
                };
                best[i * (m + 1) + j] = skip.max(pair);
            }
        }
        let mut pairs = vec![None; n];
        let (mut i, mut j) = (0, 0);
        while i < n && j < m {
            let here = best[i * (m + 1) + j];
            let score = alike(&keys[i], candidates[j]);
            if score > 0 && here == best[(i + 1) * (m + 1) + j + 1].saturating_add(score) {
                pairs[i] = Some(candidates[j]);
                i += 1;
                j += 1;
            } else if here == best[(i + 1) * (m + 1) + j] {
                i += 1;
            } else {
                j += 1;
            }
        }
        pairs
    }
}

/// 3 for the same word, 2 for one that differs by a character (by two from 8 characters on), 0 for another.
fn likeness(a: &str, b: &str) -> u16 {
    if a == b {
        return 3;
    }
    let (n_a, n_b) = (a.chars().count(), b.chars().count());
    let allowed = match n_a.max(n_b) {
        0..4 => return 0,
        4..8 => 1,
        _ => 2,
    };
    if n_a.abs_diff(n_b) > allowed || n_a.max(n_b) > 40 {
        return 0;
    }
    if distance(a, b) <= allowed { 2 } else { 0 }
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, c) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, d) in b.iter().enumerate() {
            let change = diagonal + usize::from(c != *d);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

/// Cuts a box along x into parts as long as `words` are, with a character between them.
pub(crate) fn split_along(bbox: BBox, words: &[&str]) -> Vec<BBox> {
    let lengths: Vec<usize> = words.iter().map(|word| word.chars().count()).collect();
    let total = (lengths.iter().sum::<usize>() + words.len().saturating_sub(1)).max(1);
    let x = |chars: usize| bbox.x0 + (i64::from(bbox.width()) * chars as i64 / total as i64) as i32;
    let mut at = 0;
    lengths
        .iter()
        .map(|length| {
            let part = BBox {
                x0: x(at),
                x1: x(at + length),
                ..bbox
            };
            at += length + 1;
            part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(lines: &[&str]) -> LocalWords {
        let mut local = LocalWords::default();
        for (idx, line) in lines.iter().enumerate() {
            let top = i32::try_from(idx).unwrap() * 20;
            let bbox = BBox::new(0, top, 200, top + 16);
            local.lines.push(bbox);
            let parts = words(line);
            for (word, bbox) in parts.iter().zip(split_along(bbox, &parts)) {
                local.push(word, bbox, 0.9, idx);
            }
        }
        local
    }

    fn keys(text: &str) -> Vec<String> {
        words(text).into_iter().map(key).collect()
    }

    #[test]
    fn a_block_is_found_in_whatever_order() {
        let local = local(&[
            "the quick brown fox",
            "jumps over the lazy dog",
            "pack my box with",
            "five dozen liquor jugs",
        ]);
        let last = keys("five dozen liquor jugs");
        let range = local.stretch(&last, 0).unwrap();
        let pairs = local.pairs(&last, &range.collect::<Vec<_>>());
        assert!(
            pairs
                .iter()
                .all(|pair| local.words[pair.unwrap()].line_idx == 3)
        );
        // The order of the model is another one.
        let first = keys("The quick, brown f0x");
        let range = local.stretch(&first, 17).unwrap();
        let pairs = local.pairs(&first, &range.collect::<Vec<_>>());
        assert_eq!(pairs[..3], [Some(0), Some(1), Some(2)]);
    }

    #[test]
    fn words_of_other_pages_are_found_nowhere() {
        let local = local(&["the quick brown fox"]);
        assert!(local.stretch(&keys("lorem ipsum dolor"), 0).is_none());
    }

    #[test]
    fn misread_words_pair_and_other_words_do_not() {
        assert_eq!(likeness("receipt", "rece1pt"), 2);
        assert_eq!(likeness("12", "13"), 0);
        assert_eq!(likeness("invoice", "invoking"), 0);
        assert_eq!(words("第一章 intro 了"), ["第", "一", "章", "intro", "了"]);
    }
}
