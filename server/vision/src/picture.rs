//! Pictures of pages for models.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};
use image::{ExtendedColorType, RgbImage};
use ocr_chat_document::BBox;

/// Quality of the JPEGs that are sent, of 100: what models were trained on; fine print stays readable.
const JPEG_QUALITY: u8 = 90;

/// An upright page, RGB, 8 bits a channel.
#[derive(Clone)]
pub struct Picture(RgbImage);

/// A picture that is sent.
#[derive(Clone)]
pub struct Sent {
    /// The file.
    pub jpeg: Vec<u8>,
    /// Its width in pixels.
    pub width_px: u32,
    /// Its height in pixels.
    pub height_px: u32,
}

impl Picture {
    /// A page of its pixels, row by row from the top; `None` when `rgb` is not `width_px * height_px * 3` bytes.
    pub fn new(width_px: u32, height_px: u32, rgb: Vec<u8>) -> Option<Self> {
        (width_px > 0 && height_px > 0)
            .then(|| RgbImage::from_raw(width_px, height_px, rgb).map(Self))
            .flatten()
    }

    /// Width in pixels.
    pub fn width_px(&self) -> u32 {
        self.0.width()
    }

    /// Height in pixels.
    pub fn height_px(&self) -> u32 {
        self.0.height()
    }

    /// The part inside `bbox`, or the page, at most `longest_px` long, its sides multiples of `multiple_px`. `None` where none of it is on
    /// the page.
    pub fn sent(&self, bbox: Option<BBox>, longest_px: u32, multiple_px: u32) -> Option<Sent> {
        let (x, y, width, height) = match bbox {
            Some(bbox) => self.inside(bbox)?,
            None => (0, 0, self.0.width(), self.0.height()),
        };
        let view = imageops::crop_imm(&self.0, x, y, width, height);
        let scale = (f64::from(longest_px) / f64::from(width.max(height))).min(1.0);
        let side = |px: u32| {
            let scaled = (f64::from(px) * scale).round() as u32;
            let multiple = multiple_px.max(1);
            ((scaled + multiple / 2) / multiple * multiple).max(multiple)
        };
        let (new_width, new_height) = (side(width), side(height));
        let part = if (new_width, new_height) == (width, height) {
            view.to_image()
        } else {
            imageops::resize(
                &view.to_image(),
                new_width,
                new_height,
                FilterType::Triangle,
            )
        };
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY)
            .encode(
                part.as_raw(),
                new_width,
                new_height,
                ExtendedColorType::Rgb8,
            )
            .ok()?;
        Some(Sent {
            jpeg,
            width_px: new_width,
            height_px: new_height,
        })
    }

    /// The part inside `bbox`: width, height, and pixels row by row; `None` where none of it is on the page.
    pub fn part(&self, bbox: BBox) -> Option<(u32, u32, Vec<u8>)> {
        let (x, y, width, height) = self.inside(bbox)?;
        let part = imageops::crop_imm(&self.0, x, y, width, height).to_image();
        Some((width, height, part.into_raw()))
    }

    fn inside(&self, bbox: BBox) -> Option<(u32, u32, u32, u32)> {
        let side = |px: u32| i32::try_from(px).unwrap_or(i32::MAX);
        let bbox = bbox.clamped(side(self.0.width()), side(self.0.height()));
        let width = u32::try_from(bbox.width()).ok().filter(|px| *px > 0)?;
        let height = u32::try_from(bbox.height()).ok().filter(|px| *px > 0)?;
        Some((
            u32::try_from(bbox.x0).ok()?,
            u32::try_from(bbox.y0).ok()?,
            width,
            height,
        ))
    }

    /// The share of pixels inside `bbox` that are not ground, 0 to 1: that differ from the most frequent brightness there by more than
    /// [`INK_CONTRAST`]. 0 where none of it is on the page.
    pub fn ink(&self, bbox: BBox) -> f32 {
        let Some((x, y, width, height)) = self.inside(bbox) else {
            return 0.0;
        };
        // A hundred thousand samples tell as much as all pixels.
        let step = (u64::from(width) * u64::from(height) / 100_000)
            .isqrt()
            .max(1) as usize;
        let mut counts = [0_u32; 256];
        for row in (y..y + height).step_by(step) {
            for column in (x..x + width).step_by(step) {
                let [red, green, blue] = self.0.get_pixel(column, row).0;
                let luma = (u32::from(red) * 2 + u32::from(green) * 5 + u32::from(blue)) / 8;
                counts[luma as usize] += 1;
            }
        }
        let total: u32 = counts.iter().sum();
        let ground = (0..256).max_by_key(|luma| counts[*luma]).unwrap_or(255);
        let n_ground: u32 = counts
            [ground.saturating_sub(INK_CONTRAST)..=(ground + INK_CONTRAST).min(255)]
            .iter()
            .sum();
        (total - n_ground) as f32 / total.max(1) as f32
    }
}

/// How far from the ground's brightness ink is, of 255. Paper has a grain of 10 to 20; faint pencil is 50 darker than its paper.
const INK_CONTRAST: usize = 36;

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Picture {
        let mut rgb = vec![250_u8; 300 * 200 * 3];
        for y in 50..70 {
            for x in 40..140 {
                rgb[(y * 300 + x) * 3..(y * 300 + x) * 3 + 3].fill(20);
            }
        }
        Picture::new(300, 200, rgb).unwrap()
    }

    #[test]
    fn parts_are_cut_and_made_smaller() {
        let whole = page().sent(None, 150, 28).unwrap();
        assert_eq!((whole.width_px, whole.height_px), (140, 112));
        assert!(whole.jpeg.starts_with(&[0xff, 0xd8]));
        let part = page()
            .sent(Some(BBox::new(-10, 10, 90, 60)), 1000, 1)
            .unwrap();
        assert_eq!((part.width_px, part.height_px), (90, 50));
        assert!(
            page()
                .sent(Some(BBox::new(400, 0, 500, 10)), 100, 1)
                .is_none()
        );
    }

    #[test]
    fn ink_is_what_is_not_ground() {
        assert!((page().ink(BBox::new(40, 40, 140, 80)) - 0.5).abs() < 0.01);
        assert_eq!(page().ink(BBox::new(0, 100, 300, 200)), 0.0);
    }
}
