//! Lines of a text layer: glyphs put together by where they stand, whatever order the content draws them in.

use super::characters::{self, UNKNOWN, is_written_without_spaces};
use super::glyphs::Glyph;
use super::order::{brackets_turned, logical_order};
use crate::geometry::{PointF, RotatedRect};
use crate::text::{CharSpan, LineText, ReadLine};

/// How far from the baseline a glyph still belongs to its line, in em of the smaller type.
const MAX_BASELINE_STEP: f32 = 0.3;

/// The gap at which a line ends, in em: columns stand further apart, the words of justified lines hardly ever.
const MAX_GAP: f32 = 1.2;

/// How far two parts of a line overlap at most, in em; kerning and slanted type do by less.
const MAX_OVERLAP: f32 = 0.5;

/// The gap that is a space where the text has none, in em, beyond the line's letter spacing. Spaces are 0.2 to 0.33 em; kerned letters stay below 0.1.
const SPACE_GAP: f32 = 0.16;

/// The gap below which a space of the text is none, in em: writers that place each letter alone put spaces of no width between.
const NO_SPACE_GAP: f32 = 0.03;

/// The gap that is a space between characters of scripts written without spaces, in em.
const WIDE_SPACE_GAP: f32 = 0.6;

/// Height of a line above and below its baseline in em. Ascenders reach 0.75, descenders 0.22.
const ABOVE: f32 = 0.77;
/// See [`ABOVE`].
const BELOW: f32 = 0.23;

/// Lines whose glyphs are smaller than this many pixels cannot be seen, and hide what they say.
const MIN_EM_PX: f32 = 3.0;

/// Directions closer than this are the same, in radians: two degrees.
const SAME_DIRECTION: f32 = 0.035;

/// A glyph in the frame of its line: along the direction of reading, across it downwards.
#[derive(Debug, Clone)]
struct Placed {
    text: String,
    from: f32,
    to: f32,
    baseline: f32,
    em: f32,
    space_before: bool,
    is_invisible: bool,
}

/// Glyphs that stand on one line.
#[derive(Debug, Clone)]
struct Part {
    angle: f32,
    is_vertical: bool,
    glyphs: Vec<Placed>,
    from: f32,
    to: f32,
    /// Where the next glyph would stand.
    baseline: f32,
    em: f32,
}

/// A line and whether nothing of it is painted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LayerLine {
    /// The line.
    pub(super) line: ReadLine,
    /// Whether most of it is invisible.
    pub(super) is_invisible: bool,
}

/// The lines of `glyphs`, from top to bottom within each direction.
pub(super) fn lines(glyphs: &[Glyph]) -> Vec<LayerLine> {
    joined(parts(glyphs))
        .into_iter()
        .filter_map(|part| line(&part))
        .collect()
}

/// The glyphs in stretches of the content's own order that stand together.
fn parts(glyphs: &[Glyph]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut space_before = false;
    for glyph in glyphs {
        if glyph.em() < MIN_EM_PX {
            continue;
        }
        if glyph.is_space() {
            space_before = true;
            continue;
        }
        let (angle, placed) = placed(glyph, space_before);
        space_before = false;
        if let Some(part) = parts.last_mut()
            && part.takes(angle, glyph.is_vertical, &placed)
        {
            part.push(placed);
            continue;
        }
        parts.push(Part::new(angle, glyph.is_vertical, placed));
    }
    parts
}

/// Direction of reading, and the glyph in its frame.
fn placed(glyph: &Glyph, space_before: bool) -> (f32, Placed) {
    let (mut start, mut end) = (glyph.start, glyph.end);
    let up = glyph.up;
    // Without an advance the direction is a quarter of a turn from the letter's height.
    let mut along = PointF::new(end.x - start.x, end.y - start.y);
    if along.x.hypot(along.y) < glyph.em() * 0.01 {
        along = PointF::new(-up.y, up.x);
    }
    // In a mirrored matrix text runs to the left; read from the left like all else, it comes in the order of its looks.
    let is_mirrored = !glyph.is_vertical && along.x * up.y - along.y * up.x > 0.0;
    if is_mirrored {
        std::mem::swap(&mut start, &mut end);
        along = PointF::new(-along.x, -along.y);
    }
    let angle = along.y.atan2(along.x);
    let frame = Frame::new(angle);
    let placed = Placed {
        text: glyph.text.clone(),
        from: frame.along(start),
        to: frame.along(end).max(frame.along(start)),
        baseline: frame.across(start),
        em: glyph.em(),
        space_before,
        is_invisible: glyph.is_invisible,
    };
    (angle, placed)
}

