#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod code;

mod script;

use std::sync::OnceLock;

pub use code::{Choice, UnknownLanguage, choose};
pub use script::{Direction, Script};

/// The table: tab-separated, `#` begins a comment; `-` stands for nothing.
const TABLE: &str = include_str!("../languages.tsv");

/// What reads a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reader {
    /// PP-OCRv6.
    PpOcr,
    /// The Tesseract LSTM recogniser of this name: `Thai` for the script's, `tha` for the language's own.
    Lstm(&'static str),
}

impl Reader {
    /// `ppocr`, or the LSTM recogniser's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PpOcr => "ppocr",
            Self::Lstm(name) => name,
        }
    }
}

/// The size of the PP-OCR model at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PpOcrSize {
    /// Some 7,000 characters: no kana, few traditional Chinese characters, not all Latin letters.
    Tiny,
    /// Some 19,000 characters.
    #[default]
    Full,
}

/// A language that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language {
    /// BCP 47 tag, as answers report it: the shortest ISO 639 code, with the script where the language is written in several.
    pub tag: &'static str,
    /// ISO 639-3 (or the macrolanguage's ISO 639-2/T) code.
    pub iso639_3: &'static str,
    /// Name of Tesseract's recogniser of this language, where there is one.
    pub tesseract: Option<&'static str>,
    /// The script it is written in.
    pub script: Script,
    /// What reads it best, by measurement (docs/languages.md).
    pub reader: Reader,
    /// What reads it best beside the smallest PP-OCR model, which lacks some letters.
    pub tiny_reader: Reader,
    /// English name.
    pub name: &'static str,
    /// Name in the language itself.
    pub native_name: &'static str,
    /// Further codes: ISO 639-2/B, PaddleOCR's, Tesseract's and the specification's, regions that imply a script.
    pub aliases: Vec<&'static str>,
}

/// All languages, by English name.
pub fn all() -> &'static [Language] {
    static LANGUAGES: OnceLock<Vec<Language>> = OnceLock::new();
    LANGUAGES.get_or_init(|| TABLE.lines().filter_map(parse).collect())
}

/// The language of a BCP 47 tag as [`Language::tag`] has it.
pub fn by_tag(tag: &str) -> Option<&'static Language> {
    all().iter().find(|language| language.tag == tag)
}

fn parse(line: &'static str) -> Option<Language> {
    if line.starts_with('#') {
        return None;
    }
    let fields: Vec<&str> = line.split('\t').collect();
    let &[
        tag,
        iso639_3,
        tesseract,
        script,
        reader,
        tiny_reader,
        name,
        native_name,
        aliases,
    ] = fields.as_slice()
    else {
        return None;
    };
    Some(Language {
        tag,
        iso639_3,
        tesseract: (tesseract != "-").then_some(tesseract),
        script: Script::from_code(script)?,
        reader: named(reader),
        tiny_reader: named(if tiny_reader == "-" {
            reader
        } else {
            tiny_reader
        }),
        name,
        native_name,
        aliases: aliases.split(' ').filter(|alias| *alias != "-").collect(),
    })
}

fn named(reader: &'static str) -> Reader {
    match reader {
        "ppocr" => Reader::PpOcr,
        name => Reader::Lstm(name),
    }
}

impl Language {
    /// What reads the language best beside a PP-OCR model of this size.
    pub fn reader_beside(&self, size: PpOcrSize) -> Reader {
        match size {
            PpOcrSize::Tiny => self.tiny_reader,
            PpOcrSize::Full => self.reader,
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn every_line_of_the_table_is_a_language() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(all().len(), lines);
        assert!(all().len() > 100);
    }

    #[test]
    fn no_code_means_two_languages() {
        let mut seen = std::collections::HashMap::new();
        for language in all() {
            let mut own = vec![language.tag];
            own.extend(language.tesseract);
            own.extend(&language.aliases);
            own.sort_unstable();
            own.dedup();
            for code in own {
                let before = seen.insert(code.to_ascii_lowercase(), language.tag);
                assert_eq!(before, None, "{code} of {}", language.tag);
            }
        }
    }

    #[test]
    fn languages_of_one_script_are_read_by_recognisers_of_that_script() {
        for language in all() {
            for reader in [language.reader, language.tiny_reader] {
                if let Reader::Lstm(name) = reader {
                    let is_scripts = language.script.readers(PpOcrSize::Full).contains(&reader);
                    let is_own = language.tesseract == Some(name);
                    assert!(is_scripts || is_own, "{}: {name}", language.tag);
                }
            }
        }
    }
}
