//! Finding passages: Okapi BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009) over words that need only be alike.

use std::collections::HashMap;

use ocr_chat_document::Page;
use ocr_chat_document::fields::Summary;
use ocr_chat_fields::summary;

use crate::passages::{Form, Passage, passages};
use crate::question::{Kind, Question, Unit};
use crate::text::{is_spaceless, likeness, words};

/// How fast repeated words stop counting, and how much long passages count less (BM25's k1 and b).
const K1: f32 = 1.2;
const B: f32 = 0.4;

/// What a word counts that stands around a passage and not in it.
const IN_CONTEXT: f32 = 0.55;

/// What a word of the same meaning counts.
const SYNONYM: f32 = 0.85;

/// What a passage without any figure counts where a date or a number is asked for.
const NO_FIGURE: f32 = 0.5;

/// What a heading counts: it names what is found below it.
const HEADING: f32 = 0.55;

/// Passages of one or several documents, ready to be asked.
#[derive(Debug)]
pub struct Index {
    pub(crate) passages: Vec<Passage>,
    /// Numbers of the words there are.
    vocabulary: HashMap<String, u32>,
    chars: Vec<Vec<char>>,
    /// Words by their first three letters, and by each of their pieces of four: what can be alike.
    by_piece: HashMap<[char; 4], Vec<u32>>,
    /// For each word the passages that have it, how often, and whether in themselves or around them.
    postings: Vec<Vec<Posting>>,
    /// Words of each passage.
    lengths: Vec<f32>,
    mean_length: f32,
    /// Pages of each document.
    pub(crate) n_pages: Vec<usize>,
    /// What says most of each document.
    pub(crate) summaries: Vec<Summary>,
}

#[derive(Debug, Clone, Copy)]
struct Posting {
    passage: u32,
    n: u16,
    is_context: bool,
}

/// What the best passage beside a passage counts for it, and how far that may stand away.
const NEIGHBOUR: f32 = 0.3;
const NEAR: usize = 2;

/// How much a place in one ranking counts against a place in the other: reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009), whose constant
/// they found good for any rankings.
const RANK: f32 = 60.0;

/// Passages that the nearest meanings bring in, beside those with the words of the question.
const MAX_NEAR: usize = 24;

/// How near the passages of an index are to a question in meaning.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearness {
    /// The cosine of its embedding and the question's, for each passage.
    pub cosines: Vec<f32>,
    /// The cosine from which a passage answers although it has none of the question's words. It depends on the model.
    pub enough: f32,
}

/// A passage that was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hit {
    pub(crate) passage: usize,
    /// How well it fits; comparable within one question.
    pub(crate) score: f32,
    /// How much of what the question is about it covers, 0 to 1.
    pub(crate) coverage: f32,
}

/// Which passages have one unit of a question.
struct Matches {
    /// How well, by passage, 0 to 1: in the passage itself and around it.
    own: HashMap<u32, f32>,
    around: HashMap<u32, f32>,
    /// How rare it is.
    idf: f32,
}

impl Index {
    /// An index over `documents`, each given by its pages. Takes about a second for 10,000 pages.
    pub fn new(documents: &[Vec<&Page>]) -> Self {
        let mut index = Self {
            passages: Vec::new(),
            vocabulary: HashMap::new(),
            chars: Vec::new(),
            by_piece: HashMap::new(),
            postings: Vec::new(),
            lengths: Vec::new(),
            mean_length: 0.0,
            n_pages: documents.iter().map(Vec::len).collect(),
            summaries: documents.iter().map(|pages| summary(pages)).collect(),
        };
        for (document, pages) in documents.iter().enumerate() {
            for passage in passages(document, pages) {
                index.add(passage);
            }
        }
        index.mean_length = index.lengths.iter().sum::<f32>() / index.lengths.len().max(1) as f32;
        index
    }

    /// Number of passages.
    pub fn n_passages(&self) -> usize {
        self.passages.len()
    }

    fn add(&mut self, passage: Passage) {
        let number = self.passages.len() as u32;
        let own = words(&passage.text);
        self.lengths.push(own.len() as f32);
        let mut counts: HashMap<u32, (u16, bool)> = HashMap::new();
        for word in &passage.context {
            let word = self.number_of(word);
            counts.entry(word).or_insert((1, true));
        }
        for word in &own {
            let word = self.number_of(word);
            let count = counts.entry(word).or_insert((0, false));
            *count = if count.1 {
                (1, false)
            } else {
                (count.0.saturating_add(1), false)
            };
        }
        for (word, (n, is_context)) in counts {
            self.postings[word as usize].push(Posting {
                passage: number,
                n,
                is_context,
            });
        }
        self.passages.push(passage);
    }

    fn number_of(&mut self, word: &str) -> u32 {
        if let Some(number) = self.vocabulary.get(word) {
            return *number;
        }
        let number = self.chars.len() as u32;
        let chars: Vec<char> = word.chars().collect();
        if !chars.iter().any(|c| is_spaceless(*c)) {
            for piece in keys(&chars) {
                let words = self.by_piece.entry(piece).or_default();
                if words.last() != Some(&number) {
                    words.push(number);
                }
            }
        }
        self.vocabulary.insert(word.to_owned(), number);
        self.chars.push(chars);
        self.postings.push(Vec::new());
        number
    }

