//! Two readings of a line, one of each family of recognisers, voted into one: where they differ, the side that is more probably right stays.
//!
//! As in ROVER (Fiscus, "A post-processing system to yield reduced word error rates", ASRU 1997) the readings are aligned and the places at which they
//! differ are voted on one by one. The confidences of the families are not on one scale, so that a vote is a logistic regression over both of
//! them and what else speaks for a side; `training/vote` fits it on lines rendered for that purpose.

use std::ops::Range;

use super::lexicon::Lexicon;
use crate::text::{CharSpan, LineText};

/// Number of values that a vote depends on.
pub(super) const N_FEATURES: usize = 14;

/// Weights of the values that [`Doubt::features`] has, in its order: the logarithm of the odds that the second reading is the right one.
/// Fitted by `training/vote/fit.py`.
const WEIGHTS: [f32; N_FEATURES] = [
    -2.091, -0.474, 0.460, 0.485, 1.599, -1.795, -1.717, 0.929, -0.215, 0.881, -0.430, 0.163,
    0.896, 0.667,
];

/// Probability from which the second reading is taken. Between .4 and .7 as many edits are saved within chance (`training/vote/README.md`).
const MIN_PROBABILITY: f32 = 0.5;

/// Share of the characters that the readings have in common, below which the second is no reading of the line.
const MIN_AGREEMENT: f32 = 0.5;

/// Bounds of confidences, so that their logarithms have some.
const CONFIDENCE_BOUNDS: (f32, f32) = (0.02, 0.998);

/// A place at which two readings of a line differ.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Doubt {
    /// The characters of the first reading that are in doubt; none where the second has more.
    first: Range<usize>,
    /// Those of the second.
    second: Range<usize>,
    /// What the vote depends on.
    pub(super) features: [f32; N_FEATURES],
}

impl Doubt {
    /// Probability that the second reading is right here.
    fn probability(&self) -> f32 {
        let sum: f32 = self.features.iter().zip(WEIGHTS).map(|(x, w)| x * w).sum();
        1.0 / (1.0 + (-sum).exp())
    }

    /// The first reading with the second's characters at this place.
    pub(super) fn swapped(&self, first: &LineText, second: &LineText) -> LineText {
        let chars = [
            &first.chars[..self.first.start],
            &second.chars[self.second.clone()],
            &first.chars[self.first.end..],
        ];
        LineText {
            chars: chars.concat(),
        }
    }
}

/// `first` with what `second` reads better, by vote at each place where they differ. The characters that come from `second` have the vote's probability for
/// their confidence.
pub(super) fn combine(first: &LineText, second: &LineText, lexicon: Option<&Lexicon>) -> LineText {
    let mut chars = first.chars.clone();
    // From the end, so that the places before stay where they are.
    for doubt in doubts(first, second, lexicon).into_iter().rev() {
        let probability = doubt.probability();
        let (own, other) = (
            &chars[doubt.first.clone()],
            &second.chars[doubt.second.clone()],
        );
        if probability < MIN_PROBABILITY || loses_sign(own, other) {
            continue;
        }
        let new = second.chars[doubt.second].iter().map(|c| CharSpan {
            confidence: probability,
            ..c.clone()
        });
        chars.splice(doubt.first, new);
    }
    LineText { chars }
}

/// Whether letters take the place of a sign: PP-OCR sees points where they are, and words speak for `We` where `W.` is an initial.
fn loses_sign(own: &[CharSpan], other: &[CharSpan]) -> bool {
    let is_sign = |c: char| !c.is_alphanumeric() && !c.is_whitespace();
    let chars = |spans: &[CharSpan]| -> String { spans.iter().map(|c| c.text.as_str()).collect() };
    let (own, other) = (chars(own), chars(other));
    let is_lost = own.chars().any(|c| is_sign(c) && !other.contains(c));
    is_lost && other.contains(char::is_alphanumeric)
}

/// The places at which the readings differ, from left to right; none where they are not of the same text.
pub(super) fn doubts(first: &LineText, second: &LineText, lexicon: Option<&Lexicon>) -> Vec<Doubt> {
    let pairs = same(&first.chars, &second.chars);
    let longest = first.chars.len().max(second.chars.len()).max(1);
    let agreement = pairs.len() as f32 / longest as f32;
    if agreement < MIN_AGREEMENT {
        return Vec::new();
    }
    let mut doubts = Vec::new();
    let mut from = (0, 0);
    let end = (first.chars.len(), second.chars.len());
    for (a, b) in pairs.into_iter().chain([end]) {
        if (a, b) != from {
            let (first_place, second_place) = (from.0..a, from.1..b);
            let sides = Sides {
                first: &first.chars,
                second: &second.chars,
                lexicon,
                agreement,
            };
            doubts.push(Doubt {
                features: sides.features(&first_place, &second_place),
                first: first_place,
                second: second_place,
            });
        }
        from = (a + 1, b + 1);
    }
    doubts
}

