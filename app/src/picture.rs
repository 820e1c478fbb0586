//! Pictures as the browser decodes and draws them: turning, cropping, photos of formats that the engine does not read.

use std::f64::consts::FRAC_PI_2;

use futures::channel::oneshot;
use js_sys::Array;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, File, FilePropertyBag, HtmlCanvasElement, ImageBitmap,
};

use crate::crop::Crop;

/// Quality of a JPEG: higher than what a camera writes, so that letters do not suffer.
const QUALITY: f64 = 0.95;

/// The picture in a file, upright as its EXIF says; `None` where the browser cannot decode it.
pub(crate) async fn decode(file: &Blob) -> Option<ImageBitmap> {
    let promise = web_sys::window()?
        .create_image_bitmap_with_blob(file)
        .ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// Draws `picture`, turned as `crop` says and cut where `is_cut`, to fill `canvas` at `scale`.
pub(crate) fn draw(
    canvas: &HtmlCanvasElement,
    picture: &ImageBitmap,
    crop: Crop,
    scale: f64,
    is_cut: bool,
) -> Option<()> {
    let (width, height) = crop.turned_size(picture.width(), picture.height());
    let (left, top, right, bottom) = if is_cut {
        (crop.left, crop.top, crop.right, crop.bottom)
    } else {
        (0.0, 0.0, 1.0, 1.0)
    };
    canvas.set_width(((right - left) * width * scale).round().max(1.0) as u32);
    canvas.set_height(((bottom - top) * height * scale).round().max(1.0) as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.scale(scale, scale).ok()?;
    context
        .translate(width / 2.0 - left * width, height / 2.0 - top * height)
        .ok()?;
    context.rotate(f64::from(crop.n_turns) * FRAC_PI_2).ok()?;
    context
        .draw_image_with_image_bitmap(
            picture,
            -f64::from(picture.width()) / 2.0,
            -f64::from(picture.height()) / 2.0,
        )
        .ok()
}

/// The wanted part of a picture as a file called `name`; PNG where that has to be kept without loss.
pub(crate) async fn cut(picture: &ImageBitmap, crop: Crop, name: &str) -> Option<File> {
    let canvas = new_canvas()?;
    draw(&canvas, picture, crop, 1.0, true)?;
    let is_png = name.to_lowercase().ends_with(".png");
    file_of(&canvas, name, is_png).await
}

/// The canvas as a file.
pub(crate) async fn file_of(canvas: &HtmlCanvasElement, name: &str, is_png: bool) -> Option<File> {
    let (kind, extension) = if is_png {
        ("image/png", "png")
    } else {
        ("image/jpeg", "jpg")
    };
    let (sender, receiver) = oneshot::channel();
    let on_blob = Closure::once_into_js(move |blob: JsValue| {
        let _ = sender.send(blob);
    });
    canvas
        .to_blob_with_type_and_encoder_options(
            on_blob.unchecked_ref(),
            kind,
            &JsValue::from_f64(QUALITY),
        )
        .ok()?;
    let blob: Blob = receiver.await.ok()?.dyn_into().ok()?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let options = FilePropertyBag::new();
    options.set_type(kind);
    let name = format!("{stem}.{extension}");
    File::new_with_blob_sequence_and_options(&Array::of1(&blob), &name, &options).ok()
}

/// A canvas that stands nowhere on the page.
pub(crate) fn new_canvas() -> Option<HtmlCanvasElement> {
    let document = web_sys::window()?.document()?;
    document.create_element("canvas").ok()?.dyn_into().ok()
}

/// Whether a file may be a photo as some phones take it, which the engine does not read and some browsers do.
pub(crate) fn is_heic(name: &str, kind: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with(".heic")
        || name.ends_with(".heif")
        || matches!(kind, "image/heic" | "image/heif")
}

/// Whether a file is a picture that can be turned and cropped before it is read.
pub(crate) fn is_picture(name: &str, kind: &str) -> bool {
    let is_tiff = kind == "image/tiff" || name.to_lowercase().ends_with(".tif");
    kind.starts_with("image/") && !is_tiff && kind != "image/svg+xml"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_name_and_type() {
        assert!(is_heic("IMG_1.HEIC", ""));
        assert!(is_heic("photo", "image/heif"));
        assert!(!is_heic("a.jpg", "image/jpeg"));
        assert!(is_picture("a.jpg", "image/jpeg"));
        assert!(!is_picture("a.pdf", "application/pdf"));
        assert!(!is_picture("a.tiff", "image/tiff"));
    }
}
