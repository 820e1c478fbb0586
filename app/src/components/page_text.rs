//! The text of a page: as lines, as Markdown, as JSON.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_document::{AnswerPage, BlockKind, Detail, Page, PageStatus, WarningCode};
use wasm_bindgen_futures::spawn_local;

use super::ask::{Ask, Cited};
use super::document_view::ActiveLine;
use super::page_picture::reveal;
use crate::browser;
use crate::jobs::Doc;
use crate::settings::Place;
use crate::shell::Shell;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Text,
    Markdown,
    Json,
    Ask,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Text, Self::Markdown, Self::Json, Self::Ask];

    fn label(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Markdown => "Markdown",
            Self::Json => "JSON",
            Self::Ask => "Ask",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Text => "tab-text",
            Self::Markdown => "tab-markdown",
            Self::Json => "tab-json",
            Self::Ask => "tab-ask",
        }
    }

    /// The tab `by` places on, around the end.
    fn moved(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|tab| *tab == self).unwrap_or(0);
        Self::ALL[(at + by) % Self::ALL.len()]
    }

    /// What the tab shows of a page, and what its copy button copies; nothing of the conversation, which is not of a page.
    fn content(self, page: &Page) -> String {
        match self {
            Self::Ask => String::new(),
            Self::Text => page.text(),
            Self::Markdown => ocr_chat_export::markdown([page]),
            Self::Json => {
                let page = AnswerPage::new(page.clone(), Detail::Lines);
                serde_json::to_string_pretty(&page).unwrap_or_default()
            }
        }
    }
}

