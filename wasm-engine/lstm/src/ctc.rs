//! From probabilities of classes to characters: CTC over the trie of the recoder's codes.
//!
//! CTC: Graves et al. 2006, "Connectionist Temporal Classification"; the beam is its prefix search, with a state of the trie in
//! each prefix so that only classes that go on with a code are tried. Repeats collapse, inside a code too, and nulls may stand
//! between the parts of a code (Tesseract, `RecodeBeamSearch`).

use crate::forward::{Posteriors, Step};
use crate::labels::{Labels, ROOT, TrieNode};

/// A class with less than this takes no part in the beam: it would lose to any path by more than the beam is wide.
const LEAST: f32 = 1e-3;

/// A class written at a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Emission {
    pub(crate) class: u16,
    /// The first step of its run and the one behind the last.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The largest probability in the run.
    pub(crate) probability: f32,
}

/// A character and the steps its code takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Character {
    pub(crate) id: u32,
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Geometric mean of its parts' probabilities.
    pub(crate) confidence: f32,
}

/// The likeliest class of each step, runs collapsed, nulls left out, cut into characters.
pub(crate) fn greedy(posteriors: &Posteriors, labels: &Labels, null_class: u16) -> Vec<Character> {
    let mut emissions: Vec<Emission> = Vec::new();
    let mut last = null_class;
    for (idx, step) in posteriors.steps.iter().enumerate() {
        let (class, probability) = step.top[0];
        if class != null_class {
            match emissions.last_mut() {
                Some(emission) if last == class => {
                    emission.end = idx + 1;
                    emission.probability = emission.probability.max(probability);
                }
                _ => emissions.push(Emission {
                    class,
                    start: idx,
                    end: idx + 1,
                    probability,
                }),
            }
        }
        last = class;
    }
    segment(&emissions, labels)
}

/// Cuts emissions into codes: as few classes left over as possible, then as few characters as possible.
fn segment(emissions: &[Emission], labels: &Labels) -> Vec<Character> {
    // best[i]: (classes left over, characters), the id taken at i and where it ends, for the emissions from i on.
    let mut best: Vec<((usize, usize), Option<u32>, usize)> =
        vec![((0, 0), None, 0); emissions.len() + 1];
    for start in (0..emissions.len()).rev() {
        let (skipped, taken) = best[start + 1].0;
        let mut choice = ((skipped + 1, taken), None, start + 1);
        let mut node = ROOT;
        for (end, emission) in emissions.iter().enumerate().skip(start) {
            let Some(next) = labels.step(node, emission.class) else {
                break;
            };
            node = next;
            if let Some(id) = labels.end(node) {
                let (skipped, taken) = best[end + 1].0;
                if (skipped, taken + 1) < choice.0 {
                    choice = ((skipped, taken + 1), Some(id), end + 1);
                }
            }
        }
        best[start] = choice;
    }
    let mut characters = Vec::new();
    let mut at = 0;
    while at < emissions.len() {
        let (_, id, end) = best[at];
        if let Some(id) = id {
            characters.push(character(id, &emissions[at..end]));
        }
        at = end;
    }
    characters
}

fn character(id: u32, parts: &[Emission]) -> Character {
    let product: f32 = parts.iter().map(|part| part.probability).product();
    Character {
        id,
        start: parts.first().map_or(0, |part| part.start),
        end: parts.last().map_or(0, |part| part.end),
        confidence: product.powf(1.0 / parts.len().max(1) as f32),
    }
}

/// A prefix of the beam: what it has written, and the probabilities that its last step was a null or its last class.
#[derive(Debug, Clone, Copy)]
struct Prefix {
    /// The last entry of its history, or `NONE`.
    tail: u32,
    /// A number that tells written sequences apart.
    hash: u64,
    node: TrieNode,
    last: u16,
    null: f32,
    class: f32,
}

impl Prefix {
    fn total(&self) -> f32 {
        self.null + self.class
    }
}

/// A class written by some prefix; histories share their beginnings.
#[derive(Debug, Clone, Copy)]
struct Entry {
    before: u32,
    class: u16,
    step: usize,
    /// The character whose code this class ends.
    id: Option<u32>,
}

const NONE: u32 = u32::MAX;