    /// The text of each passage as an embedding model is to see it: with the headings and names of columns around it.
    pub fn passage_texts(&self) -> impl Iterator<Item = String> + '_ {
        self.passages.iter().map(|passage| {
            if passage.context.is_empty() {
                passage.text.clone()
            } else {
                format!("{}: {}", passage.context.join(" "), passage.text)
            }
        })
    }

    /// The passages that fit `question` best, the best first; by their words alone, or by words and meaning together where `near` is known.
    pub(crate) fn find(&self, question: &Question, near: Option<&Nearness>, n: usize) -> Vec<Hit> {
        let matches: Vec<Matches> = question
            .units
            .iter()
            .map(|unit| self.matches(unit))
            .collect();
        let weights: Vec<f32> = question
            .units
            .iter()
            .zip(&matches)
            .map(|(unit, matches)| unit.weight * matches.idf)
            .collect();
        let total: f32 = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let mut scores: HashMap<u32, f32> = HashMap::new();
        for (matches, weight) in matches.iter().zip(&weights) {
            for (&passage, &alike) in &matches.own {
                *scores.entry(passage).or_default() += weight * alike;
            }
            for (&passage, &alike) in &matches.around {
                if !matches.own.contains_key(&passage) {
                    *scores.entry(passage).or_default() += weight * alike * IN_CONTEXT;
                }
            }
        }
        let mut hits: Vec<Hit> = scores
            .into_iter()
            .map(|(passage, score)| Hit {
                passage: passage as usize,
                score: score * self.fitness(passage as usize, question.kind),
                coverage: 0.0,
            })
            .collect();
        let alone: HashMap<usize, f32> = hits.iter().map(|hit| (hit.passage, hit.score)).collect();
        for hit in &mut hits {
            hit.score += NEIGHBOUR
                * self
                    .neighbours(hit.passage)
                    .filter_map(|other| alone.get(&other))
                    .copied()
                    .fold(0.0, f32::max);
        }
        // Of equal ones the first in the document.
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        if let Some(near) = near {
            hits = self.fused(&hits, near, question.kind);
        }
        hits.truncate(n);
        for hit in &mut hits {
            hit.coverage = self.coverage(hit.passage, &matches, &weights) / total;
        }
        hits
    }

    /// `hits`, ranked by their words, and the passages nearest in meaning as one ranking.
    fn fused(&self, hits: &[Hit], near: &Nearness, kind: Kind) -> Vec<Hit> {
        let mut by_meaning: Vec<(usize, f32)> = near
            .cosines
            .iter()
            .take(self.passages.len())
            .enumerate()
            // What form a passage has says as much here as there.
            .map(|(passage, near)| (passage, near * self.fitness(passage, kind)))
            .collect();
        by_meaning.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        by_meaning.truncate(MAX_NEAR);
        let by_words = hits.iter().map(|hit| hit.passage);
        let mut scores: HashMap<usize, f32> = HashMap::new();
        let ranks = by_words
            .enumerate()
            .chain(by_meaning.iter().map(|(passage, _)| *passage).enumerate());
        for (rank, passage) in ranks {
            *scores.entry(passage).or_default() += 1.0 / (RANK + rank as f32 + 1.0);
        }
        let mut fused: Vec<Hit> = scores
            .into_iter()
            .map(|(passage, score)| Hit {
                passage,
                score,
                coverage: 0.0,
            })
            .collect();
        fused.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        fused
    }

    /// How much of the question, by weight, a passage and its page cover: what stands beside it counts less, elsewhere on its page still less.
    fn coverage(&self, passage: usize, matches: &[Matches], weights: &[f32]) -> f32 {
        let of = |at: usize| (self.passages[at].document, self.passages[at].page);
        let place = of(passage);
        let before = (0..passage).rev().take_while(|at| of(*at) == place).count();
        let behind = (passage..self.passages.len())
            .take_while(|at| of(*at) == place)
            .count();
        let page = passage - before..passage + behind;
        let covered = matches.iter().zip(weights).map(|(matches, weight)| {
            let at = |passage: usize| {
                let number = passage as u32;
                let found = matches.own.get(&number).or(matches.around.get(&number));
                found.map_or(0.0, |alike| alike.min(1.0))
            };
            let beside = self.neighbours(passage).map(|other| at(other) * 0.8);
            let elsewhere = page.clone().map(|other| at(other) * 0.7);
            weight * beside.chain(elsewhere).fold(at(passage), f32::max)
        });
        covered.sum()
    }

    /// The passages right before and behind one on its page: what they speak of, it mostly speaks of, too.
    fn neighbours(&self, passage: usize) -> impl Iterator<Item = usize> + '_ {
        let of = |at: usize| (self.passages[at].document, self.passages[at].page);
        let place = of(passage);
        let near = passage.saturating_sub(NEAR)..(passage + NEAR + 1).min(self.passages.len());
        near.filter(move |other| *other != passage && of(*other) == place)
    }

    /// Whether the question names something that stands nowhere: a figure, "Unit 5" where there are Units 3 and 4, a name. Then nothing answers it.
    pub(crate) fn lacks_a_name(&self, question: &Question) -> bool {
        let lacks = |word: &str| {
            let matches = self.matches(&Unit::of(word));
            matches.own.is_empty() && matches.around.is_empty()
        };
        let lacks_figure = question.units.iter().any(|unit| {
            unit.is_figure && unit.weight >= 1.0 && !self.vocabulary.contains_key(&unit.word)
        });
        lacks_figure
            || question.names.iter().any(|name| lacks(name))
            || question
                .pairs
                .iter()
                .any(|(word, label)| self.lacks_pair(word, label))
    }

    /// Whether `word` stands somewhere, and nowhere right before `label`.
    fn lacks_pair(&self, word: &str, label: &str) -> bool {
        let chars: Vec<char> = word.chars().collect();
        let is_word = |other: &str| likeness(&chars, &other.chars().collect::<Vec<_>>()) > 0.0;
        let mut has_word = false;
        let matches = self.matches(&Unit::of(word));
        for passage in matches.own.keys().chain(matches.around.keys()) {
            let passage = &self.passages[*passage as usize];
            let words = words(&passage.text);
            // Names of columns, too: "Unit 4" may stand above the figures alone.
            for pair in words.windows(2).chain(passage.context.windows(2)) {
                if is_word(&pair[0]) {
                    if pair[1] == label {
                        return false;
                    }
                    // Another label of its kind: a figure for a figure, a letter for a letter.
                    let is_figure = |text: &str| text.chars().all(|c| c.is_ascii_digit());
                    has_word |=
                        is_figure(&pair[1]) == is_figure(label) && pair[1].chars().count() <= 3;
                }
            }
        }
        has_word
    }

    fn matches(&self, unit: &Unit) -> Matches {
        let mut alike: HashMap<u32, f32> = HashMap::new();
        let mut take = |word: &str, factor: f32| {
            let chars: Vec<char> = word.chars().collect();
            if let Some(&number) = self.vocabulary.get(word) {
                let entry = alike.entry(number).or_default();
                *entry = entry.max(factor);
            }
            if unit.is_figure || chars.iter().any(|c| is_spaceless(*c)) {
                return;
            }
            for piece in keys(&chars) {
                for &number in self.by_piece.get(&piece).into_iter().flatten() {
                    let entry = alike.entry(number).or_insert(-1.0);
                    if *entry < 0.0 {
                        *entry = 0.0;
                    }
                    let value = likeness(&chars, &self.chars[number as usize]) * factor;
                    *entry = entry.max(value);
                }
            }
        };
        take(&unit.word, 1.0);
        for other in &unit.others {
            take(other, SYNONYM);
        }
        let mut own: HashMap<u32, f32> = HashMap::new();
        let mut around: HashMap<u32, f32> = HashMap::new();
        for (word, alike) in alike.into_iter().filter(|(_, alike)| *alike > 0.0) {
            for posting in &self.postings[word as usize] {
                if posting.is_context {
                    let entry = around.entry(posting.passage).or_default();
                    *entry = entry.max(alike);
                } else {
                    let length = self.lengths[posting.passage as usize] / self.mean_length.max(1.0);
                    let n = f32::from(posting.n);
                    let tf = n * (K1 + 1.0) / (n + K1 * (1.0 - B + B * length));
                    let entry = own.entry(posting.passage).or_default();
                    *entry = entry.max(alike * tf.min(1.5));
                }
            }
        }
        let n = self.passages.len() as f32;
        let n_with = own.len() as f32;
        let idf = (1.0 + (n - n_with + 0.5) / (n_with + 0.5)).ln();
        Matches { own, around, idf }
    }

    /// What the form of a passage counts for a question of this kind.
    fn fitness(&self, passage: usize, kind: Kind) -> f32 {
        let passage = &self.passages[passage];
        let has_figure = || passage.text.chars().any(|c| c.is_numeric());
        let by_kind = match kind {
            Kind::Other => 1.0,
            _ if has_figure() => 1.0,
            _ => NO_FIGURE,
        };
        let by_form = match &passage.form {
            Form::Heading => HEADING,
            // A form that was not filled in has no answer.
            Form::Field { value, .. } if value.is_empty() => HEADING,
            _ => 1.0,
        };
        by_kind * by_form
    }
}

/// Under what a word is kept: its first three letters, and its pieces of four.
fn keys(chars: &[char]) -> Vec<[char; 4]> {
    let mut keys: Vec<[char; 4]> = Vec::new();
    if let [a, b, c, ..] = chars {
        keys.push([*a, *b, *c, '\0']);
    }
    keys.extend(
        chars
            .windows(4)
            .filter_map(|piece| <[char; 4]>::try_from(piece).ok()),
    );
    keys
}
