//! The PDF Worker: opens PDFs and TIFFs and renders their pages; reads nothing.

use std::rc::Rc;

use js_sys::{Float32Array, Uint8Array};
use ocr_chat_document::Page;
use ocr_chat_engine::text_layer;
use wasm_bindgen::JsValue;

use crate::documents::Documents;
use crate::protocol::{DocumentId, FromWorker, Raster, ToWorker, Want};
use crate::scope::Scope;

/// Listens for the page's messages until the Worker ends.
pub fn run(scope: &Scope) {
    let documents = Rc::new(Documents::default());
    let answers = scope.clone();
    scope.listen(move |message, parts| {
        let (documents, scope) = (Rc::clone(&documents), answers.clone());
        async move { handle(&documents, &scope, message, parts).await }
    });
}

async fn handle(documents: &Documents, scope: &Scope, message: ToWorker, parts: Vec<JsValue>) {
    match message {
        ToWorker::Open { document } => {
            let answer = documents.open(document, parts.first()).await;
            scope.send(&answer, &[]);
        }
        ToWorker::Page {
            document,
            index,
            want,
            ..
        } => {
            render(scope, documents, document, index, want);
        }
        ToWorker::Layer { document, index } => {
            let (layer, numbers) = packed(documents, document, index);
            let message = FromWorker::Layer {
                document,
                index,
                layer,
            };
            let parts: Vec<JsValue> = numbers.into_iter().collect();
            scope.send(&message, &parts);
        }
        ToWorker::Close { document } => {
            documents.close(document);
        }
        // Models and pixels belong to the OCR Worker.
        _ => {}
    }
}

/// The text that a page brings along: its characters, and its numbers as a buffer.
fn packed(
    documents: &Documents,
    document: DocumentId,
    index: u32,
) -> (Option<String>, Option<JsValue>) {
    let layer = documents.text_layer(document, index);
    let (text, numbers) = layer.as_ref().map(text_layer::packed).unzip();
    let buffer = |numbers: Vec<f32>| Float32Array::from(&numbers[..]).buffer().into();
    (text, numbers.map(buffer))
}

fn render(scope: &Scope, documents: &Documents, document: DocumentId, index: u32, want: Want) {
    match documents.page(document, index) {
        Ok(image) => {
            let (layer, numbers) = match want {
                Want::Text => packed(documents, document, index),
                Want::Picture => (None, None),
            };
            let message = FromWorker::Rendered {
                document,
                index,
                raster: Raster {
                    width_px: image.width_px(),
                    height_px: image.height_px(),
                    dpi: image.dpi,
                    rotation: image.rotation,
                    warnings: image.warnings.clone(),
                },
                layer,
            };
            let rgb = Uint8Array::from(image.rgb()).buffer();
            let mut parts: Vec<JsValue> = vec![rgb.into()];
            parts.extend(numbers);
            scope.send(&message, &parts);
        }
        Err(reason) => scope.send(
            &FromWorker::Read {
                document,
                page: Page::failed(index, reason),
            },
            &[],
        ),
    }
}
