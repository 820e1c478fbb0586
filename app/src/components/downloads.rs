//! Saving the whole document, made on this device.

use leptos::prelude::*;
use ocr_chat_export::{ExportFormat, ExportOptions, NoSources, export_to_vec};

use crate::browser;
use crate::jobs::{Doc, DocStatus};

/// Formats with a button, in this order.
const FORMATS: [ExportFormat; 4] = [
    ExportFormat::Txt,
    ExportFormat::Md,
    ExportFormat::Json,
    ExportFormat::Csv,
];

/// A button for each format.
#[component]
pub(super) fn Downloads(doc: Doc) -> impl IntoView {
    let (failed, set_failed) = signal(false);
    let is_ready = move || match doc.status.get() {
        DocStatus::Done => true,
        DocStatus::Cancelled => doc.n_read() > 0,
        _ => false,
    };
    let save = move |format: ExportFormat| {
        let name = format!("{}.{}", stem(&doc.name()), format.extension());
        let options = ExportOptions::default();
        let saved = export_to_vec(&doc.answer(), format, &options, &NoSources)
            .is_ok_and(|bytes| browser::save(&name, format.mime_type(), &bytes).is_ok());
        set_failed.set(!saved);
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
                            on:click=move |_| save(format)
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
