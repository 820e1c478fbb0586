//! What is kept on this device for reading a language without a network.

use std::collections::HashSet;

use leptos::prelude::*;
use ocr_chat_language::{Language, PpOcrSize, Reader};
use ocr_chat_models::Manifest;
use wasm_bindgen_futures::spawn_local;

use crate::api::models;
use crate::messages::Problem;
use crate::settings::ModelSize;

/// Where what reads a language is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Pack {
    /// On the server, some of it at least: bytes to fetch.
    There { size_bytes: f64 },
    /// On its way: the share that has come, 0 to 1.
    Coming { share: f64 },
    /// On this device.
    Here,
    /// It did not come.
    Failed(Problem),
}

/// The languages' packs. Owned by the shell: a pack that is being fetched goes on when its page is left.
#[derive(Clone, Copy)]
pub(crate) struct Packs {
    /// By tag of the language; what is not named is on the server or on this device.
    coming: RwSignal<Vec<(&'static str, Pack)>>,
    /// Names of the PP-OCR models and LSTM recognisers on this device.
    here: RwSignal<HashSet<String>>,
    /// What became of the last pack, for screen readers.
    news: RwSignal<String>,
}

impl Packs {
    pub(crate) fn new() -> Self {
        Self {
            coming: RwSignal::new(Vec::new()),
            here: RwSignal::new(HashSet::new()),
            news: RwSignal::new(String::new()),
        }
    }

    /// Looks up what is on this device.
    pub(crate) fn look(self) {
        spawn_local(async move { self.here.set(models_here().await) });
    }

    /// Where what reads `language` beside a model of `size` is. Reactive.
    pub(crate) fn state(self, language: &Language, size: ModelSize) -> Pack {
        let coming = self.coming.with(|coming| {
            let found = coming.iter().find(|(tag, _)| *tag == language.tag);
            found.map(|(_, pack)| pack.clone())
        });
        coming.unwrap_or_else(|| {
            let size_bytes = self.here.with(|here| missing_bytes(language, size, here));
            if size_bytes > 0.0 {
                Pack::There { size_bytes }
            } else {
                Pack::Here
            }
        })
    }

    /// A sentence on the pack that was fetched last. Reactive.
    pub(crate) fn news(self) -> String {
        self.news.get()
    }

    /// Fetches what reads `language`, and what every page needs beside it.
    pub(crate) fn keep(self, language: &'static Language, size: ModelSize) {
        self.note(language.tag, Some(Pack::Coming { share: 0.0 }));
        spawn_local(async move {
            let kept = self.fetch(language, size).await;
            self.here.set(models_here().await);
            let is_here = self
                .here
                .with_untracked(|here| missing_bytes(language, size, here) == 0.0);
            self.note(
                language.tag,
                match kept {
                    Err(problem) => Some(Pack::Failed(problem)),
                    Ok(()) if !is_here => Some(Pack::Failed(Problem::new("not_kept", ""))),
                    Ok(()) => {
                        self.news.set(format!("{} is kept.", language.name));
                        None
                    }
                },
            );
        });
    }

    async fn fetch(self, language: &'static Language, size: ModelSize) -> Result<(), Problem> {
        let total = self
            .here
            .with_untracked(|here| missing_bytes(language, size, here))
            .max(1.0);
        // Each file tells its own bytes; those of the files before it are added.
        let mut before = 0.0;
        let show = |before: f64, received: f64| {
            let share = (before + received) / total;
            self.note(language.tag, Some(Pack::Coming { share }));
        };
        let here = self.here.get_untracked();
        models::fetch(size.name(), |received, _| show(before, received)).await?;
        if !here.contains(size.name()) {
            before += model_bytes(size.name());
        }
        for name in recognisers(language, size) {
            models::fetch_recogniser(name, |received, _| show(before, received)).await?;
            if !here.contains(name) {
                before += recogniser_bytes(name);
            }
        }
        Ok(())
    }

