//! Lines that bend: paper that is rolled or photographed at a slant, handwriting that climbs and falls.
//!
//! The middle of the ink is followed along the line and a parabola laid through it; where that bends, the line is drawn anew with its middle
//! straight. Places along the line stay what they were, so its characters need no mapping back.

use crate::geometry::{PointF, RotatedRect};
use crate::raster::PageImage;
use crate::resample::Sampler;

/// Height at which the ink is looked at, in pixels, and the most columns that are.
const LOOK_HEIGHT_PX: usize = 48;
const MAX_LOOK_WIDTH_PX: usize = 2048;

/// Shorter lines, in heights, have no bend to speak of: their letters' own forms are as large.
const MIN_LENGTH_HEIGHTS: f32 = 6.0;

/// Ink differs from the ground by this share of the line's contrast.
const INK_CONTRAST: f32 = 0.3;

/// Ink that a stretch of the line must have, as a share of its pixels: less is a gap between words.
const MIN_INK: f32 = 0.02;

/// A line bends where its middle leaves the straight by this share of its height. Words without ascenders move their middle by half as much.
const MIN_BEND: f32 = 0.15;

/// A parabola fits where the middles lie this near to it in the mean, in heights.
const MAX_MISFIT: f32 = 0.12;

/// A straightened line keeps this share of its height at least.
const MIN_HEIGHT_SHARE: f32 = 0.5;

/// The middle of a line's ink: how far below the middle of its rectangle, in heights, as a parabola over -1 (start) to 1 (end).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Curve([f32; 3]);

impl Curve {
    /// The curve of the line in `rect`; `None` where it is straight, or is none.
    pub(super) fn of(image: &PageImage, rect: &RotatedRect) -> Option<Self> {
        if rect.length_heights() < MIN_LENGTH_HEIGHTS {
            return None;
        }
        let width = (rect.length_heights() * LOOK_HEIGHT_PX as f32) as usize;
        let width = width.min(MAX_LOOK_WIDTH_PX);
        let grey = Sampler::new(image).crop_grey(rect, width, LOOK_HEIGHT_PX);
        let middles = middles(&grey, width);
        let curve = Self(parabola(&middles)?);
        let squares: f32 = middles
            .iter()
            .map(|&(x, y)| (curve.at(x) - y).powi(2))
            .sum();
        let misfit = (squares / middles.len() as f32).sqrt();
        (misfit <= MAX_MISFIT && curve.bend() >= MIN_BEND).then_some(curve)
    }

    fn at(&self, x: f32) -> f32 {
        let [a, b, c] = self.0;
        a + b * x + c * x * x
    }

    /// How far apart the highest and the lowest place of the curve are, in heights.
    fn bend(&self) -> f32 {
        let places = (0..=20).map(|idx| self.at(idx as f32 / 10.0 - 1.0));
        let (low, high) = places.fold((f32::MAX, f32::MIN), |(low, high), y| {
            (low.min(y), high.max(y))
        });
        high - low
    }

    /// The line in `rect` as a picture of its own, its middle straight. `None` where `rect` is empty.
    pub(super) fn straightened(&self, image: &PageImage, rect: &RotatedRect) -> Option<PageImage> {
        // The rectangle is as much higher as the line bends.
        let height = rect.height * (1.0 - self.bend()).max(MIN_HEIGHT_SHARE);
        let (width_px, height_px) = (rect.width.round() as usize, height.round() as usize);
        let sampler = Sampler::new(image);
        let (sin, cos) = rect.angle.sin_cos();
        let mut rgb = Vec::with_capacity(width_px * height_px * 3);
        for y in 0..height_px {
            let across = y as f32 + 0.5 - height / 2.0;
            for x in 0..width_px {
                let along = (x as f32 + 0.5) / width_px as f32 - 0.5;
                let down = across + self.at(2.0 * along) * rect.height;
                let along = along * rect.width;
                rgb.extend(sampler.at(PointF::new(
                    rect.center.x + along * cos - down * sin,
                    rect.center.y + along * sin + down * cos,
                )));
            }
        }
        PageImage::from_rgb(
            u32::try_from(width_px).ok()?,
            u32::try_from(height_px).ok()?,
            rgb,
        )
    }
}

