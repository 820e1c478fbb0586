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

#[cfg(test)]
mod tests {
    use super::*;

    const UNICHARSET: &str = "4\nNULL 0\na 3\nb 3\nc 3\n";

    /// A traineddata file of a graph over the characters space, a, b, c: edges as (character, is last, ends a word, next).
    fn file(edges: &[(u64, bool, bool, u64)]) -> Vec<u8> {
        let mut graph = Vec::new();
        graph.extend(MAGIC.to_le_bytes());
        graph.extend(4_i32.to_le_bytes());
        graph.extend((edges.len() as i32).to_le_bytes());
        for &(letter, is_last, is_end, next) in edges {
            let flags = u64::from(is_last) * FLAG_LAST + u64::from(is_end) * FLAG_END;
            // 4 + 1 characters need three bits.
            graph.extend((letter | flags << 3 | next << 6).to_le_bytes());
        }
        let mut offsets = [-1_i64; 24];
        offsets[19] = 4 + 8 * 24;
        offsets[21] = offsets[19] + graph.len() as i64;
        let mut file = 24_u32.to_le_bytes().to_vec();
        file.extend(offsets.iter().flat_map(|offset| offset.to_le_bytes()));
        file.extend(graph);
        file.extend(UNICHARSET.bytes());
        file
    }

    #[test]
    fn all_words_of_a_graph_are_listed() {
        // ab, abc, c
        let file = file(&[
            (1, false, false, 2),
            (3, true, true, 0),
            (2, true, true, 3),
            (3, true, true, 0),
        ]);
        let mut found = words(&file, 10, 100).unwrap();
        found.sort();
        assert_eq!(found, ["ab", "abc", "c"]);
        assert_eq!(words(&file, 10, 2).unwrap().len(), 2);
        let stripped = crate::strip_to_words(&file).unwrap();
        assert_eq!(words(&stripped, 10, 100).unwrap().len(), 3);
    }

    #[test]
    fn circles_and_edges_beyond_the_end_are_no_trouble() {
        let circle = file(&[(1, true, false, 0), (1, true, true, 1)]);
        assert_eq!(words(&circle, 10, 100), Some(Vec::new()));
        let circle = file(&[(1, true, true, 1), (1, true, true, 1)]);
        assert!(words(&circle, 10, 100).is_some_and(|words| words.len() <= 100));
        assert_eq!(words(&file(&[(1, true, true, 9)]), 10, 100), None);
        assert_eq!(words(b"", 10, 100), None);
    }
}
