//! Words that should be checked, one after the other, and the way back from corrections.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use super::icon_button::IconButton;
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
                <IconButton
                    name=tr!(viewer.doubt_before)
                    turns=true
                    drawing="M10 3L5 8l5 5"
                    on_click=move |_| go(false)
                />
                <span class="checks-count">{move || tr!(viewer.n_to_check, count = n.get())}</span>
                <IconButton
                    name=tr!(viewer.doubt_next)
                    turns=true
                    drawing="M6 3l5 5-5 5"
                    on_click=move |_| go(true)
                />
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
