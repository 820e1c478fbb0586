//! How large an element is on the screen.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, ResizeObserver};

/// Width and height of the element inside its borders and scroll bars, in pixels of the screen; as they change, before anything is painted.
pub(super) fn track_size(node: NodeRef<html::Div>) -> RwSignal<(f64, f64)> {
    let size = RwSignal::new((0.0, 0.0));
    Effect::new(move || {
        let Some(element) = node.get() else {
            return;
        };
        let element = Element::from(element);
        let measured = element.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            let now = (
                f64::from(measured.client_width()),
                f64::from(measured.client_height()),
            );
            if size.try_get_untracked().is_some_and(|size| size != now) {
                size.set(now);
            }
        });
        let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) else {
            return;
        };
        observer.observe(&element);
        let held = StoredValue::new_local((observer, changed));
        on_cleanup(move || {
            held.with_value(|(observer, _)| observer.disconnect());
        });
    });
    size
}
