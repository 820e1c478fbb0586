//! Who reads, which language, which model.

use leptos::prelude::*;
use ocr_chat_document::Tier;
use ocr_chat_i18n::tr;
use wasm_bindgen_futures::spawn_local;

use crate::api::server::{self, Prices};
use crate::settings::{AUTO, ModelSize, Place};
use crate::shell::Shell;

/// The tiers of the server, cheapest first.
const TIERS: [Tier; 2] = [Tier::Cpu, Tier::Vlm];

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
                {move || if is_device() {
                    view! { <ModelSelect/> }.into_any()
                } else {
                    view! { <TierSelect/> }.into_any()
                }}
            </div>
    }
}

/// Which model the device reads with.
#[component]
fn ModelSelect() -> impl IntoView {
    let model = Shell::get().settings.model;
    let choose = move |event| {
        let name = event_target_value(&event);
        let size = ModelSize::ALL.into_iter().find(|size| size.name() == name);
        model.set(size.unwrap_or_default());
    };
    view! {
        <label class="select">
            <span class="visually-hidden">{tr!(site.reading_model)}</span>
            <select on:change=choose>
                {ModelSize::ALL
                    .map(|size| {
                        view! {
                            <option value=size.name() prop:selected=move || model.get() == size>
                                {size.label()}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
    }
}

/// How the server reads, with what a page costs as soon as the server has said so.
#[component]
fn TierSelect() -> impl IntoView {
    let tier = Shell::get().settings.tier;
    let prices = RwSignal::new(None::<Prices>);
    spawn_local(async move {
        let found = server::prices().await;
        prices.try_set(found);
    });
    let label = move |choice: Tier, name: &'static str| match prices.get() {
        Some(prices) if prices.is_metered => {
            tr!(files.tier_price, tier = name, count = prices.of(choice))
        }
        Some(_) => tr!(files.tier_free, tier = name),
        None => name.to_owned(),
    };
    let choose = move |event| {
        let name = event_target_value(&event);
        let chosen = TIERS.into_iter().find(|tier| tier.as_str() == name);
        tier.set(chosen.unwrap_or(Tier::Cpu));
    };
    view! {
        <label class="select">
            <span class="visually-hidden">{tr!(files.tier)}</span>
            <select on:change=choose>
                {TIERS
                    .map(|choice| {
                        let name = match choice {
                            Tier::Vlm => tr!(files.tier_premium),
                            _ => tr!(files.tier_standard),
                        };
                        view! {
                            <option value=choice.as_str() prop:selected=move || tier.get() == choice>
                                {move || label(choice, name)}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </label>
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
