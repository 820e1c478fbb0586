//! Answers in the language they were translated into: the same blocks at the same places with other words.

use std::str::FromStr;

use ocr_chat_document::block::mean_confidence;
use ocr_chat_document::{Answer, AnswerPage, BBox, Block, Line, TranslatedText, Word};

/// Which text an export shows of a translated document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextChoice {
    /// As it stands on the page.
    Original,
    /// Translated; what could not be translated as it stands on the page.
    Translation,
    /// Each block, and its translation behind it.
    Both,
}

impl TextChoice {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Original, Self::Translation, Self::Both];

    /// The name in `?text=`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Translation => "translation",
            Self::Both => "both",
        }
    }
}

/// No choice has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is original, translation or both")]
pub struct UnknownChoice;

impl FromStr for TextChoice {
    type Err = UnknownChoice;

    fn from_str(name: &str) -> Result<Self, UnknownChoice> {
        let mut all = Self::ALL.into_iter();
        all.find(|choice| choice.name() == name)
            .ok_or(UnknownChoice)
    }
}

/// `answer` with the text of `choice` in its blocks, lines, tables and pages, for exports.
pub fn with_text(mut answer: Answer, choice: TextChoice) -> Answer {
    if choice == TextChoice::Original {
        return answer;
    }
    for page in &mut answer.pages {
        let blocks = std::mem::take(&mut page.page.blocks);
        page.page.blocks = blocks
            .into_iter()
            .flat_map(|block| {
                let translated = translated(&block);
                let original =
                    (choice == TextChoice::Both || translated.is_none()).then_some(block);
                original.into_iter().chain(translated)
            })
            .collect();
        page.text = page.page.text();
    }
    let texts: Vec<&str> = answer.pages.iter().map(|page| page.text.as_str()).collect();
    answer.text = texts.join("\u{c}");
    answer.markdown = markdown_of(&answer.pages);
    answer
}

/// The text of `pages` in the language they were translated into; `None` where nothing was.
pub fn translated_text(answer: &Answer) -> Option<TranslatedText> {
    let mut blocks = answer.pages.iter().flat_map(|page| &page.page.blocks);
    let language = blocks
        .find_map(|block| block.translation.as_ref())?
        .language
        .clone();
    let translated = with_text(answer.clone(), TextChoice::Translation);
    Some(TranslatedText {
        language,
        text: translated.text,
        markdown: translated.markdown,
    })
}

fn markdown_of(pages: &[AnswerPage]) -> String {
    let pages: Vec<_> = pages.iter().map(|page| page.page.clone()).collect();
    crate::markdown(&pages)
}

/// The block with its translation's text in place of its own.
fn translated(block: &Block) -> Option<Block> {
    let translation = block.translation.as_ref()?;
    let mut table = block.table.clone();
    for (cell, text) in table
        .iter_mut()
        .flat_map(|table| &mut table.cells)
        .zip(&translation.cells)
    {
        cell.text.clone_from(text);
    }
    Some(Block {
        text: translation.text.clone(),
        detected_language: Some(translation.language.clone()),
        lines: lines(block, &translation.text),
        table,
        translation: None,
        ..block.clone()
    })
}

/// The words of `text` on the lines of `block`, each as full as it was: the layout stays, and every word stands near to what it means.
fn lines(block: &Block, text: &str) -> Vec<Line> {
    let words = units(text);
    let length = |words: &[&str]| {
        words
            .iter()
            .map(|word| word.chars().count() + 1)
            .sum::<usize>()
    };
    let total_old: usize = block
        .lines
        .iter()
        .map(|line| line.text.chars().count() + 1)
        .sum();
    let total_new = length(&words);
    let (mut at, mut old, mut new) = (0, 0, 0);
    let n_lines = block.lines.len();
    let mut lines = Vec::with_capacity(n_lines);
    for (idx, line) in block.lines.iter().enumerate() {
        old += line.text.chars().count() + 1;
        let start = at;
        // A word stands on the line in whose part of the whole its middle falls; the last line takes what is left.
        while at < words.len() {
            let length = words[at].chars().count() + 1;
            let is_here = (2 * new + length) * total_old < 2 * old * total_new;
            if !is_here && idx + 1 < n_lines {
                break;
            }
            new += length;
            at += 1;
        }
        if start < at {
            lines.push(set(line, &words[start..at]));
        }
    }
    lines
}

