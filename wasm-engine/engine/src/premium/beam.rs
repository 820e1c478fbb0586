//! Reading the steps of a recogniser with a language in mind: beam search over prefixes (Hannun et al., "First-Pass Large Vocabulary
//! Continuous Speech Recognition using Bi-Directional Recurrent DNNs", 2014), and the places of the characters that were chosen.

use std::collections::HashMap;

use super::lexicon::{History, Lexicon};
use crate::recognise::{Dictionary, Steps};
use crate::text::{CharSpan, LineText};

/// Prefixes that are followed at a time.
const WIDTH: usize = 20;

/// Classes that are looked at in a step, and the probability that they have at least.
const MAX_CLASSES: usize = 24;
const MIN_PROBABILITY: f32 = 2e-4;

/// Weight of a letter's probability among the words of the language against its probability in the picture.
const LETTER_WEIGHT: f32 = 0.8;

/// What each character is given, so that the weight above does not make readings short: some [`LETTER_WEIGHT`] x 3, with a letter in a word
/// being one of twenty (e^3) in the mean. Other characters have it taken back.
const CHARACTER_BONUS: f32 = 2.4;

/// What a space or a sign is given elsewhere: the blank wins over narrow spaces and points although they stand out among the rest.
const SIGN_BONUS: f32 = 1.2;

/// What a listed word is given for each letter, up to [`MAX_WORD_LETTERS`]: long words are found by chance less often.
const WORD_BONUS: f32 = 2.0 / 3.0;
const MAX_WORD_LETTERS: usize = 6;

const NONE: f32 = f32::NEG_INFINITY;

/// A prefix in the tree of all that were met.
struct Prefix {
    parent: usize,
    class: usize,
    /// What the language says of it so far, and what it said before the word at its end began.
    language: f32,
    before_word: f32,
    /// The letters of the word at its end.
    word: String,
    history: History,
}

/// Probabilities, as logarithms, of all paths that read a prefix: those that end in a blank, and the others.
#[derive(Clone, Copy)]
struct Paths {
    blank: f32,
    character: f32,
}

impl Paths {
    const NONE: Self = Self {
        blank: NONE,
        character: NONE,
    };

    fn all(self) -> f32 {
        add(self.blank, self.character)
    }
}

/// The classes of the best reading of `steps`, and the logarithm of its probability by picture and language, of use to compare languages by.
pub(super) fn search(
    steps: &Steps,
    dictionary: &Dictionary,
    lexicon: &Lexicon,
) -> (Vec<usize>, f32) {
    let mut tree = vec![Prefix {
        parent: 0,
        class: 0,
        language: 0.0,
        before_word: 0.0,
        word: String::new(),
        history: History::START,
    }];
    let mut children: HashMap<(usize, usize), usize> = HashMap::new();
    let space = steps.n_classes - 1;
    let mut beams: Vec<(usize, Paths)> = vec![(
        0,
        Paths {
            blank: 0.0,
            character: NONE,
        },
    )];
    for step in steps.probabilities.chunks_exact(steps.n_classes) {
        let classes = likely(step);
        let mut next: HashMap<usize, Paths> = HashMap::new();
        for &(prefix, paths) in &beams {
            let all = paths.all();
            for &(class, probability) in &classes {
                if class == 0 {
                    let same = next.entry(prefix).or_insert(Paths::NONE);
                    same.blank = add(same.blank, all + probability);
                    continue;
                }
                let is_repeated = prefix != 0 && tree[prefix].class == class;
                if is_repeated {
                    let same = next.entry(prefix).or_insert(Paths::NONE);
                    same.character = add(same.character, paths.character + probability);
                }
                let from = if is_repeated { paths.blank } else { all };
                let is_second_space = class == space && (prefix == 0 || is_repeated);
                if from == NONE || is_second_space {
                    continue;
                }
                let longer = *children.entry((prefix, class)).or_insert_with(|| {
                    tree.push(extended(&tree[prefix], prefix, class, dictionary, lexicon));
                    tree.len() - 1
                });
                let longer = next.entry(longer).or_insert(Paths::NONE);
                longer.character = add(longer.character, from + probability);
            }
        }
        beams = next.into_iter().collect();
        let score = |beam: &(usize, Paths)| beam.1.all() + tree[beam.0].language;
        // By number where they are equal: the order of a hash map is not the same in every run.
        beams.sort_by(|a, b| score(b).total_cmp(&score(a)).then(a.0.cmp(&b.0)));
        beams.truncate(WIDTH);
    }
    let score = |beam: &(usize, Paths)| {
        let prefix = &tree[beam.0];
        beam.1.all() + prefix.language + ended(prefix, lexicon)
    };
    let best = beams
        .iter()
        .max_by(|a, b| score(a).total_cmp(&score(b)).then(b.0.cmp(&a.0)));
    let best_score = best.map_or(0.0, score);
    let mut classes = Vec::new();
    let mut prefix = best.map_or(0, |beam| beam.0);
    while prefix != 0 {
        classes.push(tree[prefix].class);
        prefix = tree[prefix].parent;
    }
    classes.reverse();
    while classes.last() == Some(&space) {
        classes.pop();
    }
    (classes, best_score)
}

