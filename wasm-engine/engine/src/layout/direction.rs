//! The direction of running text, by its letters.

/// Whether most of the letters are of scripts written from right to left.
pub(crate) fn is_rtl<'a>(texts: impl IntoIterator<Item = &'a str>) -> bool {
    let (mut n_rtl, mut n_ltr) = (0_usize, 0_usize);
    for c in texts.into_iter().flat_map(str::chars) {
        if is_rtl_letter(c) {
            n_rtl += 1;
        } else if c.is_alphabetic() {
            n_ltr += 1;
        }
    }
    n_rtl > n_ltr
}

/// Hebrew, Arabic, Syriac, Thaana, NKo, Samaritan, Mandaic and their presentation forms (Unicode's blocks of class R and AL).
fn is_rtl_letter(c: char) -> bool {
    matches!(u32::from(c), 0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x10800..=0x10fff | 0x1e800..=0x1efff)
        && c.is_alphabetic()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn letters_decide_and_digits_do_not() {
        assert!(is_rtl(["\u{5e9}\u{5dc}\u{5d5}\u{5dd} 12345 ab"]));
        assert!(!is_rtl(["12345"]));
        assert!(!is_rtl(["hello \u{5e9}"]));
    }
}