/// The middles of the ink in stretches one height long, as (-1 to 1 along the line, heights below the middle).
fn middles(grey: &[u8], width: usize) -> Vec<(f32, f32)> {
    let mut sorted = grey.to_vec();
    sorted.sort_unstable();
    let value = |share: f32| f32::from(sorted[((sorted.len() - 1) as f32 * share) as usize]);
    let (dark, ground, light) = (value(0.01), value(0.5), value(0.99));
    let threshold = (light - dark) * INK_CONTRAST;
    let is_light_on_dark = light - ground > ground - dark;
    let is_ink = |value: u8| {
        let value = f32::from(value);
        if is_light_on_dark {
            value - ground > threshold
        } else {
            ground - value > threshold
        }
    };
    let mut middles = Vec::new();
    for start in (0..width).step_by(LOOK_HEIGHT_PX) {
        let end = (start + LOOK_HEIGHT_PX).min(width);
        let (mut n, mut sum_x, mut sum_y) = (0_usize, 0.0, 0.0);
        for (y, row) in grey.chunks_exact(width).enumerate() {
            for (x, &value) in row.iter().enumerate().take(end).skip(start) {
                if is_ink(value) {
                    n += 1;
                    sum_x += x as f32 + 0.5;
                    sum_y += y as f32 + 0.5;
                }
            }
        }
        if n as f32 >= MIN_INK * ((end - start) * LOOK_HEIGHT_PX) as f32 {
            // Where the ink is, not where the stretch is: at its ends a line is steep, and half of a stretch may be a gap.
            let x = 2.0 * sum_x / n as f32 / width as f32 - 1.0;
            middles.push((x, sum_y / n as f32 / LOOK_HEIGHT_PX as f32 - 0.5));
        }
    }
    middles
}

/// The parabola of least squares through `points`; `None` for too few of them.
fn parabola(points: &[(f32, f32)]) -> Option<[f32; 3]> {
    if points.len() < 5 {
        return None;
    }
    // Normal equations, solved by elimination.
    let mut rows = [[0.0_f64; 4]; 3];
    for &(x, y) in points {
        let powers = [1.0, f64::from(x), f64::from(x) * f64::from(x)];
        for (row, left) in rows.iter_mut().zip(powers) {
            for (value, right) in row.iter_mut().zip(powers) {
                *value += left * right;
            }
            row[3] += left * f64::from(y);
        }
    }
    for pivot in 0..3 {
        if rows[pivot][pivot].abs() < 1e-9 {
            return None;
        }
        for other in 0..3 {
            if other != pivot {
                let factor = rows[other][pivot] / rows[pivot][pivot];
                let from = rows[pivot];
                for (value, from) in rows[other].iter_mut().zip(from) {
                    *value -= factor * from;
                }
            }
        }
    }
    Some([0, 1, 2].map(|idx| (rows[idx][3] / rows[idx][idx]) as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: u32 = 600;
    const HEIGHT: u32 = 80;

    /// A bar 12 pixels thick whose middle is at `middle(x)`, with gaps like those between words.
    fn bar(middle: impl Fn(f32) -> f32) -> PageImage {
        let mut rgb = Vec::new();
        for y in 0..HEIGHT {
            for x in 0..WIDTH {
                let is_ink = (y as f32 + 0.5 - middle(x as f32 + 0.5)).abs() < 6.0 && x % 90 > 12;
                rgb.extend([if is_ink { 20 } else { 230_u8 }; 3]);
            }
        }
        PageImage::from_rgb(WIDTH, HEIGHT, rgb).unwrap()
    }

    fn whole(image: &PageImage) -> RotatedRect {
        let (width, height) = (image.width_px() as f32, image.height_px() as f32);
        RotatedRect {
            center: PointF::new(width / 2.0, height / 2.0),
            width,
            height,
            angle: 0.0,
        }
    }

    #[test]
    fn a_curved_line_is_straight_within_a_pixel() {
        let image = bar(|x| 28.0 + 24.0 * ((x - 300.0) / 300.0).powi(2));
        let curve = Curve::of(&image, &whole(&image)).unwrap();
        let straight = curve.straightened(&image, &whole(&image)).unwrap();
        assert_eq!(straight.width_px(), WIDTH);
        assert!(straight.height_px() < HEIGHT);
        let mut middles = Vec::new();
        for x in 0..WIDTH as usize {
            // Weighed by darkness: the ink's edges lie between pixels.
            let darkness =
                |y: usize| 230.0 - f32::from(straight.rgb()[(y * WIDTH as usize + x) * 3]);
            let all: Vec<f32> = (0..straight.height_px() as usize).map(darkness).collect();
            let total: f32 = all.iter().sum();
            if total > 12.0 * 100.0 {
                let weighed = all
                    .iter()
                    .enumerate()
                    .map(|(y, dark)| (y as f32 + 0.5) * dark);
                middles.push(weighed.sum::<f32>() / total);
            }
        }
        assert!(middles.len() > 400);
        let mean = middles.iter().sum::<f32>() / middles.len() as f32;
        for middle in middles {
            assert!((middle - mean).abs() <= 1.0, "{middle}, not {mean}");
        }
    }

    #[test]
    fn straight_and_short_lines_are_left_alone() {
        let image = bar(|_| 40.0);
        assert_eq!(Curve::of(&image, &whole(&image)), None);
        let bent = bar(|x| 28.0 + 24.0 * ((x - 300.0) / 300.0).powi(2));
        let mut short = whole(&bent);
        short.width = 200.0;
        assert_eq!(Curve::of(&bent, &short), None);
        let blank = PageImage::from_rgb(WIDTH, HEIGHT, vec![200; (WIDTH * HEIGHT * 3) as usize]);
        let blank = blank.unwrap();
        assert_eq!(Curve::of(&blank, &whole(&blank)), None);
    }
}
