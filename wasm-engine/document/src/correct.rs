//! Corrections: what a person says stands there, in place of what was read. Boxes stay: the new words stand where the old ones did.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::block::{Block, Line, mean_confidence};
use crate::page::Page;
use crate::place::HYPHENS;
use crate::tokens;

/// A part of a block that can be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The line at this position of [`Block::lines`].
    Line(u32),
    /// The cell at this position of [`crate::Table::cells`].
    Cell(u32),
}

/// What was read where a person said something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    /// Position of the block among the page's.
    pub block: u32,
    /// What of it was corrected.
    #[serde(flatten)]
    pub part: Part,
    /// The text as it was read.
    pub read: String,
}

impl Line {
    /// Puts `text` in place of the line's text. A person has read the line then: its confidence, and that of its words, is 1.
    ///
    /// Words that are the same keep their boxes, a word for a word takes the box of the old one, several for one or one for several share the room of the old
    /// ones by their number of characters. A line without words stays without.
    pub fn correct(&mut self, text: &str) {
        let text = one_line(text);
        if !self.words.is_empty() {
            self.words = tokens::placed(self, &text);
        }
        self.confidence = (!text.is_empty()).then_some(1.0);
        self.text = text;
    }
}

impl Page {
    /// Puts `text` in place of what stands in `part` of the block at position `block`, in everything that exports and questions are made from: the line and its
    /// words, the block's text, the cells of a table, the confidences. [`Page::corrections`] keeps what was read. Text that is empty takes the line away,
    /// its place excepted. Whether there is such a part.
    pub fn correct(&mut self, block: usize, part: Part, text: &str) -> bool {
        let Some(corrected) = self.blocks.get_mut(block) else {
            return false;
        };
        let before = match part {
            Part::Line(line) => corrected.correct_line(line as usize, text),
            Part::Cell(cell) => corrected.correct_cell(cell as usize, text),
        };
        let Some(before) = before else {
            return false;
        };
        let now = corrected.text_of(part).unwrap_or_default();
        let block = u32::try_from(block).unwrap_or(u32::MAX);
        let is_same = |known: &Correction| known.block == block && known.part == part;
        match self.corrections.iter().position(is_same) {
            // Back to what was read.
            Some(at) if self.corrections[at].read == now => {
                self.corrections.remove(at);
            }
            None if before != now => self.corrections.push(Correction {
                block,
                part,
                read: before,
            }),
            _ => {}
        }
        self.mean_confidence = self.compute_mean_confidence();
        true
    }

    /// What was read in `part` of the block at position `block`, where a person corrected it.
    pub fn read_as(&self, block: usize, part: Part) -> Option<&str> {
        self.corrections
            .iter()
            .find(|known| known.block as usize == block && known.part == part)
            .map(|known| known.read.as_str())
    }
}

impl Block {
    /// The text of one of its parts.
    pub fn text_of(&self, part: Part) -> Option<String> {
        match part {
            Part::Line(line) => Some(self.lines.get(line as usize)?.text.clone()),
            Part::Cell(cell) => {
                let cells = &self.table.as_ref()?.cells;
                Some(cells.get(cell as usize)?.text.clone())
            }
        }
    }

    /// What the line said before.
    fn correct_line(&mut self, line_idx: usize, text: &str) -> Option<String> {
        let old = self.lines.get(line_idx)?.clone();
        let mut new = old.clone();
        new.correct(text);
        match self.table.as_mut() {
            Some(table) => {
                table.follow(&old, &new);
                self.text = table.text();
            }
            None => self.follow(line_idx, &old.text, &new.text),
        }
        self.lines[line_idx] = new;
        self.tidy();
        Some(old.text)
    }

    /// What the cell said before.
    fn correct_cell(&mut self, cell_idx: usize, text: &str) -> Option<String> {
        let table = self.table.as_mut()?;
        let cell = table.cells.get_mut(cell_idx)?;
        let lines: Vec<String> = text.lines().map(one_line).collect();
        let text = lines.join("\n").trim().to_owned();
        let old = std::mem::replace(&mut cell.text, text);
        let cell = cell.clone();
        crate::table::into_lines(&cell, &mut self.lines);
        self.text = table.text();
        self.tidy();
        Some(old)
    }

