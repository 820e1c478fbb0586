//! The scale at which a page is searched, and its tiles.
//!
//! The network costs time by the pixel, so a page is searched at a bounded size; a long receipt or a wide banner is searched in
//! overlapping tiles at the scale its short side asks for, and the tiles' maps are joined before any region is formed, so that
//! no line is cut at a tile's edge.

use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use crate::raster::PageImage;
use crate::resample::{Sampler, Window};

/// The network halves its input five times.
const STRIDE_PX: u32 = 32;

/// Short side of a page at the scale of the search, in pixels: 10-point text on A4 is then 14 pixels high. On 18 English receipts
/// 736 reads as well as 960 (CER .0311 and .0310) in two thirds of the time; the step above it leaves room for small print.
const SHORT_SIDE_PX: f32 = 800.0;

/// Pages smaller than this are enlarged, so that a crop of a single line has strokes the network can see.
const MIN_SHORT_SIDE_PX: f32 = 64.0;

/// A page that must be enlarged is not made longer than this, in pixels: a hairline would become a road.
const MAX_ENLARGED_SIDE_PX: f32 = 4096.0;

/// Most that a search above the usual scale enlarges a page: what is smaller still has no strokes to be seen.
const MAX_ENLARGEMENT: f32 = 3.0;

/// Longest side of one tile in pixels.
const TILE_SIDE_PX: u32 = 1536;

/// Overlap of neighbouring tiles in pixels: more than the tallest line expected at this scale.
const OVERLAP_PX: u32 = 128;

/// Background around the page in pixels: the network is weak where text touches the border of its input.
const MARGIN_PX: u32 = 16;

/// How a page is cut for the network.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TilePlan {
    page_width_px: u32,
    page_height_px: u32,
    /// Size of the page at the scale of the search, without the margin.
    width_px: u32,
    height_px: u32,
}

/// A part of the map: offset and size in pixels of the map; sizes are multiples of [`STRIDE_PX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) x: u32,
    pub(super) y: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

impl TilePlan {
    #[cfg(test)]
    fn new(page_width_px: u32, page_height_px: u32) -> Self {
        Self::scaled(page_width_px, page_height_px, 1.0)
    }

    /// The plan of a search at `factor` times the usual scale. A search above it enlarges small pages, too: where letters are small, there lies
    /// the reason for searching again.
    pub(super) fn scaled(page_width_px: u32, page_height_px: u32, factor: f32) -> Self {
        let short = page_width_px.min(page_height_px).max(1) as f32;
        let long = page_width_px.max(page_height_px).max(1) as f32;
        let enlarged = (MIN_SHORT_SIDE_PX / short)
            .min(MAX_ENLARGED_SIDE_PX / long)
            .max(1.0);
        let scale = if factor > 1.0 {
            let most = (MAX_ENLARGED_SIDE_PX / long).clamp(1.0, MAX_ENLARGEMENT);
            (SHORT_SIDE_PX * factor / short).min(most)
        } else {
            (SHORT_SIDE_PX / short).min(enlarged) * factor
        };
        let side = |page_px: u32| ((page_px as f32 * scale).round() as u32).max(1);
        Self {
            page_width_px,
            page_height_px,
            width_px: side(page_width_px),
            height_px: side(page_height_px),
        }
    }

    /// Size of the joined map, margin included.
    pub(super) fn map_size(&self) -> (u32, u32) {
        let side = |px: u32| (px + 2 * MARGIN_PX).next_multiple_of(STRIDE_PX);
        (side(self.width_px), side(self.height_px))
    }

    /// Pixels of margin in the map, left and above.
    pub(super) fn margin_px(&self) -> f32 {
        MARGIN_PX as f32
    }

    /// How many pixels of the page one pixel of the map is, along x and y.
    pub(super) fn page_pixels_per_map_pixel(&self) -> (f32, f32) {
        (
            self.page_width_px as f32 / self.width_px as f32,
            self.page_height_px as f32 / self.height_px as f32,
        )
    }

    /// The tiles, row by row.
    pub(super) fn tiles(&self) -> Vec<Tile> {
        let (width, height) = self.map_size();
        let mut tiles = Vec::new();
        for (y, tile_height) in spans(height) {
            for (x, tile_width) in spans(width) {
                tiles.push(Tile {
                    x,
                    y,
                    width: tile_width,
                    height: tile_height,
                });
            }
        }
        tiles
    }

