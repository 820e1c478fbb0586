//! The page as pixels.

use ocr_chat_document::Warning;

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

    /// Hands the pixels out, to send them elsewhere.
    pub fn into_rgb(self) -> Vec<u8> {
        self.rgb
    }
}
