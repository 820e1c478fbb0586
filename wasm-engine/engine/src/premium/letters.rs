//! What letters a text is made of.

use crate::text::LineText;

/// What letters there are.
#[derive(Default)]
pub(super) struct Letters {
    n_latin: usize,
    pub(super) n_ideographs: usize,
    /// In scripts that PP-OCR does not read.
    pub(super) n_others: usize,
}

impl Letters {
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a LineText>) -> Self {
        let mut letters = Self::default();
        for c in texts
            .flat_map(|text| &text.chars)
            .flat_map(|c| c.text.chars())
        {
            if is_ideograph(c) {
                letters.n_ideographs += 1;
            } else if is_latin(c) {
                letters.n_latin += 1;
            } else if c.is_alphabetic() && u32::from(c) > 0x400 {
                letters.n_others += 1;
            }
        }
        letters
    }

    pub(super) fn n_letters(&self) -> usize {
        self.n_latin + self.n_ideographs + self.n_others
    }
}

fn is_latin(c: char) -> bool {
    c.is_alphabetic() && matches!(u32::from(c), 0x41..=0x24f | 0x1e00..=0x1eff)
}

/// Ideographs, kana, hangul, and their forms of punctuation and of Latin.
pub(super) fn is_ideograph(c: char) -> bool {
    matches!(u32::from(c), 0x2e80..=0xd7ff | 0xf900..=0xfaff | 0xff00..=0xffef | 0x20000..)
}
