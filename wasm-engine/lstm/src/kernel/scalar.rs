//! The reference that every other kernel is tested against. Panels of one row, groups of four columns.

use super::View;

pub(super) fn accumulate(view: &View<'_>, sums: &mut [i32]) {
    for (words, sums) in view
        .words
        .chunks_exact(view.n_words)
        .zip(sums.chunks_exact_mut(view.stride))
    {
        for (row, sum) in view.data.chunks_exact(4 * view.n_words).zip(sums) {
            *sum += words
                .iter()
                .zip(row.as_chunks::<4>().0)
                .map(|(word, weights)| dot(*word, weights))
                .sum::<i32>();
        }
    }
}

fn dot(word: i32, weights: &[i8; 4]) -> i32 {
    let values = word.to_le_bytes();
    values
        .iter()
        .zip(weights)
        .map(|(value, weight)| i32::from(value.cast_signed()) * i32::from(*weight))
        .sum()
}
