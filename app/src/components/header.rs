//! Name and settings.

use leptos::prelude::*;

use crate::settings::{ModelSize, Place};
use crate::shell::Shell;

/// The head of the page.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let settings = Shell::get().settings;
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
            <a class="brand" href="/" aria-label="OCR.chat, start page">
                <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                    <path d="M4 11V6a2 2 0 0 1 2-2h5M21 4h5a2 2 0 0 1 2 2v5M28 21v5a2 2 0 0 1-2 2h-5M11 28H6a2 2 0 0 1-2-2v-5"/>
                    <path d="M10 12h12M10 16h12M10 20h7"/>
                </svg>
                <span>"OCR.chat"</span>
            </a>
            <div class="settings">
                <fieldset class="switch">
                    <legend class="visually-hidden">"Where files are read"</legend>
                    {place(Place::Device, "Read on this device")}
                    {place(Place::Server, "Read on the server")}
                </fieldset>
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
