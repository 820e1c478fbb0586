//! WASM simd128: 16-bit products on 128-bit registers, without relaxed-simd. Panels of 16 rows.
#![expect(unsafe_code, reason = "loads and stores")]

use std::arch::wasm32::*;

use super::View;

/// Rows of a panel, four registers of 32-bit sums.
const PANEL: usize = 16;

fn load_sums(sums: &[i32; PANEL]) -> [v128; 4] {
    // SAFETY: each load reads 4 of the array's 16 values; loads have no demand on the address.
    std::array::from_fn(|i| unsafe { v128_load(sums.as_ptr().add(4 * i).cast()) })
}

fn store_sums(values: [v128; 4], sums: &mut [i32; PANEL]) {
    for (i, value) in values.into_iter().enumerate() {
        // SAFETY: each store writes 4 of the array's 16 values; stores have no demand on the address.
        unsafe { v128_store(sums.as_mut_ptr().add(4 * i).cast(), value) };
    }
}

/// The weights of 16 rows and two columns, widened to 16 bits.
#[inline(always)]
fn load_pairs(weights: &[i8; 2 * PANEL]) -> [v128; 4] {
    // SAFETY: each load reads 8 of the array's 32 bytes; loads have no demand on the address.
    std::array::from_fn(|i| unsafe { i16x8_load_extend_i8x8(weights.as_ptr().add(8 * i)) })
}

pub(super) fn accumulate(view: &View<'_>, sums: &mut [i32]) {
    let n = view.n_words;
    for (panel_idx, panel) in view.data.chunks_exact(2 * PANEL * n).enumerate() {
        let weights = panel.as_chunks::<{ 2 * PANEL }>().0;
        for (words, sums) in view
            .words
            .chunks(2 * n)
            .zip(sums.chunks_mut(2 * view.stride))
        {
            if words.len() == 2 * n {
                double(weights, words, sums, view.stride, panel_idx);
            } else if let Some(sums) = part(sums, panel_idx) {
                single(weights, words, sums);
            }
        }
    }
}

fn double(
    weights: &[[i8; 2 * PANEL]],
    words: &[i32],
    sums: &mut [i32],
    stride: usize,
    panel_idx: usize,
) {
    let (sums_0, sums_1) = sums.split_at_mut(stride);
    let (words_0, words_1) = words.split_at(weights.len());
    let (Some(sums_0), Some(sums_1)) = (part(sums_0, panel_idx), part(sums_1, panel_idx)) else {
        return;
    };
    let (mut acc_0, mut acc_1) = (load_sums(sums_0), load_sums(sums_1));
    for ((weights, word_0), word_1) in weights.iter().zip(words_0).zip(words_1) {
        let weights = load_pairs(weights);
        let (word_0, word_1) = (i32x4_splat(*word_0), i32x4_splat(*word_1));
        for i in 0..4 {
            acc_0[i] = i32x4_add(acc_0[i], i32x4_dot_i16x8(weights[i], word_0));
            acc_1[i] = i32x4_add(acc_1[i], i32x4_dot_i16x8(weights[i], word_1));
        }
    }
    store_sums(acc_0, sums_0);
    store_sums(acc_1, sums_1);
}

fn single(weights: &[[i8; 2 * PANEL]], words: &[i32], sums: &mut [i32; PANEL]) {
    let mut acc = load_sums(sums);
    for (weights, word) in weights.iter().zip(words) {
        let weights = load_pairs(weights);
        let word = i32x4_splat(*word);
        for i in 0..4 {
            acc[i] = i32x4_add(acc[i], i32x4_dot_i16x8(weights[i], word));
        }
    }
    store_sums(acc, sums);
}

/// The sums of one step that belong to a panel.
fn part(sums: &mut [i32], panel_idx: usize) -> Option<&mut [i32; PANEL]> {
    sums.get_mut(panel_idx * PANEL..)?.first_chunk_mut()
}
