//! What a question asks for: its words that mean something, and the kind of answer.

use crate::synonyms::synonyms;
use crate::text::{is_spaceless, words};
use crate::vocabulary::{LANGUAGES, Language};

/// A word of a question that its answer has to be about.
#[derive(Debug, Clone)]
pub(crate) struct Unit {
    /// As it is compared.
    pub(crate) word: String,
    /// Other words for the same.
    pub(crate) others: Vec<String>,
    /// How much it counts, beside how rare it is: 1 for a word, less for a pair of characters or a word of the question before.
    pub(crate) weight: f32,
    /// Whether it is a figure: no other figure will do.
    pub(crate) is_figure: bool,
}

/// The kind of answer that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A date or a time: it has figures, or names a day or a month.
    When,
    /// An amount or a number.
    HowMuch,
    /// Anything else.
    Other,
}

impl Unit {
    /// A word alone.
    pub(crate) fn of(word: &str) -> Self {
        Self {
            word: word.to_owned(),
            others: Vec::new(),
            weight: 1.0,
            is_figure: word.chars().any(|c| c.is_ascii_digit()),
        }
    }
}

/// A question.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// Names of people, places and things: words with a capital that do not begin the question. None in languages where that says nothing.
    pub(crate) names: Vec<String>,
    /// Words with what tells one of a kind from the others: "unit 5", "grupo b".
    pub(crate) pairs: Vec<(String, String)>,
    /// What it is about.
    pub(crate) units: Vec<Unit>,
    /// What kind of answer it wants.
    pub(crate) kind: Kind,
    /// What it is written in, as far as its small words tell; English otherwise.
    pub(crate) language: &'static Language,
}

/// What a word of the question before counts in one that goes on from it.
const WEIGHT_BEFORE: f32 = 0.5;

/// What a pair of characters of a script without spaces counts: a word has about two.
const WEIGHT_PAIR: f32 = 0.5;

impl Question {
    /// Takes `text` apart. `before` is the question before it, whose words count a little where this one has few of its own ("and when?").
    pub(crate) fn new(text: &str, before: Option<&str>) -> Self {
        let language = language(text);
        let kind = kind(text, language);
        let mut units = units(text, language);
        let is_short = units.iter().map(|unit| unit.weight).sum::<f32>() < 1.6;
        let refers_back = language
            .back
            .iter()
            .any(|start| starts_with_word(text, start));
        if let Some(before) = before
            && (is_short || refers_back)
        {
            for unit in Self::new(before, None).units {
                if !units.iter().any(|other| other.word == unit.word) {
                    units.push(Unit {
                        weight: unit.weight * WEIGHT_BEFORE,
                        ..unit
                    });
                }
            }
        }
        Self {
            names: names(text, language),
            pairs: pairs(text, language),
            units,
            kind,
            language,
        }
    }
}

fn starts_with_word(text: &str, start: &str) -> bool {
    let text = text.trim_start().to_lowercase();
    let rest = text.strip_prefix(start);
    rest.is_some_and(|rest| {
        start.chars().all(is_spaceless) || !rest.starts_with(char::is_alphanumeric)
    })
}

/// The language of a question as an ISO 639-1 code, as far as its small words and letters tell; `en` otherwise.
pub fn language_of(question: &str) -> &'static str {
    language(question).code
}

/// The language whose small words the text has most of; of scripts that one language uses, that one.
fn language(text: &str) -> &'static Language {
    let lower = text.to_lowercase();
    let all = words(text);
    let count = |language: &Language| {
        let n_words = language
            .stop
            .iter()
            .filter(|stop| !stop.chars().any(is_spaceless))
            .filter(|stop| all.iter().any(|word| word == *stop))
            .count();
        let n_phrases = language
            .phrases
            .iter()
            .filter(|phrase| lower.contains(**phrase))
            .count();
        n_words + 2 * n_phrases
    };
    let counted = LANGUAGES.iter().map(|language| (count(language), language));
    // The first of equal ones.
    let best = counted.reduce(|best, next| if next.0 > best.0 { next } else { best });
    match best {
        Some((n, language)) if n > 0 => language,
        _ => LANGUAGES
            .iter()
            .find(|language| text.chars().any(|c| (language.is_own_letter)(c)))
            .unwrap_or(&LANGUAGES[0]),
    }
}

fn kind(text: &str, language: &Language) -> Kind {
    let lower = text.to_lowercase();
    let asks = |starts: &[&str]| {
        starts.iter().any(|start| {
            let spaceless = start.chars().any(is_spaceless);
            lower.match_indices(start).any(|(at, _)| {
                let before = lower[..at].chars().next_back();
                let behind = lower[at + start.len()..].chars().next();
                spaceless
                    || (!before.is_some_and(char::is_alphanumeric)
                        && !behind.is_some_and(char::is_alphanumeric))
            })
        })
    };
    if asks(language.when) {
        Kind::When
    } else if asks(language.how_much) {
        Kind::HowMuch
    } else {
        Kind::Other
    }
}

