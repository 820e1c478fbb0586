//! Copying a part of a page: a rectangle is dragged, the words inside are copied.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_document::BBox;
use web_sys::PointerEvent;

use super::page_boxes::copy;
use super::stage::listen;
use super::viewer::Viewer;

/// Hears the pointer over `sheet` while a region is picked; `region` is what is dragged, in pixels of the page.
pub(super) fn region_mode(
    viewer: Viewer,
    sheet: NodeRef<html::Div>,
    scale: Signal<Option<f64>>,
    region: RwSignal<Option<BBox>>,
) {
    let from = StoredValue::new(None::<(i32, i32)>);
    let at = move |event: &PointerEvent| {
        let rect = sheet.get_untracked()?.get_bounding_client_rect();
        let scale = scale.get_untracked()?;
        let x = (f64::from(event.client_x()) - rect.left()) / scale;
        let y = (f64::from(event.client_y()) - rect.top()) / scale;
        Some((x as i32, y as i32))
    };
    let to = move |event: &PointerEvent| {
        let ((x0, y0), (x1, y1)) = (from.get_value()?, at(event)?);
        Some(BBox::new(x0, y0, x1, y1))
    };
    let on_down = move |event: PointerEvent| {
        if !viewer.is_picking.get_untracked() || event.button() != 0 {
            return;
        }
        event.prevent_default();
        from.set_value(at(&event));
        region.set(None);
        if let Some(sheet) = sheet.get_untracked() {
            let _ = sheet.set_pointer_capture(event.pointer_id());
        }
    };
    let on_move = move |event: PointerEvent| {
        if let Some(bbox) = to(&event) {
            region.set(Some(bbox));
        }
    };
    let on_up = move |event: PointerEvent| {
        let picked = to(&event);
        from.set_value(None);
        if let (Some(bbox), Some(page)) = (picked, viewer.doc.shown_now()) {
            copy(viewer, page.text_in(bbox));
        }
    };
    let on_cancel = move |_: PointerEvent| {
        from.set_value(None);
        region.set(None);
    };
    Effect::new(move || {
        if !viewer.is_picking.get() {
            region.set(None);
        }
    });
    Effect::new(move || {
        let Some(sheet) = sheet.get() else {
            return;
        };
        let listeners = [
            listen(&sheet, &ev::pointerdown, on_down),
            listen(&sheet, &ev::pointermove, on_move),
            listen(&sheet, &ev::pointerup, on_up),
            listen(&sheet, &ev::pointercancel, on_cancel),
        ];
        super::stage::remove_on_cleanup(listeners.into());
    });
}

/// The rectangle.
#[component]
pub(super) fn Region(size: (u32, u32), region: RwSignal<Option<BBox>>) -> impl IntoView {
    let (width, height) = size;
    move || {
        region.get().map(|bbox| {
            view! {
                <svg
                    class="boxes boxes-spots"
                    viewBox=format!("0 0 {width} {height}")
                    preserveAspectRatio="none"
                    aria-hidden="true"
                >
                    <rect
                        class="box-picked"
                        x=bbox.x0.to_string()
                        y=bbox.y0.to_string()
                        width=bbox.width().to_string()
                        height=bbox.height().to_string()
                    ></rect>
                </svg>
            }
        })
    }
}
