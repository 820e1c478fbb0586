//! Short lines one below the other that the detector took for one region: figures or marks in a narrow column of a table.

use crate::geometry::{PointF, RotatedRect};
use crate::raster::PageImage;

/// A region this much taller than wide may be a stack.
const MIN_ASPECT: f32 = 1.5;

/// A stack is at most this wide, in heights of the page's lines; wider ones are vertical text or pictures.
const MAX_WIDTH_HEIGHTS: f32 = 2.5;

/// Lines of a stack: at least this many, and this high in heights of the page's lines (whose regions are grown beyond their ink).
const MIN_LINES: usize = 2;
const LINE_HEIGHTS: std::ops::RangeInclusive<f32> = 0.3..=1.1;

/// Ink of one line has at most this much of its height free in it.
const DOT_GAP_HEIGHTS: f32 = 0.12;

/// Share of the lines of a stack beside which a level line stands, and how near in heights their middles are. Chinese set vertically has no
/// such rows.
const MIN_IN_ROWS: f32 = 0.7;
const ROW_NEAR_HEIGHTS: f32 = 0.3;

/// Ink differs from the ground by this share of the region's contrast, and contrast is at least so many grey values.
const INK_CONTRAST: f32 = 0.4;
const MIN_CONTRAST: u8 = 40;

/// A region is grown beyond its ink by this share of its line's height on each side.
const GROWN: f32 = 0.3;

/// The regions, stacks cut into their lines. Boxes are in pixels of `image`, level or nearly so.
pub(crate) fn cut_stacks(image: &PageImage, regions: Vec<RotatedRect>) -> Vec<RotatedRect> {
    let is_tall = |rect: &RotatedRect| rect.height >= MIN_ASPECT * rect.width;
    if !regions.iter().any(is_tall) {
        return regions;
    }
    let level: Vec<RotatedRect> = regions
        .iter()
        .filter(|rect| rect.width > rect.height)
        .copied()
        .collect();
    let Some(height) = crate::sort::median(level.iter().map(|rect| rect.height)) else {
        return regions;
    };
    let mut cut = Vec::with_capacity(regions.len());
    for rect in regions {
        let is_narrow = rect.width <= MAX_WIDTH_HEIGHTS * height;
        let lines = if is_tall(&rect) && is_narrow && rect.angle.abs() < 0.1 {
            lines_of(image, &rect, height)
        } else {
            Vec::new()
        };
        let in_rows = lines.iter().filter(|line| {
            level
                .iter()
                .any(|other| (other.center.y - line.center.y).abs() <= ROW_NEAR_HEIGHTS * height)
        });
        if lines.len() >= MIN_LINES && in_rows.count() as f32 >= MIN_IN_ROWS * lines.len() as f32 {
            cut.extend(lines);
        } else {
            cut.push(rect);
        }
    }
    cut
}

/// The lines of ink inside `rect`, grown as the detector grows its regions; none where one is no line of text.
fn lines_of(image: &PageImage, rect: &RotatedRect, height: f32) -> Vec<RotatedRect> {
    let clamp = |value: f32, end: u32| value.round().clamp(0.0, end as f32) as usize;
    let (x0, x1) = (
        clamp(rect.center.x - rect.width / 2.0, image.width_px()),
        clamp(rect.center.x + rect.width / 2.0, image.width_px()),
    );
    let (y0, y1) = (
        clamp(rect.center.y - rect.height / 2.0, image.height_px()),
        clamp(rect.center.y + rect.height / 2.0, image.height_px()),
    );
    let row_px = image.width_px() as usize;
    // Green stands for grey: ink that it does not see is rare.
    let grey = |y: usize| (x0..x1).map(move |x| image.rgb()[3 * (y * row_px + x) + 1]);
    let (mut least, mut most, mut sum) = (u8::MAX, 0_u8, 0_u64);
    for value in (y0..y1).flat_map(grey) {
        least = least.min(value);
        most = most.max(value);
        sum += u64::from(value);
    }
    let n_pixels = ((x1 - x0) * (y1 - y0)) as u64;
    if n_pixels == 0 || most.saturating_sub(least) < MIN_CONTRAST {
        return Vec::new();
    }
    // Most of a region is ground: where the mean lies nearer to the lightest value, the ink is dark.
    let contrast = f32::from(most - least);
    let is_dark_on_light = sum as f32 / n_pixels as f32 - f32::from(least) > contrast / 2.0;
    let is_ink = |value: u8| {
        let from_ground = if is_dark_on_light {
            most - value
        } else {
            value - least
        };
        f32::from(from_ground) > INK_CONTRAST * contrast
    };
    // The dot of an i belongs to its stem.
    let gap = (DOT_GAP_HEIGHTS * height) as usize + 1;
    let mut lines: Vec<(usize, usize)> = Vec::new();
    for y in y0..y1 {
        if !grey(y).any(is_ink) {
            continue;
        }
        match lines.last_mut() {
            Some(line) if line.1 + gap >= y => line.1 = y,
            _ => lines.push((y, y)),
        }
    }
    let ink_height = |line: &(usize, usize)| (line.1 - line.0 + 1) as f32;
    // The region may end in the edge of the next line, which has a region of its own.
    let is_sliver = |line: &(usize, usize)| ink_height(line) < LINE_HEIGHTS.start() * height;
    while lines.last().is_some_and(is_sliver) {
        lines.pop();
    }
    if lines.first().is_some_and(is_sliver) {
        lines.remove(0);
    }
    if !lines
        .iter()
        .all(|line| LINE_HEIGHTS.contains(&(ink_height(line) / height)))
    {
        return Vec::new();
    }
    lines
        .iter()
        .map(|line| RotatedRect {
            center: PointF::new(rect.center.x, (line.0 + line.1) as f32 / 2.0 + 0.5),
            width: rect.width,
            height: ink_height(line) * (1.0 + 2.0 * GROWN),
            angle: 0.0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    /// Black bars of 12 px every 24 px, from x 40 to 50; level regions beside the first `n_beside` of them.
    fn page(n_bars: usize, n_beside: usize) -> (PageImage, Vec<RotatedRect>) {
        let (width, height) = (400, 300);
        let mut rgb = vec![255; 3 * width * height];
        for bar in 0..n_bars {
            for y in 20 + 24 * bar..32 + 24 * bar {
                for x in 42..48 {
                    rgb[3 * (y * width + x)..][..3].fill(20);
                }
            }
        }
        let image = PageImage::from_rgb(400, 300, rgb).unwrap();
        let rect = |x: f32, y: f32, width, height| RotatedRect {
            center: PointF::new(x, y),
            width,
            height,
            angle: 0.0,
        };
        let mut regions: Vec<RotatedRect> = (0..n_beside)
            .map(|row| rect(220.0, 26.0 + 24.0 * row as f32, 200.0, 20.0))
            .collect();
        let tall = 24.0 * n_bars as f32;
        regions.push(rect(45.0, 14.0 + tall / 2.0, 14.0, tall));
        (image, regions)
    }

    #[test]
    fn figures_in_the_rows_of_a_table_are_cut_apart() {
        let (image, regions) = page(5, 5);
        let cut = cut_stacks(&image, regions);
        assert_eq!(cut.len(), 10);
        assert!((cut[5].center.y - 26.0).abs() < 1.0, "{:?}", cut[5]);
        assert!((cut[9].center.y - 122.0).abs() < 1.0, "{:?}", cut[9]);
    }

    #[test]
    fn a_vertical_line_beside_few_rows_stays_whole() {
        let (image, regions) = page(6, 2);
        assert_eq!(cut_stacks(&image, regions.clone()), regions);
    }
}
