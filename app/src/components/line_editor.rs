//! The field in which a line or a cell is corrected.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_document::Part;
use ocr_chat_i18n::tr;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::viewer::Viewer;

/// A field with `text` in it: Enter saves, Escape leaves it as it was, and so does leaving it unchanged. The focus goes back to the element that `back` selects.
#[component]
pub(super) fn LineEditor(
    viewer: Viewer,
    block: usize,
    part: Part,
    text: String,
    back: String,
) -> impl IntoView {
    let field = NodeRef::<html::Textarea>::new();
    // A field that goes loses the focus, which is no wish to save.
    let is_left = StoredValue::new(false);
    Effect::new(move || {
        if let Some(field) = field.get() {
            let _ = field.focus();
            field.select();
        }
    });
    let page_idx = viewer.doc.page_idx.get_untracked();
    let leave = move |focuses: bool| {
        is_left.set_value(true);
        viewer.editing.set(None);
        if focuses {
            let back = back.clone();
            request_animation_frame(move || {
                let element = document().query_selector(&back).ok().flatten();
                if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
                    let _ = element.focus();
                }
            });
        }
    };
    let leave = StoredValue::new_local(leave);
    let before = StoredValue::new(text.clone());
    let save = move |focuses: bool| {
        let Some(field) = field.get_untracked() else {
            return;
        };
        let now = field.value();
        leave.with_value(|leave| leave(focuses));
        let is_changed = before.with_value(|before| *before != now);
        viewer.doc.correct(page_idx, block, part, &now);
        viewer.told.set(
            if is_changed {
                tr!(viewer.corrected)
            } else {
                tr!(viewer.confirmed)
            }
            .to_owned(),
        );
    };
    let on_key = move |event: KeyboardEvent| {
        // Writing by way of a list of candidates uses Enter and Escape itself.
        if event.is_composing() {
            return;
        }
        match event.key().as_str() {
            "Enter" if !event.shift_key() => save(true),
            "Escape" => leave.with_value(|leave| leave(true)),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let on_blur = move |_| {
        // A document that goes takes everything here along, the field last.
        if is_left.try_get_value() != Some(false) {
            return;
        }
        let is_changed = field
            .get_untracked()
            .is_some_and(|field| before.with_value(|before| *before != field.value()));
        if is_changed {
            save(false);
        } else {
            leave.with_value(|leave| leave(false));
        }
    };
    view! {
        <textarea
            class="line-input"
            rows="1"
            dir="auto"
            aria-label=tr!(viewer.correct_field)
            spellcheck="true"
            node_ref=field
            prop:value=text
            on:keydown=on_key
            on:blur=on_blur
            on:click=|event| event.stop_propagation()
            on:dblclick=|event| event.stop_propagation()
        ></textarea>
    }
}
