//! The documents of this device: found by name and by what stands in them, opened, deleted.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use ocr_chat_i18n::{Language as _, tr};
use ocr_chat_worker::protocol::DocumentId;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::bundle::Bundle;
use super::dialog::Question;
use super::drop_zone::ChooseFiles;
use super::file_list::{ask_to_remove, status};
use super::icon_button::IconButton;
use crate::jobs::{Doc, DocStatus, Kept};
use crate::messages::megabytes;
use crate::search::{Snippet, find};
use crate::settings::Place;
use crate::shell::Shell;

/// Pause after a key before texts are searched, in milliseconds.
const TYPING_MS: u32 = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Newest,
    Oldest,
    Name,
    Largest,
}

impl Order {
    const ALL: [Self; 4] = [Self::Newest, Self::Oldest, Self::Name, Self::Largest];

    fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
            Self::Name => "name",
            Self::Largest => "largest",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Newest => tr!(files.sort_newest),
            Self::Oldest => tr!(files.sort_oldest),
            Self::Name => tr!(files.sort_name),
            Self::Largest => tr!(files.sort_largest),
        }
    }

    fn compare(self, a: &Doc, b: &Doc) -> Ordering {
        let added_ms = |doc: &Doc| doc.keeping.added_ms.get_value();
        match self {
            Self::Newest => added_ms(b).total_cmp(&added_ms(a)),
            Self::Oldest => added_ms(a).total_cmp(&added_ms(b)),
            Self::Name => a.name().to_lowercase().cmp(&b.name().to_lowercase()),
            Self::Largest => b.size_bytes.total_cmp(&a.size_bytes),
        }
    }
}

/// Where the words that were looked for stand, by document.
type Found = HashMap<DocumentId, Snippet>;

/// The page at `/history`.
#[component]
pub(crate) fn HistoryPage() -> impl IntoView {
    let shell = Shell::get();
    shell.keeper.measure();
    let wanted = RwSignal::new(String::new());
    let order = RwSignal::new(Order::Newest);
    let chosen = RwSignal::new(HashSet::<DocumentId>::new());
    let found = use_search(shell, wanted);
    let listed = Memo::new(move |_| {
        let wanted = wanted.get().trim().to_lowercase();
        let mut listed = shell.documents.get();
        listed.retain(|doc| {
            wanted.is_empty()
                || doc.name().to_lowercase().contains(&wanted)
                || found.with(|found| found.contains_key(&doc.id))
        });
        listed.sort_by(|a, b| order.get().compare(a, b));
        listed
    });
    // What is chosen; where nothing is, everything that is listed.
    let meant = Signal::derive(move || {
        let mut meant = listed.get();
        chosen.with(|chosen| {
            if meant.iter().any(|doc| chosen.contains(&doc.id)) {
                meant.retain(|doc| chosen.contains(&doc.id));
            }
        });
        meant
    });
    let is_empty = Memo::new(move |_| shell.documents.with(Vec::is_empty));
    let count = move || match listed.with(Vec::len) {
        0 => tr!(files.found_none).to_owned(),
        n => tr!(files.n_documents, count = n),
    };
    view! {
        <main id="main" class="page history">
            <div class="history-head">
                <h1 class="languages-title">{tr!(files.history)}</h1>
                <ChooseFiles label=tr!(files.add_files) class="button"/>
            </div>
            <p class="languages-lead">{tr!(files.history_lead)}</p>
            <Storage/>
            <Show when=move || !is_empty.get() fallback=|| view! { <Empty/> }>
                <div class="history-tools">
                    <label class="search">
                        <span>{tr!(files.search)}</span>
                        <input
                            type="search"
                            autocomplete="off"
                            placeholder=tr!(files.search_hint)
                            on:input=move |event| wanted.set(event_target_value(&event))
                        />
                    </label>
                    <label class="select">
                        <span class="visually-hidden">{tr!(files.sort)}</span>
                        <select on:change=move |event| {
                            let name = event_target_value(&event);
                            let found = Order::ALL.into_iter().find(|order| order.name() == name);
                            order.set(found.unwrap_or(Order::Newest));
                        }>
                            {Order::ALL
                                .map(|order| view! { <option value=order.name()>{order.label()}</option> })
                                .collect_view()}
                        </select>
                    </label>
                    <p class="muted history-count" role="status">{count}</p>
                    <DeleteChosen listed meant chosen/>
                </div>
                <ul class="history-list">
                    <For each=move || listed.get() key=|doc| doc.id let:doc>
                        <Row doc chosen found/>
                    </For>
                </ul>
                <Bundle docs=meant/>
            </Show>
            <Clear/>
        </main>
    }
}

