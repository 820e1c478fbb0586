//! The frame in which a page is zoomed and moved.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_document::BBox;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDivElement, PointerEvent, TouchEvent, WheelEvent};

use super::zoom::Zoom;

/// How far a pointer moves before it drags, in pixels of the screen: a click moves, too.
const SLOP_PX: f64 = 4.0;

/// The frame of a page's picture. A handle.
#[derive(Clone, Copy)]
pub(super) struct Stage {
    /// The element that scrolls.
    pub(super) frame: NodeRef<html::Div>,
    /// Its size in pixels of the screen.
    pub(super) room: RwSignal<(f64, f64)>,
    /// Size of the shown page in its own pixels.
    pub(super) size: Memo<Option<(f64, f64)>>,
    pub(super) zoom: RwSignal<Zoom>,
}

impl Stage {
    /// Pixels of the screen for one of the page.
    pub(super) fn scale(self) -> Signal<Option<f64>> {
        Signal::derive(move || self.zoom.get().scale(self.size.get()?, self.room.get()))
    }

    fn scale_now(self) -> Option<f64> {
        // Asked by what comes later than an event, too: the document may be gone.
        let zoom = self.zoom.try_get_untracked()?;
        zoom.scale(
            self.size.try_get_untracked()??,
            self.room.try_get_untracked()?,
        )
    }

    /// A step larger or smaller, around the middle.
    pub(super) fn step(self, is_larger: bool) {
        let Some(scale) = self.scale_now() else {
            return;
        };
        self.zoom_to(Zoom::step(scale, is_larger), None);
    }

    /// Zooms so that what stands at `anchor` (in pixels of the window) stays there.
    fn zoom_to(self, zoom: Zoom, anchor: Option<(f64, f64)>) {
        let (Some(frame), Some(before)) = (self.frame.get_untracked(), self.scale_now()) else {
            return;
        };
        let rect = frame.get_bounding_client_rect();
        let (x, y) = anchor.unwrap_or((
            rect.left() + rect.width() / 2.0,
            rect.top() + rect.height() / 2.0,
        ));
        let Some(sheet) = sheet_of(&frame) else {
            return;
        };
        let old = sheet.get_bounding_client_rect();
        let on_page = ((x - old.left()) / before, (y - old.top()) / before);
        self.zoom.set(zoom);
        // The sheet has its new size by then, and nothing was painted meanwhile.
        request_animation_frame(move || {
            if let Some(now) = self.scale_now() {
                let new = sheet.get_bounding_client_rect();
                let dx = new.left() + on_page.0 * now - x;
                let dy = new.top() + on_page.1 * now - y;
                frame.scroll_by_with_x_and_y(dx, dy);
            }
        });
    }

    /// Zooms with the wheel where Ctrl is held, as a pinch on a touchpad tells, too.
    pub(super) fn on_wheel(self, event: &WheelEvent) {
        if !event.ctrl_key() {
            return;
        }
        event.prevent_default();
        let Some(scale) = self.scale_now() else {
            return;
        };
        // Lines and pages in pixels; a notch of a mouse's wheel is about 100.
        let unit = match event.delta_mode() {
            WheelEvent::DOM_DELTA_PIXEL => 1.0,
            WheelEvent::DOM_DELTA_LINE => 33.0,
            _ => 100.0,
        };
        let by = (-event.delta_y() * unit / 450.0).exp().clamp(0.5, 2.0);
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        self.zoom_to(Zoom::times(scale, by), Some(at));
    }

    /// Moves the page with a pressed mouse or pen, and zooms it with two fingers. One finger scrolls as everywhere.
    pub(super) fn pan(self, sheet: NodeRef<html::Div>, is_off: impl Fn() -> bool + Copy + 'static) {
        let from = StoredValue::new(None::<(i32, f64, f64, i32, i32)>);
        let dragging = StoredValue::new(false);
        let on_down = move |event: PointerEvent| {
            if is_off() || event.button() != 0 || event.pointer_type() == "touch" {
                return;
            }
            let Some(frame) = self.frame.get_untracked() else {
                return;
            };
            from.set_value(Some((
                event.pointer_id(),
                f64::from(event.client_x()),
                f64::from(event.client_y()),
                frame.scroll_left(),
                frame.scroll_top(),
            )));
            dragging.set_value(false);
        };
        let on_move = move |event: PointerEvent| {
            let Some((id, x, y, left, top)) = from.get_value() else {
                return;
            };
            let Some(frame) = self.frame.get_untracked() else {
                return;
            };
            let (dx, dy) = (
                f64::from(event.client_x()) - x,
                f64::from(event.client_y()) - y,
            );
            if !dragging.get_value() && dx.hypot(dy) > SLOP_PX {
                dragging.set_value(true);
                // What is clicked at the end is the sheet then, not a line.
                if let Some(sheet) = sheet.get_untracked() {
                    let _ = sheet.set_pointer_capture(id);
                    let _ = sheet.class_list().add_1("sheet-dragged");
                }
            }
            if dragging.get_value() {
                frame.set_scroll_left(left - dx as i32);
                frame.set_scroll_top(top - dy as i32);
            }
        };
        let on_up = move |_: PointerEvent| {
            from.set_value(None);
            if let Some(sheet) = sheet.get_untracked() {
                let _ = sheet.class_list().remove_1("sheet-dragged");
            }
        };
        let pinch = StoredValue::new(None::<(f64, f64)>);
        let on_touch = move |event: TouchEvent| {
            let touches = event.touches();
            let (Some(a), Some(b), false) = (touches.get(0), touches.get(1), is_off()) else {
                return pinch.set_value(None);
            };
            event.prevent_default();
            let point =
                |touch: &web_sys::Touch| (f64::from(touch.client_x()), f64::from(touch.client_y()));
            let ((ax, ay), (bx, by)) = (point(&a), point(&b));
            let distance = (ax - bx).hypot(ay - by).max(1.0);
            let middle = (f64::midpoint(ax, bx), f64::midpoint(ay, by));
            match pinch.get_value() {
                None => {
                    let scale = self.scale_now();
                    pinch.set_value(scale.map(|scale| (distance, scale)));
                }
                Some((first, scale)) => {
                    self.zoom_to(Zoom::times(scale, distance / first), Some(middle));
                }
            }
        };
        Effect::new(move || {
            let Some(sheet) = sheet.get() else {
                return;
            };
            let listeners = [
                listen(&sheet, &ev::pointerdown, on_down),
                listen(&sheet, &ev::pointermove, on_move),
                listen(&sheet, &ev::pointerup, on_up),
                listen(&sheet, &ev::pointercancel, on_up),
                listen(&sheet, &ev::touchstart, on_touch),
                listen(&sheet, &ev::touchmove, on_touch),
                listen(&sheet, &ev::touchend, on_touch),
            ];
            remove_on_cleanup(listeners.into());
        });
    }

