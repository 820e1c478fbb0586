//! What words of a language look like: its word list, and the probability of a letter after others.
//!
//! The list is the one that Tesseract's model of the language brings along (a directed acyclic word graph); the statistics of letters are
//! counted over it when it is loaded.

use std::collections::{HashMap, HashSet};

/// Letters that a letter's probability depends on, at most.
const MAX_HISTORY: usize = 4;

/// Probability of a letter of which nothing is known: one of some eighty.
const UNKNOWN: f32 = 1.0 / 80.0;

/// Stands before and behind each word.
const EDGE: u8 = 0;

/// Longest word that is listed: a guard against damaged files, whose graphs may have circles.
const MAX_WORD_LETTERS: usize = 60;

/// Most words that are listed, for the same reason.
const MAX_WORDS: usize = 2_000_000;

/// The words of a language.
pub(crate) struct Lexicon {
    /// Hashes of the words, in lower case.
    words: HashSet<u64>,
    letters: HashMap<char, u8>,
    /// How often a letter follows a history; keys as [`Grams`] packs them.
    grams: HashMap<u64, u32>,
    /// How often a history occurs, and how many letters follow it.
    histories: HashMap<u64, (u32, u32)>,
}

/// The end of a word in the making: its last letters, packed, the last one lowest; the edge counts as a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct History {
    packed: u64,
    n_letters: usize,
}

impl History {
    /// Before the first letter.
    pub(super) const START: Self = Self {
        packed: EDGE as u64,
        n_letters: 1,
    };

    fn then(self, letter: u8) -> Self {
        let n_letters = (self.n_letters + 1).min(MAX_HISTORY);
        let mask = (1_u64 << (8 * n_letters)) - 1;
        Self {
            packed: (self.packed << 8 | u64::from(letter)) & mask,
            n_letters,
        }
    }

    /// The last `n` letters as a key: the number of letters stands in front, so that short histories differ from long ones.
    fn key(self, n: usize) -> u64 {
        let mask = (1_u64 << (8 * n)) - 1;
        (n as u64) << 56 | self.packed & mask
    }
}

fn gram_key(history_key: u64, letter: u8) -> u64 {
    let length = history_key >> 56;
    let packed = history_key & ((1 << 56) - 1);
    length << 56 | packed << 8 | u64::from(letter)
}

impl Lexicon {
    /// A lexicon of the words in `file`; `None` where it is damaged or has none. See [`ocr_chat_lstm::words`].
    pub(crate) fn parse(file: &[u8]) -> Option<Self> {
        let words = ocr_chat_lstm::words(file, MAX_WORD_LETTERS, MAX_WORDS)?;
        Self::of(words.iter().map(String::as_str))
    }

    /// A lexicon of these words; `None` for none.
    pub(crate) fn of<'a>(list: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut lexicon = Self {
            words: HashSet::new(),
            letters: HashMap::new(),
            grams: HashMap::new(),
            histories: HashMap::new(),
        };
        for word in list {
            let word = word.to_lowercase();
            if !word.chars().any(char::is_alphabetic) || !lexicon.words.insert(hash(&word)) {
                continue;
            }
            let mut history = History::START;
            for c in word.chars() {
                let n_known = lexicon.letters.len();
                // An alphabet has a few hundred letters at most; the rest shares the last number.
                let next = u8::try_from(n_known + 1).unwrap_or(u8::MAX);
                let letter = *lexicon.letters.entry(c).or_insert(next);
                lexicon.count(history, letter);
                history = history.then(letter);
            }
            lexicon.count(history, EDGE);
        }
        (!lexicon.words.is_empty()).then_some(lexicon)
    }

    fn count(&mut self, history: History, letter: u8) {
        for n in 0..=history.n_letters {
            let key = history.key(n);
            let gram = self.grams.entry(gram_key(key, letter)).or_default();
            *gram += 1;
            let of_history = self.histories.entry(key).or_default();
            of_history.0 += 1;
            of_history.1 += u32::from(*gram == 1);
        }
    }

    /// Whether `word` is one, in any case of its letters.
    pub(super) fn has(&self, word: &str) -> bool {
        self.words.contains(&hash(&word.to_lowercase()))
    }

    /// Logarithm of the probability that `c` follows, and what then has gone before.
    pub(super) fn letter(&self, history: History, c: char) -> (f32, History) {
        let c = c.to_lowercase().next().unwrap_or(c);
        match self.letters.get(&c) {
            Some(&letter) => (self.probability(history, letter).ln(), history.then(letter)),
            None => (UNKNOWN.ln(), history.then(u8::MAX)),
        }
    }

    /// Logarithm of the probability that a word ends here.
    pub(super) fn end(&self, history: History) -> f32 {
        self.probability(history, EDGE).ln()
    }

    /// Backing off to shorter histories by the number of letters that follow them (Witten and Bell, IEEE Transactions on Information
    /// Theory 37(4), 1991).
    fn probability(&self, history: History, letter: u8) -> f32 {
        let mut probability = UNKNOWN;
        for n in 0..=history.n_letters {
            let key = history.key(n);
            let Some(&(total, distinct)) = self.histories.get(&key) else {
                break;
            };
            let count = self.grams.get(&gram_key(key, letter)).copied();
            let (total, distinct) = (total as f32, distinct as f32);
            let seen = count.unwrap_or(0) as f32;
            probability = (seen + distinct * probability) / (total + distinct);
        }
        probability
    }
}

/// FNV-1a, 64 bits: of some hundred thousand words, one in ten million that is not in the list is taken to be.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_follow_each_other_in_words_are_probable() {
        let lexicon = Lexicon::of(["the", "then", "there", "Other"].into_iter()).unwrap();
        assert!(lexicon.has("THE") && lexicon.has("other") && !lexicon.has("he"));
        let (_, t) = lexicon.letter(History::START, 't');
        let (h, th) = lexicon.letter(t, 'h');
        let (r, _) = lexicon.letter(t, 'r');
        assert!(h > r + 1.0, "{h} {r}");
        let (_, the) = lexicon.letter(th, 'e');
        assert!(lexicon.end(the) > lexicon.end(th) + 1.0);
        assert_eq!(lexicon.letter(t, '字').0, UNKNOWN.ln());
    }

    #[test]
    fn no_words_are_no_lexicon() {
        assert!(Lexicon::of(std::iter::empty()).is_none());
        assert!(Lexicon::of(["12", "--"].into_iter()).is_none());
    }
}
