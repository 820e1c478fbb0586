//! The results of several documents as one archive.

use leptos::prelude::*;
use ocr_chat_export::ExportFormat;
use ocr_chat_i18n::tr;

use super::downloads::FORMATS;
use crate::jobs::{BundleStep, Doc, DocStatus};
use crate::shell::Shell;

/// Saves what was read of `docs` as a zip archive; nothing where there are fewer than two.
#[component]
pub(super) fn Bundle(docs: Signal<Vec<Doc>>) -> impl IntoView {
    let shell = Shell::get();
    let exporter = shell.exporter;
    let format = RwSignal::new(ExportFormat::Txt);
    let done = Memo::new(move |_| {
        let mut done = docs.get();
        done.retain(|doc| doc.status.get() == DocStatus::Done);
        done
    });
    let is_offered = Memo::new(move |_| done.with(Vec::len) > 1);
    let is_making =
        Memo::new(move |_| !matches!(exporter.bundle(), None | Some(BundleStep::Failed(_))));
    let text = move || match exporter.bundle() {
        Some(BundleStep::Document {
            n_done,
            n_documents,
        }) => {
            tr!(files.zip_making, n = n_done + 1, n_documents = n_documents)
        }
        Some(BundleStep::Packing) => tr!(files.zip_packing).to_owned(),
        _ => String::new(),
    };
    let share = move || match exporter.bundle() {
        Some(BundleStep::Document {
            n_done,
            n_documents,
        }) => Some((n_done as f64 / n_documents.max(1) as f64).to_string()),
        _ => None,
    };
    let problem = move || match exporter.bundle() {
        Some(BundleStep::Failed(problem)) => Some(problem),
        _ => None,
    };
    view! {
        <Show when=move || is_offered.get() || is_making.get()>
            <div class="bundle" role="group" aria-label=tr!(files.zip_group)>
                <Show
                    when=move || is_making.get()
                    fallback=move || view! {
                        <label class="select">
                            <span class="visually-hidden">{tr!(files.zip_format)}</span>
                            <select on:change=move |event| {
                                let name = event_target_value(&event);
                                format.set(name.parse().unwrap_or(ExportFormat::Txt));
                            }>
                                {FORMATS
                                    .map(|choice| view! {
                                        <option value=choice.name() prop:selected=move || format.get() == choice>
                                            {choice.name().to_uppercase()}
                                        </option>
                                    })
                                    .collect_view()}
                            </select>
                        </label>
                        <button
                            type="button"
                            class="button button-small"
                            data-action="zip"
                            prop:disabled=move || exporter.is_busy()
                            on:click=move |_| {
                                exporter.start_bundle(done.get_untracked(), format.get_untracked(), shell.keeper);
                            }
                        >
                            {move || tr!(files.zip_save, count = done.with(Vec::len))}
                        </button>
                    }
                >
                    <p class="progress-text" role="status">{text}</p>
                    <progress class="bar" max="1" value=share aria-label=tr!(files.zip_progress)></progress>
                    <button type="button" class="button button-small" on:click=move |_| exporter.cancel_bundle()>
                        {tr!(common.cancel)}
                    </button>
                </Show>
                {move || problem().map(|problem| view! {
                    <p class="note-bad" role="alert" data-code=problem.code>{problem.title} " " {problem.advice}</p>
                })}
            </div>
        </Show>
    }
}