/// Searches the texts of all documents for what is typed; the newest question counts.
fn use_search(shell: Shell, wanted: RwSignal<String>) -> RwSignal<Found> {
    let found = RwSignal::new(Found::new());
    Effect::new(move || {
        let asked = wanted.get();
        if asked.trim().is_empty() {
            found.set(Found::new());
            return;
        }
        spawn_local(async move {
            TimeoutFuture::new(TYPING_MS).await;
            let is_current = || wanted.try_get_untracked().is_some_and(|now| now == asked);
            let mut hits = Found::new();
            for doc in shell.documents.get_untracked() {
                if !is_current() {
                    return;
                }
                let texts = shell.keeper.texts(doc).await;
                let pages = texts.iter().map(|(index, text)| (*index, text.as_str()));
                if let Some(snippet) = find(pages, &asked) {
                    hits.insert(doc.id, snippet);
                }
            }
            if is_current() {
                found.try_set(hits);
            }
        });
    });
    found
}

#[component]
fn Row(doc: Doc, chosen: RwSignal<HashSet<DocumentId>>, found: RwSignal<Found>) -> impl IntoView {
    let shell = Shell::get();
    let name = doc.name();
    let is_chosen = move || chosen.with(|chosen| chosen.contains(&doc.id));
    let choose = move |_| {
        chosen.update(|chosen| {
            if !chosen.remove(&doc.id) {
                chosen.insert(doc.id);
            }
        });
    };
    let place = move || {
        let n_handed_over = doc.keeping.handed_over.with(|pages| pages.len());
        match doc.place {
            Place::Server => tr!(files.place_server),
            Place::Device if n_handed_over > 0 => tr!(files.place_both),
            Place::Device => tr!(files.place_device),
        }
    };
    let data_place = match doc.place {
        Place::Device => "device",
        Place::Server => "server",
    };
    let state = move || match doc.status.get() {
        DocStatus::Done => match doc.keeping.state.get() {
            Kept::Yes | Kept::Coming => None,
            _ => Some(("visit", tr!(files.this_visit_only).to_owned())),
        },
        _ => Some(status(doc)),
    };
    let snippet = move || found.with(|found| found.get(&doc.id).cloned());
    let n_pages = move || match doc.keeping.n_pages.get() {
        0 => String::new(),
        n => tr!(common.n_pages, count = n),
    };
    view! {
        <li class="history-row" data-name=name.clone()>
            <input
                type="checkbox"
                class="history-choose"
                aria-label=tr!(files.choose_named, name = name.clone())
                prop:checked=is_chosen
                on:change=choose
            />
            <div class="history-main">
                <button type="button" class="history-open" on:click=move |_| shell.show(doc)>
                    {name.clone()}
                </button>
                <p class="history-facts">
                    <span>{when(doc.keeping.added_ms.get_value())}</span>
                    <span>{n_pages}</span>
                    <span>{megabytes(doc.size_bytes)}</span>
                    <Show when=move || doc.status.get() == DocStatus::Done>
                        <span class="badge" data-place=data_place>{place}</span>
                    </Show>
                    {move || state().map(|(kind, text)| view! { <span class="history-state" data-state=kind>{text}</span> })}
                </p>
                {move || {
                    snippet().map(|snippet| {
                        view! {
                            <button
                                type="button"
                                class="history-snippet"
                                on:click=move |_| {
                                    doc.page_idx.set(snippet.page_idx as usize);
                                    shell.show(doc);
                                }
                            >
                                <span class="muted">{tr!(files.on_page, n = snippet.page_idx + 1)}</span>
                                " "
                                <span dir="auto">
                                    {snippet.before.clone()} <mark>{snippet.hit.clone()}</mark> {snippet.after.clone()}
                                </span>
                            </button>
                        }
                    })
                }}
            </div>
            <IconButton
                name=tr!(files.delete_document_named, name = name.clone())
                drawing="M3 4.5h10M6.5 4.5V3h3v1.5M4.5 4.5l.6 8.5h5.8l.6-8.5M6.8 7v3.6M9.2 7v3.6"
                on_click=move |_| ask_to_remove(shell, doc)
            />
        </li>
    }
}

