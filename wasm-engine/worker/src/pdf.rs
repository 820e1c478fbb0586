//! The PDF Worker: opens PDFs and renders their pages; reads nothing.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use js_sys::Uint8Array;
use ocr_chat_document::Page;
use ocr_chat_engine::{Limits, Source};
use wasm_bindgen::JsValue;

use crate::protocol::{DocumentId, FromWorker, Raster, ToWorker};
use crate::refusal;
use crate::scope::{Scope, bytes_of};

type Documents = RefCell<HashMap<DocumentId, Rc<Source>>>;

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
            let bytes = bytes_of(parts.first()).await;
            let answer = match Source::open(bytes, &Limits::browser(), None) {
                Ok(source) => {
                    let answer = FromWorker::Opened {
                        document,
                        n_pages: u32::try_from(source.n_pages()).unwrap_or(u32::MAX),
                        warnings: source.warnings().to_vec(),
                    };
                    documents.borrow_mut().insert(document, Rc::new(source));
                    answer
                }
                Err(error) => FromWorker::Refused {
                    document,
                    code: refusal::code(&error),
                    message: error.to_string(),
                },
            };
            scope.send(&answer, &[]);
        }
        ToWorker::Page {
            document, index, ..
        } => {
            let source = documents.borrow().get(&document).cloned();
            render(scope, source.as_deref(), document, index);
        }
        ToWorker::Close { document } => {
            documents.borrow_mut().remove(&document);
        }
        // Models and pixels belong to the OCR Worker.
        _ => {}
    }
}

fn render(scope: &Scope, source: Option<&Source>, document: DocumentId, index: u32) {
    let rendered = match source {
        Some(source) => source
            .page(index as usize)
            .map_err(|error| error.to_string()),
        None => Err("the document is not open".to_owned()),
    };
    match rendered {
        Ok(image) => {
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
            };
            let rgb = Uint8Array::from(image.rgb()).buffer();
            scope.send(&message, &[rgb.into()]);
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
