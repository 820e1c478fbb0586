//! The page searched at other scales: small print that ran together is parted, faint and large letters are found, cut lines come whole.
//!
//! A detector sees letters of a certain size best. Where two scales disagree about a place, both are read, and the scale whose readings
//! explain the ink with more confidence is believed there.

use crate::geometry::{PointF, RotatedRect};
use crate::text::{LineText, ReadLine};

/// The scales of the further searches, relative to the usual one. Half as large again parts lines of small print that ran together; 0.6 joins the
/// dots of worn print and finds letters as tall as the network's field of view.
pub(super) const FACTORS: [f32; 2] = [1.6, 0.6];

/// Share of a region inside another from which both are the same line, if it holds both ways: detections of a line at two scales differ
/// by a pixel or two of their grids.
const SAME_SHARE: f32 = 0.8;

/// Share of a region inside another from which they cannot both be lines. Regions are grown beyond their ink, so those of neighbouring
/// lines overlap by a fifth.
const CONFLICT_SHARE: f32 = 0.35;

/// A character that is read with this probability speaks neither for nor against its region: the bound below which the pipeline takes a
/// line for no text.
const NEUTRAL_PROBABILITY: f32 = 0.5;

/// By how much another scale must read better to be believed: the same characters read again differ by less.
const MIN_GAIN_SHARE: f32 = 0.03;
const MIN_GAIN: f32 = 0.5;

/// Mean confidence from which a line is believed where the usual search saw nothing, and how many characters it has at least: dirt and
/// ornaments are found at some scale or other.
const NEW_CONFIDENCE: f32 = 0.75;
const NEW_SIGNS: usize = 3;

/// Mean confidence from which figures alone are believed in a row of the page, where the usual search saw nothing: quantities, which stand apart. A single
/// one has not [`MIN_GAIN`] to speak for it.
const NEW_FIGURE_CONFIDENCE: f32 = 0.9;

/// How far the middles and the heights of such figures and of a line beside differ at most, in heights.
const SAME_ROW_HEIGHTS: f32 = 0.3;

/// Points of the grid by which overlaps are measured, along and across the reading direction.
const GRID: (usize, usize) = (24, 5);

/// What another scale found: a line as it stands already, or one that must be read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Found {
    /// The line of this index.
    Known(usize),
    /// Something else.
    New(RotatedRect),
}

/// Tells the regions of a further search from the lines that are there.
pub(super) fn compare(lines: &[ReadLine], regions: &[RotatedRect]) -> Vec<Found> {
    regions
        .iter()
        .map(|region| {
            let same = lines.iter().position(|line| {
                may_touch(region, &line.rect)
                    && share_inside(region, &line.rect) >= SAME_SHARE
                    && share_inside(&line.rect, region) >= SAME_SHARE
            });
            same.map_or(Found::New(*region), Found::Known)
        })
        .collect()
}

/// Joins what another scale found into `lines`. `readings` has a line for each of `found`; `None` for those that are no text.
///
/// Findings take the place of the lines that they overlap where they read better: one by one, or, where a line is in several of them, all
/// together. The greatest gain is taken first.
pub(super) fn join(
    lines: Vec<ReadLine>,
    found: &[Found],
    readings: Vec<Option<ReadLine>>,
) -> Vec<ReadLine> {
    let findings: Vec<ReadLine> = found
        .iter()
        .zip(readings)
        .filter(|(found, _)| matches!(found, Found::New(_)))
        .filter_map(|(_, reading)| reading)
        .collect();
    let overlaps: Vec<Vec<usize>> = findings
        .iter()
        .map(|finding| {
            (0..lines.len())
                .filter(|&idx| conflict(&finding.rect, &lines[idx].rect))
                .collect()
        })
        .collect();
    let mut swaps: Vec<Swap> = Vec::new();
    for (idx, finding) in findings.iter().enumerate() {
        if !overlaps[idx].is_empty() {
            swaps.push(Swap::of(
                vec![idx],
                overlaps[idx].clone(),
                &findings,
                &lines,
            ));
        } else if is_clear(finding) || is_figure_in_row(finding, &lines) {
            swaps.push(Swap::of(vec![idx], Vec::new(), &findings, &lines));
        }
    }
    for line in 0..lines.len() {
        let come: Vec<usize> = (0..findings.len())
            .filter(|&idx| overlaps[idx].contains(&line))
            .collect();
        if come.len() > 1 {
            let mut go: Vec<usize> = come
                .iter()
                .flat_map(|&idx| &overlaps[idx])
                .copied()
                .collect();
            go.sort_unstable();
            go.dedup();
            swaps.push(Swap::of(come, go, &findings, &lines));
        }
    }
    swaps.retain(|swap| swap.is_better);
    swaps.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    let mut lines: Vec<Option<ReadLine>> = lines.into_iter().map(Some).collect();
    let mut findings: Vec<Option<ReadLine>> = findings.into_iter().map(Some).collect();
    let mut joined: Vec<ReadLine> = Vec::new();
    for swap in swaps {
        let is_there = swap.go.iter().all(|&idx| lines[idx].is_some())
            && swap.come.iter().all(|&idx| findings[idx].is_some());
        let is_free = swap.come.iter().all(|&idx| {
            findings[idx]
                .as_ref()
                .is_some_and(|line| !joined.iter().any(|other| conflict(&line.rect, &other.rect)))
        });
        if !(is_there && is_free) {
            continue;
        }
        for idx in swap.go {
            lines[idx] = None;
        }
        joined.extend(swap.come.into_iter().filter_map(|idx| findings[idx].take()));
    }
    lines.into_iter().flatten().chain(joined).collect()
}

