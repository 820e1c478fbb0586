//! Answers in the words of the document.

use ocr_chat_document::BBox;
use serde::{Deserialize, Serialize};

use crate::grounding::speaks_to_a_model;
use crate::index::{Hit, Index, Nearness};
use crate::passages::{CellOf, Form, Passage, spaced};
use crate::question::{Question, Unit};
use crate::text::{is_spaceless, likeness, words};

/// How much of a question an answer has to cover. Below, a passage shares words with the question and speaks of something else. On `tests/chat` .45 gives right
/// pages for 30 of 60 and refuses 30 of 40 that have no answer, .35 gives 37 and 27.
const MIN_COVERAGE: f32 = 0.35;

/// How much more of a question a second passage has to cover to be quoted, too.
const MIN_GAIN: f32 = 0.25;

/// Passages quoted in an answer.
const MAX_QUOTES: usize = 3;

/// What asks for a summary.
#[rustfmt::skip]
const SUMMARY: &[&str] = &[
    "summarise", "summarize", "summary", "what is this document about", "what is the document about", "what is it about", "main points", "key points", "zusammenfassung", "zusammenfassen", "fasse zusammen", "worum geht es",
    "résumé", "résume", "résumer", "de quoi parle", "resumen", "resume", "resumir", "de qué trata", "riassunto", "riassumi", "resumo", "samenvatting", "ringkasan", "özet", "tóm tắt", "кратко", "резюме", "о чем", "ملخص", "لخص", "सारांश", "요약",
    "สรุป", "要約", "まとめて", "概要", "总结", "摘要", "概括", "主要内容",
];

/// What asks how many pages there are.
#[rustfmt::skip]
const PAGE_COUNT: &[&str] = &[
    "how many pages", "number of pages", "wie viele seiten", "combien de pages", "cuántas páginas", "quante pagine", "quantas páginas", "hoeveel pagina's", "сколько страниц", "كم صفحة", "कितने पृष्ठ", "몇 페이지", "กี่หน้า", "何ページ", "多少页", "几页",
];

/// Where an answer stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// Which of the documents of the index, from 0.
    #[serde(skip)]
    pub document: usize,
    /// Number of the page, from 1.
    pub page: u32,
    /// What stands there, word for word; white space may differ.
    pub snippet: String,
    /// Where on the page, one box a line, in pixels of the page.
    pub boxes: Vec<BBox>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// What is said.
    pub content: String,
    /// Where it stands; none where nothing was found.
    pub citations: Vec<Citation>,
    /// Whether the documents answer the question.
    pub is_found: bool,
}

impl Reply {
    /// The answer that there is none, in the language of `question`.
    pub fn not_found(question: &str) -> Self {
        Self {
            content: Question::new(question, None).language.not_found.to_owned(),
            citations: Vec::new(),
            is_found: false,
        }
    }
}

impl Index {
    /// Answers `question` with the passages that fit best, in their own words. `before` is the question before it in the conversation.
    pub fn answer(&self, question: &str, before: Option<&str>) -> Reply {
        self.answer_near(question, before, None)
    }

