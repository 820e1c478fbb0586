//! What is on the screen.

mod ask;

mod document_view;

mod downloads;

mod drop_zone;

mod file_list;

mod settings_bar;

mod languages_page;

mod page_picture;

mod page_text;

mod progress;

pub(crate) use document_view::DocumentView;
pub(crate) use drop_zone::DropZone;
pub(crate) use file_list::FileList;
pub(crate) use languages_page::LanguagesPage;
pub(crate) use settings_bar::SettingsBar;
