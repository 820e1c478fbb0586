//! Sorting for what runs a few times a page: one sort for all types, where the library's makes kilobytes of code for each.

/// Sorts `items` by `key`, smallest first; items of equal keys keep their order. Keys that are no numbers come last.
pub(crate) fn by_key<T>(items: &mut Vec<T>, key: impl Fn(&T) -> f32) {
    let order = order(items.iter().map(key).collect());
    let mut slots: Vec<Option<T>> = items.drain(..).map(Some).collect();
    items.extend(
        order
            .into_iter()
            .filter_map(|idx| slots.get_mut(idx)?.take()),
    );
}

/// The middle one of `values`, the higher of two; `None` for none.
pub(crate) fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    by_key(&mut values, |value| *value);
    values.get(values.len() / 2).copied()
}

/// The places of `keys` from the smallest to the largest.
fn order(keys: Vec<f32>) -> Vec<usize> {
    let mut order: Vec<(f32, usize)> = keys.into_iter().zip(0..).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    order.into_iter().map(|(_, idx)| idx).collect()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn equal_keys_keep_their_order() {
        let mut words = vec!["bb", "a", "cc", "", "d"];
        by_key(&mut words, |word| word.len() as f32);
        assert_eq!(words, ["", "a", "d", "bb", "cc"]);
    }
}
