//! What is said between the page and a Worker about a document.

use leptos::prelude::*;
use ocr_chat_worker::protocol::{FromWorker, ReadStage, RefusalCode, ToWorker};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::document::{Doc, PageStage};
use super::worker::{Gone, WorkerHandle};
use crate::messages::Problem;

/// Why a task came to nothing.
pub(super) enum TaskError {
    Gone,
    Refused(Problem),
}

impl From<Gone> for TaskError {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// Opens the document in the Worker and gives the number of its pages.
pub(super) async fn open_in(handle: &mut WorkerHandle, doc: Doc) -> Result<u32, TaskError> {
    let message = ToWorker::Open { document: doc.id };
    let file = JsValue::from(doc.file.get_value());
    let (answer, _) = handle.ask(&message, &[file], |_, _| {}).await?;
    match answer {
        FromWorker::Opened {
            n_pages, warnings, ..
        } => {
            doc.warnings.set(warnings);
            Ok(n_pages)
        }
        FromWorker::Refused { code, message, .. } => Err(TaskError::Refused(Problem::new(
            refusal_name(code),
            &message,
        ))),
        _ => Err(TaskError::Gone),
    }
}

fn refusal_name(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::EmptyFile => "empty_file",
        RefusalCode::UnsupportedType => "unsupported_type",
        RefusalCode::FileTooLarge => "file_too_large",
        RefusalCode::TooManyPages => "too_many_pages",
        RefusalCode::TooManyPixels => "too_many_pixels",
        RefusalCode::PasswordNeeded => "password_needed",
        _ => "damaged_file",
    }
}

/// Shows what a Worker tells while it reads.
pub(super) fn show_event(doc: Doc, event: &FromWorker, parts: &[JsValue]) {
    match *event {
        FromWorker::Picture {
            index,
            width_px,
            height_px,
            ..
        } => {
            if let Some(blob) = parts.first().and_then(|part| part.dyn_ref::<Blob>()) {
                doc.put_picture(index, blob, width_px, height_px);
            }
        }
        FromWorker::Stage { index, stage, .. } => {
            if let Some(slot) = doc.slot(index) {
                slot.stage.set(match stage {
                    ReadStage::Detect => PageStage::Detecting,
                    _ => PageStage::Recognising,
                });
            }
        }
        _ => {}
    }
}
