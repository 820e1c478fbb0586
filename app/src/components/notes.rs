//! What a reader should know of a page.

use leptos::prelude::*;
use ocr_chat_document::{Page, PageStatus, WarningCode};
use ocr_chat_i18n::tr;

use crate::jobs::Doc;
use crate::settings::Place;
use crate::shell::Shell;

/// The page's warnings, in words.
pub(super) fn notes_of(doc: Doc, page: &Page) -> impl IntoView + use<> {
    let shell = Shell::get();
    let is_lacking = page
        .warnings
        .iter()
        .any(|warning| warning.code == WarningCode::RecogniserMissing);
    let notes = page
        .warnings
        .iter()
        // That nothing was found is not the news where nothing could read what is there.
        .filter(|warning| !(is_lacking && warning.code == WarningCode::Blank))
        .map(|warning| {
            view! {
                <p
                    class="note"
                    class:note-bad=page.status == PageStatus::Failed
                    data-code=code_name(warning.code)
                >
                    {text(warning.code, &warning.message)}
                </p>
            }
        })
        .collect_view();
    let advice = (is_lacking && doc.place == Place::Device).then(|| {
        view! {
            <div class="note row">
                <p>{tr!(viewer.script_advice)}</p>
                <button type="button" class="button button-small" on:click=move |_| shell.read(doc)>
                    {tr!(viewer.read_again)}
                </button>
            </div>
        }
    });
    view! {
        {notes}
        {advice}
    }
}

fn text(code: WarningCode, message: &str) -> String {
    match code {
        WarningCode::Blank => tr!(viewer.note_blank).to_owned(),
        WarningCode::LowConfidence => tr!(viewer.note_low_confidence).to_owned(),
        WarningCode::Unreadable => tr!(viewer.note_unreadable, reason = message.to_owned()),
        WarningCode::Truncated => tr!(viewer.note_truncated).to_owned(),
        WarningCode::Downscaled => tr!(viewer.note_downscaled).to_owned(),
        WarningCode::TooManyRegions => tr!(viewer.note_too_many_regions).to_owned(),
        WarningCode::TextLayerUsed => tr!(viewer.note_text_layer_used).to_owned(),
        WarningCode::TextLayerIgnored => tr!(viewer.note_text_layer_ignored).to_owned(),
        _ => sentence(message),
    }
}

/// A warning's message as a sentence on its own.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if message.ends_with('.') { "" } else { "." };
    first
        .to_uppercase()
        .chain(letters)
        .chain(end.chars())
        .collect()
}

/// The code as answers spell it.
fn code_name(code: WarningCode) -> Option<String> {
    let name = serde_json::to_value(code).ok()?;
    name.as_str().map(str::to_owned)
}
