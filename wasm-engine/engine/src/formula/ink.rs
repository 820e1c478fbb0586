//! The box of a formula, grown over the ink around its lines: bars, large signs, brackets, which the detector of text leaves out.

use ocr_chat_document::BBox;

use crate::raster::PageImage;

/// How far the box may grow, in line heights: down and across.
const REACH_Y: f32 = 1.2;
const REACH_X: f32 = 2.5;

/// A clear gap as wide as this, in line heights, ends the formula: down and across.
const GAP_Y: f32 = 0.35;
const GAP_X: f32 = 0.8;

/// A pixel is ink when it differs from the ground by this many grey values.
pub(super) const INK_CONTRAST: u8 = 48;

/// `bbox`, grown on each side while there is ink, short of `others`.
pub(super) fn grown(image: &PageImage, bbox: BBox, others: &[BBox], height_px: f32) -> BBox {
    let (width, height) = (side(image.width_px()), side(image.height_px()));
    let start = bbox.clamped(width, height);
    let Some(ground) = ground(image, start) else {
        return bbox;
    };
    let is_ink = |x: i32, y: i32| {
        let at = 3 * (y as usize * width as usize + x as usize) + 1;
        image
            .rgb()
            .get(at)
            .is_some_and(|green| green.abs_diff(ground) > INK_CONTRAST)
    };
    let px = |heights: f32| (heights * height_px) as i32;
    let mut out = start;
    // Down first: a bar that is wider than its parts is found within their rows.
    let is_free = |bbox: BBox| !others.iter().any(|other| other.overlaps(bbox));
    let row = |y: i32, out: BBox| {
        let strip = BBox::new(out.x0, y, out.x1, y + 1);
        is_free(strip).then(|| (out.x0..out.x1).any(|x| is_ink(x, y)))
    };
    let column = |x: i32, out: BBox| {
        let strip = BBox::new(x, out.y0, x + 1, out.y1);
        is_free(strip).then(|| (out.y0..out.y1).any(|y| is_ink(x, y)))
    };
    let now = out;
    out.y0 -= walk(now.y0.min(px(REACH_Y)), px(GAP_Y), |step| {
        row(now.y0 - step, now)
    });
    out.y1 += walk((height - now.y1).min(px(REACH_Y)), px(GAP_Y), |step| {
        row(now.y1 - 1 + step, now)
    });
    let now = out;
    out.x0 -= walk(now.x0.min(px(REACH_X)), px(GAP_X), |step| {
        column(now.x0 - step, now)
    });
    out.x1 += walk((width - now.x1).min(px(REACH_X)), px(GAP_X), |step| {
        column(now.x1 - 1 + step, now)
    });
    out
}

/// How many steps, at most `reach`, there is ink with gaps of less than `gap` between; `has_ink` is `None` where the way ends.
fn walk(reach: i32, gap: i32, has_ink: impl Fn(i32) -> Option<bool>) -> i32 {
    let mut last = 0;
    for step in 1..=reach {
        match has_ink(step) {
            None => break,
            Some(true) => last = step,
            Some(false) if step - last > gap => break,
            Some(false) => {}
        }
    }
    last
}

/// The grey value that most pixels inside of `bbox` have; `None` where there are none.
fn ground(image: &PageImage, bbox: BBox) -> Option<u8> {
    let width = image.width_px() as usize;
    let columns = bbox.x0.max(0) as usize..bbox.x1.max(0) as usize;
    let mut greens = Vec::new();
    for y in bbox.y0.max(0) as usize..bbox.y1.max(0) as usize {
        greens.extend(
            columns
                .clone()
                .map(|x| image.rgb()[3 * (y * width + x) + 1]),
        );
    }
    most_frequent(&greens)
}

/// The middle of the most frequent of 32 ranges of `values`; `None` where there are none.
pub(super) fn most_frequent(values: &[u8]) -> Option<u8> {
    let mut histogram = [0_u32; 32];
    for value in values {
        histogram[usize::from(value / 8)] += 1;
    }
    let most = (0..32_u8).max_by_key(|&bin| histogram[usize::from(bin)])?;
    (!values.is_empty()).then_some(most * 8 + 4)
}

fn side(px: u32) -> i32 {
    i32::try_from(px).unwrap_or(i32::MAX)
}
