//! Pages that another Worker rendered: pixels and the text that a page brings along, as parts of a message.

use js_sys::{Float32Array, Function, Reflect, Uint8Array};
use ocr_chat_engine::PageImage;
use ocr_chat_engine::text_layer::{self, TextLayer};
use wasm_bindgen::{JsCast, JsValue};

use crate::protocol::Raster;

/// The page of its pixels; `None` where they are not as many as `raster` says.
pub(crate) fn image_of(raster: Raster, rgb: Option<&JsValue>) -> Option<PageImage> {
    let buffer = rgb?;
    let rgb = Uint8Array::new(buffer).to_vec();
    release(buffer);
    let mut image = PageImage::from_rgb(raster.width_px, raster.height_px, rgb)?;
    image.dpi = raster.dpi;
    image.rotation = raster.rotation;
    image.warnings = raster.warnings;
    Some(image)
}

/// The text of its characters and its numbers; `None` where there is none or they do not belong together.
pub(crate) fn layer_of(text: Option<String>, numbers: Option<&JsValue>) -> Option<TextLayer> {
    let numbers = Float32Array::new(numbers?).to_vec();
    text_layer::unpacked(&text?, &numbers)
}

/// Gives the memory of an `ArrayBuffer` back at once, where the browser can (`transfer`, ECMAScript 2024): a page has 12 MB, and Workers collect their garbage
/// late.
fn release(buffer: &JsValue) {
    let transfer = Reflect::get(buffer, &"transfer".into());
    if let Some(transfer) = transfer
        .ok()
        .and_then(|transfer| transfer.dyn_into::<Function>().ok())
    {
        // Without it the collection comes by itself.
        let _ = transfer.call1(buffer, &0.into());
    }
}
