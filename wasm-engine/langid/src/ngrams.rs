//! Hashed n-grams of a word. training/language/ngrams.py is the same arithmetic, and the weights depend on it bit by bit.

/// Letters of a word that is also hashed whole. Shorter ones are n-grams already.
const WHOLE_WORD_LETTERS: core::ops::RangeInclusive<usize> = 3..=10;
const LONGEST: usize = 4;

/// Murmur3's finaliser over a FNV-like running product, as a number of 32 bits.
fn hash(points: &[u32], seed: u32) -> u32 {
    let mut h = seed.wrapping_mul(0x9E37_79B9);
    for &point in points {
        h = (h ^ point).wrapping_mul(0x0100_0193);
        h ^= h >> 15;
    }
    h = h.wrapping_mul(0x85EB_CA6B);
    h ^= h >> 13;
    h.wrapping_mul(0xC2B2_AE35)
}

/// Calls `visit` with the hash of each n-gram of a word given between its boundaries: letters, then sequences of 2 to 4 with the
/// boundaries, then the whole word.
pub(crate) fn for_each_ngram(word: &[u32], mut visit: impl FnMut(u32)) {
    let letters = word
        .get(1..word.len().saturating_sub(1))
        .unwrap_or_default();
    for letter in letters {
        visit(hash(core::slice::from_ref(letter), 1));
    }
    for (seed, size) in (2..=LONGEST).enumerate() {
        for gram in word.windows(size) {
            visit(hash(gram, seed as u32 + 2));
        }
    }
    if WHOLE_WORD_LETTERS.contains(&letters.len()) {
        visit(hash(letters, LONGEST as u32 + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn n_ngrams(word: &str) -> usize {
        let points: Vec<u32> = word.chars().map(u32::from).collect();
        let mut n = 0;
        for_each_ngram(&points, |_| n += 1);
        n
    }

    #[test]
    fn ngrams_are_counted() {
        assert_eq!(n_ngrams(" a "), 1 + 2 + 1);
        assert_eq!(n_ngrams(" abc "), 3 + 4 + 3 + 2 + 1);
        assert_eq!(n_ngrams(" abcdefghijk "), 11 + 12 + 11 + 10);
        assert_eq!(n_ngrams(""), 0);
    }
}
