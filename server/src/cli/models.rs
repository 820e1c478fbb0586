//! `ocr-chat models`.

use std::io::Write;
use std::process::ExitCode;

use ocr_chat_models::{Manifest, PackageFile};

use crate::cli::failed;
use crate::config::Config;

pub(super) fn models(config: &Config) -> ExitCode {
    match list(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(error),
    }
}

fn list(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let manifest = Manifest::built_in()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "Models folder: {}", config.models_dir.display())?;
    for model in &manifest.models {
        writeln!(out, "\n{}", model.name)?;
        for file in model
            .files()
            .into_iter()
            .filter_map(|name| manifest.file(name))
        {
            let state = state(config, file);
            writeln!(
                out,
                "  {state:<10}  {:>10} bytes  {}  ({}; {})",
                file.size_bytes, file.name, file.reads, file.licence
            )?;
        }
    }
    Ok(())
}

/// By size only: hashes are checked when the files are fetched.
fn state(config: &Config, file: &PackageFile) -> &'static str {
    match std::fs::metadata(config.models_dir.join(&file.name)) {
        Ok(found) if found.len() == file.size_bytes => "here",
        Ok(_) => "wrong size",
        Err(_) => "missing",
    }
}
