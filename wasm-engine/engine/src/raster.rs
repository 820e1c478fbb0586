//! The page as pixels.

use image::ImageEncoder;
use ocr_chat_document::{BBox, Warning};

/// An upright page in pixels, RGB, 8 bits a channel, row by row from the top, no padding between rows.
#[derive(Debug, Clone, PartialEq)]
pub struct PageImage {
    width_px: u32,
    height_px: u32,
    rgb: Vec<u8>,
    /// Dots per inch, where known.
    pub dpi: Option<f32>,
    /// Degrees clockwise by which the stored page was turned to stand upright: 0, 90, 180 or 270.
    pub rotation: u16,
    /// What decoding has to tell.
    pub warnings: Vec<Warning>,
}

impl PageImage {
    /// A page from its pixels; `None` when `rgb` is not `width_px * height_px * 3` bytes or a side is 0.
    pub fn from_rgb(width_px: u32, height_px: u32, rgb: Vec<u8>) -> Option<Self> {
        let n_bytes = u64::from(width_px)
            .checked_mul(u64::from(height_px))?
            .checked_mul(3)?;
        (n_bytes > 0 && n_bytes == rgb.len() as u64).then_some(Self {
            width_px,
            height_px,
            rgb,
            dpi: None,
            rotation: 0,
            warnings: Vec::new(),
        })
    }

    /// Width in pixels, at least 1.
    pub fn width_px(&self) -> u32 {
        self.width_px
    }

    /// Height in pixels, at least 1.
    pub fn height_px(&self) -> u32 {
        self.height_px
    }

    /// The pixels: `width_px * height_px` triples of red, green, blue.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// The part of the page inside `bbox` as a PNG file; `None` where none of it is on the page.
    pub fn part_as_png(&self, bbox: BBox) -> Option<Vec<u8>> {
        let side = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
        let bbox = bbox.clamped(side(self.width_px), side(self.height_px));
        let width = u32::try_from(bbox.x1 - bbox.x0).ok()?;
        let height = u32::try_from(bbox.y1 - bbox.y0).ok()?;
        if width == 0 || height == 0 {
            return None;
        }
        let row_bytes = self.width_px as usize * 3;
        let (x0, y0) = (bbox.x0 as usize, bbox.y0 as usize);
        let rgb: Vec<u8> = self
            .rgb
            .chunks_exact(row_bytes)
            .skip(y0)
            .take(height as usize)
            .flat_map(|row| &row[x0 * 3..(x0 + width as usize) * 3])
            .copied()
            .collect();
        let mut png = Vec::new();
        let encoder = image::codecs::png::PngEncoder::new(&mut png);
        encoder
            .write_image(&rgb, width, height, image::ExtendedColorType::Rgb8)
            .ok()?;
        Some(png)
    }

    /// The page stored with `rotation` (degrees clockwise, a multiple of 90) in place of its own: what was read, which may have been turned further
    /// than the file says.
    #[must_use]
    pub fn turned_to(&self, rotation: u16) -> Self {
        let quarters = (usize::from(rotation) + 360 - usize::from(self.rotation)) / 90 % 4;
        if quarters == 0 {
            return self.clone();
        }
        let mut turned = self.turned((4 - quarters) % 4);
        turned.rotation = rotation;
        turned
    }

    /// The page turned back by `quarters` of a turn, counter-clockwise, so that what stood turned clockwise by as much stands
    /// upright.
    pub(crate) fn turned(&self, quarters: usize) -> Self {
        let (width, height) = (self.width_px as usize, self.height_px as usize);
        let quarters = quarters % 4;
        let (new_width, new_height) = if quarters % 2 == 1 {
            (height, width)
        } else {
            (width, height)
        };
        let mut rgb = Vec::with_capacity(self.rgb.len());
        for y in 0..new_height {
            for x in 0..new_width {
                let (from_x, from_y) = match quarters {
                    0 => (x, y),
                    1 => (width - 1 - y, x),
                    2 => (width - 1 - x, height - 1 - y),
                    _ => (y, height - 1 - x),
                };
                let at = (from_y * width + from_x) * 3;
                rgb.extend_from_slice(&self.rgb[at..at + 3]);
            }
        }
        let degrees = u16::try_from(quarters * 90).unwrap_or(0);
        Self {
            width_px: if quarters % 2 == 1 {
                self.height_px
            } else {
                self.width_px
            },
            height_px: if quarters % 2 == 1 {
                self.width_px
            } else {
                self.height_px
            },
            rgb,
            dpi: self.dpi,
            rotation: (self.rotation + 360 - degrees) % 360,
            warnings: self.warnings.clone(),
        }
    }

    /// Hands the pixels out, to send them elsewhere.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn turning_back_moves_the_corners() {
        // Two by one: red, blue.
        let image = PageImage::from_rgb(2, 1, vec![255, 0, 0, 0, 0, 255]).unwrap();
        let first = |quarters: usize| {
            let turned = image.turned(quarters);
            (
                turned.width_px(),
                turned.height_px(),
                turned.rgb()[0],
                turned.rotation,
            )
        };
        assert_eq!(first(0), (2, 1, 255, 0));
        // Counter-clockwise: the right end comes to the top.
        assert_eq!(first(1), (1, 2, 0, 270));
        assert_eq!(first(2), (2, 1, 0, 180));
        assert_eq!(first(3), (1, 2, 255, 90));
        assert_eq!(image.turned(1).turned(3).rgb(), image.rgb());
    }
}
