//! Which script a letter belongs to, by Unicode block.

/// How many letters of one script a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScriptCount {
    /// ISO 15924 code.
    pub script: &'static str,
    /// Letters and vowel signs of the script; digits, punctuation and combining accents are not counted.
    pub n_letters: usize,
}

/// First and last code point, inclusive, and the script. In order of code points; `script_of` searches it by halves. The rows of the
/// scripts that the model tells languages in are those of training/language/normalise.py.
const RANGES: &[(u32, u32, &str)] = &[
    (0x41, 0x5A, "Latn"),
    (0x61, 0x7A, "Latn"),
    (0xC0, 0xD6, "Latn"),
    (0xD8, 0xF6, "Latn"),
    (0xF8, 0x2AF, "Latn"),
    (0x370, 0x373, "Grek"),
    (0x376, 0x377, "Grek"),
    (0x37B, 0x37D, "Grek"),
    (0x37F, 0x37F, "Grek"),
    (0x386, 0x386, "Grek"),
    (0x388, 0x3FF, "Grek"),
    (0x400, 0x481, "Cyrl"),
    (0x48A, 0x52F, "Cyrl"),
    (0x531, 0x556, "Armn"),
    (0x561, 0x587, "Armn"),
    (0x5D0, 0x5EA, "Hebr"),
    (0x5EF, 0x5F2, "Hebr"),
    (0x620, 0x63F, "Arab"),
    (0x641, 0x64A, "Arab"),
    (0x66E, 0x66F, "Arab"),
    (0x671, 0x6D3, "Arab"),
    (0x6D5, 0x6D5, "Arab"),
    (0x6EE, 0x6EF, "Arab"),
    (0x6FA, 0x6FC, "Arab"),
    (0x6FF, 0x6FF, "Arab"),
    (0x710, 0x72F, "Syrc"),
    (0x74D, 0x74F, "Syrc"),
    (0x750, 0x77F, "Arab"),
    (0x780, 0x7B1, "Thaa"),
    (0x8A0, 0x8C7, "Arab"),
    (0x900, 0x963, "Deva"),
    (0x971, 0x97F, "Deva"),
    (0x980, 0x9E3, "Beng"),
    (0x9F0, 0x9F1, "Beng"),
    (0x9FC, 0x9FC, "Beng"),
    (0xA01, 0xA5E, "Guru"),
    (0xA70, 0xA75, "Guru"),
    (0xA81, 0xAE3, "Gujr"),
    (0xAF9, 0xAFF, "Gujr"),
    (0xB01, 0xB63, "Orya"),
    (0xB71, 0xB71, "Orya"),
    (0xB82, 0xBD7, "Taml"),
    (0xC00, 0xC63, "Telu"),
    (0xC80, 0xCE3, "Knda"),
    (0xCF1, 0xCF3, "Knda"),
    (0xD00, 0xD57, "Mlym"),
    (0xD5F, 0xD63, "Mlym"),
    (0xD7A, 0xD7F, "Mlym"),
    (0xD81, 0xDDF, "Sinh"),
    (0xDF2, 0xDF3, "Sinh"),
    (0xE01, 0xE3A, "Thai"),
    (0xE40, 0xE4E, "Thai"),
    (0xE81, 0xECD, "Laoo"),
    (0xEDC, 0xEDF, "Laoo"),
    (0xF40, 0xF6C, "Tibt"),
    (0xF71, 0xF84, "Tibt"),
    (0xF86, 0xF87, "Tibt"),
    (0xF8D, 0xFBC, "Tibt"),
    (0x1000, 0x103F, "Mymr"),
    (0x1050, 0x108F, "Mymr"),
    (0x10A0, 0x10C5, "Geor"),
    (0x10D0, 0x10FA, "Geor"),
    (0x10FC, 0x10FF, "Geor"),
    (0x1100, 0x11FF, "Hang"),
    (0x1200, 0x1357, "Ethi"),
    (0x1380, 0x138F, "Ethi"),
    (0x13A0, 0x13FD, "Cher"),
    (0x1401, 0x166C, "Cans"),
    (0x166F, 0x167F, "Cans"),
    (0x1780, 0x17D3, "Khmr"),
    (0x1820, 0x18AA, "Mong"),
    (0x18B0, 0x18F5, "Cans"),
    (0x1C90, 0x1CBF, "Geor"),
    (0x1E00, 0x1EFF, "Latn"),
    (0x1F00, 0x1FBC, "Grek"),
    (0x1FC2, 0x1FCC, "Grek"),
    (0x1FD0, 0x1FDB, "Grek"),
    (0x1FE0, 0x1FEC, "Grek"),
    (0x1FF2, 0x1FFC, "Grek"),
    (0x2D00, 0x2D2D, "Geor"),
    (0x2D80, 0x2DDE, "Ethi"),
    (0x3005, 0x3007, "Hani"),
    (0x3041, 0x309F, "Hira"),
    (0x30A1, 0x30FA, "Kana"),
    (0x30FC, 0x30FF, "Kana"),
    (0x3131, 0x318E, "Hang"),
    (0x31F0, 0x31FF, "Kana"),
    (0x3400, 0x4DBF, "Hani"),
    (0x4E00, 0x9FFF, "Hani"),
    (0xA9E0, 0xA9FE, "Mymr"),
    (0xAA60, 0xAA7F, "Mymr"),
    (0xAB70, 0xABBF, "Cher"),
    (0xAC00, 0xD7A3, "Hang"),
    (0xF900, 0xFAFF, "Hani"),
    (0xFB00, 0xFB06, "Latn"),
    (0xFB13, 0xFB17, "Armn"),
    (0xFB1D, 0xFB1D, "Hebr"),
    (0xFB1F, 0xFB28, "Hebr"),
    (0xFB2A, 0xFB4F, "Hebr"),
    (0xFB50, 0xFBB1, "Arab"),
    (0xFBD3, 0xFD3D, "Arab"),
    (0xFE80, 0xFEFC, "Arab"),
    (0xFF66, 0xFF9D, "Kana"),
    (0x20000, 0x323AF, "Hani"),
];

