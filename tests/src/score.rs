//! Character error rate and bag-of-words F1.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

/// Languages that are compared without white space.
const WITHOUT_SPACES: [&str; 10] = [
    "zh", "zh-Hans", "zh-Hant", "ja", "th", "lo", "km", "my", "bo", "dz",
];

/// Text as it is compared: NFC, format characters dropped, typographic quotes, dashes, ligatures and full-width forms folded,
/// rules of dots dropped, runs of white space one space (none for languages written without).
pub fn normalised(text: &str, language: &str, fold_case: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc().filter(|&c| !is_format(c)) {
        fold(c, &mut out);
    }
    let mut out = without_rules(&out.nfc().collect::<String>());
    if fold_case {
        out = out.to_lowercase();
    }
    let language = language.split("-x").next().unwrap_or(language);
    let words: Vec<&str> = out.split_whitespace().collect();
    words.join(if WITHOUT_SPACES.contains(&language) {
        ""
    } else {
        " "
    })
}

fn is_format(c: char) -> bool {
    matches!(u32::from(c), 0xad | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x180e | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0xfeff)
}

fn fold(c: char, out: &mut String) {
    match c {
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{b4}' => out.push('\''),
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => out.push('"'),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
        '\u{2026}' => out.push_str("..."),
        '\u{fb00}' => out.push_str("ff"),
        '\u{fb01}' => out.push_str("fi"),
        '\u{fb02}' => out.push_str("fl"),
        '\u{fb03}' => out.push_str("ffi"),
        '\u{fb04}' => out.push_str("ffl"),
        '\u{2022}' | '\u{b7}' | '\u{25cf}' => out.push('*'),
        '\u{ff01}'..='\u{ff5d}' => out.extend(char::from_u32(u32::from(c) - 0xfee0)),
        '\u{3000}' => out.push(' '),
        _ => out.push(c),
    }
}

/// Drops runs of four or more leader dots or rule characters, single spaces between them allowed.
fn without_rules(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_rule = |c: char| matches!(c, '.' | '\u{b7}' | '_' | '-' | '=' | '*');
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let (mut end, mut n) = (at, 0);
        while end < chars.len() && is_rule(chars[end]) {
            n += 1;
            end += 1;
            if chars.get(end).is_some_and(|c| c.is_whitespace()) {
                end += 1;
            }
        }
        if n >= 4 {
            out.push(' ');
            at = end;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

/// Levenshtein distance in characters.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// F1 of the words as multisets, whatever their order; 1 for two empty texts.
pub fn bag_f1(truth: &str, text: &str) -> f64 {
    let count = |text: &str| {
        let mut bag: HashMap<String, usize> = HashMap::new();
        for word in text.split_whitespace() {
            *bag.entry(word.to_owned()).or_default() += 1;
        }
        bag
    };
    let (a, b) = (count(truth), count(text));
    let total: usize = a.values().chain(b.values()).sum();
    if total == 0 {
        return 1.0;
    }
    let shared: usize = a
        .iter()
        .map(|(word, n)| (*n).min(b.get(word).copied().unwrap_or(0)))
        .sum();
    2.0 * shared as f64 / total as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compared() {
        let same = |a: &str, b: &str| assert_eq!(normalised(a, "en", false), b);
        same("a\u{a0} b\n\nc ", "a b c");
        same("\u{201c}x\u{201d} \u{2014} y\u{fb01}", "\"x\" - yfi");
        same("Notices . . . . . . . vii", "Notices vii");
        same("Total ........ 4.50", "Total 4.50");
        same("wait... ok", "wait... ok");
        assert_eq!(normalised("น้ำ \u{200b}ใจ", "th", false), "น้ำใจ");
        assert_eq!(normalised("TOTAL", "en", true), "total");
    }

    #[test]
    fn distances_and_bags() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!((distance("", "xx"), distance("abc", "abc")), (2, 0));
        assert!((bag_f1("a b c", "c a b") - 1.0).abs() < 1e-9);
        assert!((bag_f1("a b", "a c") - 0.5).abs() < 1e-9);
    }
}
