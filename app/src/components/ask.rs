//! Questions about a document, answered on this device from its own text: no server sees them.

use std::rc::Rc;
use std::sync::Arc;

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_chat::{Citation, Index};
use ocr_chat_document::{BBox, Page};
use wasm_bindgen_futures::spawn_local;

use crate::jobs::{Doc, Exchange};

/// Longest question, in characters.
const MAX_CHARS: &str = "1000";

/// What an answer cites that was chosen last: the page, from 0, and where on it.
pub(super) type Cited = RwSignal<Option<(usize, Vec<BBox>)>>;

/// An index over as many pages as were read when it was made.
type Indexed = StoredValue<Option<(usize, Rc<Index>)>, LocalStorage>;

/// Questions about `doc` and their answers.
#[component]
pub(super) fn Ask(doc: Doc, cited: Cited) -> impl IntoView {
    let exchanges = doc.exchanges;
    let indexed: Indexed = StoredValue::new_local(None);
    let is_looking = RwSignal::new(false);
    let input = NodeRef::<html::Input>::new();
    let is_ready = move || doc.n_read() > 0;
    let ask = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(input) = input.get() else { return };
        let question = input.value().trim().to_owned();
        if question.is_empty() || is_looking.get_untracked() {
            return;
        }
        input.set_value("");
        is_looking.set(true);
        spawn_local(async move {
            // The page says that it looks before it does: a long document takes a second.
            gloo_timers::future::TimeoutFuture::new(20).await;
            let before =
                exchanges.with_untracked(|all| all.last().map(|last| last.question.clone()));
            let reply = index_of(doc, indexed).answer(&question, before.as_deref());
            exchanges.try_update(|all| all.push(Exchange { question, reply }));
            is_looking.try_set(false);
        });
    };
    view! {
        <div class="ask">
            <ol class="ask-list" aria-live="polite" aria-label="Questions and answers">
                {move || {
                    exchanges
                        .get()
                        .into_iter()
                        .map(|exchange| view! { <Told doc cited exchange/> })
                        .collect_view()
                }}
            </ol>
            <Show when=move || exchanges.with(Vec::is_empty)>
                <p class="muted">
                    "Ask about this document, for example \u{201c}What is the total?\u{201d} Answers are sentences and fields of the document itself, with their page. Nothing leaves this device."
                </p>
            </Show>
            <form class="ask-form" on:submit=ask>
                <label class="visually-hidden" for="question">"Question about the document"</label>
                <input
                    id="question"
                    type="text"
                    autocomplete="off"
                    maxlength=MAX_CHARS
                    placeholder="Ask about this document"
                    dir="auto"
                    node_ref=input
                    prop:disabled=move || !is_ready()
                />
                <button type="submit" class="button" prop:disabled=move || !is_ready() || is_looking.get()>
                    {move || if is_looking.get() { "Looking" } else { "Ask" }}
                </button>
            </form>
        </div>
    }
}

/// An index over the pages read so far.
fn index_of(doc: Doc, indexed: Indexed) -> Rc<Index> {
    let pages: Vec<Arc<Page>> = doc.pages.with_untracked(|slots| {
        slots
            .iter()
            .filter_map(|slot| slot.page.get_untracked())
            .collect()
    });
    let kept = indexed.with_value(|kept| {
        kept.as_ref()
            .filter(|(n, _)| *n == pages.len())
            .map(|(_, index)| Rc::clone(index))
    });
    kept.unwrap_or_else(|| {
        let index = Rc::new(Index::new(&[pages.iter().map(AsRef::as_ref).collect()]));
        indexed.set_value(Some((pages.len(), Rc::clone(&index))));
        index
    })
}

#[component]
fn Told(doc: Doc, cited: Cited, exchange: Exchange) -> impl IntoView {
    let found = exchange.reply.is_found;
    let citations = exchange.reply.citations;
    view! {
        <li class="ask-exchange">
            <p class="ask-question" dir="auto">{exchange.question}</p>
            <p class="ask-answer" class:muted=!found dir="auto">{exchange.reply.content}</p>
            <ul class="ask-citations">
                {citations.into_iter().map(|citation| view! { <Cite doc cited citation/> }).collect_view()}
            </ul>
        </li>
    }
}

/// Goes to the page and shows where.
#[component]
fn Cite(doc: Doc, cited: Cited, citation: Citation) -> impl IntoView {
    let page_idx = citation.page.saturating_sub(1) as usize;
    let boxes = citation.boxes;
    let show = move |_| {
        doc.page_idx.set(page_idx);
        cited.set(Some((page_idx, boxes.clone())));
    };
    view! {
        <li>
            <button type="button" class="button button-small ask-cite" title=citation.snippet.clone() on:click=show>
                {format!("Show on page {}", citation.page)}
                <span class="visually-hidden">{format!(": {}", citation.snippet)}</span>
            </button>
        </li>
    }
}
