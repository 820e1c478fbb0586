//! From the order in which characters stand on the page to the order in which they are read.

use super::characters::is_rtl_letter;

/// How a character behaves between two directions (a few of the classes of Unicode's bidirectional algorithm, UAX 9).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Left,
    Right,
    Number,
    Neutral,
}

fn class_of(text: &str) -> Class {
    for c in text.chars() {
        if is_rtl_letter(c) {
            return Class::Right;
        }
        if c.is_numeric() {
            return Class::Number;
        }
        if c.is_alphabetic() {
            return Class::Left;
        }
    }
    Class::Neutral
}

/// The indices of `visual`, texts from left to right, in the order in which they are read.
///
/// A line with more stretches of right-to-left text than of others (or as many, and as many letters) is read from the right, its Latin words and numbers from the left; any other line is
/// read from the left, its right-to-left words from the right. This undoes rule L2 of UAX 9 for lines without deeper nesting.
pub(super) fn logical_order(visual: &[&str]) -> Vec<usize> {
    let classes: Vec<Class> = visual.iter().map(|text| class_of(text)).collect();
    let count = |class: Class| classes.iter().filter(|&&c| c == class).count();
    let n_right = count(Class::Right);
    let right_runs = runs(&classes, |c| c == Class::Right, Class::Left).len();
    let left_runs = runs(&classes, |c| c == Class::Left, Class::Right).len();
    let is_rtl = (right_runs, n_right) >= (left_runs, count(Class::Left));
    let mut order: Vec<usize> = (0..visual.len()).collect();
    if n_right == 0 {
        return order;
    }
    if is_rtl {
        order.reverse();
        let reversed: Vec<Class> = classes.iter().rev().copied().collect();
        for run in runs(
            &reversed,
            |c| matches!(c, Class::Left | Class::Number),
            Class::Right,
        ) {
            order[run].reverse();
        }
    } else {
        let in_right = |c: Class| matches!(c, Class::Right | Class::Number);
        for run in runs(&classes, in_right, Class::Left) {
            // Numbers alone are no right-to-left text.
            if !classes[run.clone()].contains(&Class::Right) {
                continue;
            }
            let inner: Vec<Class> = classes[run.clone()].iter().rev().copied().collect();
            order[run.clone()].reverse();
            for number in runs(&inner, |c| c == Class::Number, Class::Right) {
                order[run.start + number.start..run.start + number.end].reverse();
            }
        }
    }
    order
}

/// The longest stretches that begin and end with a class of `is_inside` and hold none of `outside`.
fn runs(
    classes: &[Class],
    is_inside: impl Fn(Class) -> bool,
    outside: Class,
) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    let mut is_open = false;
    for (idx, &class) in classes.iter().enumerate() {
        if is_inside(class) {
            match runs.last_mut() {
                Some(run) if is_open => run.end = idx + 1,
                _ => runs.push(idx..idx + 1),
            }
            is_open = true;
        } else if class == outside {
            is_open = false;
        }
    }
    runs
}

/// `text` with its brackets turned where they stand the wrong way round: the glyph of a bracket in right-to-left text is its mirror image, and
/// many writers say what it looks like instead of what it means.
pub(super) fn brackets_turned(chars: &mut [String]) {
    let is = |text: &String, set: &str| text.len() == 1 && set.contains(text.as_str());
    let first_open = chars.iter().position(|c| is(c, "([{"));
    let first_close = chars.iter().position(|c| is(c, ")]}"));
    let is_turned = match (first_open, first_close) {
        (Some(open), Some(close)) => close < open,
        _ => false,
    };
    if !is_turned {
        return;
    }
    for c in chars {
        let turned = match c.as_str() {
            "(" => ")",
            ")" => "(",
            "[" => "]",
            "]" => "[",
            "{" => "}",
            "}" => "{",
            _ => continue,
        };
        *c = turned.to_owned();
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    /// What is read of a line that looks like `visual`.
    fn read(visual: &str) -> String {
        let chars: Vec<String> = visual.chars().map(String::from).collect();
        let texts: Vec<&str> = chars.iter().map(String::as_str).collect();
        logical_order(&texts)
            .into_iter()
            .map(|idx| texts[idx])
            .collect()
    }

    #[test]
    fn lines_from_right_to_left_keep_their_numbers_and_latin_words() {
        // Read: alef bet 12.5 gimel
        assert_eq!(
            read("\u{5d2} 12.5 \u{5d1}\u{5d0}"),
            "\u{5d0}\u{5d1} 12.5 \u{5d2}"
        );
        assert_eq!(
            read("\u{5d2} OCR Chat \u{5d1}\u{5d0}"),
            "\u{5d0}\u{5d1} OCR Chat \u{5d2}".to_owned()
        );
        assert_eq!(read("plain 1 text"), "plain 1 text");
    }

    #[test]
    fn right_to_left_words_inside_a_latin_line_are_turned() {
        assert_eq!(
            read("the word \u{5d1}\u{5d0} \u{5d2} is here"),
            "the word \u{5d2} \u{5d0}\u{5d1} is here"
        );
        assert_eq!(
            read("page 12 of this \u{5d1}\u{5d0} 34 book"),
            "page 12 of this 34 \u{5d0}\u{5d1} book"
        );
    }

    #[test]
    fn brackets_that_look_turned_are_turned() {
        let mut chars: Vec<String> = "\u{5d0})\u{5d1}(".chars().map(String::from).collect();
        brackets_turned(&mut chars);
        assert_eq!(chars.concat(), "\u{5d0}(\u{5d1})");
    }
}
