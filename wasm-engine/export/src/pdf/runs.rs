//! Lines as runs: stretches of text that stand evenly along their line and are shown by one operator each.

use ocr_chat_document::{Line, Point, Word};
use unicode_segmentation::UnicodeSegmentation;

/// How far a character may stand from its place in an evenly spaced run, in line heights. Nobody sees a selection that is off by an eighth of
/// a character; at 0.05 a Chinese page needs twice the bytes.
const MAX_DRIFT: f64 = 0.12;

/// A gap that is left open between two characters with no space between them, in line heights; a narrower one is closed, because readers take
/// gaps for spaces.
const MAX_CLOSED_GAP: f64 = 1.0;

/// Where a line stands: in pixels of the upright page, y up from the bottom edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct LinePlace {
    /// Where the line's lower edge begins.
    pub(super) origin: (f64, f64),
    /// Unit vector along the line; up is a quarter of a turn further to the left.
    pub(super) along: (f64, f64),
    /// Height of the line.
    pub(super) height: f64,
    /// Length of the line.
    pub(super) length: f64,
}

/// Text that stands evenly along its line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run<'a> {
    /// Its grapheme clusters in logical order.
    pub(super) clusters: Vec<&'a str>,
    /// Where it begins along the line, in pixels.
    pub(super) start: f64,
    /// Where it ends along the line, in pixels; beyond `start`.
    pub(super) end: f64,
    /// Whether it is written from right to left.
    pub(super) is_rtl: bool,
    /// Whether a space follows.
    pub(super) space_after: bool,
}

impl LinePlace {
    /// The place of a line on a page of `height_px`; `None` for a line without extent.
    pub(super) fn of(line: &Line, height_px: u32) -> Option<Self> {
        let up = |point: Point| {
            (
                f64::from(point.x),
                f64::from(height_px) - f64::from(point.y),
            )
        };
        let [top_start, top_end, bottom_end, bottom_start] = line.polygon.map(up);
        let mid = |a: (f64, f64), b: (f64, f64)| ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
        let (start, end) = (mid(top_start, bottom_start), mid(top_end, bottom_end));
        let (dx, dy) = (end.0 - start.0, end.1 - start.1);
        let length = dx.hypot(dy);
        let tall = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
        let height = f64::midpoint(tall(top_start, bottom_start), tall(top_end, bottom_end));
        let is_flat = length.is_nan() || length < 1.0 || height.is_nan() || height < 1.0;
        if is_flat {
            return Self::of_box(line, height_px);
        }
        let mut along = (dx / length, dy / length);
        let mut first = start;
        // Corners that run the other way round are those of a line that was given from its right end.
        let cross =
            along.0 * (top_start.1 - bottom_start.1) - along.1 * (top_start.0 - bottom_start.0);
        if cross < 0.0 {
            along = (-along.0, -along.1);
            first = end;
        }
        // Less than half a pixel of slope over the line is the rounding of its corners.
        if along.0 > 0.0 && dy.abs() <= 1.0 {
            along = (1.0, 0.0);
        }
        Some(Self {
            origin: (
                first.0 + along.1 * height / 2.0,
                first.1 - along.0 * height / 2.0,
            ),
            along,
            height,
            length,
        })
    }

    fn of_box(line: &Line, height_px: u32) -> Option<Self> {
        let (width, height) = (line.bbox.width(), line.bbox.height());
        (width > 0 && height > 0).then(|| Self {
            origin: (
                f64::from(line.bbox.x0),
                f64::from(height_px) - f64::from(line.bbox.y1),
            ),
            along: (1.0, 0.0),
            height: f64::from(height),
            length: f64::from(width),
        })
    }

    /// Where `word` stands along the line. A slanted word's upright box is larger than the word by what the slant adds.
    fn span_of(&self, word: &Word, height_px: u32) -> (f64, f64) {
        let b = word.bbox;
        let center = (
            f64::midpoint(f64::from(b.x0), f64::from(b.x1)),
            f64::from(height_px) - f64::midpoint(f64::from(b.y0), f64::from(b.y1)),
        );
        let (dx, dy) = (center.0 - self.origin.0, center.1 - self.origin.1);
        let middle = dx * self.along.0 + dy * self.along.1;
        let (cos, sin) = (self.along.0.abs(), self.along.1.abs());
        let (width, height) = (f64::from(b.width()), f64::from(b.height()));
        let length = if cos >= sin {
            (width - self.height * sin) / cos
        } else {
            (height - self.height * cos) / sin
        };
        let half = length.max(self.height * 0.1) / 2.0;
        (middle - half, middle + half)
    }
}