/// The axes of a direction of reading.
struct Frame {
    cos: f32,
    sin: f32,
}

impl Frame {
    fn new(angle: f32) -> Self {
        let (sin, cos) = angle.sin_cos();
        Self { cos, sin }
    }

    fn along(&self, p: PointF) -> f32 {
        p.x * self.cos + p.y * self.sin
    }

    fn across(&self, p: PointF) -> f32 {
        p.y * self.cos - p.x * self.sin
    }

    fn point(&self, along: f32, across: f32) -> PointF {
        PointF::new(
            along * self.cos - across * self.sin,
            along * self.sin + across * self.cos,
        )
    }
}

fn is_same_direction(a: f32, b: f32) -> bool {
    let turn = std::f32::consts::TAU;
    let difference = (a - b).rem_euclid(turn);
    difference.min(turn - difference) < SAME_DIRECTION
}

impl Part {
    fn new(angle: f32, is_vertical: bool, glyph: Placed) -> Self {
        Self {
            angle,
            is_vertical,
            from: glyph.from,
            to: glyph.to,
            baseline: glyph.baseline,
            em: glyph.em,
            glyphs: vec![glyph],
        }
    }

    /// Whether `glyph` stands right behind or right before this part.
    fn takes(&self, angle: f32, is_vertical: bool, glyph: &Placed) -> bool {
        let size = self.em.max(glyph.em);
        let gap = (glyph.from - self.to).max(self.from - glyph.to);
        is_vertical == self.is_vertical
            && is_same_direction(angle, self.angle)
            && self.is_level(glyph.baseline, glyph.em)
            && gap < MAX_GAP * size
            && (gap > -MAX_OVERLAP * size || characters::is_mark(&glyph.text))
    }

    /// Whether type of size `em` on `baseline` stands on this line: on its baseline, or small and raised or lowered beside it.
    fn is_level(&self, baseline: f32, em: f32) -> bool {
        let step = (baseline - self.baseline).abs();
        let (small, large) = (self.em.min(em), self.em.max(em));
        let is_script = small < large * 0.85 && step < large * 0.5;
        step < MAX_BASELINE_STEP * small || is_script
    }

    fn push(&mut self, glyph: Placed) {
        self.from = self.from.min(glyph.from);
        self.to = self.to.max(glyph.to);
        // Raised and lowered figures do not move the line.
        if glyph.em > self.em * 0.85 {
            self.baseline = glyph.baseline;
            self.em = self.em.max(glyph.em);
        }
        self.glyphs.push(glyph);
    }

    fn n_signs(&self) -> usize {
        self.glyphs.len()
    }
}

/// Parts that stand on one line, drawn one apart from the other, made one.
fn joined(mut parts: Vec<Part>) -> Vec<Part> {
    let quarter = |part: &Part| (part.angle / SAME_DIRECTION / 2.0).round() as i32;
    parts.sort_by(|a, b| {
        quarter(a)
            .cmp(&quarter(b))
            .then(a.baseline.total_cmp(&b.baseline))
            .then(a.from.total_cmp(&b.from))
    });
    let mut lines: Vec<Part> = Vec::new();
    for part in parts {
        // The lines above that reach down to this one are among the last.
        let near = lines
            .iter_mut()
            .rev()
            .take_while(|line| part.baseline - line.baseline < 2.0 * part.em.max(line.em))
            .find(|line| line.takes_part(&part));
        match near {
            Some(line) => line.merge(part),
            None => lines.push(part),
        }
    }
    // A part between two others has joined them one to the other.
    let mut idx = 0;
    while idx < lines.len() {
        let found = (idx + 1..lines.len())
            .take_while(|&next| lines[next].baseline - lines[idx].baseline < 2.0 * lines[idx].em)
            .find(|&next| lines[idx].takes_part(&lines[next]));
        match found {
            Some(next) => {
                let part = lines.remove(next);
                lines[idx].merge(part);
            }
            None => idx += 1,
        }
    }
    lines
}

impl Part {
    fn takes_part(&self, part: &Self) -> bool {
        let size = self.em.max(part.em);
        let gap = (part.from - self.to).max(self.from - part.to);
        let is_close = if self.em.min(part.em) < size * 0.85 {
            gap < 0.3 * size
        } else {
            gap < MAX_GAP * size
        };
        self.is_vertical == part.is_vertical
            && is_same_direction(self.angle, part.angle)
            && self.is_level(part.baseline, part.em)
            && is_close
            && gap > -MAX_OVERLAP * size
    }

