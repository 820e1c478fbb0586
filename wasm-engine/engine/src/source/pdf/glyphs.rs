//! The glyphs of a page's text, as hayro's interpreter shows them.

use std::collections::HashMap;

use hayro::hayro_interpret::font::{Glyph as ShownGlyph, GlyphRun};
use hayro::hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageDrawProps,
    InterpreterCache, InterpreterSettings, Paint, SoftMask, interpret_page,
};
use hayro::hayro_syntax::object::{Dict, String as PdfString};
use hayro::hayro_syntax::page::Page;
use hayro::kurbo::{Affine, BezPath, Point, Rect, Shape as _};

use super::characters::{self, UNKNOWN};
use crate::geometry::PointF;

/// Font units to the em, the frame in which the interpreter places glyphs.
const UNITS_PER_EM: f64 = 1000.0;

/// Side of the grid on which the area of pictures is counted.
const GRID: usize = 64;

/// How far from each other two equal characters stand at most where one is drawn over the other (bold type by doubling, fill and stroke), in em.
/// The narrowest letters advance by 0.22 em.
const MAX_DOUBLING_EM: f32 = 0.13;

/// Opacity below which nothing is seen; eight bits a channel round it to nothing.
const MIN_OPACITY: f32 = 1.0 / 255.0;

/// A stretch of text that the interpreter shows, where it stands on the rendered page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Glyph {
    /// What it means, normalised; [`UNKNOWN`] where the font does not say.
    pub(super) text: String,
    /// Where it begins on the baseline (for vertical text on the middle of the column), in pixels.
    pub(super) start: PointF,
    /// Where it ends.
    pub(super) end: PointF,
    /// From the baseline to the top of an em, in pixels.
    pub(super) up: PointF,
    /// Whether it is written from top to bottom.
    pub(super) is_vertical: bool,
    /// Whether nothing is painted.
    pub(super) is_invisible: bool,
}

impl Glyph {
    /// Size of the font in pixels.
    pub(super) fn em(&self) -> f32 {
        self.up.x.hypot(self.up.y)
    }

