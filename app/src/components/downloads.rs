//! Saving the whole document, made on this device.

use leptos::prelude::*;
use ocr_chat_export::{ExportFormat, TextLayout};
use ocr_chat_i18n::tr;

use crate::jobs::{Choice, Doc, DocStatus, ExportStep};
use crate::messages::Problem;
use crate::shell::Shell;

/// Formats with a button, in this order.
pub(super) const FORMATS: [ExportFormat; 10] = [
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

/// A button for each format.
#[component]
pub(super) fn Downloads(doc: Doc) -> impl IntoView {
    let kept = Choice {
        format: ExportFormat::Txt,
        layout: TextLayout::Kept,
    };
    view! {
        <div class="downloads" role="group" aria-label=tr!(viewer.download_document)>
            <span class="muted">{tr!(viewer.download)}</span>
            {FORMATS
                .map(|format| {
                    let choice = Choice { format, layout: TextLayout::Flowing };
                    let label = format.name().to_uppercase();
                    view! { <Download doc choice name=format.name() label/> }
                })
                .collect_view()}
            <Download doc choice=kept name="txt-kept" label=tr!(viewer.text_layout_kept).to_owned()/>
            <Making doc/>
        </div>
    }
}

#[component]
fn Download(doc: Doc, choice: Choice, name: &'static str, label: String) -> impl IntoView {
    let exporter = Shell::get().exporter;
    let is_ready = move || match doc.status.get() {
        DocStatus::Done => true,
        DocStatus::Cancelled => doc.n_read() > 0,
        _ => false,
    };
    // The Worker makes one file at a time.
    let is_free = move || choice.format.plain().is_some() || !exporter.is_busy();
    view! {
        <button
            type="button"
            class="button button-small"
            data-format=name
            prop:disabled=move || !is_ready() || !is_free()
            on:click=move |_| exporter.start(doc, choice)
        >
            {label}
        </button>
    }
}

/// How far the file is that is being made, with the way to stop it, or why there is none.
#[component]
fn Making(doc: Doc) -> impl IntoView {
    let exporter = Shell::get().exporter;
    let state = Memo::new(move |_| exporter.state(doc));
    let is_failed = Memo::new(move |_| matches!(state.get(), Some((_, ExportStep::Failed(_)))));
    let is_making = Memo::new(move |_| state.get().is_some() && !is_failed.get());
    let text = move || state.get().map(|(format, step)| sentence(format, &step));
    let share = move || match state.get() {
        Some((_, ExportStep::Page { n_done, n_pages })) => {
            Some((n_done as f64 / n_pages.max(1) as f64).to_string())
        }
        _ => None,
    };
    view! {
        <Show when=move || is_making.get()>
            <div class="making" data-exporting="">
                <p class="progress-text" role="status">{text}</p>
                <progress class="bar" max="1" value=share aria-label=tr!(viewer.file_progress)></progress>
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| exporter.cancel_of(doc)
                >
                    {tr!(common.cancel)}
                </button>
            </div>
        </Show>
        <Show when=move || is_failed.get()>
            {move || match state.get() {
                Some((_, ExportStep::Failed(problem))) => Some(view! { <Failed problem/> }),
                _ => None,
            }}
        </Show>
    }
}

#[component]
fn Failed(problem: Problem) -> impl IntoView {
    view! {
        <p class="note-bad making" role="alert" data-code=problem.code>
            {problem.title} " " {problem.advice}
        </p>
    }
}

fn sentence(format: ExportFormat, step: &ExportStep) -> String {
    let format = format.name().to_uppercase();
    match step {
        ExportStep::Starting => tr!(viewer.file_starting, format = format),
        ExportStep::Page { n_done, n_pages } => {
            tr!(
                viewer.file_page,
                format = format,
                n = n_done + 1,
                n_pages = *n_pages
            )
        }
        ExportStep::Writing => tr!(viewer.file_writing, format = format),
        ExportStep::Failed(problem) => problem.title.clone(),
    }
}