    fn merge(&mut self, part: Self) {
        // What the line is follows its larger part.
        if part.em * part.n_signs() as f32 > self.em * self.n_signs() as f32 {
            self.baseline = part.baseline;
            self.em = part.em;
        }
        self.from = self.from.min(part.from);
        self.to = self.to.max(part.to);
        let mut glyphs = part.glyphs;
        self.glyphs.append(&mut glyphs);
    }
}

/// The line that `part` makes.
fn line(part: &Part) -> Option<LayerLine> {
    let visual = in_visual_order(&part.glyphs);
    let texts: Vec<&str> = visual.iter().map(|glyph| glyph.text.as_str()).collect();
    let order = if part.is_vertical {
        (0..texts.len()).collect()
    } else {
        logical_order(&texts)
    };
    let is_turned = order.windows(2).any(|pair| pair[0] > pair[1]);
    let length = part.to - part.from;
    if length <= 0.0 {
        return None;
    }
    let spaces = spaces(&visual);
    let share = |at: f32| ((at - part.from) / length).clamp(0.0, 1.0);
    let span = |text: String, from: f32, to: f32| CharSpan {
        text,
        start: share(from),
        end: share(to),
        confidence: 1.0,
    };
    let mut chars: Vec<CharSpan> = Vec::new();
    for (place, &idx) in order.iter().enumerate() {
        let glyph = &visual[idx];
        if let Some(&before) = place.checked_sub(1).and_then(|place| order.get(place)) {
            // Neighbours in reading need not be neighbours on the page; between words the gap beside either shows the space.
            let is_space = if before + 1 == idx {
                spaces[idx]
            } else if idx + 1 == before {
                spaces[before]
            } else {
                true
            };
            if is_space {
                let (left, right) = if visual[before].from < glyph.from {
                    (visual[before].to, glyph.from)
                } else {
                    (glyph.to, visual[before].from)
                };
                chars.push(span(" ".to_owned(), left.min(right), right.max(left)));
            }
        }
        chars.extend(spans(glyph, &span));
    }
    if is_turned {
        let mut texts: Vec<String> = chars.iter().map(|c| c.text.clone()).collect();
        brackets_turned(&mut texts);
        for (c, text) in chars.iter_mut().zip(texts) {
            c.text = text;
        }
    }
    let n_invisible = part
        .glyphs
        .iter()
        .filter(|glyph| glyph.is_invisible)
        .count();
    Some(LayerLine {
        line: ReadLine {
            rect: rect(part),
            text: LineText { chars },
        },
        is_invisible: n_invisible * 2 > part.glyphs.len(),
    })
}

/// The glyphs by where they stand, marks with the letters they belong to.
fn in_visual_order(glyphs: &[Placed]) -> Vec<Placed> {
    let mut visual: Vec<Placed> = Vec::with_capacity(glyphs.len());
    for glyph in glyphs {
        if characters::is_mark(&glyph.text)
            && !glyph.space_before
            && let Some(letter) = visual.last_mut()
            && (glyph.from - letter.to).max(letter.from - glyph.to) < 0.3 * letter.em
        {
            letter.text.push_str(&glyph.text);
            continue;
        }
        visual.push(glyph.clone());
    }
    visual.sort_by(|a, b| a.from.total_cmp(&b.from));
    visual
}

/// For each glyph whether a space stands to its left.
fn spaces(visual: &[Placed]) -> Vec<bool> {
    let gaps: Vec<f32> = visual
        .windows(2)
        .map(|pair| (pair[1].from - pair[0].to) / pair[0].em.max(pair[1].em))
        .collect();
    // A space of the text lies at a gap of either of the glyphs beside it, whatever the direction of writing.
    let is_told = |idx: usize| {
        visual[idx + 1].space_before || visual[idx].space_before && gaps[idx] > NO_SPACE_GAP
    };
    let mut letter_gaps: Vec<f32> = (0..gaps.len())
        .filter(|&idx| !is_told(idx))
        .map(|idx| gaps[idx])
        .collect();
    letter_gaps.sort_by(f32::total_cmp);
    // Letter spacing is what lies between most letters; a handful do not show any.
    let spacing = if letter_gaps.len() >= 4 {
        letter_gaps[letter_gaps.len() / 2].max(0.0)
    } else {
        0.0
    };
    let is_wide = |glyph: &Placed| glyph.text.chars().any(is_written_without_spaces);
    let mut spaces = vec![false; visual.len()];
    for (idx, &gap) in gaps.iter().enumerate() {
        let gap = gap - spacing;
        spaces[idx + 1] = if is_wide(&visual[idx]) && is_wide(&visual[idx + 1]) {
            gap > WIDE_SPACE_GAP
        } else {
            gap > SPACE_GAP || visual[idx + 1].space_before && gap > NO_SPACE_GAP
        };
    }
    spaces
}

