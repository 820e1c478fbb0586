//! What is on the screen.

mod viewer;

mod app_news;

mod bundle;

mod dialog;

mod document_notes;

mod document_view;

mod page_picture;

mod zoom;

mod stage;

mod sized;

mod page_boxes;

mod region;

mod thumbnails;

mod page_text;

mod text_lines;

mod line_editor;

mod tables;

mod notes;

mod search;

mod checks;

mod ask;

mod downloads;

mod drop_zone;

mod file_list;

mod settings_bar;

mod hand_off;

mod icon_button;

mod history_page;

mod languages_page;

mod photo;

mod progress;

use leptos::ev::KeyboardEvent;
use wasm_bindgen::JsCast;

pub(crate) use app_news::AppNews;
pub(crate) use dialog::{Dialog, Question};
pub(crate) use document_view::DocumentView;
pub(crate) use drop_zone::{DropZone, use_window_drop};
pub(crate) use file_list::FileList;
pub(crate) use history_page::HistoryPage;
pub(crate) use languages_page::LanguagesPage;
pub(crate) use photo::{Photo, PhotoDialog, PhotoState};
pub(crate) use settings_bar::SettingsBar;

/// Whether the key goes to a field in which one writes.
fn is_writing(event: &KeyboardEvent) -> bool {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|element| {
        element
            .closest("input, textarea, select")
            .is_ok_and(|field| field.is_some())
    })
}

/// The number of the line whose box or button has the focus: the pointer may lie on another.
fn focused_line(event: &KeyboardEvent) -> Option<usize> {
    let element = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())?;
    let line = element.closest("[data-line]").ok()??;
    line.get_attribute("data-line")?.parse().ok()
}