    /// Scrolls so that `bbox`, of the shown page, is in view.
    pub(super) fn reveal(self, bbox: BBox) {
        let Some(scale) = self.scale_now() else {
            return;
        };
        let Some(frame) = self.frame.get_untracked() else {
            return;
        };
        let Some(sheet) = sheet_of(&frame) else {
            return;
        };
        let (frame_rect, sheet_rect) = (
            frame.get_bounding_client_rect(),
            sheet.get_bounding_client_rect(),
        );
        // Where it has to move; `origin` is where the page begins.
        let by = |origin: f64, from: i32, to: i32, low: f64, high: f64| {
            let (from, to) = (
                origin + f64::from(from) * scale,
                origin + f64::from(to) * scale,
            );
            if from < low || to > high {
                f64::midpoint(from, to) - f64::midpoint(low, high)
            } else {
                0.0
            }
        };
        let dx = by(
            sheet_rect.left(),
            bbox.x0,
            bbox.x1,
            frame_rect.left(),
            frame_rect.right(),
        );
        let dy = by(
            sheet_rect.top(),
            bbox.y0,
            bbox.y1,
            frame_rect.top(),
            frame_rect.bottom(),
        );
        frame.scroll_by_with_x_and_y(dx, dy);
        // Where the panes stand below each other the picture may be out of sight.
        let height = window()
            .inner_height()
            .ok()
            .and_then(|height| height.as_f64());
        let is_seen =
            frame_rect.bottom() > 0.0 && height.is_none_or(|height| frame_rect.top() < height);
        if !is_seen {
            frame.scroll_into_view();
        }
    }
}

fn sheet_of(frame: &HtmlDivElement) -> Option<Element> {
    frame.query_selector(".sheet").ok()?
}

/// A listener of one element, to be removed.
pub(super) struct Listener {
    target: web_sys::EventTarget,
    name: String,
    callback: wasm_bindgen::prelude::Closure<dyn FnMut(web_sys::Event)>,
}

impl Listener {
    /// Takes it off.
    pub(super) fn remove(self) {
        let callback = self.callback.as_ref().unchecked_ref();
        let _ = self
            .target
            .remove_event_listener_with_callback(&self.name, callback);
    }
}

/// Takes listeners off with the effect that put them on.
pub(super) fn remove_on_cleanup(listeners: Vec<Option<Listener>>) {
    let listeners = StoredValue::new_local(listeners);
    on_cleanup(move || {
        let listeners = listeners.try_update_value(std::mem::take);
        for listener in listeners.into_iter().flatten().flatten() {
            listener.remove();
        }
    });
}

/// Hears `event` of `element`; not passive, so that it can keep the browser from scrolling.
pub(super) fn listen<E>(
    element: &Element,
    event: &E,
    mut hear: impl FnMut(E::EventType) + 'static,
) -> Option<Listener>
where
    E: ev::EventDescriptor,
    E::EventType: JsCast,
{
    let callback = wasm_bindgen::prelude::Closure::<dyn FnMut(web_sys::Event)>::new(
        move |event: web_sys::Event| hear(event.unchecked_into()),
    );
    let name = event.name().into_owned();
    let options = web_sys::AddEventListenerOptions::new();
    options.set_passive(false);
    element
        .add_event_listener_with_callback_and_add_event_listener_options(
            &name,
            callback.as_ref().unchecked_ref(),
            &options,
        )
        .ok()?;
    Some(Listener {
        target: element.clone().into(),
        name,
        callback,
    })
}
