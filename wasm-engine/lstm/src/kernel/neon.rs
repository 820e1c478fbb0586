//! NEON: widening 8-bit products, summed pair by pair. Panels of 16 rows.
#![expect(unsafe_code, reason = "loads and stores")]

use std::arch::aarch64::*;

use super::View;

/// Rows of a panel, four registers of 32-bit sums.
const PANEL: usize = 16;

pub(super) fn accumulate(view: &View<'_>, sums: &mut [i32]) {
    let n = view.n_words;
    for (panel_idx, panel) in view.data.chunks_exact(2 * PANEL * n).enumerate() {
        let weights = panel.as_chunks::<{ 2 * PANEL }>().0;
        for (words, sums) in view
            .words
            .chunks_exact(n)
            .zip(sums.chunks_exact_mut(view.stride))
        {
            if let Some(sums) = sums
                .get_mut(panel_idx * PANEL..)
                .and_then(|sums| sums.first_chunk_mut())
            {
                // SAFETY: every aarch64 target of this crate has NEON.
                unsafe { single(weights, words, sums) };
            }
        }
    }
}

#[target_feature(enable = "neon")]
fn single(weights: &[[i8; 2 * PANEL]], words: &[i32], sums: &mut [i32; PANEL]) {
    // SAFETY: each load reads 4 of the array's 16 values.
    let mut acc: [int32x4_t; 4] =
        std::array::from_fn(|i| unsafe { vld1q_s32(sums.as_ptr().add(4 * i)) });
    for (weights, word) in weights.iter().zip(words) {
        // Two i16 of int8 range, narrowed and repeated: low, high, low, high ...
        let pair = vmovn_s16(vreinterpretq_s16_s32(vdupq_n_s32(*word)));
        for (i, acc) in acc.iter_mut().enumerate() {
            // SAFETY: each load reads 8 of the array's 32 bytes.
            let weights = unsafe { vld1_s8(weights.as_ptr().add(8 * i)) };
            *acc = vpadalq_s16(*acc, vmull_s8(weights, pair));
        }
    }
    for (i, acc) in acc.into_iter().enumerate() {
        // SAFETY: each store writes 4 of the array's 16 values.
        unsafe { vst1q_s32(sums.as_mut_ptr().add(4 * i), acc) };
    }
}
