//! What the server wrote around the app: navigation, the part of the start page that is text, files that were chosen early.

use leptos::ev;
use leptos::prelude::*;
use ocr_chat_i18n::split_path;
use wasm_bindgen::JsCast;
use web_sys::{Element, File, HtmlElement, HtmlInputElement};

use crate::browser;
use crate::shell::{Shell, View};

/// The element that the app fills.
const APP: &str = "app";

/// The text of the start page.
const ABOUT: &str = "about";

/// The place for the app, emptied, and the files that were chosen in what stood there before. A page without such a place, which no server
/// of ours wrote, gets one.
pub(crate) fn take_place() -> (HtmlElement, Vec<File>) {
    let page = document();
    let early = ["early-files", "early-photo"]
        .into_iter()
        .filter_map(|id| {
            page.get_element_by_id(id)?
                .dyn_into::<HtmlInputElement>()
                .ok()
        })
        .flat_map(|input| browser::files_of(input.files()))
        .collect();
    let place = page
        .get_element_by_id(APP)
        .and_then(|place| place.dyn_into::<HtmlElement>().ok());
    if let Some(place) = &place {
        place.set_inner_html("");
    }
    (place.unwrap_or_else(mount_point), early)
}

fn mount_point() -> HtmlElement {
    leptos::tachys::dom::body().unchecked_into()
}

/// Follows links to the app's own views without loading a page, and shows in the navigation where one is.
pub(crate) fn use_navigation(shell: Shell) {
    let on_click = window_event_listener(ev::click, move |event| {
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
        let link = event
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .and_then(|target| target.closest("a[data-view]").ok().flatten());
        // Other clicks (a new tab) are the browser's.
        let (true, Some(link)) = (is_plain && !event.default_prevented(), link) else {
            return;
        };
        let path = link.get_attribute("data-view").unwrap_or_default();
        if let Some(view) = View::of_path(&path) {
            event.prevent_default();
            shell.go(view);
        }
    });
    on_cleanup(move || on_click.remove());
    Effect::new(move || {
        let view = shell.view.get();
        for link in links() {
            let is_here = link.get_attribute("data-view").as_deref() == Some(view.plain_path());
            let _ = if is_here && link.class_name() == "nav-link" {
                link.set_attribute("aria-current", "page")
            } else {
                link.remove_attribute("aria-current")
            };
        }
        // The menu of languages leads to the same view.
        for link in elements("a[data-locale]") {
            if let Some(href) = link.get_attribute("href") {
                let (locale, _) = split_path(&href);
                let _ = link.set_attribute("href", &view.path_in(locale));
            }
        }
        let is_start = view == View::Files && shell.selected.with(Option::is_none);
        if let Some(about) = document().get_element_by_id(ABOUT) {
            let _ = about.toggle_attribute_with_force("hidden", !is_start);
        }
    });
}

fn links() -> Vec<Element> {
    elements("a[data-view]")
}

fn elements(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|idx| found.get(idx))
        .filter_map(|node| node.dyn_into::<Element>().ok())
        .collect()
}
