//! The picture of a page: zoom, pan, thumbnails, and what lies over it.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_i18n::tr;

use super::icon_button::IconButton;
use super::page_boxes::Overlays;
use super::region::{Region, region_mode};
use super::sized::track_size;
use super::stage::Stage;
use super::thumbnails::Thumbnails;
use super::viewer::Viewer;
use super::zoom::Zoom;
use crate::jobs::Picture;

/// The picture of the shown page with its tools.
#[component]
pub(super) fn PagePicture(viewer: Viewer) -> impl IntoView {
    let doc = viewer.doc;
    let picture = Memo::new(move |_| doc.shown().and_then(|slot| slot.picture.get()));
    let size = Memo::new(move |_| {
        let picture = picture.get();
        picture.map(|picture| (f64::from(picture.width_px), f64::from(picture.height_px)))
    });
    let frame = NodeRef::<html::Div>::new();
    let stage = Stage {
        frame,
        room: track_size(frame),
        size,
        zoom: viewer.zoom,
    };
    let on_key = move |event: KeyboardEvent| {
        let is_plain = !event.alt_key() && !event.meta_key() && !super::is_writing(&event);
        match event.key().as_str() {
            "+" | "=" if is_plain => stage.step(true),
            "-" if is_plain => stage.step(false),
            "0" if is_plain => viewer.zoom.set(Zoom::Page),
            "Escape" if viewer.is_picking.get_untracked() => viewer.is_picking.set(false),
            _ => return,
        }
        event.prevent_default();
    };
    let has_several = move || viewer.n_pages() > 1;
    view! {
        <section
            class="pane pane-picture"
            class:pane-folded=move || viewer.folds_picture.get()
            aria-label=tr!(viewer.picture)
            on:keydown=on_key
        >
            <PictureTools viewer stage/>
            <div class="picture-body">
                <Show when=move || has_several() && viewer.shows_thumbnails.get()>
                    <Thumbnails viewer/>
                </Show>
                <div
                    class="stage"
                    class:stage-picking=move || viewer.is_picking.get()
                    node_ref=frame
                    on:wheel=move |event| stage.on_wheel(&event)
                >
                    {move || match picture.get() {
                        Some(picture) => view! { <Sheet viewer stage picture/> }.into_any(),
                        None => view! { <div class="sheet-empty" aria-hidden="true"></div> }.into_any(),
                    }}
                </div>
            </div>
        </section>
    }
}

#[component]
fn Sheet(viewer: Viewer, stage: Stage, picture: Picture) -> impl IntoView {
    let page_idx = viewer.doc.page_idx;
    let alt = move || {
        let n = page_idx.get() + 1;
        tr!(viewer.picture_of, n = n, name = viewer.doc.name())
    };
    let (width, height) = (picture.width_px, picture.height_px);
    let scale = stage.scale();
    let px = move |length: u32| {
        let scale = scale.get()?;
        Some(format!("{:.1}px", f64::from(length) * scale))
    };
    let sheet = NodeRef::<html::Div>::new();
    stage.pan(sheet, move || viewer.is_picking.get_untracked());
    let region = RwSignal::new(None);
    region_mode(viewer, sheet, scale, region);
    view! {
        <div
            class="sheet"
            node_ref=sheet
            style:width=move || px(width)
            style:height=move || px(height)
        >
            <img
                class="sheet-picture"
                src=picture.url
                alt=alt
                width=width.to_string()
                height=height.to_string()
                draggable="false"
            />
            <Overlays viewer stage/>
            <Region size=(width, height) region/>
        </div>
    }
}

/// Buttons above the picture.
#[component]
fn PictureTools(viewer: Viewer, stage: Stage) -> impl IntoView {
    let scale = stage.scale();
    let percent = move || scale.get().map(|scale| format!("{:.0} %", scale * 100.0));
    let has_several = move || viewer.n_pages() > 1;
    let is = move |zoom: Zoom| Signal::derive(move || viewer.zoom.get() == zoom);
    view! {
        <div class="tools" role="toolbar" aria-label=tr!(viewer.picture_tools)>
            <button
                type="button"
                class="button button-small fold"
                aria-expanded=move || (!viewer.folds_picture.get()).to_string()
                on:click=move |_| viewer.folds_picture.update(|folds| *folds = !*folds)
            >
                {tr!(viewer.picture)}
            </button>
            <Show when=has_several>
                <IconButton
                    name=tr!(viewer.thumbnails)
                    drawing="M2 2h4v5H2zM2 9h4v5H2zM9 4h5M9 8h5M9 12h5"
                    pressed=viewer.shows_thumbnails
                    on_click=move |_| viewer.shows_thumbnails.update(|shown| *shown = !*shown)
                />
            </Show>
            <IconButton
                name=tr!(viewer.zoom_out)
                drawing="M3 8h10"
                on_click=move |_| stage.step(false)
            />
            <output class="zoom-percent" aria-label=tr!(viewer.zoom)>{percent}</output>
            <IconButton
                name=tr!(viewer.zoom_in)
                drawing="M3 8h10M8 3v10"
                on_click=move |_| stage.step(true)
            />
            <IconButton
                name=tr!(viewer.whole_page)
                drawing="M4 2h8v12H4zM1 5v6M15 5v6"
                pressed=is(Zoom::Page)
                on_click=move |_| viewer.zoom.set(Zoom::Page)
            />
            <IconButton
                name=tr!(viewer.fit_width)
                drawing="M1 3v10M15 3v10M4 8h8M6 6L4 8l2 2M10 6l2 2-2 2"
                pressed=is(Zoom::Width)
                on_click=move |_| viewer.zoom.set(Zoom::Width)
            />
            <button
                type="button"
                class="button button-small tools-end"
                aria-pressed=move || viewer.is_picking.get().to_string()
                prop:disabled=move || viewer.page().is_none()
                on:click=move |_| viewer.is_picking.update(|picks| *picks = !*picks)
            >
                {tr!(viewer.copy_region)}
            </button>
        </div>
        <Show when=move || viewer.is_picking.get()>
            <p class="tools-hint muted">{tr!(viewer.copy_region_hint)}</p>
        </Show>
    }
}
