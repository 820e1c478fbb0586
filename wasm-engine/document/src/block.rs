//! Blocks, lines and words of a page.

use serde::{Deserialize, Serialize};

use crate::geometry::{BBox, Point};
use crate::table::Table;
use crate::translation::Translation;

/// What a block is in the layout of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BlockKind {
    /// Running text.
    #[default]
    Paragraph,
    /// A title or heading.
    Heading,
    /// One item of a list.
    ListItem,
    /// A table.
    Table,
    /// A picture.
    Figure,
    /// A displayed formula, set apart from the text.
    Formula,
    /// The caption of a figure or table.
    Caption,
    /// A running header.
    Header,
    /// A running footer.
    Footer,
    /// The number of the page.
    PageNumber,
    /// A note at the foot of the page.
    Footnote,
    /// One field of a form: a label and its value, parted by the first tab of the text.
    KeyValue,
}

impl BlockKind {
    /// Whether the block belongs to the sheet rather than to what is written on it: repeated headers and footers, page numbers.
    pub fn is_furniture(self) -> bool {
        matches!(self, Self::Header | Self::Footer | Self::PageNumber)
    }
}

/// A layout block: the unit of reading order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// What the block is.
    pub kind: BlockKind,
    /// The block's text, a list item's marker included. Lines of running text are joined as they flow: by a space or, in scripts written
    /// without spaces, by nothing, hyphenation undone. Lines that stand for themselves (addresses, receipts, verse) are parted by `\n`, rows of a
    /// table too, their cells by tabs. Of a formula its LaTeX where a model wrote it, otherwise the signs that were read, line by line.
    pub text: String,
    /// Box around all of its lines.
    pub bbox: BBox,
    /// Mean over characters, 0 to 1; `None` where nothing was read.
    pub confidence: Option<f32>,
    /// Language of the block's text as a BCP 47 tag, where one was determined.
    #[serde(default)]
    pub detected_language: Option<String>,
    /// The lines in reading order, as they stand on the page, hyphens included.
    pub lines: Vec<Line>,
    /// Level of a heading (1 to 6, 1 the highest) or of a list item (1 the outermost); `None` for other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// What marks a list item at the start of its text, for example `•` or `12.`; `None` for other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// The cells of a table; `None` for other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Table>,
    /// A formula in LaTeX without delimiters, as a model wrote it and as it was checked; `None` for other kinds, and where no model wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latex: Option<String>,
    /// The text in the language that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translation: Option<Translation>,
}

impl Block {
    /// A block of `kind` with its text, around `lines`; its confidence is theirs. Without lines its box is empty.
    pub fn new(kind: BlockKind, text: impl Into<String>, lines: Vec<Line>) -> Self {
        let confidences = lines
            .iter()
            .map(|line| (line.text.as_str(), line.confidence));
        Self {
            kind,
            text: text.into(),
            bbox: BBox::union_of(lines.iter().map(|line| line.bbox)).unwrap_or_default(),
            confidence: mean_confidence(confidences),
            detected_language: None,
            level: None,
            marker: None,
            table: None,
            latex: None,
            translation: None,
            lines,
        }
    }

    /// Puts LaTeX in place of the text of a formula. The lines keep what was read.
    pub fn set_latex(&mut self, latex: impl Into<String>) {
        let latex = latex.into();
        self.text.clone_from(&latex);
        self.latex = Some(latex);
    }

    /// The text behind the marker of a list item; of other blocks the text.
    pub fn text_without_marker(&self) -> &str {
        self.marker
            .as_ref()
            .and_then(|marker| self.text.strip_prefix(marker.as_str()))
            .map_or(self.text.as_str(), str::trim_start)
    }
}

/// One line of text as it stands on the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The line's text in logical order.
    pub text: String,
    /// Upright box around `polygon`.
    pub bbox: BBox,
    /// The line's corners: first the one at which the text starts above the baseline, then clockwise as read.
    pub polygon: [Point; 4],
    /// Mean over characters, 0 to 1; `None` where nothing was read.
    pub confidence: Option<f32>,
    /// The words in logical order; left out of answers unless asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub words: Vec<Word>,
}

/// A run of characters without a space (for scripts written without spaces: a single character).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The word's text.
    pub text: String,
    /// Upright box around the word.
    pub bbox: BBox,
    /// Mean over characters, 0 to 1.
    pub confidence: f32,
}

/// The mean confidence of `parts`, each weighted by its number of characters without white space; `None` where there are none.
pub fn mean_confidence<'a>(parts: impl IntoIterator<Item = (&'a str, Option<f32>)>) -> Option<f32> {
    let mut n_chars = 0_usize;
    let mut sum = 0.0_f64;
    for (text, confidence) in parts {
        if let Some(confidence) = confidence {
            let n = text.chars().filter(|c| !c.is_whitespace()).count();
            n_chars += n;
            sum += f64::from(confidence) * n as f64;
        }
    }
    (n_chars > 0).then(|| round_confidence((sum / n_chars as f64) as f32))
}

/// `confidence` to four decimals, the precision every JSON carries (wasm and native sums differ behind it).
pub fn round_confidence(confidence: f32) -> f32 {
    ((f64::from(confidence) * 1e4).round() / 1e4) as f32
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn confidence_is_weighted_by_characters() {
        let mean = mean_confidence([("abcd", Some(1.0)), ("e", Some(0.5)), ("lost", None)]);
        assert_eq!(mean, Some(0.9));
        assert_eq!(mean_confidence([("", Some(0.3))]), None);
    }
}
