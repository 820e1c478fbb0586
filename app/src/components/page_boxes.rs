//! What lies over the picture of a page: its lines, what was found, what is cited.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use ocr_chat_document::{BBox, Line, Page};
use ocr_chat_i18n::tr;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlElement, SvgElement};

use super::stage::Stage;
use super::viewer::{Viewer, boxes};
use crate::browser;
use crate::find;

/// Everything over the shown page.
#[component]
pub(super) fn Overlays(viewer: Viewer, stage: Stage) -> impl IntoView {
    let shown = Memo::new(move |_| viewer.page());
    let page_idx = viewer.doc.page_idx;
    let found = move || {
        let page = shown.get()?;
        let hits = viewer.hits.get();
        let here = page_idx.get();
        let spots: Vec<BBox> = hits
            .iter()
            .filter(|hit| hit.page_idx == here)
            .flat_map(|hit| boxes(&page, &hit.stretches))
            .collect();
        (!spots.is_empty())
            .then(|| view! { <Spots page=Arc::clone(&page) spots class="box-found"/> })
    };
    let cited = move || {
        let (_, spots) = viewer
            .spots
            .get()
            .filter(|(idx, _)| *idx == page_idx.get())?;
        let page = shown.get()?;
        if let Some(bbox) = BBox::union_of(spots.iter().copied()) {
            // When the page has its size.
            request_animation_frame(move || stage.reveal(bbox));
        }
        Some(view! { <Spots page spots class="box-cited"/> })
    };
    view! {
        {move || shown.get().map(|page| view! { <Boxes page viewer/> })}
        {found}
        {cited}
    }
}

/// Places on the page, for the eye.
#[component]
fn Spots(page: Arc<Page>, spots: Vec<BBox>, class: &'static str) -> impl IntoView {
    let shown = spots
        .iter()
        .map(|bbox| {
            view! {
                <rect
                    class=class
                    x=bbox.x0.to_string()
                    y=bbox.y0.to_string()
                    width=bbox.width().to_string()
                    height=bbox.height().to_string()
                ></rect>
            }
        })
        .collect_view();
    view! {
        <svg
            class="boxes boxes-spots"
            viewBox=format!("0 0 {} {}", page.width, page.height)
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            {shown}
        </svg>
    }
}

/// The boxes: one stop of the Tab key, arrow keys go from line to line, with Shift they choose lines to copy.
#[component]
fn Boxes(page: Arc<Page>, viewer: Viewer) -> impl IntoView {
    let boxes = find::lines(&page)
        .enumerate()
        .map(|(line_idx, (_, _, line))| view! { <LineBox line=line.clone() line_idx viewer/> })
        .collect_view();
    let keyed = Arc::clone(&page);
    view! {
        <svg
            class="boxes"
            viewBox=format!("0 0 {} {}", page.width, page.height)
            preserveAspectRatio="none"
            role="group"
            aria-label=tr!(viewer.boxes)
            on:keydown=move |event| on_key(&event, viewer, &keyed)
        >
            {boxes}
        </svg>
    }
}

#[component]
fn LineBox(line: Line, line_idx: usize, viewer: Viewer) -> impl IntoView {
    let Viewer { active, chosen, .. } = viewer;
    let points: Vec<String> = line
        .polygon
        .iter()
        .map(|point| format!("{},{}", point.x, point.y))
        .collect();
    let is_active = move || active.get() == Some(line_idx);
    let is_chosen = move || {
        let chosen = chosen.get();
        chosen.is_some_and(|(from, to)| (from.min(to)..=from.max(to)).contains(&line_idx))
    };
    // The first line takes the focus until another one has it.
    let tabindex = move || {
        if active.get().unwrap_or(0) == line_idx {
            "0"
        } else {
            "-1"
        }
    };
    view! {
        <polygon
            class="box"
            class:box-active=is_active
            class:box-chosen=is_chosen
            points=points.join(" ")
            data-line=line_idx.to_string()
            role="button"
            tabindex=tabindex
            aria-label=line.text
            on:mouseenter=move |_| active.set(Some(line_idx))
            on:focus=move |_| active.set(Some(line_idx))
            on:click=move |_| {
                active.set(Some(line_idx));
                chosen.set(None);
                reveal(".text-line", line_idx);
            }
        ></polygon>
    }
}

