//! The files of this visit.

use leptos::prelude::*;

use super::drop_zone::{ChooseFiles, use_window_drop};
use crate::jobs::{Doc, DocStatus};
use crate::shell::Shell;

/// The files, the one shown marked, and a button for more.
#[component]
pub(crate) fn FileList() -> impl IntoView {
    let shell = Shell::get();
    let is_over = use_window_drop(shell);
    view! {
        <nav class="files" class:files-over=move || is_over.get() aria-label="Files">
            <ul class="files-list">
                <For each=move || shell.documents.get() key=|doc| doc.id let:doc>
                    <FileItem doc/>
                </For>
            </ul>
            <ChooseFiles label="Add files" class="button button-small"/>
        </nav>
    }
}

#[component]
fn FileItem(doc: Doc) -> impl IntoView {
    let shell = Shell::get();
    let name = doc.name();
    let is_shown = move || shell.selected.get() == Some(doc);
    let state = move || match doc.status.get() {
        DocStatus::Waiting => ("waiting", "waiting".to_owned()),
        DocStatus::Reading => {
            let n_pages = doc.pages.with(Vec::len);
            let text = if n_pages > 1 {
                format!("{} of {n_pages}", doc.n_read())
            } else {
                "reading".to_owned()
            };
            ("reading", text)
        }
        DocStatus::Done => ("done", "done".to_owned()),
        DocStatus::Failed(_) => ("failed", "failed".to_owned()),
        DocStatus::Cancelled => ("stopped", "stopped".to_owned()),
    };
    view! {
        <li class="file" class:file-shown=is_shown>
            <button
                type="button"
                class="file-open"
                aria-current=move || is_shown().then_some("true")
                on:click=move |_| shell.selected.set(Some(doc))
            >
                <span class="dot" data-state=move || state().0 aria-hidden="true"></span>
                <span class="file-name" title=name.clone()>{name.clone()}</span>
                <span class="file-state">{move || state().1}</span>
            </button>
            <button
                type="button"
                class="icon-button"
                aria-label=format!("Remove {name}")
                on:click=move |_| shell.remove(doc)
            >
                <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 4l8 8M12 4l-8 8"/></svg>
            </button>
        </li>
    }
}
