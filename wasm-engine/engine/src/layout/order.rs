//! Reading order: columns by cuts through white space, rows inside a column.

use ocr_chat_document::{Block, Line};

use super::PageLine;
use super::direction::is_rtl;
use crate::geometry::RotatedRect;

/// A gutter between columns is at least this many line heights wide, from ink to ink.
const MIN_GUTTER_HEIGHTS: f32 = 0.6;

/// How far a region reaches beyond its ink on either side, in line heights: the detector's regions are grown by that much.
const GROWN_HEIGHTS: f32 = 0.3;

/// A column has at least this many lines of running text; fewer are cells of a table or ends of a row.
const MIN_COLUMN_LINES: usize = 4;

/// A line of running text is at least this many line heights long; shorter are cells, prices, labels.
const MIN_TEXT_LINE_HEIGHTS: f32 = 8.0;

/// Notes in a margin are at least this many lines; what stands beside a column in its own rows are labels or cells instead.
const MIN_MARGIN_LINES: usize = 3;

/// Lines whose middles are this near, in line heights, stand in one row with each other.
const SAME_ROW_HEIGHTS: f32 = 0.2;

/// Share of the lines of a margin that may stand in one row with a line beside: by chance a third do.
const MAX_SAME_ROW: f32 = 0.6;

/// Columns end at a gap right across that is this many line heights high, where the lines below it are of another size by this factor: a
/// caption in two columns, then the text.
const MIN_BREAK_HEIGHTS: f32 = 1.0;
const MIN_SIZE_RATIO: f32 = 1.12;

/// A rule that ends columns runs along at least this share of the width of the lines around it, and is at most this far inside of a line, in line heights:
/// regions are grown beyond their ink.
const MIN_RULE_SHARE: f32 = 0.7;
const MAX_INSIDE_HEIGHTS: f32 = 0.3;

/// Lines belong to one row when they share this much of the lower one's height.
const ROW_OVERLAP: f32 = 0.5;

/// The frame in which the page's lines are level: turned by the direction most of its text runs in.
pub(super) struct Frame {
    sin: f32,
    cos: f32,
}

/// A line's box in the level frame, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Extent {
    pub(super) x0: f32,
    pub(super) x1: f32,
    pub(super) y0: f32,
    pub(super) y1: f32,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Content {
    Line(Line),
    /// A table or a figure.
    Block(Block),
}

/// A line or a block and its box in the level frame.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) content: Content,
    pub(super) extent: Extent,
}

impl Placed {
    pub(super) fn text(&self) -> &str {
        match &self.content {
            Content::Line(line) => &line.text,
            Content::Block(block) => &block.text,
        }
    }

    pub(super) fn is_block(&self) -> bool {
        matches!(self.content, Content::Block(_))
    }
}

impl Extent {
    pub(super) fn height(&self) -> f32 {
        self.y1 - self.y0
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            x1: self.x1.max(other.x1),
            y0: self.y0.min(other.y0),
            y1: self.y1.max(other.y1),
        }
    }

    /// The box around all of `placed`.
    pub(super) fn around(placed: &[Placed]) -> Option<Self> {
        placed.iter().map(|p| p.extent).reduce(Self::union)
    }
}

impl Frame {
    /// The level frame of `lines`: the median of their angles, each weighted by the line's length.
    pub(super) fn of(lines: &[PageLine]) -> Self {
        let mut angles: Vec<(f32, f32)> = lines
            .iter()
            .filter(|line| line.rect.width > line.rect.height)
            .map(|line| (line.rect.angle, line.rect.width))
            .collect();
        crate::sort::by_key(&mut angles, |(angle, _)| *angle);
        let half = angles.iter().map(|(_, length)| length).sum::<f32>() / 2.0;
        let mut sum = 0.0;
        let median = angles.iter().find(|(_, length)| {
            sum += length;
            sum >= half
        });
        let (sin, cos) = median.map_or(0.0, |(angle, _)| *angle).sin_cos();
        Self { sin, cos }
    }

    /// The box of `rect` in this frame.
    pub(super) fn extent(&self, rect: &RotatedRect) -> Extent {
        let turned = rect.corners().map(|corner| {
            (
                corner.x * self.cos + corner.y * self.sin,
                corner.y * self.cos - corner.x * self.sin,
            )
        });
        let at = |pick: fn(&(f32, f32)) -> f32, fold: fn(f32, f32) -> f32, start: f32| {
            turned.iter().map(pick).fold(start, fold)
        };
        Extent {
            x0: at(|p| p.0, f32::min, f32::MAX),
            x1: at(|p| p.0, f32::max, f32::MIN),
            y0: at(|p| p.1, f32::min, f32::MAX),
            y1: at(|p| p.1, f32::max, f32::MIN),
        }
    }
}

