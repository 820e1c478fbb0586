//! Sentences.

use std::ops::Range;

/// The sentences of a text, byte ranges: they end behind `.`, `!`, `?` before a space, and behind the full stops of other scripts.
pub fn split(text: &str) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let end = at + c.len_utf8();
        let next = chars.peek().map(|(_, c)| *c);
        let ends = match c {
            '。' | '！' | '？' | '।' | '۔' | '؟' | '።' | '။' | '។' => true,
            // Not behind an initial, a number, or where the sentence goes on in lower case.
            // Looked at before anything else: a line of dots has no sentences.
            '.' | '!' | '?' if next.is_none_or(char::is_whitespace) => {
                let word = text[start..at]
                    .split_whitespace()
                    .next_back()
                    .unwrap_or_default();
                let goes_on = text[end..].trim_start().starts_with(char::is_lowercase);
                c != '.' || (word.chars().count() > 2 && !goes_on)
            }
            _ => false,
        };
        if ends {
            sentences.push(start..end);
            start = end;
        }
    }
    if start < text.len() {
        sentences.push(start..text.len());
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_they_end() {
        let text = "Mr. A. Smith came at 10.30 p.m. today. He left! 次の文です。Last";
        let parts: Vec<&str> = split(text)
            .into_iter()
            .map(|range| text[range].trim())
            .collect();
        assert_eq!(
            parts,
            [
                "Mr. A. Smith came at 10.30 p.m. today.",
                "He left!",
                "次の文です。",
                "Last"
            ]
        );
    }
}