/// The runs of `line` in logical order. Words without boxes are spread evenly over the line.
pub(super) fn runs<'a>(line: &'a Line, place: &LinePlace, height_px: u32) -> Vec<Run<'a>> {
    let pieces = pieces(line, place, height_px).unwrap_or_else(|| spread(&line.text, place));
    joined(pieces, place.height)
}

/// The words with their places, as far as they make up the line's text.
fn pieces<'a>(line: &'a Line, place: &LinePlace, height_px: u32) -> Option<Vec<Run<'a>>> {
    let mut rest = line.text.trim_start();
    let mut pieces = Vec::new();
    for word in &line.words {
        let text = word.text.trim();
        if text.is_empty() {
            continue;
        }
        let behind = rest.strip_prefix(text)?;
        rest = behind.trim_start();
        let (start, end) = place.span_of(word, height_px);
        pieces.push(Run {
            clusters: text.graphemes(true).collect(),
            start,
            end,
            is_rtl: is_rtl(text),
            space_after: rest.len() < behind.len() && !rest.is_empty(),
        });
    }
    (rest.is_empty() && !pieces.is_empty()).then_some(pieces)
}

/// The words of `text`, each as long as its share of the characters.
fn spread<'a>(text: &'a str, place: &LinePlace) -> Vec<Run<'a>> {
    let n_all = text.trim().graphemes(true).count().max(1) as f64;
    let is_rtl_line = is_rtl(text);
    let n_words = text.split_whitespace().count();
    let mut at = 0.0;
    text.split_whitespace()
        .enumerate()
        .map(|(idx, word)| {
            let clusters: Vec<&str> = word.graphemes(true).collect();
            let share = |n: f64| n / n_all * place.length;
            let (start, end) = (share(at), share(at + clusters.len() as f64));
            at += clusters.len() as f64 + 1.0;
            let (start, end) = if is_rtl_line {
                (place.length - end, place.length - start)
            } else {
                (start, end)
            };
            Run {
                clusters,
                start,
                end,
                is_rtl: is_rtl(word),
                space_after: idx + 1 < n_words,
            }
        })
        .collect()
}

/// `pieces` with those that follow each other without a space made one where they stand evenly, and moved together where they do not.
fn joined(pieces: Vec<Run<'_>>, height: f64) -> Vec<Run<'_>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    // Where each piece of the last run begins, with the number of clusters before it.
    let mut starts: Vec<(f64, usize)> = Vec::new();
    for piece in pieces {
        if let Some(run) = runs.last_mut() {
            let follows =
                !run.space_after && !run.is_rtl && !piece.is_rtl && piece.start > run.start;
            let gap = piece.start - run.end;
            if follows && gap < MAX_CLOSED_GAP * height {
                run.end = piece.start;
                let n_clusters = run.clusters.len() + piece.clusters.len();
                let step = (piece.end - run.start) / n_clusters as f64;
                let is_even = starts
                    .iter()
                    .chain([&(piece.start, run.clusters.len())])
                    .all(|&(start, n_before)| {
                        let expected = run.start + step * n_before as f64;
                        (start - expected).abs() <= MAX_DRIFT * height
                    });
                if is_even {
                    starts.push((piece.start, run.clusters.len()));
                    run.clusters.extend(piece.clusters);
                    run.end = piece.end;
                    run.space_after = piece.space_after;
                    continue;
                }
            }
        }
        starts = vec![(piece.start, 0)];
        runs.push(piece);
    }
    runs
}