    /// As [`Index::answer`], with what an embedding model knows: `near` has a cosine for each passage of [`Index::passage_texts`].
    pub fn answer_near(
        &self,
        question: &str,
        before: Option<&str>,
        near: Option<&Nearness>,
    ) -> Reply {
        if let Some(reply) = self.about_itself(question) {
            return reply;
        }
        let asked = Question::new(question, before);
        if self.lacks_a_name(&asked) {
            return Reply::not_found(question);
        }
        let mut hits = self.find(&asked, near, 24);
        // What speaks to a model is no answer to a reader, unless nothing else speaks of the matter.
        let speaks_to_reader = |hit: &Hit| !speaks_to_a_model(&self.passages[hit.passage].text);
        if hits.iter().any(speaks_to_reader) {
            hits.retain(speaks_to_reader);
        }
        let is_near = |hit: &Hit| {
            near.is_some_and(|near| near.cosines.get(hit.passage) >= Some(&near.enough))
        };
        let speaks_of_it = |hit: &&Hit| hit.coverage >= MIN_COVERAGE || is_near(hit);
        // Whether the words speak of it, their own best passage decides. Of two rankings in one, the best is taken that either of them vouches for.
        let best = match near {
            None => hits.first().filter(speaks_of_it),
            Some(_) if self.is_spoken_of(&asked) => hits.iter().find(speaks_of_it),
            Some(_) => hits.iter().find(|hit| is_near(hit)),
        };
        let Some(best) = best else {
            return Reply::not_found(question);
        };
        let mut taken = vec![*best];
        while taken.len() < MAX_QUOTES {
            let Some(next) = self.complement(&asked, &taken, &hits) else {
                break;
            };
            taken.push(next);
        }
        let quotes: Vec<(String, Citation)> = taken
            .iter()
            .map(|hit| quote(&self.passages[hit.passage], &asked))
            .collect();
        let lines: Vec<String> = quotes.iter().map(|(line, _)| line.clone()).collect();
        Reply {
            content: lines.join("\n"),
            citations: quotes.into_iter().map(|(_, citation)| citation).collect(),
            is_found: true,
        }
    }

    /// Whether a passage has enough of the question's words to speak of the same.
    fn is_spoken_of(&self, asked: &Question) -> bool {
        let best = self.find(asked, None, 1);
        best.first().is_some_and(|hit| hit.coverage >= MIN_COVERAGE)
    }

    /// The passages that fit `question` best, as citations with their scores: what a model is shown, and what a search shows.
    pub fn search(
        &self,
        question: &str,
        before: Option<&str>,
        near: Option<&Nearness>,
        n: usize,
    ) -> Vec<(Citation, f32)> {
        let asked = Question::new(question, before);
        let hits = self.find(&asked, near, n);
        hits.into_iter()
            .map(|hit| (citation(&self.passages[hit.passage]), hit.coverage))
            .collect()
    }

    /// The answer to a question about the document as a whole: what it says in short, how many pages it has.
    fn about_itself(&self, question: &str) -> Option<Reply> {
        let asked = words(question);
        let names = |terms: &[&str]| {
            let lower = question.to_lowercase();
            terms.iter().any(|term| {
                let parts = words(term);
                let spaceless = term.chars().any(is_spaceless);
                if spaceless {
                    lower.contains(term)
                } else {
                    asked.windows(parts.len()).any(|window| window == parts)
                }
            })
        };
        if names(SUMMARY) {
            return self.summarise();
        }
        // "How many pages does it have?", and not "what is on page 5?".
        if names(PAGE_COUNT) && asked.len() <= 12 {
            let counts: Vec<String> = self.n_pages.iter().map(usize::to_string).collect();
            return Some(Reply {
                content: format!(
                    "{}: {}",
                    Question::new(question, None).language.pages,
                    counts.join(", ")
                ),
                citations: Vec::new(),
                is_found: true,
            });
        }
        None
    }

    /// The sentences that say most; `None` where there are none.
    fn summarise(&self) -> Option<Reply> {
        let found = self
            .summaries
            .iter()
            .enumerate()
            .flat_map(|(document, summary)| {
                summary
                    .sentences
                    .iter()
                    .map(move |sentence| (document, sentence))
            });
        let (lines, citations): (Vec<String>, Vec<Citation>) = found
            .map(|(document, sentence)| {
                let citation = Citation {
                    document,
                    page: sentence.page,
                    snippet: spaced(&sentence.text),
                    boxes: vec![sentence.bbox],
                };
                (
                    format!("- {} (p. {})", citation.snippet, sentence.page),
                    citation,
                )
            })
            .unzip();
        (!lines.is_empty()).then(|| Reply {
            content: lines.join("\n"),
            citations,
            is_found: true,
        })
    }