/// Words, or characters of scripts that are written without spaces.
fn units(text: &str) -> Vec<&str> {
    let is_spaceless = |c: char| matches!(u32::from(c), 0x0e00..=0x0eff | 0x1000..=0x109f | 0x1780..=0x17ff | 0x3040..=0x30ff | 0x3400..=0x9fff | 0x20000..=0x3ffff);
    let mut units = Vec::new();
    for word in text.split_whitespace() {
        if word.chars().any(is_spaceless) {
            units.extend(
                word.char_indices()
                    .map(|(at, c)| &word[at..at + c.len_utf8()]),
            );
        } else {
            units.push(word);
        }
    }
    units
}

fn set(line: &Line, words: &[&str]) -> Line {
    let is_tight = |word: &str| word.chars().count() == 1 && !word.is_ascii();
    let mut text = String::new();
    for word in words {
        let joins = is_tight(word) && text.ends_with(|c: char| !c.is_ascii());
        if !text.is_empty() && !joins {
            text.push(' ');
        }
        text.push_str(word);
    }
    let total = words
        .iter()
        .map(|word| word.chars().count() + 1)
        .sum::<usize>()
        .max(2)
        - 1;
    let x =
        |n: usize| line.bbox.x0 + (i64::from(line.bbox.width()) * n as i64 / total as i64) as i32;
    let mut at = 0;
    let words: Vec<Word> = words
        .iter()
        .map(|word| {
            let n = word.chars().count();
            let bbox = BBox {
                x0: x(at),
                x1: x(at + n),
                ..line.bbox
            };
            at += n + 1;
            Word {
                text: (*word).to_owned(),
                bbox,
                confidence: line.confidence.unwrap_or(0.0),
            }
        })
        .collect();
    let confidence = mean_confidence(
        words
            .iter()
            .map(|word| (word.text.as_str(), line.confidence)),
    );
    Line {
        text,
        words,
        confidence,
        ..line.clone()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use ocr_chat_document::{BlockKind, Detail, Document, EngineInfo, Page, Point, Translation};

    use super::*;

    fn line(text: &str, y: i32) -> Line {
        let bbox = BBox::new(0, y, 100, y + 10);
        Line {
            text: text.into(),
            bbox,
            polygon: [Point { x: 0, y }; 4],
            confidence: Some(0.9),
            words: vec![],
        }
    }

    fn answer() -> Answer {
        let block = Block {
            translation: Some(Translation {
                language: "es".into(),
                text: "La casa tiene doce puertas rojas".into(),
                cells: vec![],
            }),
            ..Block::new(
                BlockKind::Heading,
                "The house has twelve red doors",
                vec![line("The house has", 0), line("twelve red doors", 20)],
            )
        };
        let page = Page {
            blocks: vec![
                block,
                Block::new(
                    BlockKind::Paragraph,
                    "As it was",
                    vec![line("As it was", 40)],
                ),
            ],
            ..Page::pending(0)
        };
        let engine = EngineInfo {
            name: String::new(),
            version: String::new(),
            models: vec![],
        };
        let document = Document {
            engine,
            pages: vec![page],
            warnings: vec![],
        };
        Answer::local(document, "auto", String::new(), Detail::Words)
    }

    #[test]
    fn a_translation_stands_where_its_block_stood() {
        let answer = with_text(answer(), TextChoice::Translation);
        let block = &answer.pages[0].page.blocks[0];
        assert_eq!(block.kind, BlockKind::Heading);
        let lines: Vec<&str> = block.lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(lines, ["La casa tiene", "doce puertas rojas"]);
        assert_eq!(block.lines[1].words.len(), 3);
        assert_eq!(block.lines[1].words[2].bbox.x1, 100);
        assert_eq!(answer.text, "La casa tiene doce puertas rojas\n\nAs it was");
        assert!(answer.markdown.contains("La casa"), "{}", answer.markdown);
    }

    #[test]
    fn both_show_both_and_the_text_names_its_language() {
        let both = with_text(answer(), TextChoice::Both);
        assert!(
            both.text
                .starts_with("The house has twelve red doors\n\nLa casa"),
            "{}",
            both.text
        );
        assert_eq!(both.text.matches("As it was").count(), 1);
        let text = translated_text(&answer()).unwrap();
        assert_eq!(
            (text.language.as_str(), text.text.as_str()),
            ("es", "La casa tiene doce puertas rojas\n\nAs it was")
        );
        assert_eq!(with_text(answer(), TextChoice::Original), answer());
        assert_eq!(units("你好 world"), ["你", "好", "world"]);
    }
}