/// A prefix with a character more.
fn extended(
    prefix: &Prefix,
    parent: usize,
    class: usize,
    dictionary: &Dictionary,
    lexicon: &Lexicon,
) -> Prefix {
    let text = dictionary.character(class).unwrap_or_default();
    let first = text.chars().next().unwrap_or(' ');
    if first.is_alphabetic() || matches!(first, '\'' | '\u{2019}') {
        let (probability, history) = lexicon.letter(prefix.history, first);
        return Prefix {
            parent,
            class,
            language: prefix.language + LETTER_WEIGHT * probability + CHARACTER_BONUS,
            before_word: prefix.before_word,
            word: format!("{}{text}", prefix.word),
            history,
        };
    }
    let bonus = if text == " " && !prefix.word.is_empty() {
        CHARACTER_BONUS
    } else if text == " " || first.is_ascii_punctuation() {
        SIGN_BONUS
    } else {
        0.0
    };
    let language = prefix.language + ended(prefix, lexicon) + bonus;
    Prefix {
        parent,
        class,
        language,
        before_word: language,
        word: String::new(),
        history: History::START,
    }
}

/// What the language says of the word at the end of a prefix, now that it is whole.
fn ended(prefix: &Prefix, lexicon: &Lexicon) -> f32 {
    if prefix.word.is_empty() {
        return 0.0;
    }
    let n_letters = prefix.word.chars().count().min(MAX_WORD_LETTERS);
    let bonus = if lexicon.has(&prefix.word) {
        WORD_BONUS * n_letters as f32
    } else {
        0.0
    };
    let ended = bonus + LETTER_WEIGHT * lexicon.end(prefix.history);
    if n_letters == 1 {
        // A letter alone stands for many things, as in "2 x 3": no word speaks against it.
        return ended.max(prefix.before_word - prefix.language);
    }
    ended
}

/// The likely classes of a step with the logarithms of their probabilities; the blank and the space always.
fn likely(step: &[f32]) -> Vec<(usize, f32)> {
    let space = step.len() - 1;
    let mut classes: Vec<(usize, f32)> = step
        .iter()
        .copied()
        .enumerate()
        .filter(|&(class, probability)| class == 0 || probability > MIN_PROBABILITY)
        .collect();
    classes.sort_by(|a, b| b.1.total_cmp(&a.1));
    classes.truncate(MAX_CLASSES);
    if !classes.iter().any(|&(class, _)| class == 0) {
        classes.push((0, step[0]));
    }
    if step[space] > MIN_PROBABILITY && !classes.iter().any(|&(class, _)| class == space) {
        classes.push((space, step[space]));
    }
    classes
        .into_iter()
        .map(|(class, probability)| (class, probability.max(f32::MIN_POSITIVE).ln()))
        .collect()
}

/// ln(e^a + e^b).
fn add(a: f32, b: f32) -> f32 {
    let (high, low) = if a > b { (a, b) } else { (b, a) };
    if low == NONE {
        high
    } else {
        high + (low - high).exp().ln_1p()
    }
}