fn units(text: &str, language: &Language) -> Vec<Unit> {
    let mut rest = text.to_lowercase();
    for phrase in language
        .phrases
        .iter()
        .chain(language.when)
        .chain(language.how_much)
    {
        if phrase.chars().any(is_spaceless) {
            rest = rest.replace(phrase, " ");
        }
    }
    let mut units: Vec<Unit> = Vec::new();
    for word in words(&rest) {
        let spaceless = word.chars().any(is_spaceless);
        let is_stop = language.stop.contains(&word.as_str())
            || (spaceless && word.chars().all(is_kana_of_grammar));
        let is_short =
            !spaceless && word.chars().count() < 2 && !word.chars().all(|c| c.is_ascii_digit());
        if is_stop || is_short || units.iter().any(|unit| unit.word == word) {
            continue;
        }
        units.push(Unit {
            others: synonyms(&word),
            weight: if spaceless { WEIGHT_PAIR } else { 1.0 },
            is_figure: word.chars().any(|c| c.is_ascii_digit()),
            word,
        });
    }
    // What a run of a spaceless script means as a whole has synonyms, too.
    for (term, others) in crate::synonyms::spaceless(&rest) {
        for other in others {
            let pairs = words(other);
            for unit in units
                .iter_mut()
                .filter(|unit| words(term).contains(&unit.word))
            {
                unit.others.extend(pairs.iter().cloned());
            }
        }
    }
    if units.is_empty() {
        // Nothing but small words: better they than none.
        units.extend(words(text).into_iter().map(|word| Unit {
            others: Vec::new(),
            weight: 0.3,
            is_figure: false,
            word,
        }));
    }
    units
}

/// Words with a capital behind a word without one. German writes all nouns so.
fn names(text: &str, language: &Language) -> Vec<String> {
    if language.code == "de" {
        return Vec::new();
    }
    let all: Vec<&str> = text.split_whitespace().collect();
    let behind_first = all
        .windows(2)
        .filter(|pair| !pair[0].ends_with(['.', '?', '!', ':']));
    let is_name = |word: &str| {
        let letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).collect();
        letters.len() >= 4
            && letters[0].is_uppercase()
            && letters[1..].iter().any(|c| c.is_lowercase())
    };
    behind_first
        .filter(|pair| is_name(pair[1]))
        .flat_map(|pair| words(pair[1]))
        .filter(|word| word.chars().count() >= 4 && !language.stop.contains(&word.as_str()))
        .collect()
}

/// Words before a figure of up to three digits or a letter that stands alone.
fn pairs(text: &str, language: &Language) -> Vec<(String, String)> {
    let all = words(text);
    let is_label = |word: &str| {
        let n = word.chars().count();
        let is_figure = n <= 3 && word.chars().all(|c| c.is_ascii_digit());
        // A letter that is a word of the language is that word.
        is_figure
            || (n == 1
                && word.chars().all(|c| c.is_ascii_alphabetic())
                && !language.stop.contains(&word))
    };
    // "E-22" is a label of its own.
    let is_label_begun = |at: usize| {
        let is_letter =
            all[at].chars().count() == 1 && all[at].chars().all(|c| c.is_ascii_alphabetic());
        is_letter
            && all
                .get(at + 1)
                .is_some_and(|next| next.chars().all(|c| c.is_ascii_digit()))
    };
    let pairs = all
        .windows(2)
        .enumerate()
        .filter(|(at, _)| !is_label_begun(at + 1))
        .map(|(_, pair)| pair);
    let pairs = pairs.filter(|pair| {
        let is_word = pair[0].chars().count() >= 2
            && pair[0]
                .chars()
                .all(|c| c.is_alphabetic() && !is_spaceless(c));
        is_word && is_label(&pair[1]) && !language.stop.contains(&pair[0].as_str())
    });
    pairs
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect()
}

/// Hiragana: endings and particles of Japanese; words that carry meaning are mostly written otherwise.
fn is_kana_of_grammar(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit_words(text: &str) -> Vec<String> {
        Question::new(text, None)
            .units
            .into_iter()
            .map(|unit| unit.word)
            .collect()
    }

    #[test]
    fn small_words_are_left_out_and_the_kind_is_known() {
        assert_eq!(
            unit_words("What is the invoice total and due date?"),
            ["invoice", "total", "due", "date"]
        );
        let kind = |text: &str| Question::new(text, None).kind;
        assert_eq!(kind("How much is the rent?"), Kind::HowMuch);
        assert_eq!(kind("Wann endet der Vertrag?"), Kind::When);
        assert_eq!(kind("ค่าเช่าเดือนละเท่าไร"), Kind::HowMuch);
        assert_eq!(kind("合同什么时候到期？"), Kind::When);
        assert_eq!(kind("契約はいつ終わりますか"), Kind::When);
        assert_eq!(kind("متى ينتهي العقد؟"), Kind::When);
        assert_eq!(kind("Who signed it?"), Kind::Other);
    }

    #[test]
    fn the_language_is_told_by_its_small_words_and_letters() {
        let code = |text: &str| Question::new(text, None).language.code;
        assert_eq!(code("Wie hoch ist die Miete?"), "de");
        assert_eq!(code("Quel est le montant du loyer ?"), "fr");
        assert_eq!(code("¿Cuánto cuesta el alquiler?"), "es");
        assert_eq!(code("ใครเป็นผู้เช่า"), "th");
        assert_eq!(code("من هو المستأجر؟"), "ar");
        assert_eq!(code("租金是多少？"), "zh");
        assert_eq!(code("家賃はいくらですか"), "ja");
        assert_eq!(code("rent"), "en");
    }

    #[test]
    fn a_short_question_takes_the_words_of_the_one_before() {
        let question = Question::new("And for 2023?", Some("What was the revenue in 2022?"));
        let words: Vec<(&str, f32)> = question
            .units
            .iter()
            .map(|unit| (unit.word.as_str(), unit.weight))
            .collect();
        assert_eq!(words, [("2023", 1.0), ("revenue", 0.5), ("2022", 0.5)]);
    }
}
