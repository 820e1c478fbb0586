//! Questions about a document, answered from its own text: on this device, or by the server where that read it.

use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_i18n::tr;
use ocr_chat_worker::chat_protocol::Citation;

use super::viewer::Viewer;
use crate::jobs::{AskStep, Exchange, Said};
use crate::settings::Place;
use crate::shell::Shell;

/// Longest question, in characters.
const MAX_CHARS: &str = "1000";

/// Questions about the shown document and their answers.
#[component]
pub(super) fn Ask(viewer: Viewer) -> impl IntoView {
    let doc = viewer.doc;
    let asker = Shell::get().asker;
    let input = NodeRef::<html::Input>::new();
    let list = NodeRef::<html::Ol>::new();
    let is_ready = Memo::new(move |_| doc.n_read() > 0);
    let ask = move |question: &str| {
        let question = question.trim();
        if question.is_empty() || !is_ready.get_untracked() {
            return;
        }
        asker.ask(doc, question);
        // What is said last is in view.
        request_animation_frame(move || {
            let last = list
                .try_get_untracked()
                .flatten()
                .and_then(|list| list.last_element_child());
            if let Some(last) = last {
                last.scroll_into_view_with_bool(false);
            }
        });
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(input) = input.get_untracked()
            && !asker.is_busy_now()
        {
            ask(&input.value());
            input.set_value("");
        }
    };
    let is_on_server = doc.place == Place::Server;
    view! {
        <div class="ask">
            <ol class="ask-list" aria-live="polite" aria-label=tr!(viewer.conversation) node_ref=list>
                <For each=move || doc.exchanges.get() key=|exchange| exchange.number let:exchange>
                    <Told viewer exchange/>
                </For>
            </ol>
            <Show when=move || doc.exchanges.with(Vec::is_empty)>
                <p class="muted">
                    {if is_on_server { tr!(viewer.ask_lead_server) } else { tr!(viewer.ask_lead) }}
                </p>
                <div class="row ask-suggestions" role="group" aria-label=tr!(viewer.suggestions)>
                    {[tr!(viewer.suggestion_about), tr!(viewer.suggestion_total), tr!(viewer.suggestion_date)]
                        .map(|question| {
                            view! {
                                <button
                                    type="button"
                                    class="button button-small"
                                    prop:disabled=move || !is_ready.get() || asker.is_busy()
                                    on:click=move |_| ask(question)
                                >
                                    {question}
                                </button>
                            }
                        })
                        .collect_view()}
                </div>
            </Show>
            <form class="ask-form" on:submit=on_submit>
                <label class="visually-hidden" for="question">{tr!(viewer.question)}</label>
                <input
                    id="question"
                    type="text"
                    autocomplete="off"
                    maxlength=MAX_CHARS
                    placeholder=tr!(viewer.ask_placeholder)
                    dir="auto"
                    node_ref=input
                    prop:disabled=move || !is_ready.get()
                />
                <button
                    type="submit"
                    class="button"
                    prop:disabled=move || !is_ready.get() || asker.is_busy()
                >
                    {tr!(viewer.ask)}
                </button>
            </form>
        </div>
    }
}

/// A question and what is said to it.
#[component]
fn Told(viewer: Viewer, exchange: Exchange) -> impl IntoView {
    let said = exchange.said;
    let asker = Shell::get().asker;
    let step = Memo::new(move |_| said.with(|said| said.step));
    let citations = Memo::new(move |_| said.with(|said| said.citations.clone()));
    let is_found = move || {
        !matches!(
            step.get(),
            AskStep::Answered {
                is_found: false,
                ..
            }
        )
    };
    let place = move || match step.get() {
        AskStep::Answered {
            place: Place::Server,
            ..
        } => Some(tr!(viewer.answered_on_server)),
        _ if said.with(|said| said.wants_sign_in) => Some(tr!(viewer.sign_in_for_server)),
        _ => None,
    };
    view! {
        <li class="ask-exchange">
            <p class="ask-question" dir="auto">{exchange.question.get_value()}</p>
            <Show when=move || step.get().is_open()>
                <div class="ask-step">
                    <span>{move || waiting(step.get())}</span>
                    <button type="button" class="button button-small" on:click=move |_| asker.cancel()>
                        {tr!(common.cancel)}
                    </button>
                </div>
            </Show>
            <Show when=move || said.with(has_words)>
                <p class="ask-answer" class:muted=move || !is_found() dir="auto">
                    {move || said.with(words)}
                </p>
            </Show>
            {move || place().map(|text| view! { <p class="muted ask-place">{text}</p> })}
            <ul class="ask-citations">
                {move || {
                    citations
                        .get()
                        .into_iter()
                        .map(|citation| view! { <Cite viewer citation/> })
                        .collect_view()
                }}
            </ul>
        </li>
    }
}

fn has_words(said: &Said) -> bool {
    !said.content.is_empty() || matches!(said.step, AskStep::Cancelled | AskStep::Failed)
}

fn words(said: &Said) -> String {
    match said.step {
        AskStep::Cancelled if said.content.is_empty() => tr!(viewer.ask_cancelled).to_owned(),
        AskStep::Failed => tr!(viewer.ask_failed).to_owned(),
        _ => said.content.clone(),
    }
}

fn waiting(step: AskStep) -> String {
    match step {
        AskStep::Starting => tr!(viewer.ask_starting).to_owned(),
        AskStep::Page { n_done, n_pages } => {
            tr!(viewer.ask_page, n = n_done + 1, n_pages = n_pages)
        }
        _ => tr!(viewer.ask_looking).to_owned(),
    }
}

/// Goes to the page and shows where.
#[component]
fn Cite(viewer: Viewer, citation: Citation) -> impl IntoView {
    let page_idx = citation.page.saturating_sub(1) as usize;
    let boxes = citation.boxes;
    view! {
        <li>
            <button
                type="button"
                class="button button-small ask-cite"
                title=citation.snippet.clone()
                on:click=move |_| viewer.show_spots(page_idx, boxes.clone())
            >
                {tr!(viewer.show_on_page, n = citation.page)}
                <span class="visually-hidden">{format!(": {}", citation.snippet)}</span>
            </button>
        </li>
    }
}