/// `classes` at their places along `steps`: the most probable path that reads them (Viterbi). A character's confidence is that of its
/// best step.
pub(super) fn align(steps: &Steps, classes: &[usize], dictionary: &Dictionary) -> LineText {
    if classes.is_empty() {
        return LineText::default();
    }
    // Blank, first, blank, second, ..., blank.
    let states: Vec<usize> = (0..2 * classes.len() + 1)
        .map(|state| {
            if state % 2 == 0 {
                0
            } else {
                classes[state / 2]
            }
        })
        .collect();
    let n_steps = steps.probabilities.len() / steps.n_classes;
    let mut from: Vec<Vec<u8>> = Vec::with_capacity(n_steps);
    let mut scores = vec![NONE; states.len()];
    for (step_idx, step) in steps
        .probabilities
        .chunks_exact(steps.n_classes)
        .enumerate()
    {
        let mut next = vec![NONE; states.len()];
        let mut moves = vec![0_u8; states.len()];
        for (state, &class) in states.iter().enumerate() {
            let probability = step[class].max(f32::MIN_POSITIVE).ln();
            if step_idx == 0 {
                if state < 2 {
                    next[state] = probability;
                }
                continue;
            }
            let mut best = (scores[state], 0_u8);
            if state >= 1 && scores[state - 1] > best.0 {
                best = (scores[state - 1], 1);
            }
            let may_skip = state >= 2 && class != 0 && class != states[state - 2];
            if may_skip && scores[state - 2] > best.0 {
                best = (scores[state - 2], 2);
            }
            next[state] = best.0 + probability;
            moves[state] = best.1;
        }
        scores = next;
        from.push(moves);
    }
    let last = states.len() - 1;
    let mut state = if scores[last - 1] > scores[last] {
        last - 1
    } else {
        last
    };
    let mut spans: Vec<Option<(usize, usize, f32)>> = vec![None; classes.len()];
    for step_idx in (0..n_steps).rev() {
        if state % 2 == 1 {
            let probability = steps.probabilities[step_idx * steps.n_classes + states[state]];
            let span = spans[state / 2].get_or_insert((step_idx, step_idx, probability));
            *span = (step_idx, span.1, span.2.max(probability));
        }
        state -= usize::from(from[step_idx][state]).min(state);
    }
    let of_content = (n_steps as f32 * steps.content_share).max(1.0);
    let share = |step: usize| (step as f32 / of_content).min(1.0);
    let chars = classes
        .iter()
        .zip(spans)
        .filter_map(|(&class, span)| {
            let (first, last, confidence) = span?;
            Some(CharSpan {
                text: dictionary.character(class)?.to_owned(),
                start: share(first),
                end: share(last + 1),
                confidence,
            })
        })
        .collect();
    LineText { chars }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALPHABET: &str = "a\nc\ne\no\nt\n";

    /// Steps in which each character of `shown` has its probability, the alternatives behind it theirs, blanks between them.
    fn steps(shown: &[&[(usize, f32)]]) -> Steps {
        let n_classes = Dictionary::parse(ALPHABET).n_classes();
        let mut probabilities = Vec::new();
        for &classes in shown {
            let mut step = vec![1e-6; n_classes];
            for &(class, probability) in classes {
                step[class] = probability;
            }
            probabilities.extend(step);
            let mut blank = vec![1e-6; n_classes];
            blank[0] = 1.0;
            probabilities.extend(blank);
        }
        Steps {
            probabilities,
            n_classes,
            content_share: 1.0,
        }
    }

    fn read(steps: &Steps) -> String {
        let dictionary = Dictionary::parse(ALPHABET);
        let lexicon = Lexicon::of(["cat", "coat", "tea"].into_iter()).unwrap();
        let (classes, _) = search(steps, &dictionary, &lexicon);
        align(steps, &classes, &dictionary).text()
    }

    #[test]
    fn a_word_of_the_language_wins_where_the_picture_leaves_a_doubt() {
        // "eat" a little more probable than "cat".
        let doubtful = steps(&[&[(3, 0.5), (2, 0.4)], &[(1, 0.9)], &[(5, 0.9)]]);
        assert_eq!(read(&doubtful), "cat");
        let sure = steps(&[&[(3, 0.999), (2, 1e-5)], &[(1, 0.999)], &[(5, 0.999)]]);
        assert_eq!(read(&sure), "eat");
    }

    #[test]
    fn characters_stand_where_the_steps_show_them() {
        let steps = steps(&[&[(2, 0.9)], &[(1, 0.8)], &[(5, 0.9)]]);
        let dictionary = Dictionary::parse(ALPHABET);
        let line = align(&steps, &[2, 1, 5], &dictionary);
        assert_eq!(line.text(), "cat");
        let a = &line.chars[1];
        assert!((a.start - 2.0 / 6.0).abs() < 1e-6 && (a.end - 3.0 / 6.0).abs() < 1e-6);
        assert!((a.confidence - 0.8).abs() < 1e-6);
    }
}