    /// A passage that covers what those taken leave open, as the second half of "What is the total, and when is it due?".
    fn complement(&self, asked: &Question, taken: &[Hit], hits: &[Hit]) -> Option<Hit> {
        let covers = |hit: &Hit| -> Vec<bool> {
            let passage = &self.passages[hit.passage];
            let own: Vec<Vec<char>> = words(&passage.text)
                .iter()
                .map(|word| word.chars().collect())
                .collect();
            asked.units.iter().map(|unit| has(&own, unit)).collect()
        };
        let mut open = vec![true; asked.units.len()];
        for hit in taken {
            for (open, covered) in open.iter_mut().zip(covers(hit)) {
                *open &= !covered;
            }
        }
        let total: f32 = asked.units.iter().map(|unit| unit.weight).sum();
        let left: f32 = asked
            .units
            .iter()
            .zip(&open)
            .filter(|(_, open)| **open)
            .map(|(unit, _)| unit.weight)
            .sum();
        if left / total.max(f32::MIN_POSITIVE) < MIN_GAIN {
            return None;
        }
        let first = taken[0].score;
        let candidates = hits
            .iter()
            .filter(|hit| !taken.iter().any(|other| other.passage == hit.passage));
        let gain = |hit: &Hit| -> f32 {
            let covered = covers(hit);
            let gained = asked
                .units
                .iter()
                .zip(&open)
                .zip(covered)
                .filter(|((_, open), covered)| **open && *covered);
            gained.map(|((unit, _), _)| unit.weight).sum::<f32>() / total.max(f32::MIN_POSITIVE)
        };
        candidates
            .filter(|hit| {
                hit.score >= 0.4 * first
                    && !matches!(self.passages[hit.passage].form, Form::Heading)
            })
            .map(|hit| (gain(hit), hit))
            .filter(|(gain, _)| *gain >= MIN_GAIN)
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map(|(_, hit)| *hit)
    }
}

/// Whether one of `words` is the unit's, or means the same.
fn has(words: &[Vec<char>], unit: &Unit) -> bool {
    let wanted = std::iter::once(&unit.word).chain(&unit.others);
    let wanted: Vec<Vec<char>> = wanted.map(|word| word.chars().collect()).collect();
    words
        .iter()
        .any(|word| wanted.iter().any(|wanted| likeness(wanted, word) > 0.0))
}

fn citation(passage: &Passage) -> Citation {
    Citation {
        document: passage.document,
        page: passage.page,
        snippet: passage.text.clone(),
        boxes: passage.boxes.clone(),
    }
}

/// A passage as a line of an answer, and where it stands.
fn quote(passage: &Passage, asked: &Question) -> (String, Citation) {
    let said = match &passage.form {
        Form::Sentence | Form::Heading => passage.text.clone(),
        Form::Field { label, value } => format!("{label}: {value}"),
        Form::Row(cells) => return row(passage, cells, asked),
    };
    (format!("{said} (p. {})", passage.page), citation(passage))
}

/// A row as an answer: the cell whose column the question names, or the whole row.
fn row(passage: &Passage, cells: &[CellOf], asked: &Question) -> (String, Citation) {
    let score = |cell: &CellOf| -> f32 {
        let header: Vec<Vec<char>> = words(&cell.header)
            .iter()
            .map(|word| word.chars().collect())
            .collect();
        asked
            .units
            .iter()
            .filter(|unit| has(&header, unit))
            .map(|unit| unit.weight)
            .sum()
    };
    let scores: Vec<f32> = cells.iter().map(score).collect();
    let best = scores.iter().copied().fold(0.0, f32::max);
    let chosen: Vec<&CellOf> = cells
        .iter()
        .zip(&scores)
        .skip(1)
        .filter(|(_, score)| best > 0.0 && **score >= best - 0.01)
        .map(|(cell, _)| cell)
        .collect();
    let name = |cell: &CellOf| {
        let header = if cell.header.is_empty() {
            String::new()
        } else {
            format!("{}: ", cell.header)
        };
        format!("{header}{}", cell.text)
    };
    let said = match (cells.first(), chosen.as_slice()) {
        (Some(label), [only]) => format!("{}, {}", label.text, name(only)),
        _ => cells.iter().map(name).collect::<Vec<_>>().join(" | "),
    };
    let mut citation = citation(passage);
    if let (Some(label), [only]) = (cells.first(), chosen.as_slice()) {
        citation.boxes = vec![label.bbox, only.bbox];
    }
    (format!("{said} (p. {})", passage.page), citation)
}
