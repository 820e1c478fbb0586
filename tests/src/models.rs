//! An engine from the models folder.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ocr_chat_engine::{Engine, Limits, ModelFiles, ModelLibrary};
use ocr_chat_models::{Manifest, recogniser_file};

/// The models folder: OCR_CHAT_MODELS_DIR, or `models` at the root of the workspace.
pub fn models_dir() -> PathBuf {
    std::env::var_os("OCR_CHAT_MODELS_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../models"),
        PathBuf::from,
    )
}

/// The bytes of the files of the model called `name` (`tiny`, `small`, or a name of the manifest).
///
/// # Errors
/// A sentence that says which file is missing and how to get it.
pub fn files(name: &str) -> Result<ModelFiles, String> {
    let manifest = Manifest::built_in().map_err(|error| error.to_string())?;
    let model = manifest
        .model(name)
        .ok_or_else(|| format!("models.toml has no model {name}"))?;
    let read = |file: &str| {
        let path = models_dir().join(file);
        std::fs::read(&path).map_err(|error| {
            format!(
                "{}: {error}; run `cargo xtask models` to fetch it",
                path.display()
            )
        })
    };
    Ok(ModelFiles {
        name: model.name.clone(),
        detector: read(&model.detector)?,
        recogniser: read(&model.recogniser)?,
        dictionary: String::from_utf8(read(&model.dictionary)?)
            .map_err(|error| error.to_string())?,
        script_classifier: read(&manifest.shared.script_classifier)?,
        language_identifier: read(&manifest.shared.language_identifier)?,
    })
}

/// The LSTM recognisers of the models folder.
pub struct Library;

impl ModelLibrary for Library {
    fn load(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(models_dir().join(recogniser_file(name))).ok()
    }
}

/// An engine of the model called `name`.
///
/// # Errors
/// A sentence that says what is missing or damaged.
pub fn engine(name: &str, n_threads: usize) -> Result<Arc<Engine>, String> {
    Engine::load(
        files(name)?,
        Some(Box::new(Library)),
        Limits::server(),
        n_threads,
    )
    .map_err(|error| error.to_string())
}