/// ISO 15924 code of a letter's script; `None` for whatever is no letter of a script known here.
pub(crate) fn script_of(ch: char) -> Option<&'static str> {
    let point = u32::from(ch);
    let after = RANGES.partition_point(|range| range.0 <= point);
    let (_, last, script) = RANGES.get(after.checked_sub(1)?)?;
    (point <= *last).then_some(*script)
}

/// Counts the letters of each script, the most frequent first; among equals the one met first. Scripts without a letter in the
/// text are left out. `Hani`, `Hira`, `Kana` and `Hang` are counted apart.
///
/// ```
/// let counts = ocr_chat_langid::scripts_of("Привет, мир! OK");
/// assert_eq!((counts[0].script, counts[0].n_letters), ("Cyrl", 9));
/// assert_eq!((counts[1].script, counts[1].n_letters), ("Latn", 2));
/// ```
pub fn scripts_of(text: &str) -> Vec<ScriptCount> {
    let mut counts: Vec<ScriptCount> = Vec::new();
    for script in text.chars().filter_map(script_of) {
        match counts.iter_mut().find(|count| count.script == script) {
            Some(count) => count.n_letters += 1,
            None => counts.push(ScriptCount {
                script,
                n_letters: 1,
            }),
        }
    }
    counts.sort_by_key(|count| core::cmp::Reverse(count.n_letters));
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn ranges_ascend_without_overlap() {
        for pair in RANGES.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:x?}");
        }
    }

    #[test]
    fn one_letter_of_each_script_is_found() {
        let letters = [
            ('ẞ', "Latn"),
            ('ω', "Grek"),
            ('Ж', "Cyrl"),
            ('ք', "Armn"),
            ('ש', "Hebr"),
            ('پ', "Arab"),
            ('ܫ', "Syrc"),
            ('ދ', "Thaa"),
            ('क', "Deva"),
            ('ক', "Beng"),
            ('ਕ', "Guru"),
            ('ક', "Gujr"),
            ('କ', "Orya"),
            ('க', "Taml"),
            ('క', "Telu"),
            ('ಕ', "Knda"),
            ('ക', "Mlym"),
            ('ක', "Sinh"),
            ('ก', "Thai"),
            ('ກ', "Laoo"),
            ('ཀ', "Tibt"),
            ('က', "Mymr"),
            ('ქ', "Geor"),
            ('ሀ', "Ethi"),
            ('Ꭰ', "Cher"),
            ('ᐃ', "Cans"),
            ('ក', "Khmr"),
            ('ᠮ', "Mong"),
            ('한', "Hang"),
            ('あ', "Hira"),
            ('ア', "Kana"),
            ('漢', "Hani"),
        ];
        for (letter, script) in letters {
            assert_eq!(script_of(letter), Some(script), "{letter}");
        }
        for other in [
            '7',
            ' ',
            '.',
            '٣',
            '।',
            '、',
            '×',
            '\u{301}',
            '😀',
            '\0',
            char::MAX,
        ] {
            assert_eq!(script_of(other), None, "{other:?}");
        }
    }

    #[test]
    fn equal_counts_keep_the_order_of_the_text() {
        let scripts: Vec<_> = scripts_of("яz あア漢")
            .iter()
            .map(|count| count.script)
            .collect();
        assert_eq!(scripts, ["Cyrl", "Latn", "Hira", "Kana", "Hani"]);
        assert!(scripts_of("123 …").is_empty());
    }
}