/// Deletes what is chosen; where nothing is, everything that is listed.
#[component]
fn DeleteChosen(
    listed: Memo<Vec<Doc>>,
    meant: Signal<Vec<Doc>>,
    chosen: RwSignal<HashSet<DocumentId>>,
) -> impl IntoView {
    let shell = Shell::get();
    let is_all = move || meant.with(Vec::len) == listed.with(Vec::len);
    let label = move || match meant.with(Vec::len) {
        _ if is_all() => tr!(files.delete_all).to_owned(),
        n => tr!(files.delete_chosen, count = n),
    };
    let ask = move |_| {
        let meant = meant.get_untracked();
        shell.question.set(Some(Question {
            title: tr!(files.delete_n, count = meant.len()),
            text: tr!(files.delete_text).to_owned(),
            action: tr!(common.delete).to_owned(),
            on_yes: Callback::new(move |()| {
                for doc in &meant {
                    shell.remove(*doc);
                }
                chosen.set(HashSet::new());
            }),
        }));
    };
    view! {
        <button
            type="button"
            class="button button-small"
            data-action="delete-chosen"
            prop:disabled=move || meant.with(Vec::is_empty)
            on:click=ask
        >
            {label}
        </button>
    }
}

/// What is used of the disk, and whether anything is kept at all.
#[component]
fn Storage() -> impl IntoView {
    let shell = Shell::get();
    let settings = shell.settings;
    let usage = move || shell.keeper.usage.get();
    view! {
        <div class="history-storage">
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || settings.keep.get()
                    on:change=move |event| settings.keep.set(event_target_checked(&event))
                />
                <span>{tr!(files.keep_setting)}</span>
            </label>
            {move || {
                usage().map(|usage| {
                    let text = tr!(
                        files.storage_used, used = megabytes(usage.used_bytes), quota = megabytes(usage.quota_bytes)
                    );
                    view! {
                        <p class="history-usage">
                            <span class="muted">{text}</span>
                            <meter
                                class="meter"
                                min="0"
                                max=usage.quota_bytes.to_string()
                                value=usage.used_bytes.to_string()
                                aria-label=tr!(files.storage)
                            ></meter>
                        </p>
                    }
                })
            }}
            {move || {
                shell.keeper.trouble.get().map(|_| {
                    view! { <p class="note-bad" role="alert" data-code="not_kept">{tr!(files.nothing_kept)}</p> }
                })
            }}
        </div>
    }
}

#[component]
fn Empty() -> impl IntoView {
    let shell = Shell::get();
    view! {
        <Show when=move || shell.keeper.is_restored.get()>
            <section class="history-empty">
                <svg class="drop-art" viewBox="0 0 96 72" aria-hidden="true">
                    <rect class="drop-sheet" x="20" y="14" width="40" height="52" rx="4"/>
                    <rect class="drop-sheet" x="36" y="6" width="40" height="52" rx="4"/>
                    <path class="drop-lines" d="M45 20h22M45 29h22M45 38h14"/>
                </svg>
                <p class="history-empty-title">{tr!(files.empty_title)}</p>
                <p class="muted">{tr!(files.empty_text)}</p>
                <ChooseFiles label=tr!(files.choose_files) class="button button-main"/>
            </section>
        </Show>
    }
}

/// Deletes everything that this site keeps here.
#[component]
fn Clear() -> impl IntoView {
    let shell = Shell::get();
    let ask = move |_| {
        shell.question.set(Some(Question {
            title: tr!(files.clear_title).to_owned(),
            text: tr!(files.clear_text).to_owned(),
            action: tr!(files.clear).to_owned(),
            on_yes: Callback::new(move |()| spawn_local(shell.clear_device())),
        }));
    };
    view! {
        <section class="history-clear" aria-label=tr!(files.clear)>
            <p class="muted">{tr!(files.clear_lead)}</p>
            <button type="button" class="button button-small" on:click=ask>{tr!(files.clear)}</button>
        </section>
    }
}

/// A time as people here write it.
fn when(ms: f64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(ms));
    let options = js_sys::Object::new();
    for (name, value) in [("dateStyle", "medium"), ("timeStyle", "short")] {
        // A plain object takes every property.
        let _ = js_sys::Reflect::set(&options, &name.into(), &value.into());
    }
    date.to_locale_string(ocr_chat_i18n::locale().code(), &options)
        .into()
}