    fn note(self, tag: &'static str, pack: Option<Pack>) {
        self.coming.update(|coming| {
            coming.retain(|(other, _)| *other != tag);
            coming.extend(pack.map(|pack| (tag, pack)));
        });
    }
}

/// Names of the models and recognisers on this device.
async fn models_here() -> HashSet<String> {
    let mut here: HashSet<String> = models::kept_recognisers().await.into_iter().collect();
    for size in ModelSize::ALL {
        if models::is_kept(size.name()).await {
            here.insert(size.name().to_owned());
        }
    }
    here
}

/// The LSTM recognisers that pages in `language` are read by: the script's, by which an unknown language is found out, the
/// language's own, and those of vertical lines.
fn recognisers(language: &Language, size: ModelSize) -> Vec<&'static str> {
    let size = match size {
        ModelSize::Tiny => PpOcrSize::Tiny,
        ModelSize::Small => PpOcrSize::Full,
    };
    let of_script = language.script.readers(size);
    let vertical = of_script
        .iter()
        .skip(1)
        .filter(|reader| reader.name().ends_with("_vert"));
    let mut names = Vec::new();
    for reader in of_script
        .iter()
        .take(1)
        .chain([&language.reader_beside(size)])
        .chain(vertical)
    {
        if let Reader::Lstm(name) = reader
            && !names.contains(name)
        {
            names.push(*name);
        }
    }
    names
}

/// Bytes of what reads `language` that are not `here`.
fn missing_bytes(language: &Language, size: ModelSize, here: &HashSet<String>) -> f64 {
    let mut bytes = 0.0;
    if !here.contains(size.name()) {
        bytes += model_bytes(size.name());
    }
    for name in recognisers(language, size) {
        if !here.contains(name) {
            bytes += recogniser_bytes(name);
        }
    }
    bytes
}

fn model_bytes(name: &str) -> f64 {
    with_manifest(|manifest| {
        let files = manifest.model(name)?.all_files(&manifest.shared);
        let bytes = files.iter().filter_map(|name| manifest.file(name));
        Some(bytes.map(|file| file.size_bytes).sum())
    })
}

fn recogniser_bytes(name: &str) -> f64 {
    with_manifest(|manifest| Some(manifest.recogniser(name)?.size_bytes))
}

fn with_manifest(bytes: impl Fn(&Manifest) -> Option<u64>) -> f64 {
    thread_local! {
        // 150 rows ask; parsing takes a millisecond.
        static MANIFEST: Option<Manifest> = Manifest::built_in().ok();
    }
    MANIFEST.with(|manifest| manifest.as_ref().and_then(&bytes).unwrap_or_default() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_holds_all_that_reads_a_language() {
        let of = |tag, size| recognisers(ocr_chat_language::by_tag(tag).unwrap(), size);
        assert_eq!(of("hi", ModelSize::Tiny), ["Devanagari", "hin"]);
        assert_eq!(of("th", ModelSize::Tiny), ["tha"]);
        assert_eq!(of("ko", ModelSize::Small), ["Hangul", "Hangul_vert"]);
        assert_eq!(of("ja", ModelSize::Tiny), ["Japanese", "Japanese_vert"]);
        assert_eq!(of("en", ModelSize::Tiny), [""; 0]);
    }

    #[test]
    fn every_recogniser_of_a_pack_is_in_the_manifest() {
        for language in ocr_chat_language::all() {
            for size in ModelSize::ALL {
                for name in recognisers(language, size) {
                    assert!(recogniser_bytes(name) > 0.0, "{}: {name}", language.tag);
                }
            }
        }
    }

    #[test]
    fn what_is_here_is_not_fetched_again() {
        let thai = ocr_chat_language::by_tag("th").unwrap();
        let mut here = HashSet::from(["ppocrv6-tiny".to_owned()]);
        let bytes = recogniser_bytes("tha");
        assert_eq!(missing_bytes(thai, ModelSize::Tiny, &here), bytes);
        here.insert("tha".to_owned());
        assert_eq!(missing_bytes(thai, ModelSize::Tiny, &here), 0.0);
    }
}
