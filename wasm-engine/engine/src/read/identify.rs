//! The language of what was read: of a script's lines before the rest of them is read, of each block and the page at the end.

use std::collections::BTreeMap;

use ocr_chat_document::Page;
use ocr_chat_langid::{Guess, Identifier, scripts_of};
use ocr_chat_language::{Choice, Language, Script, all};

use crate::error::EngineError;

/// Confidence from which a language decides what reads the page.
const READING_CONFIDENCE: f32 = 0.6;

/// Letters from which a block's language is told apart from the page's.
const MIN_BLOCK_LETTERS: usize = 60;

/// Confidence from which a block is in another language than the rest of its script on the page.
const BLOCK_CONFIDENCE: f32 = 0.95;

/// Names languages.
pub(crate) struct LanguageIdentifier {
    identifier: Identifier,
}

impl LanguageIdentifier {
    /// An identifier of these weights.
    ///
    /// # Errors
    /// [`EngineError::Model`] when the bytes are no weights.
    pub(crate) fn parse(weights: &[u8]) -> Result<Self, EngineError> {
        let identifier = Identifier::parse(weights).map_err(|error| EngineError::Model {
            role: "language identification",
            reason: error.to_string(),
        })?;
        Ok(Self { identifier })
    }

    /// The language of `text` in `script`, where it is clear enough to read the text again for it.
    pub(crate) fn identify(&self, text: &str, script: Option<Script>) -> Option<Choice> {
        let guess = self.guess(text, script?)?;
        (guess.confidence >= READING_CONFIDENCE)
            .then(|| choice(&guess))
            .flatten()
    }

    /// What `text` in `script` may be in, the likeliest first, at most `n`; one where it is clear.
    #[cfg(feature = "premium")]
    pub(crate) fn likely(&self, text: &str, script: Script, n: usize) -> Vec<Choice> {
        let mut candidates: Vec<&str> = all()
            .iter()
            .filter(|language| is_in(language, script))
            .map(|language| language.iso639_3)
            .collect();
        let mut likely = Vec::new();
        while likely.len() < n
            && let Some(guess) = self.identifier.identify_among(text, &candidates)
            && let Some(choice) = choice(&guess)
        {
            let is_clear = likely.is_empty() && guess.confidence >= READING_CONFIDENCE;
            candidates.retain(|code| *code != choice.language.iso639_3);
            likely.push(choice);
            if is_clear {
                break;
            }
        }
        likely
    }

    /// Notes the language of each block and of the page. `asked` is the language that was asked for; text in its script is in it.
    pub(crate) fn name_languages(&self, page: &mut Page, asked: Option<Choice>) {
        let text = page.text();
        let mut languages: BTreeMap<Script, &'static Language> = BTreeMap::new();
        let mut main = None;
        for (script, _) in scripts(&text) {
            let found = match asked {
                Some(choice) if is_written_in(choice, script) => Some(choice),
                _ => self.guess(&text, script).as_ref().and_then(choice),
            };
            if let Some(found) = found {
                main = main.or(Some(found.language));
                languages.insert(script, found.language);
            }
        }
        for block in &mut page.blocks {
            let Some(&(script, n_letters)) = scripts(&block.text).first() else {
                continue;
            };
            let pages = languages.get(&script).copied();
            let is_asked = asked.is_some_and(|choice| is_written_in(choice, script));
            let own = if is_asked || n_letters < MIN_BLOCK_LETTERS {
                None
            } else {
                self.guess(&block.text, script)
                    .filter(|guess| guess.confidence >= BLOCK_CONFIDENCE)
                    .and_then(|guess| choice(&guess))
                    .map(|choice| choice.language)
            };
            block.detected_language = own.or(pages).map(|language| language.tag.to_owned());
        }
        page.detected_language = main.map(|language| language.tag.to_owned());
    }

    fn guess(&self, text: &str, script: Script) -> Option<Guess> {
        let candidates: Vec<&str> = all()
            .iter()
            .filter(|language| is_in(language, script))
            .map(|language| language.iso639_3)
            .collect();
        self.identifier.identify_among(text, &candidates)
    }
}

/// Han and kana are one script until it is known whether the text is Chinese or Japanese.
const EAST_ASIAN: [Script; 3] = [Script::Hans, Script::Hant, Script::Jpan];

fn is_in(language: &Language, script: Script) -> bool {
    language.script == script
        || (EAST_ASIAN.contains(&script) && EAST_ASIAN.contains(&language.script))
}

fn is_written_in(choice: Choice, script: Script) -> bool {
    choice.script == script || (EAST_ASIAN.contains(&script) && EAST_ASIAN.contains(&choice.script))
}

/// The scripts of a text with their numbers of letters, the most frequent first.
fn scripts(text: &str) -> Vec<(Script, usize)> {
    let mut counts: BTreeMap<Script, usize> = BTreeMap::new();
    for count in scripts_of(text) {
        let script = match count.script {
            "Hani" | "Hira" | "Kana" => Some(Script::Hans),
            "Kore" => Some(Script::Hang),
            code => Script::from_code(code),
        };
        if let Some(script) = script {
            *counts.entry(script).or_default() += count.n_letters;
        }
    }
    let mut counts: Vec<(Script, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, n_letters)| std::cmp::Reverse(*n_letters));
    counts
}

/// The language of a guess in our table.
fn choice(guess: &Guess) -> Option<Choice> {
    let is_same = |language: &&Language| language.iso639_3 == guess.language;
    let in_script = |language: &&Language| {
        language.script.code() == guess.script
            || (language.script == Script::Hang && guess.script == "Kore")
    };
    let language = all()
        .iter()
        .filter(is_same)
        .find(in_script)
        .or_else(|| all().iter().find(is_same))?;
    Some(Choice {
        language,
        script: language.script,
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn identifier() -> LanguageIdentifier {
        LanguageIdentifier::parse(include_bytes!("../../../langid/models/languages.bin")).unwrap()
    }

    #[test]
    fn every_language_that_can_be_found_is_in_the_table() {
        for (language, script) in identifier().identifier.languages() {
            let guess = Guess {
                language,
                script,
                confidence: 1.0,
                runner_up: None,
            };
            // Mongolian in its own script has no recogniser.
            assert!(choice(&guess).is_some(), "{language} in {script}");
        }
    }

    #[test]
    fn chinese_and_japanese_are_told_apart() {
        let identifier = identifier();
        let tag = |text: &str| {
            identifier
                .identify(text, Some(Script::Hans))
                .unwrap()
                .language
                .tag
        };
        assert_eq!(
            tag("人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心"),
            "zh-Hans"
        );
        assert_eq!(
            tag("人人生而自由，在尊嚴和權利上一律平等。他們賦有理性和良心"),
            "zh-Hant"
        );
        assert_eq!(
            tag("今日は天気が良いので、公園へ散歩に行きましょう。"),
            "ja"
        );
    }
}
