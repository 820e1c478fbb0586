//! Classes of a PP-OCR recogniser and their characters.

/// The characters of a recogniser's classes.
///
/// Class 0 is the blank of CTC, the lines of the file follow from class 1, and the last class is the space, which the file does
/// not list. Off by one here, and every letter of every page is its neighbour: the classic error of PP-OCR ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dictionary {
    characters: Vec<String>,
}

impl Dictionary {
    /// A dictionary from its file: one character a line, `\n` or `\r\n`. A line may be a kind of space, so nothing is trimmed.
    pub fn parse(file: &str) -> Self {
        let file = file.strip_prefix('\u{feff}').unwrap_or(file);
        let mut characters: Vec<String> = file
            .split_terminator('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line).to_owned())
            .collect();
        characters.push(" ".to_owned());
        Self { characters }
    }

    /// Number of classes, blank and space included.
    pub fn n_classes(&self) -> usize {
        self.characters.len() + 1
    }

    /// The character of `class`; `None` for the blank and beyond the last.
    pub fn character(&self, class: usize) -> Option<&str> {
        self.characters
            .get(class.checked_sub(1)?)
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn blank_in_front_and_space_at_the_end() {
        let dictionary = Dictionary::parse("a\r\nb\r\n\u{3000}\r\n");
        assert_eq!(dictionary.n_classes(), 5);
        assert_eq!(dictionary.character(0), None);
        assert_eq!(dictionary.character(1), Some("a"));
        assert_eq!(dictionary.character(3), Some("\u{3000}"));
        assert_eq!(dictionary.character(4), Some(" "));
        assert_eq!(dictionary.character(5), None);
    }

    #[test]
    fn a_file_without_a_last_newline_is_the_same() {
        assert_eq!(Dictionary::parse("a\nb"), Dictionary::parse("a\nb\n"));
    }
}