/// Parts the lines into areas that are read one after the other.
///
/// A recursive X-Y cut (Nagy and Seth, 1984): across, where no line stands and the parts differ in their columns; down, through
/// a gutter with a text column on either side, the right one first where text runs from right to left. Rows of cells have gutters too, so both sides must look like running text.
/// `rules`, in the same frame, end columns that they run right across.
pub(super) fn columns(lines: Vec<Placed>, rules: &[Extent], is_rtl: bool) -> Vec<Vec<Placed>> {
    let page = Page {
        height: median_height(&lines),
        rules,
        is_rtl,
    };
    let mut areas = Vec::new();
    page.cut(lines, &mut areas);
    areas
}

/// What is the same for all parts of a page.
struct Page<'a> {
    /// Median height of its lines.
    height: f32,
    rules: &'a [Extent],
    is_rtl: bool,
}

impl Page<'_> {
    fn cut(&self, lines: Vec<Placed>, areas: &mut Vec<Vec<Placed>>) {
        let height = self.height;
        if let Some(x) = gutter(&lines, height) {
            if let Some(y) = self.rule_across(&lines, x) {
                let is_above = |p: &Placed| f32::midpoint(p.extent.y0, p.extent.y1) < y;
                let (above, below) = lines.into_iter().partition(is_above);
                self.cut(above, areas);
                self.cut(below, areas);
                return;
            }
            if let Some(y) = break_between_sizes(&lines, height) {
                let (above, below) = lines.into_iter().partition(|p| p.extent.y0 < y);
                self.cut(above, areas);
                self.cut(below, areas);
                return;
            }
            let (left, right): (Vec<_>, Vec<_>) = lines.into_iter().partition(|p| center_x(p) < x);
            let (first, second) = if self.is_rtl {
                (right, left)
            } else {
                (left, right)
            };
            self.cut(first, areas);
            self.cut(second, areas);
            return;
        }
        // A heading above two columns hides their gutter: between the gaps from which to which a gutter runs there are columns.
        let strips = strips(lines);
        let mut plain = Vec::new();
        let mut start = 0;
        while start < strips.len() {
            match last_strip_of_columns(&strips[start..], height) {
                Some(last) => {
                    push_area(&mut plain, areas);
                    let columns = strips[start..=start + last].concat();
                    self.cut(columns, areas);
                    start += last + 1;
                }
                None => {
                    plain.extend_from_slice(&strips[start]);
                    start += 1;
                }
            }
        }
        push_area(&mut plain, areas);
    }

    /// The middle of a rule that runs across the columns on either side of `x`, between their lines.
    fn rule_across(&self, lines: &[Placed], x: f32) -> Option<f32> {
        let around = Extent::around(lines)?;
        let middle = |rule: &Extent| f32::midpoint(rule.y0, rule.y1);
        let parts = |rule: &&Extent| {
            let y = middle(rule);
            let length = rule.x1.min(around.x1) - rule.x0.max(around.x0);
            let is_long = length >= MIN_RULE_SHARE * (around.x1 - around.x0);
            let is_between = lines.iter().all(|placed| {
                let inside = (y - placed.extent.y0).min(placed.extent.y1 - y);
                inside <= MAX_INSIDE_HEIGHTS * placed.extent.height()
            });
            let n_above = lines.iter().filter(|placed| placed.extent.y0 < y).count();
            rule.x0 < x
                && x < rule.x1
                && is_long
                && is_between
                && (1..lines.len()).contains(&n_above)
        };
        self.rules.iter().find(parts).map(middle)
    }
}

fn push_area(plain: &mut Vec<Placed>, areas: &mut Vec<Vec<Placed>>) {
    if !plain.is_empty() {
        areas.push(std::mem::take(plain));
    }
}

/// The last of the strips that a gutter runs through from the first; `None` where it begins with none. A first strip without running
/// text, a running header, is no beginning of columns.
fn last_strip_of_columns(strips: &[Vec<Placed>], height: f32) -> Option<usize> {
    if !strips.first()?.iter().any(|placed| is_text(placed, height)) {
        return None;
    }
    let runs_through = |last: &usize| gutter(&strips[..=*last].concat(), height).is_some();
    (0..strips.len()).rev().find(runs_through)
}

fn center_x(placed: &Placed) -> f32 {
    f32::midpoint(placed.extent.x0, placed.extent.x1)
}

/// The middle of the widest gutter that parts `lines` into two text columns.
fn gutter(lines: &[Placed], height: f32) -> Option<f32> {
    let mut spans: Vec<(f32, f32)> = lines.iter().map(ink_span).collect();
    crate::sort::by_key(&mut spans, |span| span.0);
    let mut right = spans.first()?.1;
    let mut best: Option<(f32, f32)> = None;
    for (x0, x1) in spans {
        let width = x0 - right;
        if width >= MIN_GUTTER_HEIGHTS * height && best.is_none_or(|(widest, _)| width > widest) {
            let middle = f32::midpoint(right, x0);
            let is_left = |p: &&Placed| center_x(p) < middle;
            let left_side: Vec<&Placed> = lines.iter().filter(is_left).collect();
            let right_side: Vec<&Placed> = lines.iter().filter(|p| !is_left(p)).collect();
            let is_text = [&left_side, &right_side].map(|side| is_text_column(side, height));
            let parts = match is_text {
                [true, true] => true,
                [true, false] => is_margin(&right_side, &left_side),
                [false, true] => is_margin(&left_side, &right_side),
                [false, false] => false,
            };
            if parts {
                best = Some((width, middle));
            }
        }
        right = right.max(x1);
    }
    best.map(|(_, middle)| middle)
}