fn on_key(event: &KeyboardEvent, viewer: Viewer, page: &Page) {
    let Viewer { active, chosen, .. } = viewer;
    let last = find::lines(page).count().saturating_sub(1);
    let at = super::focused_line(event).unwrap_or(0);
    if event.ctrl_key() || event.meta_key() {
        let range = chosen.get_untracked().unwrap_or((at, at));
        if event.key() == "c" {
            event.prevent_default();
            copy_lines(viewer, page, range);
        }
        return;
    }
    let to = match event.key().as_str() {
        "ArrowDown" | "ArrowRight" => (at + 1).min(last),
        "ArrowUp" | "ArrowLeft" => at.saturating_sub(1),
        "Home" => 0,
        "End" => last,
        "Enter" | " " => at,
        "Escape" if chosen.get_untracked().is_some() => {
            event.prevent_default();
            return chosen.set(None);
        }
        _ => return,
    };
    event.prevent_default();
    if event.shift_key() {
        let from = chosen.get_untracked().map_or(at, |(from, _)| from);
        chosen.set(Some((from, to)));
        let n = from.abs_diff(to) as u32 + 1;
        viewer.told.set(tr!(viewer.n_lines_chosen, count = n));
    } else {
        chosen.set(None);
    }
    active.set(Some(to));
    if let Some(target) = find_line(".box", to).and_then(|box_| box_.dyn_into::<SvgElement>().ok())
    {
        let _ = target.focus();
    }
    reveal(".text-line", to);
}

/// Copies whole lines, blocks parted by an empty line.
fn copy_lines(viewer: Viewer, page: &Page, (from, to): (usize, usize)) {
    let mut text = String::new();
    let mut before = None;
    let range = from.min(to)..=from.max(to);
    for (line_idx, (block_idx, _, line)) in find::lines(page).enumerate() {
        if range.contains(&line_idx) {
            match before {
                Some(before) if before == block_idx => text.push('\n'),
                Some(_) => text.push_str("\n\n"),
                None => {}
            }
            text.push_str(&line.text);
            before = Some(block_idx);
        }
    }
    copy(viewer, text);
}

/// Puts `text` on the clipboard and says so.
pub(super) fn copy(viewer: Viewer, text: String) {
    let n_lines = text.lines().filter(|line| !line.is_empty()).count() as u32;
    spawn_local(async move {
        let told = if text.is_empty() {
            tr!(viewer.nothing_there).to_owned()
        } else if browser::copy(&text).await {
            tr!(viewer.n_lines_copied, count = n_lines)
        } else {
            tr!(viewer.copy_refused).to_owned()
        };
        viewer.told.try_set(told);
    });
}

/// The element of a line, of those of `class`.
pub(super) fn find_line(class: &str, line_idx: usize) -> Option<web_sys::Element> {
    let selector = format!("{class}[data-line=\"{line_idx}\"]");
    document().query_selector(&selector).ok()?
}

/// Scrolls a line of the text, or a box, into view within its pane.
pub(super) fn reveal(class: &str, line_idx: usize) {
    let Some(target) = find_line(class, line_idx) else {
        return;
    };
    let Some(pane) = target
        .closest(".scroll, .stage")
        .ok()
        .flatten()
        .and_then(|pane| pane.dyn_into::<HtmlElement>().ok())
    else {
        return;
    };
    let (target, frame) = (
        target.get_bounding_client_rect(),
        pane.get_bounding_client_rect(),
    );
    if target.top() < frame.top() || target.bottom() > frame.bottom() {
        let middle = f64::midpoint(target.top(), target.bottom())
            - f64::midpoint(frame.top(), frame.bottom());
        pane.set_scroll_top((f64::from(pane.scroll_top()) + middle) as i32);
    }
}
