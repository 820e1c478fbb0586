//! The app shell: owns settings, documents and Workers, and lays out the page.

use std::cell::Cell;
use std::rc::Rc;

use leptos::ev;
use leptos::prelude::*;
use ocr_chat_i18n::{Language as _, Locale, tr};
use ocr_chat_worker::protocol::DocumentId;
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use crate::browser;
use crate::components::{
    AppNews, Dialog, DocumentView, DropZone, FileList, HistoryPage, LanguagesPage, Photo,
    PhotoDialog, PhotoState, Question, SettingsBar, use_window_drop,
};
use crate::crop::Crop;
use crate::installed::Installed;
use crate::jobs::{
    Asker, Doc, DocStatus, Exporter, Keeper, Kept, Packs, PdfRenderer, Pool, ReaderState,
};
use crate::picture;
use crate::settings::Settings;
use crate::site::use_navigation;

mod kept;

/// What the page shows. A document stays while another view is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// The files and their text, at `/`.
    Files,
    /// The languages, at `/languages`.
    Languages,
    /// The documents of this device, at `/history`.
    History,
}

impl View {
    /// The view at an address, in any language of the interface.
    pub(crate) fn of_path(path: &str) -> Option<Self> {
        let (_, path) = ocr_chat_i18n::split_path(path);
        match path.trim_end_matches('/') {
            "" => Some(Self::Files),
            "/languages" => Some(Self::Languages),
            "/history" => Some(Self::History),
            _ => None,
        }
    }

    /// Its address without the language.
    pub(crate) fn plain_path(self) -> &'static str {
        match self {
            Self::Files => "/",
            Self::Languages => "/languages",
            Self::History => "/history",
        }
    }

    /// Its address in a language.
    pub(crate) fn path_in(self, locale: Locale) -> String {
        locale.href(self.plain_path())
    }

    fn title(self) -> String {
        match self {
            Self::Files => tr!(site.title_home).to_owned(),
            Self::Languages => format!("{} - OCR.chat", tr!(site.title_languages)),
            Self::History => format!("{} - OCR.chat", tr!(files.history)),
        }
    }
}

/// What every component may reach.
#[derive(Clone, Copy)]
pub(crate) struct Shell {
    pub(crate) settings: Settings,
    pub(crate) documents: RwSignal<Vec<Doc>>,
    pub(crate) selected: RwSignal<Option<Doc>>,
    pub(crate) reader: RwSignal<ReaderState>,
    pub(crate) packs: Packs,
    pub(crate) exporter: Exporter,
    pub(crate) asker: Asker,
    pub(crate) keeper: Keeper,
    pub(crate) view: RwSignal<View>,
    /// What the visitor is asked before something that cannot be undone.
    pub(crate) question: RwSignal<Option<Question>>,
    /// The photo that is being taken or made ready.
    pub(crate) photo: PhotoState,
    /// Whether something is held over the window.
    pub(crate) is_over: RwSignal<bool>,
    pool: StoredValue<Rc<Pool>, LocalStorage>,
    next_id: StoredValue<Rc<Cell<DocumentId>>, LocalStorage>,
    owner: StoredValue<Owner>,
}

impl Shell {
    fn new() -> Self {
        let reader = RwSignal::new(ReaderState::Quiet);
        let pdf = Rc::<PdfRenderer>::default();
        let selected = RwSignal::new(None);
        let exporter = Exporter::new(Rc::clone(&pdf), reader);
        Self {
            settings: Settings::restore(),
            documents: RwSignal::new(Vec::new()),
            selected,
            reader,
            packs: Packs::new(),
            exporter,
            asker: Asker::new(),
            keeper: Keeper::new(selected, exporter),
            question: RwSignal::new(None),
            photo: RwSignal::new_local(Photo::Closed),
            is_over: RwSignal::new(false),
            view: RwSignal::new(View::of_path(&browser::path()).unwrap_or(View::Files)),
            pool: StoredValue::new_local(Pool::new(reader, pdf)),
            next_id: StoredValue::new_local(Rc::default()),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        }
    }

    /// The shell of this page.
    pub(crate) fn get() -> Self {
        expect_context()
    }

    /// Goes to a view.
    pub(crate) fn go(&self, view: View) {
        if self.view.get_untracked() != view {
            browser::push_path(&view.path_in(ocr_chat_i18n::locale()));
            self.view.set(view);
        }
    }

    /// Reads files where the settings say, and shows the first of them. Photos that only the browser can decode are made into pictures first.
    pub(crate) fn add(&self, files: Vec<File>) {
        let is_heic = |file: &File| picture::is_heic(&file.name(), &file.type_());
        if !files.iter().any(is_heic) {
            return self.add_readable(files);
        }
        let shell = *self;
        spawn_local(async move {
            let mut readable = Vec::new();
            for file in files {
                let converted = match picture::decode(&file).await.filter(|_| is_heic(&file)) {
                    Some(picture) => picture::cut(&picture, Crop::default(), &file.name()).await,
                    None => None,
                };
                // What no browser here decodes goes on, to be told what to do about it.
                readable.push(converted.unwrap_or(file));
            }
            shell.add_readable(readable);
        });
    }

