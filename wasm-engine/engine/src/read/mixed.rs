//! Lines in which scripts alternate: the part in another script is read by what reads that script.

use crate::classify::{LineSight, Writing};
use crate::geometry::RotatedRect;
use crate::text::{CharSpan, LineText};

/// Probability from which a column of the line is in another writing.
const RUN_PROBABILITY: f32 = 0.7;

/// Least width of a part, in line heights: two letters or so.
const MIN_RUN_HEIGHTS: f32 = 1.2;

/// How much more confidently a part must read by itself than in its line.
const GAIN: f32 = 0.03;

/// A part of a line in a writing of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Run {
    pub(super) writing: Writing,
    /// Where it begins, as a share of the line's width, 0 to 1.
    pub(super) start: f32,
    /// Where it ends, as a share of the line's width, 0 to 1.
    pub(super) end: f32,
}

/// The parts of a line that look to be in another writing than `usual`. Signs belong to whatever they stand in.
pub(super) fn runs(sight: &LineSight, rect: &RotatedRect, usual: Writing) -> Vec<Run> {
    let n_columns = sight.columns.len() as f32;
    let mut runs: Vec<Run> = Vec::new();
    let mut open: Option<Run> = None;
    for (idx, column) in sight.columns.iter().enumerate() {
        let best = Writing::ALL
            .into_iter()
            .zip(column)
            .max_by(|a, b| a.1.total_cmp(b.1));
        let (start, end) = (idx as f32 / n_columns, (idx + 1) as f32 / n_columns);
        match (best, open.as_mut()) {
            (Some((writing, _)), Some(run)) if writing == run.writing => run.end = end,
            (Some((writing, &probability)), _) if probability >= RUN_PROBABILITY => {
                runs.extend(open.take());
                open = Some(Run {
                    writing,
                    start,
                    end,
                });
            }
            _ => runs.extend(open.take()),
        }
    }
    runs.extend(open);
    let heights = rect.length_heights();
    runs.retain(|run| {
        run.writing != usual
            && run.writing != Writing::Symbols
            && (run.end - run.start) * heights >= MIN_RUN_HEIGHTS
    });
    runs
}

/// The run moved to the spaces of the reading next to its ends, so that no word is cut; `None` where the reading has no characters in it.
pub(super) fn at_spaces(run: Run, text: &LineText) -> Option<Run> {
    let is_space = |c: &&CharSpan| c.text.trim().is_empty();
    let center = |c: &CharSpan| f32::midpoint(c.start, c.end);
    let spaces: Vec<f32> = text.chars.iter().filter(is_space).map(center).collect();
    let nearest = |at: f32, edge: f32| {
        spaces
            .iter()
            .copied()
            .chain([edge])
            .min_by(|a, b| (a - at).abs().total_cmp(&(b - at).abs()))
            .unwrap_or(edge)
    };
    let (start, end) = (nearest(run.start, 0.0), nearest(run.end, 1.0));
    let holds_text = text
        .chars
        .iter()
        .any(|c| !c.text.trim().is_empty() && (start..end).contains(&center(c)));
    (end > start && holds_text).then_some(Run { start, end, ..run })
}

/// The rectangle of a part of a line.
pub(super) fn part(rect: &RotatedRect, run: &Run) -> RotatedRect {
    let (sin, cos) = rect.angle.sin_cos();
    let offset = (f32::midpoint(run.start, run.end) - 0.5) * rect.width;
    let mut part = *rect;
    part.width = rect.width * (run.end - run.start);
    part.center.x += offset * cos;
    part.center.y += offset * sin;
    part
}

