//! Text to lower-case words of one script, by the rules that the model was trained with (training/language/normalise.py).

use crate::script::script_of;

/// What ends and begins a word's n-grams.
pub(crate) const BOUNDARY: u32 = 0x20;
/// All apostrophes within a word become this one.
const APOSTROPHE: u32 = 0x27;
/// Letters of a word, boundaries aside. A longer run is cut.
pub(crate) const MAX_WORD_LETTERS: usize = 40;

/// One word between two boundaries.
pub(crate) struct Word {
    points: [u32; MAX_WORD_LETTERS + 2],
    len: usize,
}

impl Word {
    fn new() -> Self {
        Self {
            points: [BOUNDARY; MAX_WORD_LETTERS + 2],
            len: 1,
        }
    }

    fn push(&mut self, point: u32) {
        if let Some(place) = self.points.get_mut(self.len) {
            *place = point;
            self.len += 1;
        }
    }

    fn last(&self) -> Option<u32> {
        self.points.get(self.len.checked_sub(1)?).copied()
    }

    /// Hands the word to `visit` with a boundary at either end, and begins the next.
    fn end(&mut self, visit: &mut impl FnMut(&[u32])) {
        if self.len > 1 {
            if self.last() == Some(APOSTROPHE) {
                self.len -= 1;
            }
            self.push(BOUNDARY);
            visit(self.points.get(..self.len).unwrap_or_default());
        }
        self.len = 1;
    }
}

enum Kind {
    Letter,
    Apostrophe,
    Dropped,
    Other,
}

/// Combining accents, Arabic and Hebrew points, joiners, the soft hyphen and the tatweel are passed over as if not there: text with
/// composed and with separate accents, and text that lost them, then have most n-grams in common.
fn is_dropped(point: u32) -> bool {
    matches!(
        point,
        0xAD | 0x300..=0x36F
            | 0x591..=0x5BD
            | 0x5BF
            | 0x5C1..=0x5C2
            | 0x5C4..=0x5C5
            | 0x5C7
            | 0x640
            | 0x64B..=0x65F
            | 0x670
            | 0x6D6..=0x6DC
            | 0x6DF..=0x6E8
            | 0x6EA..=0x6ED
            | 0x200B..=0x200F
    )
}

fn kind_of(ch: char, script: &str) -> Kind {
    match ch {
        '\'' | '`' | '´' | '\u{2018}' | '\u{2019}' | '\u{2bb}' | '\u{2bc}' | '\u{2be}'
        | '\u{2bf}' => Kind::Apostrophe,
        _ if is_dropped(u32::from(ch)) => Kind::Dropped,
        _ if script_of(ch) == Some(script) => Kind::Letter,
        _ => Kind::Other,
    }
}

/// Calls `visit` with each word of the script: its lower-case code points between two boundaries. Letters of other scripts,
/// digits and punctuation end a word.
pub(crate) fn for_each_word(text: &str, script: &str, mut visit: impl FnMut(&[u32])) {
    let mut word = Word::new();
    for ch in text.chars().flat_map(char::to_lowercase) {
        let ch = if ch == 'ς' { 'σ' } else { ch };
        match kind_of(ch, script) {
            Kind::Dropped => {}
            Kind::Apostrophe if word.len == 1 => {}
            Kind::Apostrophe if word.len <= MAX_WORD_LETTERS => word.push(APOSTROPHE),
            Kind::Letter if word.len <= MAX_WORD_LETTERS => word.push(u32::from(ch)),
            Kind::Letter => {
                word.end(&mut visit);
                word.push(u32::from(ch));
            }
            Kind::Apostrophe | Kind::Other => word.end(&mut visit),
        }
    }
    word.end(&mut visit);
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn words(text: &str, script: &str) -> Vec<String> {
        let mut found = Vec::new();
        for_each_word(text, script, |word| {
            found.push(
                word.iter()
                    .filter_map(|&point| char::from_u32(point))
                    .collect(),
            );
        });
        found
    }

    #[test]
    fn words_are_lower_case_between_boundaries() {
        assert_eq!(words("Élève, N° 7", "Latn"), [" élève ", " n "]);
        assert_eq!(words("ΛΌΓΟΣ λόγος", "Grek"), [" λόγοσ ", " λόγοσ "]);
        assert_eq!(words("мир and мiр", "Cyrl"), [" мир ", " м ", " р "]);
    }

    #[test]
    fn apostrophes_are_one_and_quotes_go() {
        assert_eq!(
            words("‘L’homme’ o‘zbek 'n", "Latn"),
            [" l'homme ", " o'zbek ", " n "]
        );
    }

    #[test]
    fn separate_accents_are_passed_over() {
        assert_eq!(
            words("e\u{301}te\u{301} co\u{ad}op", "Latn"),
            [" ete ", " coop "]
        );
        assert_eq!(words("İzmir", "Latn"), [" izmir "]);
        assert_eq!(words("كـَتَبَ", "Arab"), [" كتب "]);
    }

    #[test]
    fn a_run_without_blanks_is_cut() {
        let found = words(&"a".repeat(95), "Latn");
        assert_eq!(
            found.iter().map(|word| word.len()).collect::<Vec<_>>(),
            [42, 42, 17]
        );
    }
}
