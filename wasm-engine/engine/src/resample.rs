//! Sampling the page at other scales and angles.

use crate::geometry::{PointF, RotatedRect};
use crate::raster::PageImage;

/// Most samples a side that are averaged into one pixel when a page is made smaller.
const MAX_SAMPLES_PER_SIDE: usize = 8;

/// A grid of samples along the page's axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    /// Left edge in pixels of the page; outside of it the ground continues.
    pub(crate) x: f32,
    /// Top edge in pixels of the page.
    pub(crate) y: f32,
    /// Pixels of the page to the sample, along x.
    pub(crate) step_x: f32,
    /// Pixels of the page to the sample, along y.
    pub(crate) step_y: f32,
    /// Samples along x.
    pub(crate) width: usize,
    /// Samples along y.
    pub(crate) height: usize,
}

/// Reads a page between its pixels; beyond the border the nearest pixel goes on.
pub(crate) struct Sampler<'a> {
    image: &'a PageImage,
}

/// Where a sample falls: the two pixels and the weight of the second, in 1/256.
#[derive(Clone, Copy)]
struct Tap {
    first: usize,
    second: usize,
    weight: u32,
}

impl<'a> Sampler<'a> {
    pub(crate) fn new(image: &'a PageImage) -> Self {
        Self { image }
    }

    /// Samples of `window`, RGB, row by row.
    ///
    /// Bilinear; where the page is made smaller, as many bilinear samples are averaged as the step is pixels wide, which is
    /// a box filter in effect and keeps thin strokes.
    pub(crate) fn window(&self, window: &Window) -> Vec<u8> {
        let n_x = samples_per_side(window.step_x);
        let n_y = samples_per_side(window.step_y);
        let columns = taps(
            window.x,
            window.step_x,
            window.width,
            n_x,
            self.image.width_px(),
        );
        let rows = taps(
            window.y,
            window.step_y,
            window.height,
            n_y,
            self.image.height_px(),
        );
        let row_bytes = self.image.width_px() as usize * 3;
        let rgb = self.image.rgb();
        let mut out = vec![0_u8; window.width * window.height * 3];
        let mut sums = vec![0_u32; window.width * 3];
        let n = (n_x * n_y) as u32;
        for (out_row, row_taps) in out
            .chunks_exact_mut(window.width * 3)
            .zip(rows.chunks_exact(n_y))
        {
            sums.fill(0);
            for row in row_taps {
                let upper = &rgb[row.first * row_bytes..][..row_bytes];
                let lower = &rgb[row.second * row_bytes..][..row_bytes];
                for (sum, column_taps) in sums.chunks_exact_mut(3).zip(columns.chunks_exact(n_x)) {
                    for column in column_taps {
                        let (left, right) = (column.first * 3, column.second * 3);
                        for channel in 0..3 {
                            let above =
                                mix(upper[left + channel], upper[right + channel], column.weight);
                            let below =
                                mix(lower[left + channel], lower[right + channel], column.weight);
                            // 8 bits of value, 16 of weights: 24 bits, 8 of which are dropped to leave room for the sum.
                            sum[channel] += (above * (256 - row.weight) + below * row.weight) >> 8;
                        }
                    }
                }
            }
            for (value, &sum) in out_row.iter_mut().zip(&sums) {
                *value = ((sum / n + 128) >> 8).min(255) as u8;
            }
        }
        out
    }

    /// The content of `rect` as a picture of `width` x `height`, RGB, row by row, reading from left to right.
    pub(crate) fn crop(&self, rect: &RotatedRect, width: usize, height: usize) -> Vec<u8> {
        let [top_left, top_right, _, bottom_left] = rect.corners();
        let step = |from: PointF, to: PointF, n: usize| {
            let n = n.max(1) as f32;
            ((to.x - from.x) / n, (to.y - from.y) / n)
        };
        let along = step(top_left, top_right, width);
        let down = step(top_left, bottom_left, height);
        let is_upright = along.1.abs() * (width as f32) < 0.5 && along.0 > 0.0;
        if is_upright {
            return self.window(&Window {
                x: top_left.x,
                y: top_left.y,
                step_x: along.0,
                step_y: down.1,
                width,
                height,
            });
        }
        let n_x = samples_per_side(along.0.hypot(along.1));
        let n_y = samples_per_side(down.0.hypot(down.1));
        let n = (n_x * n_y) as f32;
        let mut out = Vec::with_capacity(width * height * 3);
        for y in 0..height {
            for x in 0..width {
                let mut sum = [0.0_f32; 3];
                for sub in 0..n_x * n_y {
                    let a = x as f32 + ((sub % n_x) as f32 + 0.5) / n_x as f32;
                    let d = y as f32 + ((sub / n_x) as f32 + 0.5) / n_y as f32;
                    self.add_bilinear(
                        top_left.x + a * along.0 + d * down.0,
                        top_left.y + a * along.1 + d * down.1,
                        &mut sum,
                    );
                }
                out.extend(sum.map(|value| (value / n + 0.5) as u8));
            }
        }
        out
    }