/// Findings that may come, and the lines that then go; indices.
struct Swap {
    come: Vec<usize>,
    go: Vec<usize>,
    gain: f32,
    is_better: bool,
}

impl Swap {
    fn of(come: Vec<usize>, go: Vec<usize>, findings: &[ReadLine], lines: &[ReadLine]) -> Self {
        let after: f32 = come.iter().map(|&idx| evidence(&findings[idx].text)).sum();
        let before: f32 = go.iter().map(|&idx| evidence(&lines[idx].text)).sum();
        Self {
            come,
            go,
            gain: after - before,
            is_better: after > before * (1.0 + MIN_GAIN_SHARE) + MIN_GAIN,
        }
    }
}

fn conflict(a: &RotatedRect, b: &RotatedRect) -> bool {
    may_touch(a, b) && (share_inside(a, b) > CONFLICT_SHARE || share_inside(b, a) > CONFLICT_SHARE)
}

/// How much a reading speaks for its region: characters that are sure count for it, guesses against it.
pub(super) fn evidence(text: &LineText) -> f32 {
    text.chars
        .iter()
        .filter(|c| !c.text.trim().is_empty())
        .map(|c| c.confidence - NEUTRAL_PROBABILITY)
        .sum()
}

fn is_clear(line: &ReadLine) -> bool {
    line.text.n_signs() >= NEW_SIGNS && line.text.confidence().unwrap_or(0.0) >= NEW_CONFIDENCE
}

/// Whether these are figures, well read, in a row with one of `lines` and as high as it.
fn is_figure_in_row(finding: &ReadLine, lines: &[ReadLine]) -> bool {
    let signs = finding.text.chars.iter().filter(|c| c.text != " ");
    let mut signs = signs.flat_map(|c| c.text.chars()).peekable();
    let is_figure = signs.peek().is_some() && signs.all(|c| c.is_ascii_digit());
    if !is_figure || finding.text.confidence().unwrap_or(0.0) < NEW_FIGURE_CONFIDENCE {
        return false;
    }
    let own = &finding.rect;
    lines.iter().any(|line| {
        let other = &line.rect;
        let near = SAME_ROW_HEIGHTS * own.height.min(other.height);
        // Across the other line's direction.
        let (sin, cos) = other.angle.sin_cos();
        let (dx, dy) = (own.center.x - other.center.x, own.center.y - other.center.y);
        (dy * cos - dx * sin).abs() <= near && (own.height - other.height).abs() <= near
    })
}

/// Whether the circles around two rectangles touch: a quick no.
fn may_touch(a: &RotatedRect, b: &RotatedRect) -> bool {
    let radius = |rect: &RotatedRect| rect.width.hypot(rect.height) / 2.0;
    a.center.distance(b.center) < radius(a) + radius(b)
}

