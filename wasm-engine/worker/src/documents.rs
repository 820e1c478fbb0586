//! The open documents of a Worker.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

#[cfg(feature = "pdf")]
use ocr_chat_engine::text_layer::TextLayer;
use ocr_chat_engine::{Limits, PageImage, Source};
use wasm_bindgen::JsValue;

use crate::protocol::{DocumentId, FromWorker};
use crate::refusal;
use crate::scope::bytes_of;

/// The documents that are open, by their numbers.
#[derive(Default)]
pub(crate) struct Documents(RefCell<HashMap<DocumentId, Rc<Source>>>);

impl Documents {
    /// Opens the file in `part`; what the page is told.
    pub(crate) async fn open(&self, document: DocumentId, part: Option<&JsValue>) -> FromWorker {
        let bytes = bytes_of(part).await;
        match Source::open(bytes, &Limits::browser(), None) {
            Ok(source) => {
                let answer = FromWorker::Opened {
                    document,
                    n_pages: u32::try_from(source.n_pages()).unwrap_or(u32::MAX),
                    warnings: source.warnings().to_vec(),
                };
                self.0.borrow_mut().insert(document, Rc::new(source));
                answer
            }
            Err(error) => FromWorker::Refused {
                document,
                code: refusal::code(&error),
                message: error.to_string(),
            },
        }
    }

    /// Decodes a page; otherwise the reason, in words.
    pub(crate) fn page(&self, document: DocumentId, index: u32) -> Result<PageImage, String> {
        let source = self.0.borrow().get(&document).cloned();
        match source {
            Some(source) => source
                .page(index as usize)
                .map_err(|error| error.to_string()),
            None => Err("the document is not open".to_owned()),
        }
    }

    /// The text that a page brings along.
    #[cfg(feature = "pdf")]
    pub(crate) fn text_layer(&self, document: DocumentId, index: u32) -> Option<TextLayer> {
        let source = self.0.borrow().get(&document).cloned();
        source?.text_layer(index as usize)
    }

    /// Forgets a document.
    pub(crate) fn close(&self, document: DocumentId) {
        self.0.borrow_mut().remove(&document);
    }
}
