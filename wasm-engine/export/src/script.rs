//! Which way text runs and which fonts it needs: what word processors and browsers must be told of a text.

/// How a character takes part in direction and font choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Written from right to left: Hebrew, Arabic and their relatives.
    RightToLeft,
    /// Written from left to right, shaped by a complex-script font: Thai, Devanagari and their relatives.
    Complex,
    /// Han, Kana, Hangul and their punctuation.
    EastAsian,
    /// Any other letter.
    Plain,
    /// Digits, punctuation, spaces: goes with what stands before it.
    Neutral,
}

/// The class of `c`, by its Unicode block.
pub(crate) fn class_of(c: char) -> Class {
    match u32::from(c) {
        0x0590..=0x08FF
        | 0xFB1D..=0xFDFF
        | 0xFE70..=0xFEFC
        | 0x1_0800..=0x1_0FFF
        | 0x1_E800..=0x1_EFFF => Class::RightToLeft,
        0x0900..=0x109F
        | 0x1200..=0x139F
        | 0x1700..=0x18AF
        | 0x1900..=0x1AAF
        | 0x1B00..=0x1C4F
        | 0x1CD0..=0x1CFF
        | 0xA800..=0xA8FF
        | 0xA980..=0xABFF
        | 0x1_1000..=0x1_1FFF => Class::Complex,
        0x1100..=0x11FF
        | 0x2E80..=0x9FFF
        | 0xA960..=0xA97F
        | 0xAC00..=0xD7FF
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE4F
        | 0xFF00..=0xFFEF
        | 0x2_0000..=0x3_FFFF => Class::EastAsian,
        _ if c.is_alphabetic() => Class::Plain,
        _ => Class::Neutral,
    }
}

/// Whether `text` reads from right to left: most of its letters do.
///
/// The first strong letter (Unicode Standard Annex 9, rule P2) would let one Latin brand name turn an Arabic paragraph around.
pub(crate) fn is_rtl(text: &str) -> bool {
    balance(text) > 0
}

/// Letters from right to left less the others, an eastern letter counting as two (it is a word more often than a letter is).
pub(crate) fn balance(text: &str) -> i64 {
    text.chars()
        .map(|c| match class_of(c) {
            // Arabic's own digits and their marks are numbers, not letters.
            Class::RightToLeft if c.is_alphabetic() => 1,
            Class::EastAsian => -2,
            Class::Complex | Class::Plain => -1,
            _ => 0,
        })
        .sum()
}

/// A stretch of text of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run<'a> {
    /// The text, never empty.
    pub(crate) text: &'a str,
    /// Its class; [`Class::Neutral`] only where the whole text has no letter.
    pub(crate) class: Class,
}

/// `text` in stretches of one class each. Neutral characters go with the letters before them, at the start with those behind.
pub(crate) fn runs(text: &str) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    let mut start = 0;
    let mut class = Class::Neutral;
    for (at, c) in text.char_indices() {
        let next = class_of(c);
        if next == Class::Neutral || next == class {
            continue;
        }
        if class != Class::Neutral {
            runs.push(Run {
                text: &text[start..at],
                class,
            });
            start = at;
        }
        class = next;
    }
    if start < text.len() {
        runs.push(Run {
            text: &text[start..],
            class,
        });
    }
    runs
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn most_letters_decide_the_direction() {
        assert!(is_rtl("iPhone جديد في المتجر"));
        assert!(is_rtl("שלום"));
        assert!(!is_rtl("Total 12.00"));
        assert!(!is_rtl("١٢٫٠٠"), "a number alone has no direction");
        assert!(!is_rtl("The word שלום means peace"));
    }

    #[test]
    fn runs_cover_the_text_and_numbers_stay_with_their_words() {
        let text = "«فاتورة رقم 12» Acme 合計";
        let runs = runs(text);
        let classes: Vec<Class> = runs.iter().map(|run| run.class).collect();
        assert_eq!(
            classes,
            [Class::RightToLeft, Class::Plain, Class::EastAsian]
        );
        let joined: String = runs.iter().map(|run| run.text).collect();
        assert_eq!(joined, text);
        assert_eq!(runs[0].text, "«فاتورة رقم 12» ");
        assert_eq!(super::runs("12.00")[0].class, Class::Neutral);
        assert!(super::runs("").is_empty());
    }
}
