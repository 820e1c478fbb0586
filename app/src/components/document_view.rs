//! A document: its picture beside its text.

use leptos::prelude::*;

use super::ask::Cited;
use super::downloads::Downloads;
use super::page_picture::PagePicture;
use super::page_text::PageText;
use super::progress::Progress;
use crate::jobs::{Doc, DocStatus};
use crate::messages::{Problem, megabytes};
use crate::settings::Place;
use crate::shell::Shell;

/// A line of the shown page, by its number in reading order.
pub(super) type ActiveLine = RwSignal<Option<usize>>;

/// A document with its tools.
#[component]
pub(crate) fn DocumentView(doc: Doc) -> impl IntoView {
    let active: ActiveLine = RwSignal::new(None);
    let cited: Cited = RwSignal::new(None);
    Effect::new(move || {
        doc.page_idx.track();
        active.set(None);
    });
    let badge = move || match (doc.place, doc.status.get()) {
        (Place::Device, DocStatus::Done) => "Read on this device",
        (Place::Server, DocStatus::Done) => "Read on the server",
        (Place::Device, _) => "On this device",
        (Place::Server, _) => "On the server",
    };
    let failed = move || match doc.status.get() {
        DocStatus::Failed(problem) => Some(problem),
        DocStatus::Cancelled if doc.n_read() == 0 => Some(Problem {
            code: "cancelled".to_owned(),
            title: "Stopped.".to_owned(),
            advice: "Nothing was read.".to_owned(),
        }),
        _ => None,
    };
    let data_place = match doc.place {
        Place::Device => "device",
        Place::Server => "server",
    };
    view! {
        <article class="document" aria-label=doc.name()>
            <div class="document-head">
                <h2 class="document-name" title=doc.name()>{doc.name()}</h2>
                <span class="muted">{megabytes(doc.size_bytes)}</span>
                <span class="badge" data-place=data_place>{badge}</span>
                <PageLanguage doc/>
                <Progress doc/>
                <PageNav doc/>
            </div>
            {move || match failed() {
                Some(problem) => view! { <Failure doc problem/> }.into_any(),
                None => {
                    view! {
                        <div class="panes">
                            <PagePicture doc active cited/>
                            <section class="pane pane-text" aria-label="Text">
                                <PageText doc active cited/>
                                <Downloads doc/>
                            </section>
                        </div>
                    }
                        .into_any()
                }
            }}
        </article>
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
                        <span class="visually-hidden">"Language of the page: "</span>
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
                    "Try again"
                </button>
                <button type="button" class="button" on:click=move |_| shell.remove(doc)>
                    "Remove"
                </button>
            </div>
        </div>
    }
}

/// Goes from page to page; nothing for a single page.
#[component]
fn PageNav(doc: Doc) -> impl IntoView {
    let n_pages = move || doc.pages.with(Vec::len);
    let go = move |to: usize| doc.page_idx.set(to.min(n_pages().saturating_sub(1)));
    let is_first = move || doc.page_idx.get() == 0;
    let is_last = move || doc.page_idx.get() + 1 >= n_pages();
    let has_several = move || n_pages() > 1;
    view! {
        <Show when=has_several>
            <nav class="page-nav" aria-label="Pages">
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Previous page"
                    prop:disabled=is_first
                    on:click=move |_| go(doc.page_idx.get_untracked().saturating_sub(1))
                >
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M10 3L5 8l5 5"/></svg>
                </button>
                <label>
                    <span class="visually-hidden">"Page"</span>
                    <select on:change=move |event| {
                        go(event_target_value(&event).parse().unwrap_or_default());
                    }>
                        {move || {
                            (0..n_pages())
                                .map(|idx| {
                                    view! {
                                        <option
                                            value=idx.to_string()
                                            prop:selected=move || doc.page_idx.get() == idx
                                        >
                                            {format!("Page {} of {}", idx + 1, n_pages())}
                                        </option>
                                    }
                                })
                                .collect_view()
                        }}
                    </select>
                </label>
                <button
                    type="button"
                    class="icon-button"
                    aria-label="Next page"
                    prop:disabled=is_last
                    on:click=move |_| go(doc.page_idx.get_untracked() + 1)
                >
                    <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3l5 5-5 5"/></svg>
                </button>
            </nav>
        </Show>
    }
}
