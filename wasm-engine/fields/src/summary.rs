//! Summaries of sentences as they stand in a document: those whose words the document uses most, with no two that say the same.
//!
//! A sentence's weight is the mean of its terms' `1 + ln(count)` over the document (Luhn, "The Automatic Creation of Literature Abstracts", 1958), with
//! a bonus for what stands first in its block; sentences are taken by weight less their likeness to those already taken (Carbonell and Goldstein,
//! "The Use of MMR", 1998).

use std::collections::{HashMap, HashSet};

use ocr_chat_document::fields::{Summary, TextField};
use ocr_chat_document::{BBox, Block, BlockKind, Page};

use crate::sentences::split;

/// Sentences of a summary: one for each of so many of the document, within these bounds.
const SENTENCES_PER_ONE: usize = 12;
const MIN_SENTENCES: usize = 3;
const MAX_SENTENCES: usize = 8;

/// Characters of a sentence that can stand in a summary.
const CHARS: std::ops::RangeInclusive<usize> = 20..=500;

/// What likeness to a sentence already taken costs, of the weight.
const LIKENESS: f32 = 0.7;

struct Sentence {
    field: TextField,
    terms: HashSet<String>,
    is_first: bool,
}

/// The sentences that say most of `pages`, in their order.
pub fn summary(pages: &[&Page]) -> Summary {
    let sentences: Vec<Sentence> = pages
        .iter()
        .flat_map(|page| page.blocks.iter().map(move |block| (page, block)))
        .filter(|(_, block)| {
            matches!(
                block.kind,
                BlockKind::Paragraph | BlockKind::ListItem | BlockKind::Caption
            )
        })
        .flat_map(|(page, block)| sentences_of(page, block))
        .collect();
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for term in sentences.iter().flat_map(|sentence| &sentence.terms) {
        *counts.entry(term).or_default() += 1;
    }
    // Words of every second sentence join sentences, and say nothing.
    let is_common = |count: u32| sentences.len() > 8 && count as usize * 2 > sentences.len();
    let weight = |sentence: &Sentence| {
        let weights = sentence
            .terms
            .iter()
            .map(|term| match counts.get(term.as_str()) {
                Some(&count) if !is_common(count) => 1.0 + (count as f32).ln(),
                _ => 0.0,
            });
        let mean = weights.sum::<f32>() / sentence.terms.len().max(4) as f32;
        mean * if sentence.is_first { 1.2 } else { 1.0 }
    };
    let weights: Vec<f32> = sentences.iter().map(weight).collect();
    let n = (sentences.len() / SENTENCES_PER_ONE).clamp(MIN_SENTENCES, MAX_SENTENCES);
    let mut taken: Vec<usize> = Vec::new();
    while taken.len() < n.min(sentences.len()) {
        let worth = |&position: &usize| {
            let alike = taken
                .iter()
                .map(|&other| likeness(&sentences[position].terms, &sentences[other].terms));
            weights[position] * (1.0 - LIKENESS * alike.fold(0.0, f32::max))
        };
        let rest = (0..sentences.len()).filter(|position| !taken.contains(position));
        // The first of equal ones.
        let best = rest
            .map(|position| (worth(&position), position))
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        let Some((_, best)) = best else { break };
        taken.push(best);
    }
    taken.sort_unstable();
    Summary {
        sentences: taken
            .into_iter()
            .map(|position| sentences[position].field.clone())
            .collect(),
    }
}

/// Share of terms that both have, of those of the smaller one.
fn likeness(a: &HashSet<String>, b: &HashSet<String>) -> f32 {
    let n_shared = a.intersection(b).count();
    n_shared as f32 / a.len().min(b.len()).max(1) as f32
}

fn sentences_of<'a>(page: &'a Page, block: &'a Block) -> impl Iterator<Item = Sentence> + 'a {
    split(&block.text)
        .into_iter()
        .enumerate()
        .filter_map(move |(position, range)| {
            let text = block.text[range.clone()].trim();
            let n_chars = text.chars().count();
            let n_letters = text.chars().filter(|c| c.is_alphabetic()).count();
            (CHARS.contains(&n_chars) && n_letters * 2 > n_chars).then(|| Sentence {
                field: TextField {
                    value: text.replace('\n', " "),
                    text: text.to_owned(),
                    page: page.index + 1,
                    bbox: BBox::union_of(block.boxes(range)).unwrap_or(block.bbox),
                    confidence: block.confidence,
                },
                terms: terms(text),
                is_first: position == 0,
            })
        })
}

/// Words of three letters and more in lower case; of scripts without spaces, pairs of characters.
fn terms(text: &str) -> HashSet<String> {
    let mut terms = HashSet::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        let chars: Vec<char> = word.chars().flat_map(char::to_lowercase).collect();
        let has_no_spaces = chars.iter().any(|c| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'));
        if has_no_spaces {
            terms.extend(chars.windows(2).map(|pair| pair.iter().collect()));
        } else if chars.len() >= 3 {
            terms.insert(chars.into_iter().collect());
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentences_about_what_the_document_is_about_are_taken_once() {
        let texts = [
            "The harbour of the city was rebuilt with money of the harbour council.",
            "It rained on some days of that year, as it does.",
            "Ships larger than the old harbour allowed can now enter the city.",
            "The harbour of the city was rebuilt with money of the harbour council again.",
            "Somebody sang quietly beside a window.",
            "The council expects more ships and more trade in the city.",
        ];
        let blocks = texts
            .iter()
            .map(|text| Block::new(BlockKind::Paragraph, *text, Vec::new()));
        let page = Page {
            blocks: blocks.collect(),
            ..Page::pending(3)
        };
        let found = summary(&[&page]);
        let picked: Vec<&str> = found
            .sentences
            .iter()
            .map(|sentence| sentence.value.as_str())
            .collect();
        assert_eq!(picked.len(), 3);
        assert!(
            picked.contains(&texts[0]) != picked.contains(&texts[3]),
            "one of the two that say the same: {picked:?}"
        );
        assert!(
            !picked.contains(&texts[4]) && !picked.contains(&texts[1]),
            "{picked:?}"
        );
        assert!(found.sentences.iter().all(|sentence| sentence.page == 4));
    }
}
