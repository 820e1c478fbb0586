//! What passes from stage to stage between the page's pixels and its blocks.

use crate::geometry::RotatedRect;

/// A rectangle around one line of text, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextRegion {
    /// The rectangle in pixels of the page.
    pub rect: RotatedRect,
    /// Mean probability of text inside, 0 to 1.
    pub score: f32,
}

/// One character and where it stands along its line.
#[derive(Debug, Clone, PartialEq)]
pub struct CharSpan {
    /// The character; more than one code point where the dictionary says so.
    pub text: String,
    /// Where it begins, as a share of the line's width, 0 to 1.
    pub start: f32,
    /// Where it ends, as a share of the line's width, 0 to 1.
    pub end: f32,
    /// Probability of the character, 0 to 1.
    pub confidence: f32,
}

/// A line as it was read, in reading order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LineText {
    /// The characters, spaces included.
    pub chars: Vec<CharSpan>,
}

impl LineText {
    /// The text.
    pub fn text(&self) -> String {
        self.chars.iter().map(|c| c.text.as_str()).collect()
    }

    /// Number of characters that are no spaces.
    pub fn n_signs(&self) -> usize {
        self.chars
            .iter()
            .filter(|c| !c.text.trim().is_empty())
            .count()
    }

    /// Mean over the characters that are no spaces, 0 to 1; `None` where nothing was read.
    pub fn confidence(&self) -> Option<f32> {
        let mut n_chars = 0_u32;
        let mut sum = 0.0;
        for c in self.chars.iter().filter(|c| !c.text.trim().is_empty()) {
            n_chars += 1;
            sum += c.confidence;
        }
        (n_chars > 0).then(|| sum / n_chars as f32)
    }
}

/// A line that was read, where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadLine {
    /// The line's rectangle in pixels of the page, reading along its width.
    pub rect: RotatedRect,
    /// What was read.
    pub text: LineText,
}

/// The text that a page brings along.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextLayer {
    /// The lines that are painted, in pixels of the page as [`crate::Source::page`] renders it.
    pub lines: Vec<ReadLine>,
    /// The lines of which nothing is painted.
    pub invisible_lines: Vec<ReadLine>,
    /// Number of characters, spaces left out.
    pub n_chars: usize,
    /// Number of characters of which the font says what they mean.
    pub n_mapped: usize,
    /// Number of characters in invisible lines.
    pub n_invisible: usize,
    /// Share of the page's area under pictures, 0 to 1.
    pub picture_share: f32,
}

impl TextLayer {
    /// Share of the characters of which the font says what they mean, 0 to 1; 1 where there are none.
    pub fn mapped_share(&self) -> f32 {
        if self.n_chars == 0 {
            return 1.0;
        }
        self.n_mapped as f32 / self.n_chars as f32
    }
}