    /// Whether it is white space.
    pub(super) fn is_space(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// What was found on a page.
#[derive(Debug, Default)]
pub(super) struct PageGlyphs {
    /// In the order of the content, spaces included.
    pub(super) glyphs: Vec<Glyph>,
    /// Share of the page's area under pictures, 0 to 1.
    pub(super) picture_share: f32,
}

/// The glyphs of `page` at `scale` pixels a point.
pub(super) fn glyphs(page: &Page<'_>, scale: f64, settings: InterpreterSettings) -> PageGlyphs {
    let (width_pt, height_pt) = page.render_dimensions();
    let (width, height) = (f64::from(width_pt) * scale, f64::from(height_pt) * scale);
    let sheet = Rect::new(0.0, 0.0, width, height);
    let transform = Affine::scale(scale) * Affine::new(page.initial_transform(true).as_coeffs());
    let cache = InterpreterCache::new();
    let mut context = Context::new(transform, sheet, &cache, page.xref(), settings);
    let mut collector = Collector {
        sheet,
        clips: Vec::new(),
        found: PageGlyphs::default(),
        seen: HashMap::new(),
        groups: Vec::new(),
        pictures: vec![false; GRID * GRID],
        replacements: Vec::new(),
    };
    interpret_page(page, &mut context, &mut collector);
    let n_covered = collector.pictures.iter().filter(|&&cell| cell).count();
    PageGlyphs {
        picture_share: n_covered as f32 / (GRID * GRID) as f32,
        ..collector.found
    }
}

struct Collector {
    sheet: Rect,
    /// Boxes of the clips in force, each within the one before.
    clips: Vec<Rect>,
    found: PageGlyphs,
    /// Where each character was drawn already, by the cell of a grid.
    seen: HashMap<(String, i32, i32), Vec<PointF>>,
    /// The transparency groups that are open, and whether each is fully transparent.
    groups: Vec<bool>,
    /// Cells of a grid over the page that a picture covers.
    pictures: Vec<bool>,
    /// The marked content that is open: what its text is to be replaced by, and where its glyphs begin.
    replacements: Vec<Option<(String, usize)>>,
}

impl Collector {
    fn clip(&self) -> Rect {
        self.clips.last().copied().unwrap_or(self.sheet)
    }

    fn push(&mut self, glyph: Glyph) {
        let box_of = Rect::from_points(
            Point::new(f64::from(glyph.start.x), f64::from(glyph.start.y)),
            Point::new(
                f64::from(glyph.end.x + glyph.up.x * 0.7),
                f64::from(glyph.end.y + glyph.up.y * 0.7),
            ),
        );
        let visible = box_of.intersect(self.clip());
        let is_outside = visible.width() <= 0.0 && box_of.width() > 0.0
            || visible.height() <= 0.0 && box_of.height() > 0.0;
        if is_outside || glyph.em() < 0.5 || self.is_doubled(&glyph) {
            return;
        }
        self.found.glyphs.push(glyph);
    }

    /// Whether the same character stands in the same place already.
    fn is_doubled(&mut self, glyph: &Glyph) -> bool {
        if glyph.is_space() {
            return false;
        }
        let reach = MAX_DOUBLING_EM * glyph.em();
        // Cells are as large as the reach, so that doubles lie in neighbouring ones.
        let cell = |at: PointF| ((at.x / reach).floor() as i32, (at.y / reach).floor() as i32);
        let (column, row) = cell(glyph.start);
        for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
            let key = (glyph.text.clone(), column + dx, row + dy);
            if let Some(places) = self.seen.get(&key)
                && places
                    .iter()
                    .any(|place| place.distance(glyph.start) < reach)
            {
                return true;
            }
        }
        self.seen
            .entry((glyph.text.clone(), column, row))
            .or_default()
            .push(glyph.start);
        false
    }

    /// Marks what was drawn already inside `area` as invisible where `image` covers it: some recognisers lay their text under the scan.
    fn hide_under(&mut self, image: &Image<'_, '_>, area: Rect) {
        let middle = |glyph: &Glyph| {
            Point::new(
                f64::from(f32::midpoint(glyph.start.x, glyph.end.x) + glyph.up.x * 0.3),
                f64::from(f32::midpoint(glyph.start.y, glyph.end.y) + glyph.up.y * 0.3),
            )
        };
        let Image::Raster(raster) = image else {
            return;
        };
        let is_under = |glyph: &Glyph| !glyph.is_invisible && area.contains(middle(glyph));
        if !self.found.glyphs.iter().any(is_under) {
            return;
        }
        // Looked at only now, because it has to be decoded; a small version will do.
        let mut is_opaque = false;
        raster.with_rgba(|_, alpha| is_opaque = alpha.is_none(), Some((64, 64)));
        if is_opaque {
            for glyph in &mut self.found.glyphs {
                glyph.is_invisible |= area.contains(middle(glyph));
            }
        }
    }

    fn cover(&mut self, area: Rect) {
        let area = area.intersect(self.clip());
        if area.width() <= 0.0 || area.height() <= 0.0 {
            return;
        }
        let cells = |from: f64, to: f64, side: f64| {
            let first = (from / side * GRID as f64).round().max(0.0) as usize;
            let last = (to / side * GRID as f64).round().max(0.0) as usize;
            first.min(GRID)..last.min(GRID)
        };
        for row in cells(area.y0, area.y1, self.sheet.height()) {
            for column in cells(area.x0, area.x1, self.sheet.width()) {
                self.pictures[row * GRID + column] = true;
            }
        }
    }
}

impl<'a> Device<'a> for Collector {
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}

