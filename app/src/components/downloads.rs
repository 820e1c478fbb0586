//! Saving the whole document, made on this device.

use leptos::prelude::*;
use ocr_chat_document::BBox;
use ocr_chat_export::{ExportFormat, ExportOptions, PageSources, export_to_vec};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::browser;
use crate::jobs::{Doc, DocStatus};

/// Formats with a button, in this order.
const FORMATS: [ExportFormat; 10] = [
    ExportFormat::Txt,
    ExportFormat::Md,
    ExportFormat::Docx,
    ExportFormat::Pdf,
    ExportFormat::Xlsx,
    ExportFormat::Html,
    ExportFormat::Json,
    ExportFormat::Csv,
    ExportFormat::Hocr,
    ExportFormat::Alto,
];

/// The file as it was dropped; its pictures are decoded in Workers, so none are at hand here.
struct DroppedFile(Option<Vec<u8>>);

impl PageSources for DroppedFile {
    fn original(&self) -> Option<&[u8]> {
        self.0.as_deref()
    }

    fn picture(&self, _page_index: u32, _bbox: BBox) -> Option<Vec<u8>> {
        None
    }
}

/// Makes the file and hands it to the browser; `false` where that failed.
async fn save(doc: Doc, format: ExportFormat) -> bool {
    let name = format!("{}.{}", stem(&doc.name()), format.extension());
    // Only a searchable PDF shows the pages themselves.
    let original = if format == ExportFormat::Pdf {
        let buffer = JsFuture::from(doc.file.with_value(|file| file.array_buffer())).await;
        buffer
            .ok()
            .map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec())
    } else {
        None
    };
    let options = ExportOptions::default();
    export_to_vec(&doc.answer(), format, &options, &DroppedFile(original))
        .is_ok_and(|bytes| browser::save(&name, format.mime_type(), &bytes).is_ok())
}

/// A button for each format.
#[component]
pub(super) fn Downloads(doc: Doc) -> impl IntoView {
    let (failed, set_failed) = signal(false);
    let is_ready = move || match doc.status.get() {
        DocStatus::Done => true,
        DocStatus::Cancelled => doc.n_read() > 0,
        _ => false,
    };
    let start = move |format: ExportFormat| {
        spawn_local(async move { set_failed.set(!save(doc, format).await) });
    };
    view! {
        <div class="downloads" role="group" aria-label="Download the document">
            <span class="muted">"Download"</span>
            {FORMATS
                .map(|format| {
                    view! {
                        <button
                            type="button"
                            class="button button-small"
                            data-format=format.name()
                            prop:disabled=move || !is_ready()
                            on:click=move |_| start(format)
                        >
                            {format.name().to_uppercase()}
                        </button>
                    }
                })
                .collect_view()}
            <Show when=move || failed.get()>
                <span class="note-bad" role="alert">"The file could not be made."</span>
            </Show>
        </div>
    }
}

/// The file's name without its extension.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ if name.is_empty() => "document",
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn a_download_is_named_after_its_file() {
        assert_eq!(stem("invoice.2026.pdf"), "invoice.2026");
        assert_eq!(stem(".png"), ".png");
        assert_eq!(stem(""), "document");
    }
}