/// The characters of a glyph, each with its share of the glyph's width; marks stay with their letters.
fn spans(glyph: &Placed, span: &impl Fn(String, f32, f32) -> CharSpan) -> Vec<CharSpan> {
    let mut clusters: Vec<String> = Vec::new();
    for c in glyph.text.chars() {
        match clusters.last_mut() {
            Some(cluster) if characters::is_mark(c.encode_utf8(&mut [0; 4])) => cluster.push(c),
            _ => clusters.push(c.to_string()),
        }
    }
    let n_clusters = clusters.len().max(1) as f32;
    let width = (glyph.to - glyph.from) / n_clusters;
    clusters
        .into_iter()
        .enumerate()
        .map(|(idx, text)| {
            let from = glyph.from + width * idx as f32;
            span(text, from, from + width)
        })
        .collect()
}

fn rect(part: &Part) -> RotatedRect {
    let frame = Frame::new(part.angle);
    let (above, below) = if part.is_vertical {
        (0.5, 0.5)
    } else {
        (ABOVE, BELOW)
    };
    let middle = part.baseline + (below - above) / 2.0 * part.em;
    RotatedRect {
        center: frame.point(f32::midpoint(part.from, part.to), middle),
        width: part.to - part.from,
        height: (above + below) * part.em,
        angle: part.angle,
    }
}

