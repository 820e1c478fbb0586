//! The word list of a language: the directed acyclic word graph (DAWG) that its traineddata holds.
//!
//! The format is Tesseract's (`dict/dawg.cpp`, `SquishedDawg`): i16 42, i32 size of the character set, i32 number of edges, then u64 edges. An
//! edge is, from its lowest bit: the character's id, three flags (last edge of its node, backward, a word ends here), and the index of the
//! first edge of the node it leads to, 0 for none. The root is at 0.

use crate::container;
use crate::labels::characters;

const MAGIC: i16 = 42;
const FLAG_LAST: u64 = 1;
const FLAG_END: u64 = 4;
const N_FLAGS: u32 = 3;

/// Letters of a word in the mean, generously: a bound for the work on a damaged file.
const MEAN_LETTERS: usize = 20;

/// The words of a traineddata file, in no particular order; `None` where it has none or is damaged.
///
/// Words of more than `max_letters` characters are left out, and listing stops at `max_words`: damaged graphs may have circles.
pub fn words(file: &[u8], max_letters: usize, max_words: usize) -> Option<Vec<String>> {
    let (graph, unicharset) = container::words(file)?;
    let characters = characters(unicharset).ok()?;
    let header = graph.get(..10)?;
    let number = |at: usize| -> Option<usize> {
        let bytes = header.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(i32::from_le_bytes(bytes)).ok()
    };
    if i16::from_le_bytes([header[0], header[1]]) != MAGIC {
        return None;
    }
    let (n_characters, n_edges) = (number(2)?, number(6)?);
    let edges: Vec<u64> = graph
        .get(10..)?
        .get(..n_edges.checked_mul(8)?)?
        .chunks_exact(8)
        .filter_map(|bytes| bytes.try_into().ok().map(u64::from_le_bytes))
        .collect();
    // The bits that hold 0 to n_characters: the logarithm of n + 1, rounded up.
    let letter_bits = (n_characters + 1).next_power_of_two().trailing_zeros();
    if letter_bits + N_FLAGS >= 64 {
        return None;
    }
    let letter_mask = (1_u64 << letter_bits) - 1;
    let mut words = Vec::new();
    let mut word = String::new();
    // The edges that are still to be followed at each depth, and how long the word was there.
    let mut stack: Vec<(usize, usize)> = vec![(0, 0)];
    // A sound graph has fewer edges than its words have letters.
    let mut n_left = max_words.saturating_mul(MEAN_LETTERS);
    while let Some((edge_idx, length)) = stack.pop() {
        n_left = n_left.checked_sub(1)?;
        let edge = *edges.get(edge_idx)?;
        let flags = edge >> letter_bits;
        let next = usize::try_from(edge >> (letter_bits + N_FLAGS)).ok()?;
        if flags & FLAG_LAST == 0 {
            stack.push((edge_idx + 1, length));
        }
        word.truncate(length);
        word.push_str(characters.get(usize::try_from(edge & letter_mask).ok()?)?);
        if flags & FLAG_END != 0 {
            words.push(word.clone());
            if words.len() >= max_words {
                break;
            }
        }
        if next != 0 && stack.len() <= max_letters && word.len() <= 4 * max_letters {
            stack.push((next, word.len()));
        }
    }
    Some(words)
}
