//! What a visitor chooses; kept in this browser.

use leptos::prelude::*;
use ocr_chat_document::Tier;
use ocr_chat_i18n::tr;
use serde::{Deserialize, Serialize};

use crate::browser;

/// Key in localStorage. A changed meaning gets a new key, so that an old value is never misread.
const KEY: &str = "ocr-chat.settings.1";

/// Who reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    /// The Workers of this page.
    #[default]
    Device,
    /// The API of the server that sent this page.
    Server,
}

/// Which reader the Workers load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModelSize {
    /// 7 MB.
    #[default]
    Tiny,
    /// 32 MB.
    Small,
}

impl ModelSize {
    pub(crate) const ALL: [Self; 2] = [Self::Tiny, Self::Small];

    /// The name in the manifest.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tiny => "ppocrv6-tiny",
            Self::Small => "ppocrv6-small",
        }
    }

    /// The name on the screen.
    pub(crate) fn label(self) -> String {
        match self {
            Self::Tiny => tr!(site.model_quick, size = "7 MB"),
            Self::Small => tr!(site.model_accurate, size = "32 MB"),
        }
    }
}

/// The code that asks to find the language out.
pub(crate) const AUTO: &str = "auto";

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    place: Place,
    model: ModelSize,
    language: String,
    keep: bool,
    tier: Tier,
}

impl Default for Stored {
    fn default() -> Self {
        Self {
            place: Place::default(),
            model: ModelSize::default(),
            language: AUTO.to_owned(),
            keep: true,
            tier: Tier::Cpu,
        }
    }
}

/// The choices as signals; changing one keeps it.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) place: RwSignal<Place>,
    pub(crate) model: RwSignal<ModelSize>,
    /// Code of the language of the text, or [`AUTO`].
    pub(crate) language: RwSignal<String>,
    /// Whether documents stay on this device when the page is left.
    pub(crate) keep: RwSignal<bool>,
    /// How the server reads.
    pub(crate) tier: RwSignal<Tier>,
}

impl Settings {
    /// The choices of the last visit, or the defaults.
    pub(crate) fn restore() -> Self {
        let stored: Stored = browser::storage_get(KEY)
            .and_then(|json| serde_json::from_str(&json).ok())
            .unwrap_or_default();
        let settings = Self {
            place: RwSignal::new(stored.place),
            model: RwSignal::new(stored.model),
            language: RwSignal::new(known_or_auto(stored.language)),
            keep: RwSignal::new(stored.keep),
            tier: RwSignal::new(stored.tier),
        };
        Effect::new(move || {
            let stored = Stored {
                place: settings.place.get(),
                model: settings.model.get(),
                language: settings.language.get(),
                keep: settings.keep.get(),
                tier: settings.tier.get(),
            };
            if let Ok(json) = serde_json::to_string(&stored) {
                browser::storage_set(KEY, &json);
            }
        });
        settings
    }
}

/// A code kept by another version of the app may be of a language that is gone.
fn known_or_auto(code: String) -> String {
    if ocr_chat_language::by_tag(&code).is_some() {
        code
    } else {
        AUTO.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sizes_are_in_the_manifest_and_their_labels_are_true() {
        let manifest = ocr_chat_models::Manifest::built_in().unwrap();
        for size in ModelSize::ALL {
            let model = manifest.model(size.name()).unwrap();
            let bytes: u64 = model
                .all_files(&manifest.shared)
                .iter()
                .map(|name| manifest.file(name).unwrap().size_bytes)
                .sum();
            let label = format!("({:.0} MB)", bytes as f64 / 1e6);
            assert!(size.label().ends_with(&label), "{label}");
        }
    }
}