/// The most probable sequence of characters that a beam of `width` prefixes finds.
pub(crate) fn beam(
    posteriors: &Posteriors,
    labels: &Labels,
    null_class: u16,
    width: usize,
) -> Vec<Character> {
    let mut entries: Vec<Entry> = Vec::new();
    let start = Prefix {
        tail: NONE,
        hash: 0,
        node: ROOT,
        last: null_class,
        null: 1.0,
        class: 0.0,
    };
    let mut prefixes = vec![start];
    let mut next: Vec<Prefix> = Vec::new();
    for (step_idx, step) in posteriors.steps.iter().enumerate() {
        next.clear();
        for prefix in &prefixes {
            let total = prefix.total();
            // The prefix as it is: another null, or its last class going on.
            let repeat = if prefix.tail == NONE {
                0.0
            } else {
                probability(step, prefix.last)
            };
            merge(
                &mut next,
                Prefix {
                    null: total * step.null,
                    class: prefix.class * repeat,
                    ..*prefix
                },
            );
            for &(class, probability) in &step.top {
                if probability < LEAST {
                    break;
                }
                if class == null_class {
                    continue;
                }
                let Some(node) = labels.step(prefix.node, class) else {
                    continue;
                };
                // The same class again is a new one only behind a null.
                let from = if prefix.tail != NONE && class == prefix.last {
                    prefix.null
                } else {
                    total
                };
                if from * probability <= 0.0 {
                    continue;
                }
                let mut write = |id: Option<u32>, node: TrieNode| {
                    let hash = mix(prefix.hash, class, id);
                    let new = Prefix {
                        tail: NONE,
                        hash,
                        node,
                        last: class,
                        null: 0.0,
                        class: from * probability,
                    };
                    if let Some(place) = merge(&mut next, new) {
                        next[place].tail = entries.len() as u32;
                        entries.push(Entry {
                            before: prefix.tail,
                            class,
                            step: step_idx,
                            id,
                        });
                    }
                };
                if let Some(id) = labels.end(node) {
                    write(Some(id), ROOT);
                }
                if labels.continues(node) {
                    write(None, node);
                }
            }
        }
        next.sort_unstable_by(|a, b| b.total().total_cmp(&a.total()));
        next.truncate(width);
        // Only the proportions count; scaling keeps long lines within f32.
        let scale = next.first().map_or(0.0, Prefix::total).recip();
        if !scale.is_finite() {
            return greedy(posteriors, labels, null_class);
        }
        for prefix in &mut next {
            prefix.null *= scale;
            prefix.class *= scale;
        }
        std::mem::swap(&mut prefixes, &mut next);
    }
    // A prefix inside a code would lose its last character: the best complete one goes first.
    let best = prefixes
        .iter()
        .find(|prefix| prefix.node == ROOT)
        .or(prefixes.first());
    trace(
        best.map_or(NONE, |prefix| prefix.tail),
        &entries,
        posteriors,
    )
}

/// Adds a prefix, or its probability where the same one is there already. Gives the place of a new one.
fn merge(prefixes: &mut Vec<Prefix>, new: Prefix) -> Option<usize> {
    let same = prefixes
        .iter_mut()
        .find(|old| old.hash == new.hash && old.node == new.node && old.last == new.last);
    if let Some(old) = same {
        old.null += new.null;
        old.class += new.class;
        return None;
    }
    prefixes.push(new);
    Some(prefixes.len() - 1)
}

/// The FNV-1a step on what is written.
fn mix(hash: u64, class: u16, id: Option<u32>) -> u64 {
    let written = u64::from(class) | (u64::from(id.map_or(u32::MAX, |id| id)) << 16);
    (hash ^ written ^ 0xcbf2_9ce4_8422_2325)
        .wrapping_mul(0x0000_0100_0000_01b3)
        .rotate_left(23)
}

fn probability(step: &Step, class: u16) -> f32 {
    step.top
        .iter()
        .find(|(top, _)| *top == class)
        .map_or(0.0, |(_, probability)| *probability)
}

/// Follows a history back and finds how long each of its classes lasted.
fn trace(mut tail: u32, entries: &[Entry], posteriors: &Posteriors) -> Vec<Character> {
    let mut path = Vec::new();
    while let Some(entry) = entries.get(tail as usize) {
        path.push(*entry);
        tail = entry.before;
    }
    path.reverse();
    let mut characters = Vec::new();
    let mut parts: Vec<Emission> = Vec::new();
    for (idx, entry) in path.iter().enumerate() {
        let until = path
            .get(idx + 1)
            .map_or(posteriors.steps.len(), |next| next.step);
        let mut emission = Emission {
            class: entry.class,
            start: entry.step,
            end: entry.step + 1,
            probability: 0.0,
        };
        emission.probability = probability(&posteriors.steps[entry.step], entry.class);
        // The run goes on while its class is the likeliest that is not the null.
        for (step_idx, step) in posteriors
            .steps
            .iter()
            .enumerate()
            .take(until)
            .skip(entry.step + 1)
        {
            let here = probability(step, entry.class);
            if here <= step.null || here < step.top[0].1.min(step.top[1].1) {
                break;
            }
            emission.end = step_idx + 1;
            emission.probability = emission.probability.max(here);
        }
        parts.push(emission);
        if let Some(id) = entry.id {
            characters.push(character(id, &parts));
            parts.clear();
        }
    }
    characters
}
