//! Small pictures of all pages. Only those in view are in the page: a long document has hundreds.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_i18n::tr;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::sized::track_size;
use super::viewer::Viewer;

/// Height of a row in pixels of the screen; `.thumb` of style/viewer.css has it, too.
const ROW_PX: usize = 132;

/// Rows beyond the edges that are ready when they come into view.
const OVERSCAN: usize = 3;

/// The strip.
#[component]
pub(super) fn Thumbnails(viewer: Viewer) -> impl IntoView {
    let strip = NodeRef::<html::Div>::new();
    let room = track_size(strip);
    // The first row in view: changes once a row, not with each pixel.
    let first = RwSignal::new(0);
    let on_scroll = move |_| {
        if let Some(strip) = strip.get_untracked() {
            let row = strip.scroll_top().max(0) as usize / ROW_PX;
            if first.get_untracked() != row {
                first.set(row);
            }
        }
    };
    let page_idx = viewer.doc.page_idx;
    let rows = Memo::new(move |_| {
        let n_pages = viewer.n_pages();
        let n_seen = room.get().1 as usize / ROW_PX + 2;
        let from = first.get().saturating_sub(OVERSCAN);
        let to = (first.get() + n_seen + OVERSCAN).min(n_pages);
        let mut rows: Vec<usize> = (from..to).collect();
        // The Tab key comes to the shown page wherever it is.
        let shown = page_idx.get();
        if shown < n_pages && !(from..to).contains(&shown) {
            rows.push(shown);
        }
        rows
    });
    // The shown page is in view, however it came to be shown.
    Effect::new(move || {
        let top = page_idx.get() * ROW_PX;
        let height = room.get().1 as usize;
        let Some(strip) = strip.get() else {
            return;
        };
        let seen = strip.scroll_top().max(0) as usize;
        if height > 0 && (top < seen || top + ROW_PX > seen + height) {
            let middle = top.saturating_sub((height.saturating_sub(ROW_PX)) / 2);
            strip.set_scroll_top(middle as i32);
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let (at, last) = (
            page_idx.get_untracked(),
            viewer.doc.pages.with_untracked(Vec::len).saturating_sub(1),
        );
        let a_view = (room.get_untracked().1 as usize / ROW_PX).max(1);
        let to = match event.key().as_str() {
            "ArrowDown" | "ArrowRight" => at + 1,
            "ArrowUp" | "ArrowLeft" => at.saturating_sub(1),
            "PageDown" => at + a_view,
            "PageUp" => at.saturating_sub(a_view),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        viewer.show_page(to.min(last));
        request_animation_frame(move || {
            let selector = "button[aria-current]";
            let current = strip
                .try_get_untracked()
                .flatten()
                .and_then(|strip| strip.query_selector(selector).ok()?);
            if let Some(current) =
                current.and_then(|current| current.dyn_into::<HtmlElement>().ok())
            {
                let options = web_sys::FocusOptions::new();
                options.set_prevent_scroll(true);
                let _ = current.focus_with_options(&options);
            }
        });
    };
    view! {
        <div
            class="thumbs"
            role="group"
            aria-label=tr!(viewer.thumbnails)
            node_ref=strip
            on:scroll=on_scroll
            on:keydown=on_key
        >
            <div class="thumbs-all" style:height=move || format!("{}px", viewer.n_pages() * ROW_PX)>
                <For each=move || rows.get() key=|row| *row let:row>
                    <Thumbnail viewer row/>
                </For>
            </div>
        </div>
    }
}

#[component]
fn Thumbnail(viewer: Viewer, row: usize) -> impl IntoView {
    let doc = viewer.doc;
    let picture = move || {
        let slot = doc.pages.with(|pages| pages.get(row).copied());
        slot.and_then(|slot| slot.picture.get())
    };
    let is_shown = move || doc.page_idx.get() == row;
    view! {
        <button
            type="button"
            class="thumb"
            style:top=format!("{}px", row * ROW_PX)
            aria-label=tr!(viewer.page_n, n = row + 1)
            aria-current=move || is_shown().then_some("page")
            tabindex=move || if is_shown() { "0" } else { "-1" }
            on:click=move |_| viewer.show_page(row)
        >
            <span class="thumb-frame">
                {move || {
                    picture().map(|picture| {
                        view! {
                            <img
                                class="thumb-picture"
                                src=picture.url
                                alt=""
                                decoding="async"
                                width=picture.width_px.to_string()
                                height=picture.height_px.to_string()
                                draggable="false"
                            />
                        }
                    })
                }}
            </span>
            <span class="thumb-number">{row + 1}</span>
        </button>
    }
}