/// The pairs of characters that are the same in an alignment with the fewest edits.
fn same(first: &[CharSpan], second: &[CharSpan]) -> Vec<(usize, usize)> {
    let width = second.len() + 1;
    let mut costs = vec![0_u32; (first.len() + 1) * width];
    let cost_of = |a: usize, b: usize| u32::from(first[a].text != second[b].text);
    for (cost, n_edits) in costs.iter_mut().take(width).zip(0..) {
        *cost = n_edits;
    }
    for a in 1..=first.len() {
        costs[a * width] = costs[(a - 1) * width] + 1;
        for b in 1..width {
            let both = costs[(a - 1) * width + b - 1] + cost_of(a - 1, b - 1);
            let either = costs[(a - 1) * width + b].min(costs[a * width + b - 1]) + 1;
            costs[a * width + b] = both.min(either);
        }
    }
    let mut pairs = Vec::new();
    let (mut a, mut b) = (first.len(), second.len());
    while a > 0 && b > 0 {
        let here = costs[a * width + b];
        let is_same = cost_of(a - 1, b - 1) == 0;
        if here == costs[(a - 1) * width + b - 1] + u32::from(!is_same) {
            (a, b) = (a - 1, b - 1);
            if is_same {
                pairs.push((a, b));
            }
        } else if here == costs[(a - 1) * width + b] + 1 {
            a -= 1;
        } else {
            b -= 1;
        }
    }
    pairs.reverse();
    pairs
}

/// What is voted on.
struct Sides<'a> {
    first: &'a [CharSpan],
    second: &'a [CharSpan],
    lexicon: Option<&'a Lexicon>,
    agreement: f32,
}

impl Sides<'_> {
    /// The values that `training/vote` fits weights for.
    fn features(&self, first: &Range<usize>, second: &Range<usize>) -> [f32; N_FEATURES] {
        let text =
            |chars: &[CharSpan]| -> String { chars.iter().map(|c| c.text.as_str()).collect() };
        let (own, other) = (
            text(&self.first[first.clone()]),
            text(&self.second[second.clone()]),
        );
        // The words around the place, with either side's characters in them.
        let is_space = |c: &&CharSpan| c.text == " ";
        let before = self.first[..first.start].iter().rev();
        let n_before = before.take_while(|c| !is_space(c)).count();
        let after = self.first[first.end..].iter();
        let n_after = after.take_while(|c| !is_space(c)).count();
        let before = text(&self.first[first.start - n_before..first.start]);
        let after = text(&self.first[first.end..first.end + n_after]);
        let words = [&own, &other].map(|middle| format!("{before}{middle}{after}"));
        let listed = words.each_ref().map(|words| self.listed(words));
        let mixed = words.each_ref().map(|words| share(words, is_mixed));
        let odd = words.each_ref().map(|words| share(words, has_odd_case));
        let flag = |is_so: bool| f32::from(u8::from(is_so));
        let are_digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        let are_signs = |text: &str| {
            text.chars()
                .all(|c| !c.is_alphanumeric() && !c.is_whitespace())
        };
        let squeezed = |text: &str| text.replace(' ', "");
        [
            1.0,
            confidence(self.first, first),
            confidence(self.second, second),
            self.agreement,
            listed[1] - listed[0],
            mixed[1] - mixed[0],
            odd[1] - odd[0],
            flag(own.is_empty()),
            flag(other.is_empty()),
            flag(own != other && squeezed(&own) == squeezed(&other)),
            flag(are_digits(&own) && are_digits(&other)),
            flag(are_signs(&own) && are_signs(&other)),
            flag(own.to_lowercase() == other.to_lowercase()),
            (second.len() as f32 - first.len() as f32).clamp(-4.0, 4.0),
        ]
    }

    /// Share of the letters that stand in words of the language.
    fn listed(&self, words: &str) -> f32 {
        let Some(lexicon) = self.lexicon else {
            return 0.0;
        };
        let (mut n_letters, mut n_listed) = (0_usize, 0_usize);
        for word in words.split(|c: char| !c.is_alphabetic() && c != '\'') {
            let n = word.chars().count();
            n_letters += n;
            if n > 1 && lexicon.has(word) {
                n_listed += n;
            }
        }
        if n_letters == 0 {
            return 0.0;
        }
        n_listed as f32 / n_letters as f32
    }
}

