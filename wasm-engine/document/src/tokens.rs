//! Words of a line that was corrected, placed where the words of the line before stand.

use crate::block::{Line, Word};
use crate::geometry::BBox;

/// A word that was added takes the room between its neighbours where there is this share of what its characters need; otherwise part of a neighbour's.
const MIN_ROOM: f32 = 0.5;

/// Which way a line runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    is_vertical: bool,
    /// From right to left, or from the bottom to the top.
    is_backward: bool,
}

/// The words of `text`, which stands where `line` stands.
pub(crate) fn placed(line: &Line, text: &str) -> Vec<Word> {
    let new = words(text);
    let old: Vec<&str> = line.words.iter().map(|word| word.text.as_str()).collect();
    let run = Run::of(line);
    let mut placed = Vec::new();
    let (mut at_old, mut at_new) = (0, 0);
    let ends = [(old.len(), new.len())];
    for (next_old, next_new) in same(&old, &new).into_iter().chain(ends) {
        let gap = Gap {
            line,
            run,
            old: at_old..next_old,
        };
        gap.fill(&new[at_new..next_new], &mut placed);
        if let Some(word) = line.words.get(next_old) {
            placed.push(Word {
                confidence: 1.0,
                ..word.clone()
            });
        }
        (at_old, at_new) = (next_old + 1, next_new + 1);
    }
    placed
}

/// Words as the engine parts them: at spaces, and each character of a script written without spaces whose characters are words.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for run in text.split_whitespace() {
        let mut from = 0;
        for (at, c) in run.char_indices().filter(|(_, c)| is_word_alone(*c)) {
            if at > from {
                words.push(&run[from..at]);
            }
            from = at + c.len_utf8();
            words.push(&run[at..from]);
        }
        if from < run.len() {
            words.push(&run[from..]);
        }
    }
    words
}

/// Characters of Chinese and Japanese.
fn is_word_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The longest common subsequence: pairs of positions of words that are the same.
fn same(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let columns = new.len() + 1;
    let mut lengths = vec![0_u32; (old.len() + 1) * columns];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * columns + j] = if old[i] == new[j] {
                lengths[(i + 1) * columns + j + 1] + 1
            } else {
                lengths[(i + 1) * columns + j].max(lengths[i * columns + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * columns + j] >= lengths[i * columns + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

impl Run {
    fn of(line: &Line) -> Self {
        let middle = |bbox: BBox| (bbox.x0 + bbox.x1, bbox.y0 + bbox.y1);
        let (dx, dy) = match line.words.as_slice() {
            [first, .., last] => {
                let ((x0, y0), (x1, y1)) = (middle(first.bbox), middle(last.bbox));
                (x1 - x0, y1 - y0)
            }
            _ => {
                let [start, end, ..] = line.polygon;
                let dx = end.x - start.x;
                let is_rtl = line.text.chars().any(is_rtl);
                (if is_rtl { -dx.abs() } else { dx }, end.y - start.y)
            }
        };
        let is_vertical = dy.abs() > dx.abs();
        Self {
            is_vertical,
            is_backward: if is_vertical { dy < 0 } else { dx < 0 },
        }
    }

    /// Where `bbox` begins and ends along the line; growing as the line is read.
    fn along(self, bbox: BBox) -> (i32, i32) {
        let (from, to) = if self.is_vertical {
            (bbox.y0, bbox.y1)
        } else {
            (bbox.x0, bbox.x1)
        };
        if self.is_backward {
            (-to, -from)
        } else {
            (from, to)
        }
    }

    /// `bbox` from `from` to `to` along the line.
    fn cut(self, bbox: BBox, from: i32, to: i32) -> BBox {
        let (from, to) = if self.is_backward {
            (-to, -from)
        } else {
            (from, to)
        };
        if self.is_vertical {
            BBox::new(bbox.x0, from, bbox.x1, to)
        } else {
            BBox::new(from, bbox.y0, to, bbox.y1)
        }
    }
}

fn is_rtl(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}')
}

/// Old words between two that stayed.
struct Gap<'a> {
    line: &'a Line,
    run: Run,
    old: std::ops::Range<usize>,
}

impl Gap<'_> {
    /// Places `new` where the old words of the gap stand. `placed` are the words before it.
    fn fill(&self, new: &[&str], placed: &mut Vec<Word>) {
        let old = &self.line.words[self.old.clone()];
        if new.is_empty() {
            return;
        }
        if old.len() == new.len() {
            placed.extend(old.iter().zip(new).map(|(old, new)| sure(new, old.bbox)));
            return;
        }
        if let Some(room) = BBox::union_of(old.iter().map(|word| word.bbox)) {
            return self.share(new, room, placed);
        }
        let before = placed.last().cloned();
        let behind = self.line.words.get(self.old.end);
        let line = self.run.along(self.line.bbox);
        let from = before
            .as_ref()
            .map_or(line.0, |word| self.run.along(word.bbox).1);
        let to = behind.map_or(line.1, |word| self.run.along(word.bbox).0);
        let n_chars = |text: &str| text.chars().count().max(1);
        let n_old = self.line.text.chars().count().max(1) as f32;
        let per_char = (line.1 - line.0) as f32 / n_old;
        let needed = new.iter().map(|word| n_chars(word)).sum::<usize>() as f32 * per_char;
        if (to - from) as f32 >= MIN_ROOM * needed {
            let room = self.run.cut(self.line.bbox, from, to);
            return self.share(new, room, placed);
        }
        // Part of the word before; of the line where the first word was added.
        if let Some(word) = placed.pop() {
            let mut all = vec![word.text.as_str()];
            all.extend(new);
            self.share(&all, word.bbox, placed);
        } else {
            let end = from + needed.round() as i32;
            let room = self.run.cut(self.line.bbox, from, end.min(line.1));
            self.share(new, room, placed);
        }
    }

    /// Parts `room` among `new` by their characters.
    fn share(&self, new: &[&str], room: BBox, placed: &mut Vec<Word>) {
        let (from, to) = self.run.along(room);
        let n_chars = |text: &&str| text.chars().count().max(1);
        // A space between two words.
        let n_all = new.iter().map(n_chars).sum::<usize>() + new.len() - 1;
        let at = |n: usize| from + ((to - from) as f32 * n as f32 / n_all as f32).round() as i32;
        let mut n = 0;
        for word in new {
            let end = n + n_chars(word);
            placed.push(sure(word, self.run.cut(room, at(n), at(end))));
            n = end + 1;
        }
    }
}

fn sure(text: &str, bbox: BBox) -> Word {
    Word {
        text: text.to_owned(),
        bbox,
        confidence: 1.0,
    }
}