    /// [`Self::crop`] in grey: Rec. 601 luma, 8 bits, 0 is black.
    pub(crate) fn crop_grey(&self, rect: &RotatedRect, width: usize, height: usize) -> Vec<u8> {
        let rgb = self.crop(rect, width, height);
        rgb.chunks_exact(3)
            .map(|pixel| {
                let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
                ((r * 77 + g * 150 + b * 29 + 128) >> 8) as u8
            })
            .collect()
    }

    /// The colour at `point`, RGB.
    #[cfg(feature = "premium")]
    pub(crate) fn at(&self, point: PointF) -> [u8; 3] {
        let mut sum = [0.0; 3];
        self.add_bilinear(point.x, point.y, &mut sum);
        sum.map(|value| (value + 0.5) as u8)
    }

    /// Adds the colour at (x, y), pixel centres at halves, to `sum`.
    fn add_bilinear(&self, x: f32, y: f32, sum: &mut [f32; 3]) {
        let (max_x, max_y) = (self.image.width_px() - 1, self.image.height_px() - 1);
        let x = (x - 0.5).clamp(0.0, max_x as f32);
        let y = (y - 0.5).clamp(0.0, max_y as f32);
        let (x0, y0) = (x as u32, y as u32);
        let (x1, y1) = ((x0 + 1).min(max_x), (y0 + 1).min(max_y));
        let (wx, wy) = (x - x0 as f32, y - y0 as f32);
        let row_px = self.image.width_px() as usize;
        let pixel =
            |x: u32, y: u32| &self.image.rgb()[(y as usize * row_px + x as usize) * 3..][..3];
        let (a, b, c, d) = (pixel(x0, y0), pixel(x1, y0), pixel(x0, y1), pixel(x1, y1));
        for channel in 0..3 {
            let above = f32::from(a[channel]) * (1.0 - wx) + f32::from(b[channel]) * wx;
            let below = f32::from(c[channel]) * (1.0 - wx) + f32::from(d[channel]) * wx;
            sum[channel] += above * (1.0 - wy) + below * wy;
        }
    }
}

fn mix(a: u8, b: u8, weight: u32) -> u32 {
    u32::from(a) * (256 - weight) + u32::from(b) * weight
}

fn samples_per_side(step: f32) -> usize {
    (step.abs().ceil() as usize).clamp(1, MAX_SAMPLES_PER_SIDE)
}

/// The taps of `n` samples for each of `count` pixels along one axis of `length_px` pixels.
fn taps(start: f32, step: f32, count: usize, n: usize, length_px: u32) -> Vec<Tap> {
    let last = length_px as usize - 1;
    (0..count * n)
        .map(|sample| {
            let at = start + (sample as f32 + 0.5) / n as f32 * step - 0.5;
            let at = at.clamp(0.0, last as f32);
            let first = at as usize;
            Tap {
                first,
                second: (first + 1).min(last),
                weight: ((at - first as f32) * 256.0) as u32,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn gradient() -> PageImage {
        let rgb = (0..20_u8)
            .flat_map(|y| (0..30_u8).flat_map(move |x| [x * 8, y * 12, 7]))
            .collect();
        PageImage::from_rgb(30, 20, rgb).unwrap()
    }

    #[test]
    fn one_to_one_gives_the_page_back() {
        let image = gradient();
        let window = Window {
            x: 0.0,
            y: 0.0,
            step_x: 1.0,
            step_y: 1.0,
            width: 30,
            height: 20,
        };
        assert_eq!(Sampler::new(&image).window(&window), image.rgb());
    }

    #[test]
    fn beyond_the_border_the_nearest_pixel_goes_on() {
        let image = gradient();
        let window = Window {
            x: -4.0,
            y: -4.0,
            step_x: 1.0,
            step_y: 1.0,
            width: 2,
            height: 2,
        };
        assert_eq!(Sampler::new(&image).window(&window), [0, 0, 7].repeat(4));
    }

    #[test]
    fn a_turned_crop_reads_along_its_width() {
        let image = gradient();
        // Reading downwards: the crop's x axis is the page's y axis.
        let rect = RotatedRect {
            center: PointF::new(15.0, 10.0),
            width: 20.0,
            height: 4.0,
            angle: std::f32::consts::FRAC_PI_2,
        };
        let crop = Sampler::new(&image).crop(&rect, 20, 4);
        assert_eq!((crop[1], crop[19 * 3 + 1]), (0, 19 * 12));
        // The crop's top is the page's right.
        assert!(crop[0] > crop[3 * 20 * 3]);
    }

    #[test]
    fn making_it_smaller_averages() {
        let rgb = (0..16)
            .flat_map(|x| [if x % 2 == 0 { 0 } else { 255_u8 }; 3])
            .collect();
        let stripes = PageImage::from_rgb(16, 1, rgb).unwrap();
        let window = Window {
            x: 0.0,
            y: 0.0,
            step_x: 4.0,
            step_y: 1.0,
            width: 4,
            height: 1,
        };
        for value in Sampler::new(&stripes).window(&window) {
            assert!((126..=129).contains(&value), "{value}");
        }
    }
}