/// The logarithm of the odds of the characters at `place`, the least sure of them counting; where there is none, of the neighbours between which
/// nothing was seen.
fn confidence(chars: &[CharSpan], place: &Range<usize>) -> f32 {
    let seen = if place.is_empty() {
        place.start.saturating_sub(1)..(place.end + 1).min(chars.len())
    } else {
        place.clone()
    };
    let (low, high) = CONFIDENCE_BOUNDS;
    let least = chars[seen].iter().map(|c| c.confidence).reduce(f32::min);
    let least = least.unwrap_or(low).clamp(low, high);
    (least / (1.0 - least)).ln()
}

/// Share of the words that `is_so` is true of.
fn share(words: &str, is_so: impl Fn(&str) -> bool) -> f32 {
    let (mut n, mut n_so) = (0_usize, 0_usize);
    for word in words.split_whitespace() {
        n += 1;
        n_so += usize::from(is_so(word));
    }
    n_so as f32 / n.max(1) as f32
}

/// Letters and figures in one word.
fn is_mixed(word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit()) && word.contains(char::is_alphabetic)
}

/// A capital behind a small letter.
fn has_odd_case(word: &str) -> bool {
    let mut before = ' ';
    word.chars().any(|c| {
        let is_odd = before.is_lowercase() && c.is_uppercase();
        before = c;
        is_odd
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reading in which the characters of `doubtful` are read with a confidence of their own.
    fn reading(text: &str, doubtful: &[(usize, f32)]) -> LineText {
        let n = text.chars().count() as f32;
        let chars = text.chars().enumerate().map(|(idx, c)| CharSpan {
            text: c.to_string(),
            start: idx as f32 / n,
            end: (idx + 1) as f32 / n,
            confidence: doubtful
                .iter()
                .find(|(at, _)| *at == idx)
                .map_or(0.99, |(_, confidence)| *confidence),
        });
        LineText {
            chars: chars.collect(),
        }
    }

    fn lexicon() -> Lexicon {
        Lexicon::of(["total", "amount", "paid", "cash"].into_iter()).unwrap()
    }

    #[test]
    fn places_that_differ_are_found_with_either_sides_characters() {
        let (first, second) = (
            reading("Tota1 paid 7.0O", &[]),
            reading("Total  paid7.00", &[]),
        );
        let doubts = doubts(&first, &second, None);
        let found: Vec<String> = doubts
            .iter()
            .map(|doubt| doubt.swapped(&first, &second).text())
            .collect();
        let expected = ["Total  paid 7.0O", "Tota1 paid7.0O", "Tota1 paid 7.00"];
        // A letter and the space behind it are one place, for the alignment has nothing the same between them.
        assert_eq!(found, expected);
    }

    #[test]
    fn a_doubtful_letter_is_replaced_where_the_word_is_one_and_the_other_side_is_sure() {
        let lexicon = lexicon();
        let second = reading("Total amount paid", &[]);
        let doubtful = reading("Tota1 amount paid", &[(4, 0.3)]);
        let voted = combine(&doubtful, &second, Some(&lexicon));
        assert_eq!(voted.text(), "Total amount paid");
        let vote = voted.chars[4].confidence;
        assert!((0.5..0.99).contains(&vote), "{vote}");
        let sure = reading("Totaı amount paid", &[(4, 0.998)]);
        assert_eq!(
            combine(&sure, &second, None),
            sure,
            "sure, and no word speaks for the other"
        );
    }

    #[test]
    fn an_initial_keeps_its_point() {
        let lexicon = Lexicon::of(["we", "total"].into_iter()).unwrap();
        let first = reading("Total M. W. Earl", &[(10, 0.3)]);
        let second = reading("Total M. We Earl", &[]);
        assert_eq!(combine(&first, &second, Some(&lexicon)), first);
    }

    #[test]
    fn the_first_family_wins_where_nothing_speaks_for_the_second() {
        let (first, second) = (
            reading("CASH 17.50", &[(5, 0.8)]),
            reading("CASH 11.50", &[(6, 0.8)]),
        );
        assert_eq!(combine(&first, &second, Some(&lexicon())), first);
    }

    #[test]
    fn a_reading_of_something_else_has_no_vote() {
        let (first, second) = (
            reading("a letter from 1871", &[]),
            reading("Ou lehr /unn ISY", &[]),
        );
        assert_eq!(doubts(&first, &second, None), []);
        assert_eq!(doubts(&first, &first, None), []);
        assert_eq!(doubts(&reading("", &[]), &first, None), []);
    }
}
