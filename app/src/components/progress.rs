//! What is going on with a document, and the way to stop it.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::jobs::{Doc, DocStatus, PageStage, ReaderState};
use crate::messages::megabytes;
use crate::settings::Place;
use crate::shell::Shell;

/// What a bar shows: a sentence, and how far, where that is known.
#[derive(Clone, PartialEq)]
struct Step {
    text: String,
    share: Option<f64>,
}

fn step(doc: Doc, reader: ReaderState) -> Step {
    let text = |text: &str| Step {
        text: text.to_owned(),
        share: None,
    };
    if doc.place == Place::Device {
        match reader {
            ReaderState::Starting => return text(tr!(site.step_starting)),
            ReaderState::Downloading { received, total } => {
                let share = received / total.max(1.0);
                return Step {
                    text: tr!(
                        site.step_model,
                        got = megabytes(received),
                        all = megabytes(total),
                        percent = format!("{:.0}", share * 100.0)
                    ),
                    share: Some(share),
                };
            }
            ReaderState::Quiet => {}
        }
    }
    if doc.status.get() == DocStatus::Waiting {
        return text(tr!(site.step_waiting));
    }
    let n_pages = doc.pages.with(Vec::len);
    match n_pages {
        0 if doc.place == Place::Server => text(tr!(site.step_sending)),
        0 => text(tr!(site.step_opening)),
        1 if doc.place == Place::Server => text(tr!(site.step_server)),
        1 => text(match doc.shown().map(|slot| slot.stage.get()) {
            Some(PageStage::Detecting) => tr!(site.step_detecting),
            Some(PageStage::Recognising) => tr!(site.step_recognising),
            _ => tr!(site.step_page),
        }),
        _ => {
            let n_read = doc.n_read();
            Step {
                text: tr!(
                    site.step_reading,
                    n = (n_read + 1).min(n_pages),
                    n_pages = n_pages
                ),
                share: Some(n_read as f64 / n_pages as f64),
            }
        }
    }
}

/// Progress of a document that is being read; its height is kept when there is none, so that nothing moves.
#[component]
pub(crate) fn Progress(doc: Doc) -> impl IntoView {
    let shell = Shell::get();
    let is_busy = move || matches!(doc.status.get(), DocStatus::Waiting | DocStatus::Reading);
    let step = Memo::new(move |_| step(doc, shell.reader.get()));
    view! {
        <div class="progress">
            <Show when=is_busy>
                <p class="progress-text" role="status">{move || step.get().text}</p>
                {move || match step.get().share {
                    Some(share) => {
                        view! { <progress class="bar" max="1" value=share.to_string() aria-label=tr!(site.progress)></progress> }
                            .into_any()
                    }
                    None => view! { <progress class="bar" aria-label=tr!(site.progress)></progress> }.into_any(),
                }}
                <button
                    type="button"
                    class="button button-small"
                    on:click=move |_| shell.cancel(doc)
                >
                    {tr!(common.cancel)}
                </button>
            </Show>
        </div>
    }
}
