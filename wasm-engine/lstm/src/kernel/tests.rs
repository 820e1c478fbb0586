#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::testing::Lcg;

fn product(isa: Isa, rows: &[&[i8]], steps: &[&[i8]]) -> Vec<i32> {
    let packed = Packed::new(isa, rows);
    let mut words = Vec::new();
    let mut sums = Vec::new();
    for step in steps {
        let at = words.len();
        words.resize(at + packed.n_words(), 0);
        isa.pack_words(step, &mut words[at..]);
        sums.extend_from_slice(packed.offset());
    }
    packed.accumulate(&words, &mut sums);
    sums.chunks_exact(packed.stride())
        .flat_map(|sums| sums[..rows.len()].to_vec())
        .collect()
}

/// The product as the definition has it.
fn plain(rows: &[&[i8]], steps: &[&[i8]]) -> Vec<i32> {
    let dot = |a: &[i8], b: &[i8]| {
        a.iter()
            .zip(b)
            .map(|(a, b)| i32::from(*a) * i32::from(*b))
            .sum()
    };
    steps
        .iter()
        .flat_map(|step| rows.iter().map(move |row| dot(row, step)))
        .collect()
}

#[test]
fn every_instruction_set_sums_exactly() {
    let mut lcg = Lcg(7);
    for (n_rows, n_cols, n_steps) in [
        (1, 1, 1),
        (3, 2, 2),
        (48, 18, 5),
        (64, 80, 7),
        (70, 97, 3),
        (192, 64, 9),
        (430, 193, 6),
        (2048, 512, 1),
    ] {
        let rows: Vec<Vec<i8>> = (0..n_rows).map(|_| lcg.values(n_cols, -128)).collect();
        let steps: Vec<Vec<i8>> = (0..n_steps).map(|_| lcg.values(n_cols, -127)).collect();
        let rows: Vec<&[i8]> = rows.iter().map(Vec::as_slice).collect();
        let steps: Vec<&[i8]> = steps.iter().map(Vec::as_slice).collect();
        let expected = plain(&rows, &steps);
        for isa in Isa::all() {
            assert_eq!(
                product(isa, &rows, &steps),
                expected,
                "{} {n_rows} x {n_cols} x {n_steps}",
                isa.name()
            );
        }
    }
}

#[test]
fn extreme_values_do_not_overflow() {
    for (weight, value) in [(-128i8, -127i8), (127, 127), (-128, 127)] {
        let (row, step) = (vec![weight; 512], vec![value; 512]);
        let expected = 512 * i32::from(weight) * i32::from(value);
        for isa in Isa::all() {
            let sums = product(isa, &[&row, &row, &row], &[&step, &step]);
            assert!(
                sums.iter().all(|sum| *sum == expected),
                "{} {weight} x {value}",
                isa.name()
            );
        }
    }
}

#[test]
fn every_instruction_set_steps_the_same_cells() {
    let mut lcg = Lcg(11);
    for n in [7, 48, 64, 96, 100] {
        let sums: Vec<i32> = (0..4 * n)
            .map(|_| (lcg.next() % 200_000) as i32 - 100_000)
            .collect();
        let scales: Vec<f32> = (0..4 * n)
            .map(|_| (1 + lcg.next() % 1000) as f32 * 3e-8)
            .collect();
        let before: Vec<f32> = (0..n)
            .map(|_| (lcg.next() % 1000) as f32 * 0.004 - 2.0)
            .collect();
        let results: Vec<(Vec<f32>, Vec<i8>)> = Isa::all()
            .into_iter()
            .map(|isa| {
                let (mut state, mut out) = (before.clone(), vec![0; n]);
                cell::step(isa, &sums, &scales, &mut state, &mut out);
                (state, out)
            })
            .collect();
        assert!(
            results.iter().all(|result| *result == results[0]),
            "{n} cells"
        );
        assert!(results[0].1.iter().any(|out| *out != 0));
    }
}

#[test]
fn a_cell_computes_what_the_definition_says() {
    let scales = vec![1.0f32 / 1000.0; 4];
    for sums in [
        [500, 1000, -2000, 300],
        [-3000, 4000, 4000, 5000],
        [0, 0, 0, 0],
        [90_000, -90_000, 90_000, 90_000],
    ] {
        let before = 0.7f32;
        let (mut state, mut out) = ([before], [0i8]);
        cell::step(Isa::best(), &sums, &scales, &mut state, &mut out);
        let x = sums.map(|sum| f64::from(sum) / 1000.0);
        let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
        let expected = f64::from(before) * logistic(x[2]) + x[0].tanh() * logistic(x[1]);
        assert!(
            (f64::from(state[0]) - expected).abs() < 3e-4,
            "{} {expected}",
            state[0]
        );
        let output = expected.tanh() * logistic(x[3]) * 127.0;
        assert!(
            (f64::from(out[0]) - output).abs() < 0.55,
            "{} {output}",
            out[0]
        );
    }
}

#[test]
fn tanh_is_within_its_stated_error() {
    let worst = (-1000..=1000)
        .map(|i| {
            let x = f64::from(i) * 0.008;
            (f64::from(cell::tanh_f32(x as f32)) - x.tanh()).abs()
        })
        .fold(0.0, f64::max);
    assert!(worst < 1e-4, "{worst}");
    assert!(worst > 5e-5, "the stated error is out of date: {worst}");
}
