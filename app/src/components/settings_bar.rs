//! Who reads, which language, which model.

use leptos::prelude::*;
use ocr_chat_i18n::tr;

use crate::settings::{AUTO, ModelSize, Place};
use crate::shell::Shell;

/// The settings, above the files.
#[component]
pub(crate) fn SettingsBar() -> impl IntoView {
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
            <div class="settings">
                <fieldset class="switch">
                    <legend class="visually-hidden">{tr!(site.place_legend)}</legend>
                    {place(Place::Device, tr!(site.place_device))}
                    {place(Place::Server, tr!(site.place_server))}
                </fieldset>
                <label class="select">
                    <span class="visually-hidden">{tr!(site.text_language)}</span>
                    <select
                        id="language"
                        on:change=move |event| settings.language.set(event_target_value(&event))
                    >
                        <option value=AUTO prop:selected=move || settings.language.get() == AUTO>
                            {tr!(site.any_language)}
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
                    <span class="visually-hidden">{tr!(site.reading_model)}</span>
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
