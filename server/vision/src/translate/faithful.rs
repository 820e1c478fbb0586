//! Whether a translation can be one: what must not change has not changed.

/// Longest a translation may be, as a factor of the original's length in characters, and beyond it: German is a third longer than English, English three
/// times as long as Chinese.
const MAX_FACTOR: usize = 6;
const MAX_MORE: usize = 80;

/// Whether `translation` has the figures, addresses and formulas of `original`, and a length that a translation has.
///
/// Figures are compared as digits: `1,234.50` may become `1.234,50`, but not `1.234`. Their order may change with that of the words.
pub fn is_faithful(original: &str, translation: &str) -> bool {
    if translation.trim().is_empty() {
        return original.trim().is_empty();
    }
    let n_chars = original.chars().count();
    if translation.chars().count() > n_chars * MAX_FACTOR + MAX_MORE {
        return false;
    }
    figures(original) == figures(translation) && fixed(original) == fixed(translation)
}

/// The figures of a text, digits alone, sorted. Separators of thousands and decimals belong to a figure.
fn figures(text: &str) -> Vec<String> {
    let mut figures = Vec::new();
    let mut figure = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if let Some(digit) = digit(c) {
            figure.push(digit);
        } else {
            let goes_on = matches!(
                c,
                '.' | ',' | '\'' | '’' | '\u{a0}' | '\u{202f}' | '٫' | '٬'
            ) && chars.peek().copied().and_then(digit).is_some();
            if !goes_on && !figure.is_empty() {
                figures.push(std::mem::take(&mut figure));
            }
        }
    }
    if !figure.is_empty() {
        figures.push(figure);
    }
    figures.sort_unstable();
    figures
}

/// The digit that `c` is, of European, Arabic, Persian, Devanagari, Bengali, Thai or full-width figures.
fn digit(c: char) -> Option<char> {
    let zero = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10]
        .into_iter()
        .find(|zero| (*zero..zero + 10).contains(&u32::from(c)))?;
    char::from_digit(u32::from(c) - zero, 10)
}

/// Addresses of e-mail and the web, and formulas between `$`, sorted.
fn fixed(text: &str) -> Vec<&str> {
    let mut fixed: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '$' && c != '/'))
        .filter(|word| {
            word.contains('@')
                || word.contains("://")
                || (word.len() > 2 && word.starts_with('$') && word.ends_with('$'))
        })
        .collect();
    fixed.sort_unstable();
    fixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_addresses_must_stay() {
        for (original, translation) in [
            ("Total: 1,234.50 EUR", "Summe: 1.234,50 EUR"),
            (
                "On 3 May 2024 at ada@example.com",
                "Le 3 mai 2024 à ada@example.com.",
            ),
            ("12 und 34", "34 and 12"),
            ("٣ كتب", "3 books"),
            ("", ""),
        ] {
            assert!(is_faithful(original, translation), "{original}");
        }
        for (original, translation) in [
            ("Total: 1,234.50", "Summe: 1.234"),
            ("Pay 12 EUR", "Pay twelve EUR"),
            ("See https://a.example/x", "Siehe dort"),
            ("Hello", ""),
            (
                "Hello",
                "Certainly! Here is the translation that you asked for, with an explanation of each of its words and of where they come from and more.",
            ),
        ] {
            assert!(!is_faithful(original, translation), "{original}");
        }
    }
}
