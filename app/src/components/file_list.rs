//! The files at hand: those of this visit, and the last ones of earlier visits.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use super::bundle::Bundle;
use super::dialog::Question;
use super::drop_zone::ChooseFiles;
use super::icon_button::IconButton;
use super::photo::{TakePhoto, edit};
use crate::jobs::{Doc, DocStatus};
use crate::picture;
use crate::shell::{Shell, View};

/// Files in the list; the history has them all.
const N_SHOWN: usize = 12;

/// The newest files, the one shown marked, and a button for more.
#[component]
pub(crate) fn FileList() -> impl IntoView {
    let shell = Shell::get();
    let listed = Memo::new(move |_| {
        let shown = shell.selected.get();
        shell.documents.with(|documents| {
            let n_hidden = documents.len().saturating_sub(N_SHOWN);
            let is_listed =
                |&(at, doc): &(usize, &Doc)| at >= n_hidden || Some(*doc) == shown || doc.is_open();
            let listed = documents.iter().enumerate().filter(is_listed);
            listed.map(|(_, doc)| *doc).collect::<Vec<_>>()
        })
    });
    let n_documents = move || shell.documents.with(Vec::len);
    let has_more = Memo::new(move |_| n_documents() > N_SHOWN);
    view! {
        <nav class="files" class:files-over=move || shell.is_over.get() aria-label=tr!(files.files)>
            <ul class="files-list">
                <For each=move || listed.get() key=|doc| doc.id let:doc>
                    <FileItem doc/>
                </For>
            </ul>
            <Show when=move || shell.selected.get().is_some()>
                <ChooseFiles label=tr!(files.add_files) class="button button-small"/>
                <TakePhoto class="button button-small"/>
            </Show>
            <Show when=move || has_more.get()>
                <button type="button" class="button button-small" on:click=move |_| shell.go(View::History)>
                    {move || tr!(files.all_documents, count = n_documents())}
                </button>
            </Show>
        </nav>
        <Bundle docs=Signal::derive(move || listed.get())/>
    }
}

#[component]
fn FileItem(doc: Doc) -> impl IntoView {
    let shell = Shell::get();
    let name = doc.name();
    let is_picture = doc
        .file
        .with_value(|file| picture::is_picture(&file.name(), &file.type_()));
    let is_shown = move || shell.selected.get() == Some(doc);
    let state = move || status(doc);
    view! {
        <li class="file" class:file-shown=is_shown>
            <button
                type="button"
                class="file-open"
                aria-current=move || is_shown().then_some("true")
                on:click=move |_| shell.show(doc)
            >
                <span class="dot" data-state=move || state().0 aria-hidden="true"></span>
                <span class="file-name" title=name.clone()>{name.clone()}</span>
                <span class="file-state">{move || state().1}</span>
            </button>
            {is_picture.then(|| view! {
                <IconButton
                    name=tr!(files.edit_named, name = name.clone())
                    title=tr!(files.edit_title)
                    drawing="M4.5 1.5v10h10M1.5 4.5h10v10"
                    on_click=move |_| edit(shell, doc.file.get_value(), Some(doc))
                />
            })}
            <IconButton
                name=tr!(files.remove_named, name = name.clone())
                drawing="M4 4l8 8M12 4l-8 8"
                on_click=move |_| ask_to_remove(shell, doc)
            />
        </li>
    }
}

/// How far a document is: for styles and tests, and in a word.
pub(super) fn status(doc: Doc) -> (&'static str, String) {
    match doc.status.get() {
        DocStatus::Waiting => ("waiting", tr!(files.waiting).to_owned()),
        DocStatus::Reading => {
            let n_pages = doc.pages.with(Vec::len);
            let text = if n_pages > 1 {
                tr!(files.n_of, n = doc.n_read(), n_pages = n_pages)
            } else {
                tr!(files.reading).to_owned()
            };
            ("reading", text)
        }
        DocStatus::Done => ("done", tr!(files.done).to_owned()),
        DocStatus::Failed(_) => ("failed", tr!(files.failed).to_owned()),
        DocStatus::Cancelled => ("stopped", tr!(files.stopped).to_owned()),
    }
}

/// Deletes a document; what was read of it is asked about first.
pub(super) fn ask_to_remove(shell: Shell, doc: Doc) {
    if doc.status.get_untracked() != DocStatus::Done {
        return shell.remove(doc);
    }
    shell.question.set(Some(Question {
        title: tr!(files.delete_named, name = doc.name()),
        text: tr!(files.delete_text).to_owned(),
        action: tr!(common.delete).to_owned(),
        on_yes: Callback::new(move |()| shell.remove(doc)),
    }));
}
