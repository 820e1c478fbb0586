//! AVX2 (16-bit products) and AVX-VNNI (8-bit products) on 256-bit registers. Panels of 32 rows.
#![expect(
    unsafe_code,
    reason = "loads, stores and calls of functions that need a CPU feature"
)]

use std::arch::x86_64::*;

use super::View;

/// Rows of a panel, four registers of 32-bit sums.
const PANEL: usize = 32;

pub(super) fn accumulate(view: &View<'_>, sums: &mut [i32]) {
    // SAFETY: only `Isa::all` makes the value that leads here, after it found AVX2.
    unsafe { accumulate_avx2(view, sums) }
}

pub(super) fn accumulate_vnni(view: &View<'_>, sums: &mut [i32]) {
    // SAFETY: only `Isa::all` makes the value that leads here, after it found AVX2 and AVX-VNNI.
    unsafe { accumulate_avx_vnni(view, sums) }
}

pub(super) fn cell_step(sums: &[i32], scales: &[f32], state: &mut [f32], out: &mut [i8]) {
    // SAFETY: only `Isa::all` makes the value that leads here, after it found AVX2.
    unsafe { cell_step_avx2(sums, scales, state, out) }
}

#[target_feature(enable = "avx2")]
fn cell_step_avx2(sums: &[i32], scales: &[f32], state: &mut [f32], out: &mut [i8]) {
    super::cell::step_body(sums, scales, state, out);
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_sums(sums: &[i32; PANEL]) -> [__m256i; 4] {
    // SAFETY: each load reads 8 of the array's 32 values; unaligned loads have no demand on the address.
    std::array::from_fn(|i| unsafe { _mm256_loadu_si256(sums.as_ptr().add(8 * i).cast()) })
}

#[target_feature(enable = "avx2")]
#[inline]
fn store_sums(values: [__m256i; 4], sums: &mut [i32; PANEL]) {
    for (i, value) in values.into_iter().enumerate() {
        // SAFETY: each store writes 8 of the array's 32 values; unaligned stores have no demand on the address.
        unsafe { _mm256_storeu_si256(sums.as_mut_ptr().add(8 * i).cast(), value) };
    }
}

/// The weights of 32 rows and two columns, widened to 16 bits.
#[target_feature(enable = "avx2")]
#[inline]
fn load_pairs(weights: &[i8; 2 * PANEL]) -> [__m256i; 4] {
    // SAFETY: each load reads 16 of the array's 64 bytes; unaligned loads have no demand on the address.
    std::array::from_fn(|i| unsafe {
        _mm256_cvtepi8_epi16(_mm_loadu_si128(weights.as_ptr().add(16 * i).cast()))
    })
}

/// The weights of 32 rows and four columns.
#[target_feature(enable = "avx2")]
#[inline]
fn load_quads(weights: &[i8; 4 * PANEL]) -> [__m256i; 4] {
    // SAFETY: each load reads 32 of the array's 128 bytes; unaligned loads have no demand on the address.
    std::array::from_fn(|i| unsafe { _mm256_loadu_si256(weights.as_ptr().add(32 * i).cast()) })
}

#[target_feature(enable = "avx2")]
fn accumulate_avx2(view: &View<'_>, sums: &mut [i32]) {
    let n = view.n_words;
    for (panel_idx, panel) in view.data.chunks_exact(2 * PANEL * n).enumerate() {
        let weights = panel.as_chunks::<{ 2 * PANEL }>().0;
        let mut steps = view
            .words
            .chunks_exact(2 * n)
            .zip(sums.chunks_exact_mut(2 * view.stride));
        for (words, sums) in &mut steps {
            let (sums_0, sums_1) = sums.split_at_mut(view.stride);
            let (words_0, words_1) = words.split_at(n);
            let (Some(sums_0), Some(sums_1)) = (part(sums_0, panel_idx), part(sums_1, panel_idx))
            else {
                return;
            };
            let (mut acc_0, mut acc_1) = (load_sums(sums_0), load_sums(sums_1));
            for ((weights, word_0), word_1) in weights.iter().zip(words_0).zip(words_1) {
                let weights = load_pairs(weights);
                let (word_0, word_1) = (_mm256_set1_epi32(*word_0), _mm256_set1_epi32(*word_1));
                for i in 0..4 {
                    acc_0[i] = _mm256_add_epi32(acc_0[i], _mm256_madd_epi16(weights[i], word_0));
                    acc_1[i] = _mm256_add_epi32(acc_1[i], _mm256_madd_epi16(weights[i], word_1));
                }
            }
            store_sums(acc_0, sums_0);
            store_sums(acc_1, sums_1);
        }
        let n_paired = view.words.len() / (2 * n) * 2;
        if let (Some(words), Some(sums)) = (
            view.words.get(n_paired * n..),
            sums.get_mut(n_paired * view.stride..),
        ) && !words.is_empty()
        {
            let Some(sums) = part(sums, panel_idx) else {
                return;
            };
            let mut acc = load_sums(sums);
            for (weights, word) in weights.iter().zip(words) {
                let weights = load_pairs(weights);
                let word = _mm256_set1_epi32(*word);
                for i in 0..4 {
                    acc[i] = _mm256_add_epi32(acc[i], _mm256_madd_epi16(weights[i], word));
                }
            }
            store_sums(acc, sums);
        }
    }
}

#[target_feature(enable = "avx2,avxvnni")]
fn accumulate_avx_vnni(view: &View<'_>, sums: &mut [i32]) {
    let n = view.n_words;
    for (panel_idx, panel) in view.data.chunks_exact(4 * PANEL * n).enumerate() {
        let weights = panel.as_chunks::<{ 4 * PANEL }>().0;
        let mut steps = view
            .words
            .chunks_exact(2 * n)
            .zip(sums.chunks_exact_mut(2 * view.stride));
        for (words, sums) in &mut steps {
            let (sums_0, sums_1) = sums.split_at_mut(view.stride);
            let (words_0, words_1) = words.split_at(n);
            let (Some(sums_0), Some(sums_1)) = (part(sums_0, panel_idx), part(sums_1, panel_idx))
            else {
                return;
            };
            let (mut acc_0, mut acc_1) = (load_sums(sums_0), load_sums(sums_1));
            for ((weights, word_0), word_1) in weights.iter().zip(words_0).zip(words_1) {
                let weights = load_quads(weights);
                let (word_0, word_1) = (_mm256_set1_epi32(*word_0), _mm256_set1_epi32(*word_1));
                for i in 0..4 {
                    acc_0[i] = _mm256_dpbusd_avx_epi32(acc_0[i], word_0, weights[i]);
                    acc_1[i] = _mm256_dpbusd_avx_epi32(acc_1[i], word_1, weights[i]);
                }
            }
            store_sums(acc_0, sums_0);
            store_sums(acc_1, sums_1);
        }
        let n_paired = view.words.len() / (2 * n) * 2;
        if let (Some(words), Some(sums)) = (
            view.words.get(n_paired * n..),
            sums.get_mut(n_paired * view.stride..),
        ) && !words.is_empty()
        {
            let Some(sums) = part(sums, panel_idx) else {
                return;
            };
            // Two chains: one dot product alone would wait for the one before it.
            let (mut even, mut odd) = (load_sums(sums), [_mm256_setzero_si256(); 4]);
            let (weight_pairs, weight_rest) = weights.as_chunks::<2>();
            let (word_pairs, word_rest) = words.as_chunks::<2>();
            for (weights, words) in weight_pairs.iter().zip(word_pairs) {
                let (weights_0, weights_1) = (load_quads(&weights[0]), load_quads(&weights[1]));
                let (word_0, word_1) = (_mm256_set1_epi32(words[0]), _mm256_set1_epi32(words[1]));
                for i in 0..4 {
                    even[i] = _mm256_dpbusd_avx_epi32(even[i], word_0, weights_0[i]);
                    odd[i] = _mm256_dpbusd_avx_epi32(odd[i], word_1, weights_1[i]);
                }
            }
            if let ([weights], [word]) = (weight_rest, word_rest) {
                let weights = load_quads(weights);
                let word = _mm256_set1_epi32(*word);
                for i in 0..4 {
                    even[i] = _mm256_dpbusd_avx_epi32(even[i], word, weights[i]);
                }
            }
            store_sums(
                std::array::from_fn(|i| _mm256_add_epi32(even[i], odd[i])),
                sums,
            );
        }
    }
}

/// The sums of one step that belong to a panel.
fn part(sums: &mut [i32], panel_idx: usize) -> Option<&mut [i32; PANEL]> {
    sums.get_mut(panel_idx * PANEL..)?.first_chunk_mut()
}
