//! The picture of a page for the screen: small enough to keep for every page of a long document.

use js_sys::Promise;
use ocr_chat_engine::PageImage;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ImageData, ImageEncodeOptions, OffscreenCanvas};

/// Longer side of the picture in pixels. A screen shows a page at half a window's width; more only costs memory.
const MAX_SIDE_PX: u32 = 2_400;

/// JPEG quality at which text of a scan shows no fringes at the sizes above.
const JPEG_QUALITY: f64 = 0.85;

/// The page as a JPEG, shrunk by a whole factor.
///
/// Made from the engine's own pixels, so that boxes fit in every format, TIFF and turned photos included.
///
/// # Errors
/// The browser's error when it has no canvas in Workers or no memory for it.
pub(crate) async fn picture(image: &PageImage) -> Result<Blob, JsValue> {
    let factor = image
        .width_px()
        .max(image.height_px())
        .div_ceil(MAX_SIDE_PX)
        .max(1);
    let (width_px, height_px, rgba) = shrunk(image, factor);
    let data = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), width_px, height_px)?;
    let canvas = OffscreenCanvas::new(width_px, height_px)?;
    let context = canvas
        .get_context("2d")?
        .ok_or_else(|| JsValue::from_str("no 2d context"))?
        .dyn_into::<web_sys::OffscreenCanvasRenderingContext2d>()?;
    context.put_image_data(&data, 0.0, 0.0)?;
    let options = ImageEncodeOptions::new();
    options.set_type("image/jpeg");
    options.set_quality(JPEG_QUALITY);
    let promise: Promise = canvas
        .convert_to_blob_with_options(&options)?
        .unchecked_into();
    let encoded = JsFuture::from(promise).await;
    // Gives the canvas' memory back at once.
    canvas.set_width(0);
    canvas.set_height(0);
    encoded?.dyn_into()
}

/// RGBA of the page, each pixel the mean of `factor` x `factor` pixels (fewer at the far edges).
fn shrunk(image: &PageImage, factor: u32) -> (u32, u32, Vec<u8>) {
    let (source_w, source_h) = (image.width_px(), image.height_px());
    let (width, height) = (source_w.div_ceil(factor), source_h.div_ceil(factor));
    let rgb = image.rgb();
    let row_bytes = source_w as usize * 3;
    let mut rgba = Vec::with_capacity(width as usize * height as usize * 4);
    for y in 0..height {
        let rows = (y * factor)..((y + 1) * factor).min(source_h);
        for x in 0..width {
            let from = (x * factor) as usize * 3;
            let to = ((x + 1) * factor).min(source_w) as usize * 3;
            let mut sums = [0_u32; 3];
            let mut n = 0_u32;
            for row in rows.clone() {
                let start = row as usize * row_bytes;
                for pixel in rgb[start + from..start + to].chunks_exact(3) {
                    for (sum, &value) in sums.iter_mut().zip(pixel) {
                        *sum += u32::from(value);
                    }
                    n += 1;
                }
            }
            rgba.extend(sums.map(|sum| u8::try_from(sum / n.max(1)).unwrap_or(u8::MAX)));
            rgba.push(u8::MAX);
        }
    }
    (width, height, rgba)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinking_takes_means_and_keeps_the_far_edge() {
        let rgb = [0, 0, 0, 200, 200, 200, 90, 60, 30].to_vec();
        let image = PageImage::from_rgb(3, 1, rgb).unwrap();
        assert_eq!(
            shrunk(&image, 2),
            (2, 1, vec![100, 100, 100, 255, 90, 60, 30, 255])
        );
        assert_eq!(shrunk(&image, 1).2.len(), 12);
    }
}