/// Puts `reading` of the part in the place of what the line's own reading says there, where it reads with more confidence.
pub(super) fn replace(text: &mut LineText, run: &Run, reading: LineText, least_confidence: f32) {
    let is_inside = |c: &CharSpan| (run.start..run.end).contains(&f32::midpoint(c.start, c.end));
    let Some(first) = text.chars.iter().position(is_inside) else {
        return;
    };
    let Some(last) = text.chars.iter().rposition(is_inside) else {
        return;
    };
    // In logical order a part is in one piece, whatever the directions.
    if !text.chars[first..=last].iter().all(is_inside) {
        return;
    }
    let before = LineText {
        chars: text.chars[first..=last].to_vec(),
    };
    // A recogniser without the letters of a script is silent about them, and sure of the comma that is left.
    if reading.n_signs() * 2 < before.n_signs() {
        return;
    }
    let (old, new) = (before.confidence(), reading.confidence());
    if new.unwrap_or(0.0) < least_confidence.max(old.unwrap_or(0.0) + GAIN) {
        return;
    }
    let width = run.end - run.start;
    let mut chars: Vec<CharSpan> = reading
        .chars
        .into_iter()
        .map(|c| CharSpan {
            start: run.start + c.start * width,
            end: run.start + c.end * width,
            ..c
        })
        .collect();
    // The spaces around the part belong to the line.
    let is_space = |c: &CharSpan| c.text.trim().is_empty();
    if is_space(&text.chars[first]) {
        chars.insert(0, text.chars[first].clone());
    }
    if last > first && is_space(&text.chars[last]) {
        chars.push(text.chars[last].clone());
    }
    text.chars.splice(first..=last, chars);
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::geometry::PointF;
    use ocr_chat_language::Script;

    const THAI: Writing = Writing::Script(Script::Thai);
    const LATIN: Writing = Writing::Script(Script::Latn);

    fn line(text: &str, confidence: f32) -> LineText {
        let n = text.chars().count() as f32;
        LineText {
            chars: text
                .chars()
                .enumerate()
                .map(|(idx, c)| CharSpan {
                    text: c.to_string(),
                    start: idx as f32 / n,
                    end: (idx + 1) as f32 / n,
                    confidence,
                })
                .collect(),
        }
    }

    fn sight(columns: &[Writing]) -> LineSight {
        let column = |writing: &Writing| {
            Writing::ALL
                .iter()
                .map(|other| if other == writing { 0.9 } else { 0.003 })
                .collect()
        };
        LineSight {
            writing: vec![0.0; Writing::ALL.len()],
            columns: columns.iter().map(column).collect(),
            turn: [1.0, 0.0, 0.0, 0.0],
            light_on_dark: 0.0,
        }
    }

    fn rect(width: f32) -> RotatedRect {
        RotatedRect {
            center: PointF::new(100.0, 10.0),
            width,
            height: 20.0,
            angle: 0.0,
        }
    }

    #[test]
    fn a_latin_part_of_a_thai_line_is_found_and_replaced() {
        let sight = sight(&[
            THAI, THAI, THAI, THAI, THAI, LATIN, LATIN, LATIN, THAI, THAI,
        ]);
        let found = runs(&sight, &rect(200.0), THAI);
        assert_eq!(found.len(), 1);
        let mut text = line("aaaaa 0CR bbb", 0.6);
        let run = at_spaces(found[0], &text).unwrap();
        replace(&mut text, &run, line("OCR", 0.95), 0.8);
        assert_eq!(text.text(), "aaaaa OCR bbb");
        let part = part(&rect(200.0), &run);
        assert!((part.width - 200.0 * (run.end - run.start)).abs() < 0.01);
    }

    #[test]
    fn a_doubtful_reading_replaces_nothing() {
        let mut text = line("aaaa 0CR bbb", 0.9);
        let run = Run {
            writing: LATIN,
            start: 0.36,
            end: 0.7,
        };
        replace(&mut text, &run, line("OCR", 0.85), 0.8);
        assert_eq!(text.text(), "aaaa 0CR bbb");
    }

    #[test]
    fn signs_and_specks_are_no_parts() {
        let columns = [
            THAI,
            THAI,
            Writing::Symbols,
            Writing::Symbols,
            THAI,
            LATIN,
            THAI,
            THAI,
        ];
        assert!(runs(&sight(&columns), &rect(120.0), THAI).is_empty());
    }
}