/// Where the ink of a line begins and ends along x.
fn ink_span(placed: &Placed) -> (f32, f32) {
    let grown =
        (GROWN_HEIGHTS * placed.extent.height()).min((placed.extent.x1 - placed.extent.x0) / 4.0);
    (placed.extent.x0 + grown, placed.extent.x1 - grown)
}

fn is_text_column(lines: &[&Placed], height: f32) -> bool {
    let n_text = lines
        .iter()
        .filter(|placed| is_text(placed, height))
        .count();
    n_text >= MIN_COLUMN_LINES
}

/// Whether `lines` beside `column` are notes with lines of their own, not labels of its rows.
fn is_margin(lines: &[&Placed], column: &[&Placed]) -> bool {
    let lines = lines.iter().filter(|placed| !placed.is_block());
    let middle = |placed: &Placed| f32::midpoint(placed.extent.y0, placed.extent.y1);
    let (mut n_lines, mut n_in_rows) = (0_usize, 0_usize);
    for placed in lines {
        n_lines += 1;
        let near = SAME_ROW_HEIGHTS * placed.extent.height();
        let in_row = |other: &&Placed| (middle(other) - middle(placed)).abs() <= near;
        n_in_rows += usize::from(column.iter().any(in_row));
    }
    n_lines >= MIN_MARGIN_LINES && n_in_rows as f32 <= MAX_SAME_ROW * n_lines as f32
}

/// Where columns break off and lines of another size go on, in columns too: the lower end of the gap between them.
fn break_between_sizes(lines: &[Placed], height: f32) -> Option<f32> {
    let strips = strips(lines.to_vec());
    (1..strips.len()).find_map(|at| {
        let end = Extent::around(&strips[at - 1])?.y1;
        let start = Extent::around(&strips[at])?.y0;
        // Few gaps are that high; only there the rest is worth looking at.
        if start - end < MIN_BREAK_HEIGHTS * height {
            return None;
        }
        let (above, below) = (strips[..at].concat(), strips[at..].concat());
        let (larger, smaller) = (median_height(&above), median_height(&below));
        let ratio = larger.max(smaller) / larger.min(smaller).max(1.0);
        let breaks = ratio >= MIN_SIZE_RATIO
            && gutter(&above, height).is_some()
            && gutter(&below, height).is_some();
        breaks.then_some(start)
    })
}

fn is_text(placed: &Placed, height: f32) -> bool {
    !placed.is_block() && placed.extent.x1 - placed.extent.x0 >= MIN_TEXT_LINE_HEIGHTS * height
}

/// The lines parted where no line stands, from the top.
fn strips(mut lines: Vec<Placed>) -> Vec<Vec<Placed>> {
    crate::sort::by_key(&mut lines, |placed| placed.extent.y0);
    let mut strips: Vec<Vec<Placed>> = Vec::new();
    let mut bottom = f32::MAX;
    for placed in lines {
        let extent = placed.extent;
        match strips.last_mut() {
            Some(strip) if extent.y0 < bottom => {
                bottom = bottom.max(extent.y1);
                strip.push(placed);
            }
            _ => {
                bottom = extent.y1;
                strips.push(vec![placed]);
            }
        }
    }
    strips
}

/// The rows of an area from top to bottom, the lines of each in the direction that most of its letters run.
pub(super) fn rows(mut lines: Vec<Placed>) -> Vec<Vec<Placed>> {
    let center_y = |p: &Placed| f32::midpoint(p.extent.y0, p.extent.y1);
    crate::sort::by_key(&mut lines, center_y);
    let mut rows: Vec<Vec<Placed>> = Vec::new();
    for placed in lines {
        // A line may join any of the rows just above it: its neighbour need not be the last that was placed.
        let row = rows.iter_mut().rev().take(3).find(|row| {
            row.iter().all(|other| {
                if placed.is_block() || other.is_block() {
                    return false;
                }
                let shared =
                    placed.extent.y1.min(other.extent.y1) - placed.extent.y0.max(other.extent.y0);
                let beside =
                    placed.extent.x0 >= center_x(other) || placed.extent.x1 <= center_x(other);
                beside && shared >= ROW_OVERLAP * placed.extent.height().min(other.extent.height())
            })
        });
        match row {
            Some(row) => row.push(placed),
            None => rows.push(vec![placed]),
        }
    }
    for row in &mut rows {
        crate::sort::by_key(row, |placed| placed.extent.x0);
        if is_rtl(row.iter().map(Placed::text)) {
            row.reverse();
        }
    }
    rows
}

/// Median height of the lines; 1 where there are none.
fn median_height(lines: &[Placed]) -> f32 {
    let level = lines.iter().filter(|placed| !placed.is_block());
    crate::sort::median(level.map(|placed| placed.extent.height())).unwrap_or(1.0)
}
