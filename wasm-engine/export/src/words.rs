//! The words of a line and the spaces between them.

use ocr_chat_document::Line;

/// For each word of `line` whether white space stands before it in the line's text; the first has none. Scripts written without spaces have words
/// without spaces between them.
///
/// Where the words are not those of the text, a space stands before each.
pub(crate) fn spaces_before(line: &Line) -> Vec<bool> {
    let mut rest = line.text.trim_start();
    let mut spaces = Vec::with_capacity(line.words.len());
    for word in &line.words {
        let trimmed = rest.trim_start();
        spaces.push(!spaces.is_empty() && trimmed.len() < rest.len());
        match trimmed.strip_prefix(word.text.trim()) {
            Some(behind) => rest = behind,
            None => return (0..line.words.len()).map(|idx| idx > 0).collect(),
        }
    }
    spaces
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::{BBox, Point, Word};

    fn line(text: &str, words: &[&str]) -> Line {
        Line {
            text: text.into(),
            bbox: BBox::default(),
            polygon: [Point { x: 0, y: 0 }; 4],
            confidence: None,
            words: words
                .iter()
                .map(|&word| Word {
                    text: word.into(),
                    bbox: BBox::default(),
                    confidence: 1.0,
                })
                .collect(),
        }
    }

    #[test]
    fn spaces_are_those_of_the_line() {
        let spaces = |text, words: &[&str]| spaces_before(&line(text, words));
        assert_eq!(spaces("a bc", &["a", "bc"]), [false, true]);
        assert_eq!(spaces("合計 12", &["合", "計", "12"]), [false, false, true]);
        assert_eq!(spaces("other", &["a", "b"]), [false, true]);
    }
}