/// Number of characters in `lines` that are no spaces, and how many of them mean something.
pub(super) fn count(lines: &[LayerLine]) -> (usize, usize) {
    let signs = lines
        .iter()
        .flat_map(|line| &line.line.text.chars)
        .filter(|c| !c.text.trim().is_empty());
    signs.fold((0, 0), |(n_all, n_known), c| {
        (n_all + 1, n_known + usize::from(!c.text.contains(UNKNOWN)))
    })
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    /// Ten pixels high, six wide, at (x, y).
    fn glyph(text: &str, x: f32, y: f32) -> Glyph {
        Glyph {
            text: text.into(),
            start: PointF::new(x, y),
            end: PointF::new(x + 6.0, y),
            up: PointF::new(0.0, -10.0),
            is_vertical: false,
            is_invisible: false,
        }
    }

    fn typed(text: &str, x: f32, y: f32) -> Vec<Glyph> {
        text.chars()
            .enumerate()
            .map(|(idx, c)| glyph(&c.to_string(), x + idx as f32 * 6.0, y))
            .collect()
    }

    fn texts(glyphs: &[Glyph]) -> Vec<String> {
        lines(glyphs)
            .iter()
            .map(|line| line.line.text.text())
            .collect()
    }

    #[test]
    fn spaces_are_those_that_can_be_seen() {
        // No space in the text, but a gap; a space in the text, but no gap.
        let mut glyphs = typed("two", 0.0, 20.0);
        glyphs.extend(typed("words", 21.0, 20.0));
        assert_eq!(texts(&glyphs), ["two words"]);
        let pulled = [
            glyph("o", 0.0, 20.0),
            glyph(" ", 6.0, 20.0),
            glyph("n", 6.0, 20.0),
            glyph("e", 12.0, 20.0),
        ];
        assert_eq!(texts(&pulled), ["one"]);
        let doubled = [
            typed("a", 0.0, 20.0),
            typed("  ", 6.0, 20.0),
            typed("b", 12.0, 20.0),
        ]
        .concat();
        assert_eq!(texts(&doubled), ["a b"]);
    }

    #[test]
    fn letter_spacing_is_no_space() {
        let spaced: Vec<Glyph> = "HEADING"
            .chars()
            .enumerate()
            .map(|(idx, c)| glyph(&c.to_string(), idx as f32 * 9.0, 20.0))
            .collect();
        assert_eq!(texts(&spaced), ["HEADING"]);
    }

    #[test]
    fn columns_are_lines_of_their_own_and_words_drawn_apart_are_joined() {
        let glyphs = [
            typed("right", 200.0, 20.0),
            typed("left", 0.0, 20.0),
            typed("again", 32.0, 20.0),
        ]
        .concat();
        let mut found = texts(&glyphs);
        found.sort();
        assert_eq!(found, ["left again", "right"]);
    }

    #[test]
    fn raised_figures_belong_to_their_line() {
        let mut glyphs = typed("area", 0.0, 20.0);
        glyphs.push(Glyph {
            end: PointF::new(28.0, 16.0),
            up: PointF::new(0.0, -6.0),
            ..glyph("2", 24.0, 16.0)
        });
        glyphs.extend(typed("is", 31.0, 20.0));
        assert_eq!(texts(&glyphs), ["area2 is"]);
        let found = lines(&glyphs);
        let rect = found[0].line.rect;
        assert!(
            (rect.height - 10.0).abs() < 0.1 && (rect.center.y - 17.3).abs() < 0.1,
            "{rect:?}"
        );
    }

    #[test]
    fn right_to_left_lines_are_read_from_the_right() {
        // Drawn in the order of reading from right to left, as some writers do, and in the order of looks, as others do.
        let by_looks = typed("\u{5d2} \u{5d1}\u{5d0}", 0.0, 20.0);
        let by_reading: Vec<Glyph> = by_looks.iter().rev().cloned().collect();
        for glyphs in [by_looks, by_reading] {
            assert_eq!(texts(&glyphs), ["\u{5d0}\u{5d1} \u{5d2}"]);
        }
        let mirrored: Vec<Glyph> = "\u{5d0}\u{5d1}"
            .chars()
            .enumerate()
            .map(|(idx, c)| {
                let x = 60.0 - idx as f32 * 6.0;
                Glyph {
                    end: PointF::new(x - 6.0, 20.0),
                    ..glyph(&c.to_string(), x, 20.0)
                }
            })
            .collect();
        let found = lines(&mirrored);
        assert_eq!(found[0].line.text.text(), "\u{5d0}\u{5d1}");
        assert_eq!(found[0].line.rect.angle, 0.0);
        assert!(found[0].line.text.chars[0].start > 0.4);
    }

    #[test]
    fn turned_and_vertical_text_has_its_own_direction() {
        let turned: Vec<Glyph> = "up"
            .chars()
            .enumerate()
            .map(|(idx, c)| Glyph {
                text: c.to_string(),
                start: PointF::new(50.0, 100.0 - idx as f32 * 6.0),
                end: PointF::new(50.0, 94.0 - idx as f32 * 6.0),
                up: PointF::new(-10.0, 0.0),
                is_vertical: false,
                is_invisible: false,
            })
            .collect();
        let found = lines(&turned);
        assert_eq!(found[0].line.text.text(), "up");
        assert!((found[0].line.rect.angle + std::f32::consts::FRAC_PI_2).abs() < 0.01);
        let column: Vec<Glyph> = "\u{7e26}\u{66f8}"
            .chars()
            .enumerate()
            .map(|(idx, c)| Glyph {
                text: c.to_string(),
                start: PointF::new(50.0, idx as f32 * 10.0),
                end: PointF::new(50.0, idx as f32 * 10.0 + 10.0),
                up: PointF::new(0.0, -10.0),
                is_vertical: true,
                is_invisible: true,
            })
            .collect();
        let found = lines(&column);
        assert_eq!(found[0].line.text.text(), "\u{7e26}\u{66f8}");
        assert!(found[0].is_invisible);
        let corners = found[0].line.rect.corners();
        assert!(
            (corners[0].x - 55.0).abs() < 0.01 && corners[0].y.abs() < 0.01,
            "{corners:?}"
        );
    }

    #[test]
    fn marks_stay_with_their_letters() {
        let mut glyphs = typed("\u{e01}", 0.0, 20.0);
        glyphs.push(Glyph {
            end: PointF::new(4.0, 20.0),
            ..glyph("\u{e48}", 4.0, 20.0)
        });
        glyphs.extend(typed("\u{e32}", 6.0, 20.0));
        let found = lines(&glyphs);
        assert_eq!(found[0].line.text.chars.len(), 2);
        assert_eq!(found[0].line.text.text(), "\u{e01}\u{e48}\u{e32}");
    }
}