/// The share of `a` that lies inside `b`, 0 to 1.
pub(super) fn share_inside(a: &RotatedRect, b: &RotatedRect) -> f32 {
    let [start, end, _, below] = a.corners();
    let (sin, cos) = b.angle.sin_cos();
    let mut n_inside = 0_usize;
    for x in 0..GRID.0 {
        for y in 0..GRID.1 {
            let (along, across) = (
                (x as f32 + 0.5) / GRID.0 as f32,
                (y as f32 + 0.5) / GRID.1 as f32,
            );
            let at = PointF::new(
                start.x + (end.x - start.x) * along + (below.x - start.x) * across,
                start.y + (end.y - start.y) * along + (below.y - start.y) * across,
            );
            let (dx, dy) = (at.x - b.center.x, at.y - b.center.y);
            let is_inside = (dx * cos + dy * sin).abs() <= b.width / 2.0
                && (dy * cos - dx * sin).abs() <= b.height / 2.0;
            n_inside += usize::from(is_inside);
        }
    }
    n_inside as f32 / (GRID.0 * GRID.1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::CharSpan;

    fn rect(x: f32, y: f32, width: f32, height: f32) -> RotatedRect {
        RotatedRect {
            center: PointF::new(x + width / 2.0, y + height / 2.0),
            width,
            height,
            angle: 0.0,
        }
    }

    fn line(rect: RotatedRect, text: &str, confidence: f32) -> ReadLine {
        let chars = text.chars().map(|c| CharSpan {
            text: c.to_string(),
            start: 0.0,
            end: 1.0,
            confidence,
        });
        ReadLine {
            rect,
            text: LineText {
                chars: chars.collect(),
            },
        }
    }

    fn texts(lines: &[ReadLine]) -> Vec<String> {
        let mut texts: Vec<String> = lines.iter().map(|line| line.text.text()).collect();
        texts.sort();
        texts
    }

    /// Joins readings of another scale into `lines`.
    fn joined(lines: Vec<ReadLine>, others: Vec<ReadLine>) -> Vec<String> {
        let rects: Vec<RotatedRect> = others.iter().map(|line| line.rect).collect();
        let found = compare(&lines, &rects);
        texts(&join(lines, &found, others.into_iter().map(Some).collect()))
    }

    #[test]
    fn lines_that_ran_together_are_parted_where_the_parts_read_better() {
        let together = line(rect(0.0, 0.0, 200.0, 40.0), "thcfoxxjumps", 0.6);
        let parts = vec![
            line(rect(0.0, 0.0, 200.0, 20.0), "the fox", 0.95),
            line(rect(0.0, 20.0, 200.0, 20.0), "jumps over", 0.95),
        ];
        assert_eq!(
            joined(vec![together.clone()], parts),
            ["jumps over", "the fox"]
        );
        let halves = vec![
            line(rect(0.0, 0.0, 200.0, 20.0), "tlie f", 0.55),
            line(rect(0.0, 20.0, 200.0, 20.0), "jnmps", 0.55),
        ];
        assert_eq!(joined(vec![together], halves), ["thcfoxxjumps"]);
    }

    #[test]
    fn a_line_that_was_cut_comes_whole_and_the_same_line_stays() {
        let cut = line(rect(60.0, 0.0, 140.0, 20.0), "ENTERPRISE", 0.9);
        let whole = line(rect(0.0, 0.0, 200.0, 22.0), "EAGLE ENTERPRISE", 0.9);
        assert_eq!(joined(vec![cut.clone()], vec![whole]), ["EAGLE ENTERPRISE"]);
        let same = line(rect(61.0, 0.0, 140.0, 20.5), "ENTERPR1SE!", 0.99);
        assert_eq!(joined(vec![cut], vec![same]), ["ENTERPRISE"]);
    }

    #[test]
    fn new_lines_must_read_well() {
        let there = line(rect(0.0, 0.0, 200.0, 20.0), "TOTAL", 0.9);
        let others = vec![
            line(rect(0.0, 50.0, 200.0, 20.0), "CASH 7.00", 0.9),
            line(rect(0.0, 80.0, 200.0, 20.0), "wxrl lk", 0.6),
            line(rect(0.0, 110.0, 20.0, 20.0), "o", 0.99),
        ];
        assert_eq!(joined(vec![there], others), ["CASH 7.00", "TOTAL"]);
    }

    #[test]
    fn figures_alone_are_believed_in_a_row_of_the_page() {
        let there = || vec![line(rect(0.0, 0.0, 200.0, 20.0), "COFFEE", 0.9)];
        let is_taken = |x: f32, y: f32, text: &str, confidence: f32| {
            joined(
                there(),
                vec![line(rect(x, y, 24.0, 19.0), text, confidence)],
            )
            .len()
                == 2
        };
        assert!(is_taken(300.0, 2.0, "12", 0.95));
        assert!(!is_taken(300.0, 2.0, "12", 0.8), "doubtful");
        assert!(!is_taken(300.0, 60.0, "12", 0.95), "in no row");
        assert!(!is_taken(300.0, 2.0, "--", 0.95), "no figures");
    }

    #[test]
    fn overlaps_are_measured_at_any_angle() {
        let a = rect(0.0, 0.0, 100.0, 20.0);
        assert_eq!(share_inside(&a, &a), 1.0);
        let turned = RotatedRect {
            angle: std::f32::consts::FRAC_PI_2,
            ..a
        };
        let share = share_inside(&a, &turned);
        assert!((share - 0.2).abs() < 0.05, "{share}");
        assert_eq!(share_inside(&a, &rect(0.0, 30.0, 100.0, 20.0)), 0.0);
    }
}