    fn push_clip_path(&mut self, clip_path: &ClipPath) {
        let clip = self.clip().intersect(clip_path.path.bounding_box());
        self.clips.push(clip);
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn push_transparency_group(&mut self, opacity: f32, _: Option<SoftMask<'a>>, _: BlendMode) {
        self.groups.push(opacity < MIN_OPACITY);
    }

    fn pop_transparency_group(&mut self) {
        self.groups.pop();
    }

    fn draw_glyph_run(
        &mut self,
        run: &GlyphRun<'_, 'a>,
        props: DrawProps<'a>,
        draw_mode: &DrawMode,
    ) {
        let is_vertical = matches!(run.writing_mode(), WritingMode::Vertical);
        let is_transparent = match &props.paint {
            Paint::Color(color) => color.to_rgba().components()[3] < MIN_OPACITY,
            Paint::Pattern(_) => false,
        };
        let is_invisible = is_transparent
            || self.groups.contains(&true)
            || matches!(draw_mode, DrawMode::Invisible);
        let placed: Vec<(Affine, f64, String)> = run
            .glyphs()
            .iter()
            .map(|glyph| {
                let width = match &**glyph {
                    ShownGlyph::Outline(outline) => outline.advance_width(),
                    ShownGlyph::Type3(drawing) => drawing.advance_width(),
                };
                let text = match glyph.as_unicode() {
                    Some(BfString::Char(c)) => characters::normalised(&c.to_string()),
                    Some(BfString::String(text)) => characters::normalised(&text),
                    None => UNKNOWN.to_string(),
                };
                let width = f64::from(width.unwrap_or(0.0));
                (props.transform * glyph.transform(), width, text)
            })
            .collect();
        for (idx, (transform, width, text)) in placed.iter().enumerate() {
            let next = placed.get(idx + 1).map(|next| next.0);
            if let Some((start, end, up)) = extent(*transform, *width, is_vertical, next) {
                self.push(Glyph {
                    text: text.clone(),
                    start,
                    end,
                    up,
                    is_vertical,
                    is_invisible,
                });
            }
        }
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let stored = Rect::new(
            0.0,
            0.0,
            f64::from(image.width()),
            f64::from(image.height()),
        );
        let area = props.transform.transform_rect_bbox(stored);
        self.cover(area);
        self.hide_under(&image, area.intersect(self.clip()));
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        let text = properties
            .and_then(|properties| properties.get::<PdfString<'_>>("ActualText"))
            .map(|text| characters::normalised(&characters::text_string(&text)));
        self.replacements
            .push(text.map(|text| (text, self.found.glyphs.len())));
    }

    fn end_marked_content(&mut self) {
        if let Some(Some((text, first))) = self.replacements.pop() {
            replace(&mut self.found.glyphs, first, &text);
        }
    }
}

/// Start, end and height of a glyph on the page; `None` for one that is drawn flat.
fn extent(
    transform: Affine,
    width: f64,
    is_vertical: bool,
    next: Option<Affine>,
) -> Option<(PointF, PointF, PointF)> {
    let at = |x: f64, y: f64| transform * Point::new(x, y);
    let origin = at(0.0, 0.0);
    let up = at(0.0, UNITS_PER_EM) - origin;
    let (start, mut end) = if is_vertical {
        (
            at(width / 2.0, 0.88 * UNITS_PER_EM),
            at(width / 2.0, -0.12 * UNITS_PER_EM),
        )
    } else {
        (origin, at(width, 0.0))
    };
    // Fonts that stand in for absent ones are stretched; the next glyph then shows where this one ended.
    if let Some(next) = next.filter(|_| !is_vertical) {
        let step = next * Point::ORIGIN - origin;
        let along = end - start;
        if step.dot(along) > 0.0
            && step.hypot2() < along.hypot2()
            && step.hypot2() > along.hypot2() * 0.25
        {
            end = start + step;
        }
    }
    let point = |p: Point| PointF::new(p.x as f32, p.y as f32);
    let up = PointF::new(up.x as f32, up.y as f32);
    let all = [start.x, start.y, end.x, end.y];
    (all.iter().all(|v| v.is_finite()) && up.x.hypot(up.y).is_finite())
        .then(|| (point(start), point(end), up))
}

/// Gives the glyphs from `first` on the text that their author says they mean: one character each where the numbers agree, else all of it to
/// the first.
fn replace(glyphs: &mut Vec<Glyph>, first: usize, text: &str) {
    let n_glyphs = glyphs.len().saturating_sub(first);
    // A lone soft hyphen marks where a word was broken; what is drawn there is a hyphen.
    if n_glyphs == 0 || text == "-" {
        return;
    }
    if text.chars().count() == n_glyphs {
        for (glyph, c) in glyphs[first..].iter_mut().zip(text.chars()) {
            glyph.text = c.to_string();
        }
        return;
    }
    if let (Some(last), Some(glyph)) = (glyphs.last().cloned(), glyphs.get_mut(first)) {
        glyph.text = text.to_owned();
        glyph.end = last.end;
        glyphs.truncate(first + 1);
    }
    if text.is_empty() {
        glyphs.truncate(first);
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn glyph(text: &str, x: f32) -> Glyph {
        Glyph {
            text: text.into(),
            start: PointF::new(x, 50.0),
            end: PointF::new(x + 5.0, 50.0),
            up: PointF::new(0.0, -10.0),
            is_vertical: false,
            is_invisible: false,
        }
    }

    fn texts(glyphs: &[Glyph]) -> Vec<&str> {
        glyphs.iter().map(|glyph| glyph.text.as_str()).collect()
    }

    #[test]
    fn actual_text_takes_the_place_of_what_is_drawn() {
        let drawn = vec![glyph("a", 0.0), glyph("x", 5.0), glyph("y", 10.0)];
        let mut same_number = drawn.clone();
        replace(&mut same_number, 1, "bc");
        assert_eq!(texts(&same_number), ["a", "b", "c"]);
        let mut fewer = drawn.clone();
        replace(&mut fewer, 1, "ffi");
        assert_eq!(texts(&fewer), ["a", "ffi"]);
        assert_eq!(fewer[1].end.x, 15.0);
        let mut hyphen = drawn;
        replace(&mut hyphen, 2, "-");
        assert_eq!(texts(&hyphen), ["a", "x", "y"]);
    }
}
