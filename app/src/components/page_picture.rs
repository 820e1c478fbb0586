//! The picture of a page with a box around each line.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::svg;
use ocr_chat_document::{BBox, Line, Page};
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, SvgElement};

use super::ask::Cited;
use super::document_view::ActiveLine;
use crate::jobs::{Doc, Picture};

/// The picture of the shown page.
#[component]
pub(super) fn PagePicture(doc: Doc, active: ActiveLine, cited: Cited) -> impl IntoView {
    let picture = Memo::new(move |_| doc.shown().and_then(|slot| slot.picture.get()));
    let page = move || doc.shown().and_then(|slot| slot.page.get());
    view! {
        <section class="pane pane-picture" aria-label="Page picture">
            {move || match picture.get() {
                Some(picture) => view! { <Sheet doc picture active cited page=Signal::derive(page)/> }.into_any(),
                None => view! { <div class="sheet-empty" aria-hidden="true"></div> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Sheet(
    doc: Doc,
    picture: Picture,
    active: ActiveLine,
    cited: Cited,
    page: Signal<Option<Arc<Page>>>,
) -> impl IntoView {
    let alt = move || {
        let n = doc.page_idx.get() + 1;
        format!("Page {n} of {}", doc.name())
    };
    let (width, height) = (picture.width_px, picture.height_px);
    view! {
        <div class="sheet">
            <img
                class="sheet-picture"
                src=picture.url
                alt=alt
                width=width.to_string()
                height=height.to_string()
            />
            {move || {
                page.get().map(|page| view! { <Boxes page active/> })
            }}
            {move || {
                let boxes = cited.get().filter(|(idx, _)| *idx == doc.page_idx.get());
                boxes.zip(page.get()).map(|((_, boxes), page)| view! { <CitedBoxes page boxes/> })
            }}
        </div>
    }
}

/// Where an answer stands, for as long as it is shown; scrolled into view.
#[component]
fn CitedBoxes(page: Arc<Page>, boxes: Vec<BBox>) -> impl IntoView {
    let first = NodeRef::<svg::Svg>::new();
    Effect::new(move || {
        if let Some(element) = first.get() {
            element.scroll_into_view();
        }
    });
    let shown = boxes
        .iter()
        .map(|bbox| {
            view! {
                <rect
                    class="box-cited"
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
            class="boxes boxes-cited"
            viewBox=format!("0 0 {} {}", page.width, page.height)
            preserveAspectRatio="none"
            aria-hidden="true"
            node_ref=first
        >
            {shown}
        </svg>
    }
}

/// The boxes: one stop of the Tab key, arrow keys go from line to line.
#[component]
fn Boxes(page: Arc<Page>, active: ActiveLine) -> impl IntoView {
    let n_lines = page.blocks.iter().map(|block| block.lines.len()).sum();
    let boxes = page
        .blocks
        .iter()
        .flat_map(|block| &block.lines)
        .enumerate()
        .map(|(line_idx, line)| view! { <LineBox line=line.clone() line_idx active/> })
        .collect_view();
    view! {
        <svg
            class="boxes"
            viewBox=format!("0 0 {} {}", page.width, page.height)
            preserveAspectRatio="none"
            role="group"
            aria-label="Lines of the page; arrow keys go from line to line"
            on:keydown=move |event| on_key(&event, active, n_lines)
        >
            {boxes}
        </svg>
    }
}

#[component]
fn LineBox(line: Line, line_idx: usize, active: ActiveLine) -> impl IntoView {
    let points: Vec<String> = line
        .polygon
        .iter()
        .map(|point| format!("{},{}", point.x, point.y))
        .collect();
    let is_active = move || active.get() == Some(line_idx);
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
            points=points.join(" ")
            data-line=line_idx.to_string()
            role="button"
            tabindex=tabindex
            aria-label=line.text
            on:mouseenter=move |_| active.set(Some(line_idx))
            on:focus=move |_| active.set(Some(line_idx))
            on:click=move |_| {
                active.set(Some(line_idx));
                reveal(".text-line", line_idx);
            }
        ></polygon>
    }
}

fn on_key(event: &KeyboardEvent, active: ActiveLine, n_lines: usize) {
    let at = active.get_untracked().unwrap_or(0);
    let to = match event.key().as_str() {
        "ArrowDown" | "ArrowRight" => (at + 1).min(n_lines.saturating_sub(1)),
        "ArrowUp" | "ArrowLeft" => at.saturating_sub(1),
        "Home" => 0,
        "End" => n_lines.saturating_sub(1),
        "Enter" | " " => at,
        _ => return,
    };
    event.prevent_default();
    active.set(Some(to));
    if let Some(target) = find(".box", to).and_then(|box_| box_.dyn_into::<SvgElement>().ok()) {
        let _ = target.focus();
    }
    reveal(".text-line", to);
}

fn find(class: &str, line_idx: usize) -> Option<web_sys::Element> {
    let selector = format!("{class}[data-line=\"{line_idx}\"]");
    document().query_selector(&selector).ok()?
}

/// Scrolls a line of the text, or a box, into view within its pane.
pub(super) fn reveal(class: &str, line_idx: usize) {
    let Some(target) = find(class, line_idx) else {
        return;
    };
    let Some(pane) = target
        .closest(".scroll")
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
