//! Pictures of one page: PNG, JPEG, WEBP, BMP.

use std::io::Cursor;

use image::codecs::{bmp::BmpDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageResult};

use super::{Format, as_open_error, check_size};
use crate::error::{OpenError, PageError};
use crate::limits::Limits;
use crate::raster::PageImage;

/// Reads the header only: is this a picture within the limits?
pub(super) fn check(bytes: &[u8], format: Format, limits: &Limits) -> Result<(), OpenError> {
    let check = || -> Result<(), PageError> {
        let decoder = decoder(bytes, format).map_err(decode_error)?;
        let (width, height) = decoder.dimensions();
        check_size(u64::from(width), u64::from(height), limits)
    };
    check().map_err(|error| as_open_error(error, format))
}

/// Decodes the picture, turned upright and on an opaque ground.
pub(super) fn decode(
    bytes: &[u8],
    format: Format,
    limits: &Limits,
) -> Result<PageImage, PageError> {
    let mut decoder = decoder(bytes, format).map_err(decode_error)?;
    let (width, height) = decoder.dimensions();
    check_size(u64::from(width), u64::from(height), limits)?;
    if decoder.total_bytes() > limits.max_decoded_bytes {
        return Err(PageError::TooManyPixels {
            width: u64::from(width),
            height: u64::from(height),
            max: limits.max_page_pixels,
        });
    }
    // A damaged orientation is no reason to lose the page.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(decode_error)?;
    upright(picture, orientation)
}

fn decoder(bytes: &[u8], format: Format) -> ImageResult<Box<dyn ImageDecoder + '_>> {
    let reader = Cursor::new(bytes);
    Ok(match format {
        Format::Jpeg => Box::new(JpegDecoder::new(reader)?),
        Format::Webp => Box::new(WebPDecoder::new(reader)?),
        Format::Bmp => Box::new(BmpDecoder::new(reader)?),
        _ => Box::new(PngDecoder::new(reader)?),
    })
}

/// `picture` on an opaque ground, turned as `orientation` says.
pub(super) fn upright(
    picture: DynamicImage,
    orientation: Orientation,
) -> Result<PageImage, PageError> {
    let mut picture = opaque(picture);
    picture.apply_orientation(orientation);
    let rotation = match orientation {
        Orientation::Rotate90 | Orientation::Rotate90FlipH => 90,
        Orientation::Rotate180 => 180,
        Orientation::Rotate270 | Orientation::Rotate270FlipH => 270,
        _ => 0,
    };
    let rgb = picture.into_rgb8();
    let (width, height) = rgb.dimensions();
    let mut page = PageImage::from_rgb(width, height, rgb.into_raw())
        .ok_or_else(|| PageError::Decode("the picture has no pixels".to_owned()))?;
    page.rotation = rotation;
    Ok(page)
}

/// `picture` without transparency: on white, or on black where the ink itself is light, so that it can be seen.
fn opaque(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture;
    }
    let mut rgba = picture.into_rgba8();
    let (mut alpha_sum, mut light_sum) = (0_u64, 0_u64);
    for pixel in rgba.pixels() {
        let [r, g, b, a] = pixel.0;
        alpha_sum += u64::from(a);
        light_sum += u64::from(a) * (u64::from(r) + u64::from(g) + u64::from(b)) / 3;
    }
    // Nothing at all is painted: the alpha channel is one that its writer never filled (common in BMP).
    if alpha_sum == 0 {
        return DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(rgba).into_rgb8());
    }
    let full = u64::from(rgba.width()) * u64::from(rgba.height()) * 255;
    // Mostly transparent, and what is painted is light: white text on a transparent ground.
    let is_light_ink = alpha_sum < full / 2 && light_sum > alpha_sum * 170;
    let ground = if is_light_ink { 0_u32 } else { 255 };
    for pixel in rgba.pixels_mut() {
        let alpha = u32::from(pixel.0[3]);
        for channel in &mut pixel.0[..3] {
            let mixed = (u32::from(*channel) * alpha + ground * (255 - alpha) + 127) / 255;
            *channel = u8::try_from(mixed).unwrap_or(255);
        }
        pixel.0[3] = 255;
    }
    DynamicImage::ImageRgba8(rgba)
}

#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
fn decode_error(error: image::ImageError) -> PageError {
    PageError::Decode(error.to_string())
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use image::{Rgba, RgbaImage};

    #[test]
    fn black_ink_on_transparency_lands_on_white_and_white_ink_on_black() {
        for (ink, ground) in [(0_u8, 255_u8), (255, 0)] {
            let mut picture = RgbaImage::from_pixel(8, 8, Rgba([ink, ink, ink, 0]));
            picture.put_pixel(3, 3, Rgba([ink, ink, ink, 255]));
            let page = upright(picture.into(), Orientation::NoTransforms).unwrap();
            assert_eq!(page.rgb()[0], ground);
            assert_eq!(page.rgb()[(3 * 8 + 3) * 3], ink);
        }
    }

    #[test]
    fn an_alpha_channel_that_was_never_filled_is_ignored() {
        let picture = RgbaImage::from_pixel(4, 4, Rgba([90, 80, 70, 0]));
        let page = upright(picture.into(), Orientation::NoTransforms).unwrap();
        assert_eq!(page.rgb()[..3], [90, 80, 70]);
    }

    #[test]
    fn an_orientation_turns_the_page_and_is_reported() {
        let mut picture = image::RgbImage::new(4, 2);
        picture.put_pixel(0, 0, image::Rgb([9, 9, 9]));
        let page = upright(picture.into(), Orientation::Rotate90).unwrap();
        assert_eq!(
            (page.width_px(), page.height_px(), page.rotation),
            (2, 4, 90)
        );
        assert_eq!(
            page.rgb()[3],
            9,
            "the top left corner went to the top right"
        );
    }
}