/// Whether the first letter is of a script written from right to left. Words of digits have none.
fn is_rtl(word: &str) -> bool {
    word.chars()
        .find(|c| c.is_alphabetic())
        .is_some_and(|c| matches!(u32::from(c), 0x0590..=0x08ff | 0xfb1d..=0xfdff | 0xfe70..=0xfeff | 0x10800..=0x10fff | 0x1e800..=0x1efff))
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use ocr_chat_document::BBox;

    fn word(text: &str, x0: i32, x1: i32) -> Word {
        Word {
            text: text.into(),
            bbox: BBox::new(x0, 10, x1, 30),
            confidence: 1.0,
        }
    }

    fn line(text: &str, words: Vec<Word>) -> Line {
        let corner = |x, y| Point { x, y };
        Line {
            text: text.into(),
            bbox: BBox::new(10, 10, 210, 30),
            polygon: [
                corner(10, 10),
                corner(210, 10),
                corner(210, 30),
                corner(10, 30),
            ],
            confidence: None,
            words,
        }
    }

    fn runs_of(line: &Line) -> Vec<(String, f64, f64, bool)> {
        let place = LinePlace::of(line, 100).unwrap();
        runs(line, &place, 100)
            .into_iter()
            .map(|run| (run.clusters.concat(), run.start, run.end, run.space_after))
            .collect()
    }

    #[test]
    fn words_stand_in_their_boxes() {
        let line = line(
            "Total 9.00",
            vec![word("Total", 10, 100), word("9.00", 150, 210)],
        );
        assert_eq!(
            runs_of(&line),
            [
                ("Total".to_owned(), 0.0, 90.0, true),
                ("9.00".to_owned(), 140.0, 200.0, false)
            ]
        );
    }

    #[test]
    fn characters_without_spaces_become_one_run_where_they_stand_evenly() {
        let even = line(
            "\u{6771}\u{4eac}\u{90fd}",
            vec![
                word("\u{6771}", 10, 28),
                word("\u{4eac}", 31, 49),
                word("\u{90fd}", 51, 70),
            ],
        );
        assert_eq!(
            runs_of(&even),
            [("\u{6771}\u{4eac}\u{90fd}".to_owned(), 0.0, 60.0, false)]
        );
        let uneven = line(
            "\u{6771}\u{4eac}",
            vec![word("\u{6771}", 10, 28), word("\u{4eac}", 42, 60)],
        );
        let found = runs_of(&uneven);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].2, found[1].1, "the gap is closed");
    }

    #[test]
    fn a_line_without_words_is_spread_over_its_length() {
        let found = runs_of(&line("ab cd", vec![]));
        assert_eq!(
            found,
            [
                ("ab".to_owned(), 0.0, 80.0, true),
                ("cd".to_owned(), 120.0, 200.0, false)
            ]
        );
        let hebrew = line("\u{5d0}\u{5d1} \u{5d2}\u{5d3}", vec![]);
        assert_eq!(
            runs_of(&hebrew)[0].1,
            120.0,
            "the first word stands at the right"
        );
    }

    #[test]
    fn a_slanted_word_is_as_long_as_it_was_written() {
        let (sin, cos) = 0.1_f64.sin_cos();
        let at = |along: f64, down: f64| Point {
            x: (100.0 + along * cos - down * sin).round() as i32,
            y: (100.0 + along * sin + down * cos).round() as i32,
        };
        let corners = [at(0.0, 0.0), at(400.0, 0.0), at(400.0, 30.0), at(0.0, 30.0)];
        let box_of = |from: f64, to: f64| {
            BBox::around(&[at(from, 0.0), at(to, 0.0), at(to, 30.0), at(from, 30.0)]).unwrap()
        };
        let slanted = Line {
            text: "one two".into(),
            bbox: BBox::around(&corners).unwrap(),
            polygon: corners,
            confidence: None,
            words: vec![
                Word {
                    text: "one".into(),
                    bbox: box_of(0.0, 150.0),
                    confidence: 1.0,
                },
                Word {
                    text: "two".into(),
                    bbox: box_of(250.0, 400.0),
                    confidence: 1.0,
                },
            ],
        };
        let found = runs_of(&slanted);
        for (run, (start, end)) in found.iter().zip([(0.0, 150.0), (250.0, 400.0)]) {
            assert!(
                (run.1 - start).abs() < 2.0 && (run.2 - end).abs() < 2.0,
                "{run:?}"
            );
        }
    }

    #[test]
    fn a_column_reads_downwards() {
        let corner = |x, y| Point { x, y };
        let column = Line {
            polygon: [
                corner(60, 10),
                corner(60, 210),
                corner(30, 210),
                corner(30, 10),
            ],
            bbox: BBox::new(30, 10, 60, 210),
            ..line("\u{7e26}", vec![])
        };
        let place = LinePlace::of(&column, 300).unwrap();
        assert_eq!(place.along, (0.0, -1.0));
        // The lower edge of a line that reads downwards is its left one.
        assert_eq!(place.origin, (30.0, 290.0));
        assert_eq!((place.height, place.length), (30.0, 200.0));
    }
}
