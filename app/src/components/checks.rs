//! Words that should be checked, one after the other, and the way back from corrections.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use super::viewer::{Tab, Viewer};

/// How many words should be checked, with the ways to them.
#[component]
pub(super) fn Checks(viewer: Viewer) -> impl IntoView {
    let n = Memo::new(move |_| viewer.doubts.with(|doubts| doubts.len()) as u32);
    let go = move |is_next: bool| {
        viewer.tab.set(Tab::Text);
        viewer.shows_doubts.set(true);
        viewer.step_doubt(is_next);
    };
    view! {
        <Show when=move || n.get() != 0>
            <div class="checks" role="group" aria-label=tr!(viewer.checks)>
                <button
                    type="button"
                    class="icon-button icon-turns"
                    aria-label=tr!(viewer.doubt_before)
                    title=tr!(viewer.doubt_before)
                    on:click=move |_| go(false)
                >
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M10 3L5 8l5 5"/></svg>
                </button>
                <span class="checks-count">{move || tr!(viewer.n_to_check, count = n.get())}</span>
                <button
                    type="button"
                    class="icon-button icon-turns"
                    aria-label=tr!(viewer.doubt_next)
                    title=tr!(viewer.doubt_next)
                    on:click=move |_| go(true)
                >
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3l5 5-5 5"/></svg>
                </button>
                <label class="checks-shown">
                    <input
                        type="checkbox"
                        prop:checked=move || viewer.shows_doubts.get()
                        on:change=move |event| viewer.shows_doubts.set(event_target_checked(&event))
                    />
                    {tr!(viewer.mark_doubts)}
                </label>
            </div>
        </Show>
        <Show when=move || viewer.doc.can_undo()>
            <button type="button" class="button button-small" on:click=move |_| viewer.take_back()>
                {tr!(viewer.undo)}
            </button>
        </Show>
    }
}
