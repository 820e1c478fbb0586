//! The text of a page: as lines, as Markdown, as tables, as JSON, and questions about it.

use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_document::{AnswerPage, Detail, Page};
use ocr_chat_i18n::{Language as _, tr};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

use super::ask::Ask;
use super::checks::Checks;
use super::notes::notes_of;
use super::search::SearchBar;
use super::tables::tables_of;
use super::text_lines::lines_of;
use super::viewer::{Tab, Viewer};
use crate::browser;

impl Tab {
    const ALL: [Self; 5] = [
        Self::Text,
        Self::Markdown,
        Self::Tables,
        Self::Json,
        Self::Ask,
    ];

    fn label(self) -> &'static str {
        match self {
            Self::Text => tr!(viewer.tab_text),
            Self::Markdown => tr!(viewer.tab_markdown),
            Self::Tables => tr!(viewer.tab_tables),
            Self::Json => tr!(viewer.tab_json),
            Self::Ask => tr!(viewer.tab_ask),
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Text => "tab-text",
            Self::Markdown => "tab-markdown",
            Self::Tables => "tab-tables",
            Self::Json => "tab-json",
            Self::Ask => "tab-ask",
        }
    }

    /// What the tab shows of a page as text, and what its copy button copies; `None` where it is not of a page, or has buttons of its own.
    fn content(self, page: &Page) -> Option<String> {
        match self {
            Self::Ask | Self::Tables => None,
            Self::Text => Some(page.text()),
            Self::Markdown => Some(ocr_chat_export::markdown([page])),
            Self::Json => {
                let page = AnswerPage::new(page.clone(), Detail::Lines);
                serde_json::to_string_pretty(&page).ok()
            }
        }
    }
}

/// The text of the shown page.
#[component]
pub(super) fn PageText(viewer: Viewer) -> impl IntoView {
    let tab = viewer.tab;
    let page = Memo::new(move |_| viewer.page());
    let is_ask = Memo::new(move |_| tab.get() == Tab::Ask);
    view! {
        <div class="tabs">
            <TabList viewer/>
            <Show when=move || !matches!(tab.get(), Tab::Ask | Tab::Tables)>
                <CopyButton viewer page/>
            </Show>
        </div>
        <div class="tools">
            <SearchBar viewer/>
            <Checks viewer/>
        </div>
        <div
            id="panel"
            class="scroll text"
            role="tabpanel"
            tabindex="0"
            aria-labelledby=move || tab.get().id()
        >
            {move || {
                if is_ask.get() {
                    return view! { <Ask viewer/> }.into_any();
                }
                match page.get() {
                    None => view! { <Skeleton/> }.into_any(),
                    Some(page) => {
                        let content = match tab.get() {
                            Tab::Text => lines_of(&page, viewer).into_any(),
                            Tab::Tables => tables_of(&page, viewer).into_any(),
                            tab => view! { <pre class="source">{tab.content(&page)}</pre> }.into_any(),
                        };
                        view! {
                            {notes_of(viewer.doc, &page)}
                            {content}
                        }
                            .into_any()
                    }
                }
            }}
        </div>
    }
}

#[component]
fn TabList(viewer: Viewer) -> impl IntoView {
    let tab = viewer.tab;
    let list = NodeRef::<html::Div>::new();
    let has_tables = Memo::new(move |_| {
        let has_table = |page: &Page| page.blocks.iter().any(|block| block.table.is_some());
        viewer.doc.pages.with(|slots| {
            let mut slots = slots.iter();
            slots.any(|slot| {
                slot.page
                    .with(|page| page.as_deref().is_some_and(has_table))
            })
        })
    });
    let tabs = move || {
        let is_there = |tab: &Tab| *tab != Tab::Tables || has_tables.get();
        Tab::ALL.into_iter().filter(is_there).collect::<Vec<_>>()
    };
    Effect::new(move || {
        if !has_tables.get() && tab.get_untracked() == Tab::Tables {
            tab.set(Tab::Text);
        }
    });
    let on_key = move |event: KeyboardEvent| {
        let tabs = untrack(tabs);
        let at = tabs.iter().position(|this| *this == tab.get_untracked());
        let at = at.unwrap_or(0);
        let is_rtl = ocr_chat_i18n::locale().direction() == "rtl";
        let to = match (event.key().as_str(), is_rtl) {
            ("ArrowRight", false) | ("ArrowLeft", true) => at + 1,
            ("ArrowLeft", false) | ("ArrowRight", true) => at + tabs.len() - 1,
            ("Home", _) => 0,
            ("End", _) => tabs.len() - 1,
            _ => return,
        };
        event.prevent_default();
        let to = tabs[to % tabs.len()];
        tab.set(to);
        let selector = format!("#{}", to.id());
        if let Some(Ok(Some(button))) = list.get().map(|list| list.query_selector(&selector))
            && let Ok(button) = button.dyn_into::<web_sys::HtmlElement>()
        {
            let _ = button.focus();
        }
    };
    view! {
        <div class="tab-list" role="tablist" aria-label=tr!(viewer.tabs) node_ref=list on:keydown=on_key>
            <For each=tabs key=|tab| tab.id() let:this>
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
            </For>
        </div>
    }
}

#[component]
fn CopyButton(viewer: Viewer, page: Memo<Option<Arc<Page>>>) -> impl IntoView {
    let content = move || {
        let page = page.get_untracked()?;
        viewer.tab.get_untracked().content(&page)
    };
    let label = move || {
        if viewer.n_pages() > 1 {
            tr!(viewer.copy_page)
        } else {
            tr!(viewer.copy)
        }
    };
    view! { <Copying label=Signal::derive(label) content/> }
}

/// A button that copies what `content` gives, and says for a moment whether it did.
#[component]
pub(super) fn Copying(
    #[prop(into)] label: Signal<&'static str>,
    content: impl Fn() -> Option<String> + 'static,
) -> impl IntoView {
    /// How long the button says what it did, in milliseconds.
    const NOTE_MS: u32 = 1_600;
    let note = RwSignal::new(None::<&'static str>);
    let copy = move |_| {
        let Some(text) = content() else {
            return;
        };
        spawn_local(async move {
            let copied = browser::copy(&text).await;
            note.try_set(Some(if copied {
                tr!(viewer.copied)
            } else {
                tr!(viewer.not_allowed)
            }));
            gloo_timers::future::TimeoutFuture::new(NOTE_MS).await;
            note.try_set(None);
        });
    };
    view! {
        <button type="button" class="button button-small copy" on:click=copy>
            <span aria-live="polite">{move || note.get().unwrap_or_else(|| label.get())}</span>
        </button>
    }
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