/// The text of the shown page.
#[component]
pub(super) fn PageText(doc: Doc, active: ActiveLine, cited: Cited) -> impl IntoView {
    let tab = RwSignal::new(Tab::Text);
    let page = Memo::new(move |_| doc.shown().and_then(|slot| slot.page.get()));
    view! {
        <div class="tabs">
            <TabList tab/>
            <Show when=move || tab.get() != Tab::Ask>
                <CopyButton doc tab page/>
            </Show>
        </div>
        <div
            id="panel"
            class="scroll text"
            role="tabpanel"
            tabindex="0"
            aria-labelledby=move || tab.get().id()
        >
            {move || match page.get() {
                _ if tab.get() == Tab::Ask => view! { <Ask doc cited/> }.into_any(),
                None => view! { <Skeleton/> }.into_any(),
                Some(page) => {
                    let content = if tab.get() == Tab::Text {
                        view! { <Lines page=Arc::clone(&page) active/> }.into_any()
                    } else {
                        view! { <pre class="source">{tab.get().content(&page)}</pre> }.into_any()
                    };
                    view! {
                        <Notes doc page/>
                        {content}
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

#[component]
fn TabList(tab: RwSignal<Tab>) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let on_key = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => Tab::ALL.len() - 1,
            _ => return,
        };
        event.prevent_default();
        tab.update(|tab| *tab = tab.moved(by));
        let selector = format!("#{}", tab.get_untracked().id());
        if let Some(Ok(Some(button))) = list.get().map(|list| list.query_selector(&selector)) {
            use wasm_bindgen::JsCast;
            if let Ok(button) = button.dyn_into::<web_sys::HtmlElement>() {
                let _ = button.focus();
            }
        }
    };
    view! {
        <div class="tab-list" role="tablist" aria-label="Form of the text" node_ref=list on:keydown=on_key>
            {Tab::ALL
                .map(|this| {
                    view! {
                        <button
                            type="button"
                            class="tab"
                            role="tab"
                            id=this.id()
                            aria-controls="panel"
                            aria-selected=move || (tab.get() == this).to_string()
                            tabindex=move || if tab.get() == this { "0" } else { "-1" }
                            on:click=move |_| tab.set(this)
                        >
                            {this.label()}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

#[component]
fn CopyButton(doc: Doc, tab: RwSignal<Tab>, page: Memo<Option<Arc<Page>>>) -> impl IntoView {
    /// How long the button says what it did, in milliseconds.
    const NOTE_MS: u32 = 1_600;
    let note = RwSignal::new(None::<&'static str>);
    let copy = move |_| {
        let Some(page) = page.get_untracked() else {
            return;
        };
        let text = tab.get_untracked().content(&page);
        spawn_local(async move {
            let copied = browser::copy(&text).await;
            note.try_set(Some(if copied { "Copied" } else { "Not allowed" }));
            gloo_timers::future::TimeoutFuture::new(NOTE_MS).await;
            note.try_set(None);
        });
    };
    let label = move || {
        note.get().unwrap_or(if doc.pages.with(Vec::len) > 1 {
            "Copy page"
        } else {
            "Copy"
        })
    };
    view! {
        <button
            type="button"
            class="button button-small copy"
            prop:disabled=move || page.get().is_none()
            on:click=copy
        >
            <span aria-live="polite">{label}</span>
        </button>
    }
}

/// The page's lines, linked with their boxes.
#[component]
fn Lines(page: Arc<Page>, active: ActiveLine) -> impl IntoView {
    let mut line_idx = 0;
    let blocks = page
        .blocks
        .iter()
        .map(|block| {
            let lines = block
                .lines
                .iter()
                .map(|line| {
                    let this = line_idx;
                    line_idx += 1;
                    view! {
                        <span
                            class="text-line"
                            class:text-line-active=move || active.get() == Some(this)
                            data-line=this.to_string()
                            dir="auto"
                            on:mouseenter=move |_| active.set(Some(this))
                            on:click=move |_| reveal(".box", this)
                        >
                            {line.text.clone()}
                        </span>
                    }
                })
                .collect_view();
            let class = match block.kind {
                BlockKind::Heading => "block block-heading",
                BlockKind::Header | BlockKind::Footer | BlockKind::Figure => "block block-aside",
                _ => "block",
            };
            view! { <p class=class lang=block.detected_language.clone()>{lines}</p> }
        })
        .collect_view();
    view! { <div class="lines" lang=page.detected_language.clone() on:mouseleave=move |_| active.set(None)>{blocks}</div> }
}

/// What a reader should know of the page.
#[component]
fn Notes(doc: Doc, page: Arc<Page>) -> impl IntoView {
    let shell = Shell::get();
    let is_lacking = page
        .warnings
        .iter()
        .any(|warning| warning.code == WarningCode::RecogniserMissing);
    let notes = page
        .warnings
        .iter()
        // That nothing was found is not the news where nothing could read what is there.
        .filter(|warning| !(is_lacking && warning.code == WarningCode::Blank))
        .map(|warning| {
            let text = match warning.code {
                WarningCode::Blank => "No text was found on this page.".to_owned(),
                WarningCode::LowConfidence => {
                    "This page was hard to read. Check the text against the picture.".to_owned()
                }
                WarningCode::Unreadable => {
                    format!("This page could not be read: {}.", warning.message)
                }
                _ => sentence(&warning.message),
            };
            view! {
                <p
                    class="note"
                    class:note-bad=page.status == PageStatus::Failed
                    data-code=code_name(warning.code)
                >
                    {text}
                </p>
            }
        })
        .collect_view();
    let advice = (is_lacking && doc.place == Place::Device).then(|| {
        view! {
            <div class="note row">
                <p>
                    "What reads a script is fetched from the server once. Without a network, only scripts whose reader is kept on \
                     this device are read."
                </p>
                <button type="button" class="button button-small" on:click=move |_| shell.read(doc)>
                    "Read again"
                </button>
            </div>
        }
    });
    view! {
        {notes}
        {advice}
    }
}

/// A warning's message as a sentence on its own.
fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if message.ends_with('.') { "" } else { "." };
    first
        .to_uppercase()
        .chain(letters)
        .chain(end.chars())
        .collect()
}

/// The code as answers spell it.
fn code_name(code: WarningCode) -> Option<String> {
    let name = serde_json::to_value(code).ok()?;
    name.as_str().map(str::to_owned)
}

/// Grey lines where the text will stand.
#[component]
fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-hidden="true">
            <span></span>
            <span></span>
            <span></span>
            <span></span>
            <span></span>
        </div>
    }
}