    fn add_readable(&self, files: Vec<File>) {
        let owner = self.owner.get_value();
        let settings = self.settings;
        let mut first = None;
        for file in files {
            let id = self.next_id.with_value(|next| next.replace(next.get() + 1));
            let (place, model) = (
                settings.place.get_untracked(),
                settings.model.get_untracked(),
            );
            let language = settings.language.get_untracked();
            let doc = Doc::new(&owner, id, file, place, model, language);
            doc.keeping.tier.set_value(settings.tier.get_untracked());
            first.get_or_insert(doc);
            self.documents.update(|documents| documents.push(doc));
            self.keep(doc);
            self.pool.with_value(|pool| pool.read(doc));
        }
        if let Some(doc) = first {
            self.show(doc);
        }
    }

    /// Reads a document anew, where it failed or was stopped.
    pub(crate) fn read(&self, doc: Doc) {
        self.keeper.anew(doc);
        self.mark_as_read_here(doc);
        self.pool.with_value(|pool| pool.read(doc));
    }

    /// Stops reading a document.
    pub(crate) fn cancel(&self, doc: Doc) {
        self.pool.with_value(|pool| pool.cancel(doc));
    }

    /// Deletes a document, with everything the browser holds for it.
    pub(crate) fn remove(&self, doc: Doc) {
        self.keeper.delete(doc);
        self.take_off(doc);
    }

    /// Takes a document off the page.
    fn take_off(&self, doc: Doc) {
        self.cancel(doc);
        self.exporter.cancel_of(doc);
        self.asker.forget(doc);
        self.documents
            .update(|documents| documents.retain(|other| *other != doc));
        if self.selected.get_untracked() == Some(doc) {
            self.selected.set(None);
            let next = self
                .documents
                .with_untracked(|documents| documents.last().copied());
            if let Some(next) = next {
                self.open(next);
            }
        }
        doc.release();
    }

    /// Whether anything is going on that a reload would break off.
    pub(crate) fn is_busy(&self) -> bool {
        self.documents.with_untracked(|documents| {
            documents
                .iter()
                .any(|doc| doc.is_open() || !matches!(doc.keeping.state.get_untracked(), Kept::Yes))
        }) || self.exporter.is_busy_untracked()
            || self.question.with_untracked(Option::is_some)
    }

    /// What is going on, as one sentence for the screen and for screen readers.
    fn progress(&self) -> String {
        let Some(doc) = self.selected.get() else {
            return String::new();
        };
        match doc.status.get() {
            DocStatus::Done => tr!(site.is_read, name = doc.name()),
            DocStatus::Failed(problem) => problem.title,
            DocStatus::Cancelled => tr!(site.stopped).to_owned(),
            DocStatus::Waiting | DocStatus::Reading => String::new(),
        }
    }
}

/// The page.
#[component]
pub(crate) fn App(
    /// Files that were chosen before the app was there.
    early_files: Vec<File>,
) -> impl IntoView {
    let shell = Shell::new();
    provide_context(shell);
    use_navigation(shell);
    shell.add(early_files);
    let on_paste = window_event_listener(ev::paste, move |event| {
        let files = event
            .clipboard_data()
            .map(|data| browser::files_of(data.files()))
            .unwrap_or_default();
        if !files.is_empty() {
            event.prevent_default();
            shell.add(files);
        }
    });
    let on_back = window_event_listener(ev::popstate, move |_| {
        shell
            .view
            .set(View::of_path(&browser::path()).unwrap_or(View::Files));
    });
    on_cleanup(move || {
        on_paste.remove();
        on_back.remove();
    });
    Effect::new(move || document().set_title(&shell.view.get().title()));
    use_window_drop(shell);
    shell.restore();
    let installed = Installed::watch(shell);
    view! {
        {move || match shell.view.get() {
            View::Files => view! { <Files/> }.into_any(),
            View::Languages => view! { <LanguagesPage/> }.into_any(),
            View::History => view! { <HistoryPage/> }.into_any(),
        }}
        <Dialog/>
        <PhotoDialog/>
        <AppNews installed/>
        <p class="visually-hidden" role="status" aria-live="polite">{move || shell.progress()}</p>
    }
}

/// The files and their text.
#[component]
fn Files() -> impl IntoView {
    let shell = Shell::get();
    let has_documents = Memo::new(move |_| !shell.documents.with(Vec::is_empty));
    let is_shown = Memo::new(move |_| shell.selected.get().is_some());
    view! {
        <main id="main" class="page" class:page-empty=move || !is_shown.get()>
            <Show when=move || is_shown.get()>
                <h1 class="visually-hidden">{tr!(site.title_home)}</h1>
            </Show>
            <SettingsBar/>
            <Show when=move || has_documents.get()>
                <FileList/>
            </Show>
            {move || match shell.selected.get() {
                Some(doc) => view! { <DocumentView doc/> }.into_any(),
                None => view! { <DropZone/> }.into_any(),
            }}
        </main>
    }
}
