//! Searching the document.

use std::time::Duration;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_i18n::tr;

use super::icon_button::IconButton;
use super::viewer::Viewer;

/// How long after the last letter is searched: a long document takes some tens of milliseconds.
const PAUSE: Duration = Duration::from_millis(150);

/// The field of the search, how much was found, and the ways from place to place.
#[component]
pub(super) fn SearchBar(viewer: Viewer) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let search = move |query: String| {
        if viewer.query.try_get_untracked().is_none() {
            // The document is gone meanwhile.
            return;
        }
        viewer.query.set(query);
        let here = viewer.doc.page_idx.get_untracked();
        let hits = viewer.hits.get_untracked();
        // From where one reads.
        let first = hits.iter().position(|hit| hit.page_idx >= here);
        viewer.hit.set(first.unwrap_or(0));
        viewer.step_hit(0);
        if hits.is_empty() {
            viewer.spots.set(None);
        }
    };
    let mut search_soon = debounce(PAUSE, search);
    let on_key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "Enter" => {
                let value = field.get_untracked().map(|field| field.value());
                match value {
                    // Not waited for.
                    Some(value) if value != viewer.query.get_untracked() => search(value),
                    _ => viewer.step_hit(if event.shift_key() { -1 } else { 1 }),
                }
            }
            "Escape" => {
                if let Some(field) = field.get_untracked() {
                    field.set_value("");
                }
                search(String::new());
            }
            _ => return,
        }
        event.prevent_default();
    };
    let has_query = move || !viewer.query.with(|query| query.trim().is_empty());
    let n_hits = move || viewer.hits.with(|hits| hits.len());
    let count = move || {
        has_query().then(|| match n_hits() {
            0 => tr!(viewer.not_found).to_owned(),
            n => tr!(
                viewer.hit_of,
                n = viewer.hit.get().min(n - 1) + 1,
                n_hits = n
            ),
        })
    };
    let is_empty = move || n_hits() == 0;
    view! {
        <div class="find" role="search">
            <input
                type="search"
                class="find-field"
                aria-label=tr!(viewer.find)
                placeholder=tr!(viewer.find)
                title=tr!(viewer.find_keys)
                autocomplete="off"
                dir="auto"
                node_ref=field
                on:input=move |event| search_soon(event_target_value(&event))
                on:keydown=on_key
            />
            <span class="find-count" role="status">{count}</span>
            <IconButton
                name=tr!(viewer.hit_before)
                drawing="M3 10l5-5 5 5"
                disabled=Signal::derive(is_empty)
                on_click=move |_| viewer.step_hit(-1)
            />
            <IconButton
                name=tr!(viewer.hit_next)
                drawing="M3 6l5 5 5-5"
                disabled=Signal::derive(is_empty)
                on_click=move |_| viewer.step_hit(1)
            />
        </div>
    }
}

/// Puts the focus into the field of the search and selects what is in it; `false` where it has the focus already.
pub(super) fn focus_search() -> bool {
    use wasm_bindgen::JsCast;
    let field = document().query_selector(".find-field").ok().flatten();
    let Some(field) = field.and_then(|field| field.dyn_into::<web_sys::HtmlInputElement>().ok())
    else {
        return false;
    };
    let has_focus = document()
        .active_element()
        .is_some_and(|active| active == *field.as_ref());
    let _ = field.focus();
    field.select();
    !has_focus
}
