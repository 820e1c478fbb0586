//! Activation functions and the LSTM cell, written so that the compiler turns them into vector code.
//!
//! tanh is the rational function of Lambert's continued fraction cut at the seventh term, x P(x^2) / Q(x^2), with x held within
//! +-4.97. Its largest error is 9.7e-5 (a test holds it below 1e-4), an eightieth of the step of the int8 outputs.

use super::Isa;
#[cfg(target_arch = "x86_64")]
use super::Kind;

/// Beyond this the rational function has reached 1 to within its error.
const MOST: f32 = 4.97;
/// Tesseract holds the cell state within these bounds (`LSTM::Forward`, `kStateClip`).
const STATE_CLIP: f32 = 100.0;
/// Adding this to a float of small magnitude leaves its rounded value in the low bits (1.5 x 2^23).
const ROUND: f32 = 12_582_912.0;

/// Numerator and denominator of tanh.
#[inline(always)]
fn tanh_parts(x: f32) -> (f32, f32) {
    let x = x.clamp(-MOST, MOST);
    let x2 = x * x;
    let numerator = x * (135_135.0 + x2 * (17_325.0 + x2 * (378.0 + x2)));
    let denominator = 135_135.0 + x2 * (62_370.0 + x2 * (3_150.0 + x2 * 28.0));
    (numerator, denominator)
}

/// Numerator and denominator of the logistic function, by 1/2 + tanh(x/2)/2.
#[inline(always)]
fn logistic_parts(x: f32) -> (f32, f32) {
    let (numerator, denominator) = tanh_parts(0.5 * x);
    (0.5 * (numerator + denominator), denominator)
}

/// Rounds a value within +-1 to int8 in steps of 1/127.
#[inline(always)]
fn quantise(value: f32) -> i8 {
    (value * 127.0 + ROUND).to_bits() as i8
}

/// tanh of `sums[i] * scales[i]`, as int8.
pub(crate) fn tanh(sums: &[i32], scales: &[f32], out: &mut [i8]) {
    for ((sum, scale), out) in sums.iter().zip(scales).zip(out) {
        let (numerator, denominator) = tanh_parts(*sum as f32 * scale);
        *out = quantise(numerator / denominator);
    }
}

/// One step of LSTM cells: `sums` and `scales` hold the gates one after the other (cell input, input, forget, output), each
/// `state.len()` long; `state` is updated and `out` becomes the int8 output.
pub(crate) fn step(isa: Isa, sums: &[i32], scales: &[f32], state: &mut [f32], out: &mut [i8]) {
    match isa.0 {
        #[cfg(target_arch = "x86_64")]
        Kind::Avx2 | Kind::AvxVnni => super::avx2::cell_step(sums, scales, state, out),
        #[cfg(target_arch = "x86_64")]
        Kind::Avx512Vnni => super::avx512::cell_step(sums, scales, state, out),
        _ => step_body(sums, scales, state, out),
    }
}

#[inline(always)]
pub(super) fn step_body(sums: &[i32], scales: &[f32], state: &mut [f32], out: &mut [i8]) {
    let n = state.len();
    let gate = |idx: usize| (&sums[idx * n..][..n], &scales[idx * n..][..n]);
    let ((ci, ci_scale), (gi, gi_scale)) = (gate(0), gate(1));
    let ((gf, gf_scale), (go, go_scale)) = (gate(2), gate(3));
    let out = &mut out[..n];
    for i in 0..n {
        let (ci_num, ci_den) = tanh_parts(ci[i] as f32 * ci_scale[i]);
        let (gi_num, gi_den) = logistic_parts(gi[i] as f32 * gi_scale[i]);
        let (gf_num, gf_den) = logistic_parts(gf[i] as f32 * gf_scale[i]);
        let (go_num, go_den) = logistic_parts(go[i] as f32 * go_scale[i]);
        // state x forget + cell input x input gate over one common denominator: a division costs as much as ten products. The
        // denominators lie between 1.4e5 and 4.2e6, so the products stay far from the ends of f32.
        let input_den = ci_den * gi_den;
        let new = (state[i] * gf_num * input_den + ci_num * gi_num * gf_den) / (input_den * gf_den);
        let new = new.clamp(-STATE_CLIP, STATE_CLIP);
        state[i] = new;
        let (num, den) = tanh_parts(new);
        out[i] = quantise((num * go_num) / (den * go_den));
    }
}

#[cfg(test)]
pub(crate) fn tanh_f32(x: f32) -> f32 {
    let (numerator, denominator) = tanh_parts(x);
    numerator / denominator
}
