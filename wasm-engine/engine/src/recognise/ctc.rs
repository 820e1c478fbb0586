//! Greedy decoding of connectionist temporal classification (Graves et al., ICML 2006).

use super::dictionary::Dictionary;
use super::{CharSpan, LineText};

/// Decodes `steps` of class probabilities, each of `n_classes`: the best class of every step, repeats joined, blanks dropped.
///
/// `content_share` is the part of the steps that the line covers, 0 to 1; what lies behind it is padding. A character spans from
/// its first step to its last; its confidence is that of its best step.
pub(super) fn decode(
    probabilities: &[f32],
    dictionary: &Dictionary,
    content_share: f32,
) -> LineText {
    let n_classes = dictionary.n_classes();
    let n_steps = probabilities.len() / n_classes;
    let steps_of_content = (n_steps as f32 * content_share).max(1.0);
    let share = |step: usize| (step as f32 / steps_of_content).min(1.0);
    let mut chars: Vec<CharSpan> = Vec::new();
    let mut previous = 0;
    for (step_idx, step) in probabilities.chunks_exact(n_classes).enumerate() {
        let (class, probability) = best(step);
        if class == previous {
            if class != 0
                && let Some(open) = chars.last_mut()
            {
                open.end = share(step_idx + 1);
                open.confidence = open.confidence.max(probability);
            }
            continue;
        }
        previous = class;
        if let Some(text) = dictionary.character(class) {
            chars.push(CharSpan {
                text: text.to_owned(),
                start: share(step_idx),
                end: share(step_idx + 1),
                confidence: probability,
            });
        }
    }
    LineText { chars }
}

/// The best class and its probability; the first of equals.
fn best(step: &[f32]) -> (usize, f32) {
    // In lanes, so that the compiler makes vectors of it: this runs over 18,710 classes a step.
    const LANES: usize = 16;
    let mut highest = [f32::MIN; LANES];
    let chunks = step.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (high, &value) in highest.iter_mut().zip(chunk) {
            *high = if value > *high { value } else { *high };
        }
    }
    let high = highest.iter().chain(rest).copied().fold(f32::MIN, f32::max);
    let class = step.iter().position(|&value| value >= high).unwrap_or(0);
    (class, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode_classes(classes: &[usize], content_share: f32) -> LineText {
        let dictionary = Dictionary::parse("a\nb\nc\n");
        let mut probabilities = vec![0.01; classes.len() * dictionary.n_classes()];
        for (step, &class) in classes.iter().enumerate() {
            probabilities[step * dictionary.n_classes() + class] = 0.9;
        }
        decode(&probabilities, &dictionary, content_share)
    }

    #[test]
    fn repeats_join_and_blanks_part() {
        assert_eq!(decode_classes(&[1, 1, 0, 1, 2, 2, 0], 1.0).text(), "aab");
        assert_eq!(decode_classes(&[0, 3, 4, 1, 0], 1.0).text(), "c a");
        assert_eq!(decode_classes(&[0, 0], 1.0), LineText::default());
    }

    #[test]
    fn characters_know_where_they_stand() {
        let line = decode_classes(&[0, 1, 1, 0, 2, 0, 0, 0], 1.0);
        assert_eq!((line.chars[0].start, line.chars[0].end), (0.125, 0.375));
        assert_eq!((line.chars[1].start, line.chars[1].end), (0.5, 0.625));
        assert!((line.confidence().unwrap() - 0.9).abs() < 1e-6);
    }

    #[test]
    fn padding_does_not_shift_positions() {
        let bare = decode_classes(&[0, 1, 0, 2], 1.0);
        let padded = decode_classes(&[0, 1, 0, 2, 0, 0, 0, 0], 0.5);
        assert_eq!(bare, padded);
    }
}
