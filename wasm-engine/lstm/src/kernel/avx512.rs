//! AVX-512 VNNI: 8-bit products on 512-bit registers. Panels of 64 rows.
#![expect(
    unsafe_code,
    reason = "loads, stores and calls of functions that need a CPU feature"
)]

use std::arch::x86_64::*;

use super::View;

/// Rows of a panel, four registers of 32-bit sums.
const PANEL: usize = 64;
/// Steps that share one pass over a panel's weights: 4 x 4 sums in registers.
const STEPS: usize = 4;

pub(super) fn accumulate(view: &View<'_>, sums: &mut [i32]) {
    // SAFETY: only `Isa::all` makes the value that leads here, after it found these features.
    unsafe { accumulate_vnni(view, sums) }
}

pub(super) fn cell_step(sums: &[i32], scales: &[f32], state: &mut [f32], out: &mut [i8]) {
    // SAFETY: only `Isa::all` makes the value that leads here, after it found these features.
    unsafe { cell_step_avx512(sums, scales, state, out) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
fn cell_step_avx512(sums: &[i32], scales: &[f32], state: &mut [f32], out: &mut [i8]) {
    super::cell::step_body(sums, scales, state, out);
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load_sums(sums: &[i32; PANEL]) -> [__m512i; 4] {
    // SAFETY: each load reads 16 of the array's 64 values; unaligned loads have no demand on the address.
    std::array::from_fn(|i| unsafe { _mm512_loadu_si512(sums.as_ptr().add(16 * i).cast()) })
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store_sums(values: [__m512i; 4], sums: &mut [i32; PANEL]) {
    for (i, value) in values.into_iter().enumerate() {
        // SAFETY: each store writes 16 of the array's 64 values; unaligned stores have no demand on the address.
        unsafe { _mm512_storeu_si512(sums.as_mut_ptr().add(16 * i).cast(), value) };
    }
}

/// The weights of 64 rows and four columns.
#[target_feature(enable = "avx512f")]
#[inline]
fn load_quads(weights: &[i8; 4 * PANEL]) -> [__m512i; 4] {
    // SAFETY: each load reads 64 of the array's 256 bytes; unaligned loads have no demand on the address.
    std::array::from_fn(|i| unsafe { _mm512_loadu_si512(weights.as_ptr().add(64 * i).cast()) })
}

#[target_feature(enable = "avx512f,avx512vnni")]
fn accumulate_vnni(view: &View<'_>, sums: &mut [i32]) {
    let n = view.n_words;
    for (panel_idx, panel) in view.data.chunks_exact(4 * PANEL * n).enumerate() {
        let weights = panel.as_chunks::<{ 4 * PANEL }>().0;
        let blocks = view
            .words
            .chunks(STEPS * n)
            .zip(sums.chunks_mut(STEPS * view.stride));
        for (words, sums) in blocks {
            if words.len() == STEPS * n {
                block(weights, words, sums, view.stride, panel_idx);
            } else {
                for (words, sums) in words
                    .chunks_exact(n)
                    .zip(sums.chunks_exact_mut(view.stride))
                {
                    if let Some(sums) = part(sums, panel_idx) {
                        single(weights, words, sums);
                    }
                }
            }
        }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn block(
    weights: &[[i8; 4 * PANEL]],
    words: &[i32],
    sums: &mut [i32],
    stride: usize,
    panel_idx: usize,
) {
    let n = weights.len();
    let mut acc = [[_mm512_setzero_si512(); 4]; STEPS];
    for (acc, sums) in acc.iter_mut().zip(sums.chunks_exact_mut(stride)) {
        if let Some(sums) = part(sums, panel_idx) {
            *acc = load_sums(sums);
        }
    }
    let (words_0, words) = words.split_at(n);
    let (words_1, words) = words.split_at(n);
    let (words_2, words_3) = words.split_at(n);
    let words = words_0.iter().zip(words_1).zip(words_2.iter().zip(words_3));
    for (weights, ((word_0, word_1), (word_2, word_3))) in weights.iter().zip(words) {
        let weights = load_quads(weights);
        for (acc, word) in acc.iter_mut().zip([word_0, word_1, word_2, word_3]) {
            let word = _mm512_set1_epi32(*word);
            for i in 0..4 {
                acc[i] = _mm512_dpbusd_epi32(acc[i], word, weights[i]);
            }
        }
    }
    for (acc, sums) in acc.into_iter().zip(sums.chunks_exact_mut(stride)) {
        if let Some(sums) = part(sums, panel_idx) {
            store_sums(acc, sums);
        }
    }
}

#[target_feature(enable = "avx512f,avx512vnni")]
#[inline]
fn single(weights: &[[i8; 4 * PANEL]], words: &[i32], sums: &mut [i32; PANEL]) {
    // Two chains: one dot product alone would wait for the one before it.
    let (mut even, mut odd) = (load_sums(sums), [_mm512_setzero_si512(); 4]);
    let (weight_pairs, weight_rest) = weights.as_chunks::<2>();
    let (word_pairs, word_rest) = words.as_chunks::<2>();
    for (weights, words) in weight_pairs.iter().zip(word_pairs) {
        let (weights_0, weights_1) = (load_quads(&weights[0]), load_quads(&weights[1]));
        let (word_0, word_1) = (_mm512_set1_epi32(words[0]), _mm512_set1_epi32(words[1]));
        for i in 0..4 {
            even[i] = _mm512_dpbusd_epi32(even[i], word_0, weights_0[i]);
            odd[i] = _mm512_dpbusd_epi32(odd[i], word_1, weights_1[i]);
        }
    }
    if let ([weights], [word]) = (weight_rest, word_rest) {
        let weights = load_quads(weights);
        let word = _mm512_set1_epi32(*word);
        for i in 0..4 {
            even[i] = _mm512_dpbusd_epi32(even[i], word, weights[i]);
        }
    }
    store_sums(
        std::array::from_fn(|i| _mm512_add_epi32(even[i], odd[i])),
        sums,
    );
}

/// The sums of one step that belong to a panel.
fn part(sums: &mut [i32], panel_idx: usize) -> Option<&mut [i32; PANEL]> {
    sums.get_mut(panel_idx * PANEL..)?.first_chunk_mut()
}
