//! Name and settings.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use crate::settings::{AUTO, ModelSize, Place};
use crate::shell::{Shell, View};

/// The head of the page.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let shell = Shell::get();
    let settings = shell.settings;
    // The page stays, and with it the files; other clicks (a new tab) are the browser's.
    let follow = move |event: &MouseEvent, view: View| {
        if !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()) {
            event.prevent_default();
            shell.go(view);
        }
    };
    let is_device = move || settings.place.get() == Place::Device;
    let place = move |place: Place, label: &'static str| {
        view! {
            <label class="switch-option">
                <input
                    type="radio"
                    name="place"
                    prop:checked=move || settings.place.get() == place
                    on:change=move |_| settings.place.set(place)
                />
                <span>{label}</span>
            </label>
        }
    };
    view! {
        <header class="header">
            <a class="brand" href=View::Files.path() aria-label="OCR.chat, start page" on:click=move |event| follow(&event, View::Files)>
                <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                    <path d="M4 11V6a2 2 0 0 1 2-2h5M21 4h5a2 2 0 0 1 2 2v5M28 21v5a2 2 0 0 1-2 2h-5M11 28H6a2 2 0 0 1-2-2v-5"/>
                    <path d="M10 12h12M10 16h12M10 20h7"/>
                </svg>
                <span>"OCR.chat"</span>
            </a>
            <nav class="header-nav" aria-label="OCR.chat">
                <a
                    class="nav-link"
                    href=View::Languages.path()
                    aria-current=move || (shell.view.get() == View::Languages).then_some("page")
                    on:click=move |event| follow(&event, View::Languages)
                >
                    "Languages"
                </a>
                // Pages that the server writes.
                <a class="nav-link" href="/tools">"Tools"</a>
                <a class="nav-link" href="/prices">"Prices"</a>
                <a class="nav-link" href="/account">"Account"</a>
            </nav>
            <div class="settings">
                <fieldset class="switch">
                    <legend class="visually-hidden">"Where files are read"</legend>
                    {place(Place::Device, "Read on this device")}
                    {place(Place::Server, "Read on the server")}
                </fieldset>
                <label class="select">
                    <span class="visually-hidden">"Language of the text"</span>
                    <select
                        id="language"
                        on:change=move |event| settings.language.set(event_target_value(&event))
                    >
                        <option value=AUTO prop:selected=move || settings.language.get() == AUTO>
                            "Any language"
                        </option>
                        {ocr_chat_language::all()
                            .iter()
                            .map(|language| {
                                let tag = language.tag;
                                view! {
                                    <option value=tag prop:selected=move || settings.language.get() == tag>
                                        {language_label(language)}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
                </label>
                <label class="select" class:select-off=move || !is_device()>
                    <span class="visually-hidden">"Reading model"</span>
                    <select
                        prop:disabled=move || !is_device()
                        on:change=move |event| {
                            let name = event_target_value(&event);
                            let size = ModelSize::ALL.into_iter().find(|size| size.name() == name);
                            settings.model.set(size.unwrap_or_default());
                        }
                    >
                        {ModelSize::ALL
                            .map(|size| {
                                view! {
                                    <option
                                        value=size.name()
                                        prop:selected=move || settings.model.get() == size
                                    >
                                        {size.label()}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
                </label>
            </div>
        </header>
    }
}

/// English name and, where it differs, the language's own.
fn language_label(language: &ocr_chat_language::Language) -> String {
    if language.name == language.native_name {
        language.name.to_owned()
    } else {
        format!("{} \u{2013} {}", language.name, language.native_name)
    }
}
