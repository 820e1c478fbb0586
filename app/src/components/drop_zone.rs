//! The empty state, and choosing files.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use ocr_chat_i18n::tr;

use super::photo::TakePhoto;
use crate::browser;
use crate::settings::Place;
use crate::shell::Shell;

/// Types for the file dialog. What a file is, its content says.
const ACCEPT: &str = "image/png,image/jpeg,image/webp,image/gif,image/bmp,image/tiff,application/pdf,.tif,.tiff,image/heic,image/heif,.heic,.heif";

/// A button that opens the file dialog.
#[component]
pub(crate) fn ChooseFiles(
    /// What stands on the button.
    label: &'static str,
    /// Its class.
    class: &'static str,
) -> impl IntoView {
    let shell = Shell::get();
    let input = NodeRef::<html::Input>::new();
    let on_change = move |_| {
        if let Some(input) = input.get() {
            shell.add(browser::files_of(input.files()));
            // So that the same file can be chosen again.
            input.set_value("");
        }
    };
    let open = move |_| {
        if let Some(input) = input.get() {
            input.click();
        }
    };
    view! {
        <button type="button" class=class data-choose="" on:click=open>
            {label}
        </button>
        <input
            node_ref=input
            class="visually-hidden"
            type="file"
            tabindex="-1"
            aria-hidden="true"
            multiple
            accept=ACCEPT
            on:change=on_change
        />
    }
}

/// Accepts files dropped anywhere on the window, whatever it shows.
pub(crate) fn use_window_drop(shell: Shell) {
    let is_over = shell.is_over;
    let listeners = [
        window_event_listener(ev::dragover, move |event| {
            event.prevent_default();
            is_over.set(true);
        }),
        window_event_listener(ev::dragleave, move |event| {
            // Leaving for nowhere is leaving the window; other leaves go from one element to the next.
            if event.related_target().is_none() {
                is_over.set(false);
            }
        }),
        window_event_listener(ev::drop, move |event| {
            event.prevent_default();
            is_over.set(false);
            let files = event
                .data_transfer()
                .map(|data| browser::files_of(data.files()))
                .unwrap_or_default();
            shell.add(files);
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
}

/// The page before the first file, as the server has written it already (`ocr_chat_pages::home`): nothing may move.
#[component]
pub(crate) fn DropZone() -> impl IntoView {
    let shell = Shell::get();
    let is_device = move || shell.settings.place.get() == Place::Device;
    view! {
        <section class="hero">
            <h1 class="hero-title">{tr!(site.hero_title)}</h1>
            <p class="hero-lead">
                {move || {
                    if is_device() {
                        tr!(site.hero_lead)
                    } else {
                        tr!(files.hero_server)
                    }
                }}
            </p>
            <div class="drop" class:drop-over=move || shell.is_over.get()>
                <svg class="drop-art" viewBox="0 0 96 72" aria-hidden="true">
                    <rect class="drop-sheet" x="26" y="6" width="44" height="58" rx="4"/>
                    <path class="drop-lines" d="M35 20h26M35 29h26M35 38h18"/>
                    <path class="drop-scan" d="M16 47h64"/>
                </svg>
                <div class="row drop-row">
                    <ChooseFiles label=tr!(site.choose_files) class="button button-main"/>
                    <TakePhoto class="button"/>
                </div>
                <p class="drop-hint">{tr!(site.drop_hint)}</p>
                <p class="drop-formats">"PNG, JPEG, WEBP, GIF, BMP, TIFF, HEIC, PDF"</p>
            </div>
        </section>
    }
}
