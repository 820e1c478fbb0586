//! What there is to say about a document as a whole, with what can be done about it.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use super::hand_off::{HandedOver, Offer};
use crate::jobs::{Doc, DocStatus, Kept};
use crate::shell::{Shell, View};

/// The notes over the panes of a document.
#[component]
pub(super) fn DocumentNotes(doc: Doc) -> impl IntoView {
    view! {
        <div class="notes">
            <Stopped doc/>
            <Offer doc/>
            <HandedOver doc/>
            <NotKept doc/>
        </div>
    }
}

/// Reading was stopped on the way: what there is, and how to go on.
#[component]
fn Stopped(doc: Doc) -> impl IntoView {
    let shell = Shell::get();
    let n_read = Memo::new(move |_| doc.n_read());
    let is_partial = move || doc.status.get() == DocStatus::Cancelled && n_read.get() > 0;
    let text = move || {
        let n_pages = doc.pages.with(Vec::len);
        tr!(files.stopped_after, n = n_read.get(), n_pages = n_pages)
    };
    view! {
        <Show when=is_partial>
            <p class="note note-row" role="status">
                <span>{text}</span>
                <button type="button" class="button button-small" on:click=move |_| shell.continue_reading(doc)>
                    {tr!(files.go_on)}
                </button>
            </p>
        </Show>
    }
}

/// The document does not outlive this visit, though it should.
#[component]
fn NotKept(doc: Doc) -> impl IntoView {
    let shell = Shell::get();
    view! {
        {move || match doc.keeping.state.get() {
            Kept::Full => Some(
                view! {
                    <p class="note note-row" role="status" data-code="no_room">
                        <span>{tr!(files.no_room)}</span>
                        <button type="button" class="button button-small" on:click=move |_| shell.go(View::History)>
                            {tr!(files.delete_old)}
                        </button>
                    </p>
                }
                    .into_any(),
            ),
            Kept::Unavailable => {
                Some(view! { <p class="note" role="status" data-code="not_kept">{tr!(files.nothing_kept)}</p> }.into_any())
            }
            _ => None,
        }}
    }
}