    /// Brings the block's text after one of its lines changed from `old` to `new`: only what differs is put in place, so that tabs, line breaks and words that are
    /// hyphenated on the page stay as they are in running text.
    fn follow(&mut self, line_idx: usize, old: &str, new: &str) {
        match self.stretch(line_idx) {
            Some(places) => {
                let (range, middle) = difference(old, new, &places);
                let is_gone = new.is_empty();
                self.text.replace_range(range.clone(), middle);
                if is_gone {
                    // Of the two separators around the line one is left.
                    let behind = &self.text[range.start..];
                    let n = behind.chars().next().filter(|c| c.is_whitespace());
                    let end = range.start + n.map_or(0, char::len_utf8);
                    self.text.replace_range(range.start..end, "");
                }
            }
            None => match self.text.find(old).filter(|_| !old.is_empty()) {
                Some(at) => self.text.replace_range(at..at + old.len(), new),
                // The text does not follow its lines: a model's, for example.
                None => {
                    let mut lines: Vec<&str> = self.lines.iter().map(|l| l.text.as_str()).collect();
                    lines[line_idx] = new;
                    self.text = lines.join("\n");
                }
            },
        }
    }

    /// For each character of a line that is no white space its place in the block's text; `None` for hyphens that running text has not. `None` where the text does
    /// not follow its lines.
    fn stretch(&self, line_idx: usize) -> Option<Vec<Option<Range<usize>>>> {
        let mut text = self
            .text
            .char_indices()
            .filter(|(_, c)| !c.is_whitespace())
            .peekable();
        let mut places = Vec::new();
        for (idx, line) in self.lines.iter().enumerate().take(line_idx + 1) {
            for c in line.text.chars().filter(|c| !c.is_whitespace()) {
                let place = match text.peek() {
                    Some(&(at, expected)) if expected == c => {
                        text.next();
                        Some(at..at + c.len_utf8())
                    }
                    _ if HYPHENS.contains(&c) => None,
                    _ => return None,
                };
                if idx == line_idx {
                    places.push(place);
                }
            }
        }
        places.iter().any(Option::is_some).then_some(places)
    }

    /// What follows from the text of lines.
    fn tidy(&mut self) {
        // What a person says of the signs is not what the model wrote.
        if self.latex.as_ref() != Some(&self.text) {
            self.latex = None;
        }
        let confidences = self
            .lines
            .iter()
            .map(|line| (line.text.as_str(), line.confidence));
        self.confidence = mean_confidence(confidences);
        if self
            .marker
            .as_ref()
            .is_some_and(|marker| !self.text.starts_with(marker.as_str()))
        {
            self.marker = None;
        }
    }
}

/// What has to be replaced in the block's text, and by what. `places` are those of the characters of `old` that are no white space.
fn difference<'a>(
    old: &str,
    new: &'a str,
    places: &[Option<Range<usize>>],
) -> (Range<usize>, &'a str) {
    let (old, chars): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
    let n_same =
        |a: &mut dyn Iterator<Item = (&char, &char)>| a.take_while(|(a, b)| a == b).count();
    let head = n_same(&mut old.iter().zip(&chars));
    let most = old.len().min(chars.len()) - head;
    let tail = n_same(&mut old.iter().rev().zip(chars.iter().rev())).min(most);
    let dark = |chars: &[char]| chars.iter().filter(|c| !c.is_whitespace()).count();
    let (before, until) = (dark(&old[..head]), dark(&old[..old.len() - tail]));
    let behind = |n: usize| places[..n.min(places.len())].iter().flatten().next_back();
    let from = |n: usize| places[n.min(places.len())..].iter().flatten().next();
    // White space of the line is not followed: what the head ends with, and the tail begins with, stays.
    let has_gap = |c: Option<&char>| c.is_some_and(|c| c.is_whitespace());
    let after_head = behind(before).map(|place| place.end);
    let at_next = from(before).map(|place| place.start);
    let start = if has_gap(head.checked_sub(1).and_then(|at| old.get(at))) {
        at_next.or(after_head)
    } else {
        after_head.or(at_next)
    };
    let before_tail = behind(until).map(|place| place.end);
    let at_tail = from(until).map(|place| place.start);
    let end = if tail > 0 && !has_gap(old.get(old.len() - tail)) {
        at_tail.or(before_tail)
    } else {
        before_tail.or(at_tail)
    };
    let start = start.unwrap_or(0);
    let end = end.unwrap_or(start).max(start);
    let byte = |n: usize| chars[..n].iter().map(|c| c.len_utf8()).sum::<usize>();
    (start..end, &new[byte(head)..byte(chars.len() - tail)])
}

/// `text` with single spaces and no line breaks.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
