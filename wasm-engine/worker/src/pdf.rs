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
        ToWorker::Close { document } => {
            documents.close(document);
        }
        // Models and pixels belong to the OCR Worker.
        _ => {}
    }
}

fn render(scope: &Scope, documents: &Documents, document: DocumentId, index: u32, want: Want) {
    match documents.page(document, index) {
        Ok(image) => {
            let layer = match want {
                Want::Text => documents.text_layer(document, index),
                Want::Picture => None,
            };
            let (layer, numbers) = layer.as_ref().map(text_layer::packed).unzip();
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
            parts.extend(numbers.map(|numbers| Float32Array::from(&numbers[..]).buffer().into()));
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
