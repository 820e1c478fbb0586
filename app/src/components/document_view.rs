//! A document: its picture beside its text.

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use ocr_chat_i18n::tr;

use super::document_notes::DocumentNotes;
use super::downloads::Downloads;
use super::icon_button::IconButton;
use super::page_picture::PagePicture;
use super::page_text::PageText;
use super::progress::Progress;
use super::search::focus_search;
use super::viewer::Viewer;
use crate::jobs::{Doc, DocStatus};
use crate::messages::{Problem, megabytes};
use crate::settings::Place;
use crate::shell::Shell;

/// How long what was done last is told, in milliseconds.
const TOLD_MS: u32 = 5_000;

/// A document with its tools.
#[component]
pub(crate) fn DocumentView(doc: Doc) -> impl IntoView {
    let viewer = Viewer::new(doc);
    let badge = move || match (doc.place, doc.status.get()) {
        (Place::Device, DocStatus::Done) if doc.keeping.is_from_server(doc.page_idx.get()) => {
            tr!(files.place_server)
        }
        (Place::Device, DocStatus::Done) => tr!(viewer.read_on_device),
        (Place::Server, DocStatus::Done) => tr!(viewer.read_on_server),
        (Place::Device, _) => tr!(viewer.on_device),
        (Place::Server, _) => tr!(viewer.on_server),
    };
    let failed = move || match doc.status.get() {
        DocStatus::Failed(problem) => Some(problem),
        DocStatus::Cancelled if doc.n_read() == 0 => Some(Problem {
            code: "cancelled".to_owned(),
            title: tr!(viewer.stopped).to_owned(),
            advice: tr!(viewer.nothing_read).to_owned(),
        }),
        _ => None,
    };
    let failed = Memo::new(move |_| failed());
    let data_place = match doc.place {
        Place::Device => "device",
        Place::Server => "server",
    };
    let on_slash = window_event_listener(ev::keydown, move |event| {
        let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        if event.key() == "/" && is_plain && !super::is_writing(&event) && focus_search() {
            event.prevent_default();
        }
    });
    on_cleanup(move || on_slash.remove());
    // Within the document; asked for again, it is the browser's own search.
    let on_key = move |event: KeyboardEvent| {
        let is_find = event.key() == "f" && (event.ctrl_key() || event.meta_key());
        if is_find && focus_search() {
            event.prevent_default();
        }
    };
    view! {
        <article class="document" aria-label=doc.name() on:keydown=on_key>
            <div class="document-head">
                <h2 class="document-name" title=doc.name()>{doc.name()}</h2>
                <span class="muted">{megabytes(doc.size_bytes)}</span>
                <span class="badge" data-place=data_place>{badge}</span>
                <PageLanguage doc/>
                <Progress doc/>
                <PageNav viewer/>
            </div>
            <DocumentNotes doc/>
            {move || match failed.get() {
                Some(problem) => view! { <Failure doc problem/> }.into_any(),
                None => {
                    view! {
                        <div class="panes">
                            <PagePicture viewer/>
                            <section class="pane pane-text" aria-label=tr!(viewer.text)>
                                <PageText viewer/>
                                <Downloads doc/>
                            </section>
                        </div>
                    }
                        .into_any()
                }
            }}
            <Told viewer/>
        </article>
    }
}

/// What was done last, for a while.
#[component]
fn Told(viewer: Viewer) -> impl IntoView {
    let told = viewer.told;
    Effect::new(move || {
        let text = told.get();
        if text.is_empty() {
            return;
        }
        wasm_bindgen_futures::spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(TOLD_MS).await;
            if told.try_get_untracked().is_some_and(|now| now == text) {
                told.set(String::new());
            }
        });
    });
    view! {
        <p class="viewer-told" role="status" class:viewer-told-shown=move || !told.with(String::is_empty)>
            {move || told.get()}
        </p>
    }
}

/// The language found on the shown page, by its English name.
#[component]
fn PageLanguage(doc: Doc) -> impl IntoView {
    let tag = Memo::new(move |_| {
        let page = doc.shown().and_then(|slot| slot.page.get());
        page.and_then(|page| page.detected_language.clone())
    });
    let name = |tag: &str| {
        ocr_chat_language::by_tag(tag)
            .map_or_else(|| tag.to_owned(), |language| language.name.to_owned())
    };
    view! {
        {move || {
            tag.get().map(|tag| {
                let name = name(&tag);
                view! {
                    <span class="badge badge-language" data-language=tag>
                        <span class="visually-hidden">{tr!(viewer.page_language)}" "</span>
                        {name}
                    </span>
                }
            })
        }}
    }
}

#[component]
fn Failure(doc: Doc, problem: Problem) -> impl IntoView {
    let shell = Shell::get();
    view! {
        <div class="failure" role="alert" data-code=problem.code>
            <svg class="failure-mark" viewBox="0 0 24 24" aria-hidden="true">
                <circle cx="12" cy="12" r="10"/>
                <path d="M12 7v6M12 16.5v.5"/>
            </svg>
            <p class="failure-title">{problem.title}</p>
            <p>{problem.advice}</p>
            <div class="row">
                <button type="button" class="button" on:click=move |_| shell.read(doc)>
                    {tr!(common.try_again)}
                </button>
                <button type="button" class="button" on:click=move |_| shell.remove(doc)>
                    {tr!(viewer.remove)}
                </button>
            </div>
        </div>
    }
}

/// Goes from page to page; nothing for a single page.
#[component]
fn PageNav(viewer: Viewer) -> impl IntoView {
    let page_idx = viewer.doc.page_idx;
    let n_pages = move || viewer.n_pages();
    let is_first = move || page_idx.get() == 0;
    let is_last = move || page_idx.get() + 1 >= n_pages();
    let has_several = Memo::new(move |_| n_pages() > 1);
    let on_change = move |event| {
        let number = event_target_value(&event).trim().parse::<usize>();
        match number {
            Ok(number) if number > 0 => viewer.show_page(number - 1),
            _ => {}
        }
        // What is no page is put right.
        page_idx.notify();
    };
    view! {
        <Show when=move || has_several.get()>
            <nav class="page-nav" aria-label=tr!(viewer.pages)>
                <IconButton
                    name=tr!(viewer.previous_page)
                    turns=true
                    drawing="M10 3L5 8l5 5"
                    disabled=Signal::derive(is_first)
                    on_click=move |_| viewer.show_page(page_idx.get_untracked().saturating_sub(1))
                />
                <label class="page-number">
                    <span>{tr!(viewer.page)}</span>
                    <input
                        type="text"
                        inputmode="numeric"
                        autocomplete="off"
                        size="4"
                        prop:value=move || (page_idx.get() + 1).to_string()
                        on:change=on_change
                    />
                    <span>{move || tr!(viewer.of_n, n = n_pages())}</span>
                </label>
                <IconButton
                    name=tr!(viewer.next_page)
                    turns=true
                    drawing="M6 3l5 5-5 5"
                    disabled=Signal::derive(is_last)
                    on_click=move |_| viewer.show_page(page_idx.get_untracked() + 1)
                />
            </nav>
        </Show>
    }
}