    /// The network's input for `tile`: `[1, 3, height, width]`, blue, green, red, normalised as in training.
    pub(super) fn input(&self, image: &PageImage, tile: &Tile) -> NdTensor<f32, 4> {
        /// Means and deviations of ImageNet in the order of the channels as PaddleOCR feeds them (blue first, all the same
        /// with the means of red first: its configuration is followed to the letter).
        const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
        const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
        let (width, height) = (tile.width as usize, tile.height as usize);
        let (factor_x, factor_y) = self.page_pixels_per_map_pixel();
        let offset = |at: u32| at as f32 - MARGIN_PX as f32;
        let sampler = Sampler::new(image);
        let rgb = sampler.window(&Window {
            x: offset(tile.x) * factor_x,
            y: offset(tile.y) * factor_y,
            step_x: factor_x,
            step_y: factor_y,
            width,
            height,
        });
        let plane = width * height;
        let mut data = vec![0.0_f32; 3 * plane];
        for (channel, values) in data.chunks_exact_mut(plane).enumerate() {
            let (scale, shift) = (
                1.0 / (255.0 * DEVIATION[channel]),
                MEAN[channel] / DEVIATION[channel],
            );
            for (value, pixel) in values.iter_mut().zip(rgb.chunks_exact(3)) {
                *value = f32::from(pixel[2 - channel]) * scale - shift;
            }
        }
        NdTensor::from_data([1, 3, height, width], data)
    }
}

/// Offsets and lengths that cover `length` with overlaps; all multiples of [`STRIDE_PX`].
fn spans(length: u32) -> Vec<(u32, u32)> {
    if length <= TILE_SIDE_PX {
        return vec![(0, length)];
    }
    let n = (length - OVERLAP_PX).div_ceil(TILE_SIDE_PX - OVERLAP_PX);
    let tile = (length + (n - 1) * OVERLAP_PX)
        .div_ceil(n)
        .next_multiple_of(STRIDE_PX);
    (0..n)
        .map(|tile_idx| {
            let last = length - tile;
            let at = (last * tile_idx / (n - 1)) / STRIDE_PX * STRIDE_PX;
            (if tile_idx + 1 == n { last } else { at }, tile)
        })
        .collect()
}

/// The probability of text for every pixel of the joined map.
pub(super) struct ProbabilityMap {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Row by row, 0 to 1.
    pub(super) values: Vec<f32>,
}

impl ProbabilityMap {
    pub(super) fn new(plan: &TilePlan) -> Self {
        let (width, height) = plan.map_size();
        Self {
            width: width as usize,
            height: height as usize,
            values: vec![0.0; width as usize * height as usize],
        }
    }

    /// Joins a tile's map in; where tiles overlap, the higher probability stays.
    pub(super) fn paste(&mut self, tile: &Tile, map: &NdTensor<f32, 2>) {
        let [height, width] = map.shape();
        let height = height.min(self.height - tile.y as usize);
        let width = width.min(self.width - tile.x as usize);
        for y in 0..height {
            let from = (tile.y as usize + y) * self.width + tile.x as usize;
            let row = &mut self.values[from..from + width];
            for (x, value) in row.iter_mut().enumerate() {
                *value = value.max(map[[y, x]]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn every_page_is_covered_by_tiles_of_bounded_size() {
        for (width, height) in [
            (1, 1),
            (1, 5_000),
            (20_000, 10),
            (600, 48),
            (1_654, 2_339),
            (640, 12_000),
            (9_921, 14_031),
            (10_000, 10_000),
        ] {
            let plan = TilePlan::new(width, height);
            let (map_width, map_height) = plan.map_size();
            let mut right = 0;
            let mut bottom = 0;
            for tile in plan.tiles() {
                assert!(
                    tile.width <= TILE_SIDE_PX + STRIDE_PX
                        && tile.height <= TILE_SIDE_PX + STRIDE_PX
                );
                assert_eq!((tile.width % STRIDE_PX, tile.height % STRIDE_PX), (0, 0));
                assert!(
                    tile.x <= right && tile.y <= bottom,
                    "a gap in {width} x {height}"
                );
                right = tile.x + tile.width;
                bottom = bottom.max(tile.y + tile.height);
                assert!(right <= map_width && bottom <= map_height);
                if right == map_width {
                    right = 0;
                }
            }
            assert_eq!(bottom, map_height);
        }
    }

    #[test]
    fn neighbouring_tiles_share_a_strip() {
        let spans = spans(12_000_u32.next_multiple_of(STRIDE_PX));
        for pair in spans.windows(2) {
            assert!(
                pair[0].0 + pair[0].1 >= pair[1].0 + OVERLAP_PX - STRIDE_PX,
                "{pair:?}"
            );
        }
    }
}
