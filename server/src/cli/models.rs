//! `ocr-chat models`.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use ocr_chat_language::{Language, Reader};
use ocr_chat_models::fetch::Fetcher;
use ocr_chat_models::{Manifest, PackageFile};

use crate::cli::failed;
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct ModelsArguments {
    #[command(subcommand)]
    command: Option<ModelsCommand>,
}

#[derive(Debug, Subcommand)]
enum ModelsCommand {
    /// Fetch LSTM recognisers: a language by any of its codes (`tha`, `th`), or a recogniser by its name (`Thai`); `all` for all.
    Add {
        /// Languages or recognisers.
        #[arg(required = true, value_name = "NAME")]
        names: Vec<String>,
    },
}

pub(super) fn models(config: &Config, arguments: &ModelsArguments) -> ExitCode {
    let done = match &arguments.command {
        None => list(config),
        Some(ModelsCommand::Add { names }) => add(config, names),
    };
    match done {
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
            .all_files(&manifest.shared)
            .into_iter()
            .filter_map(|name| manifest.file(name))
        {
            write_file(&mut out, config, file)?;
        }
    }
    writeln!(
        out,
        "\nLSTM recognisers (`ocr-chat models add NAME` fetches one)"
    )?;
    for (_, file) in manifest.recognisers() {
        write_file(&mut out, config, file)?;
    }
    Ok(())
}

fn write_file(out: &mut impl Write, config: &Config, file: &PackageFile) -> std::io::Result<()> {
    writeln!(
        out,
        "  {:<10}  {:>10} bytes  {}  ({}; {})",
        state(config, file),
        file.size_bytes,
        file.name,
        file.reads,
        file.licence
    )
}

/// By size only: hashes are checked when the files are fetched.
fn state(config: &Config, file: &PackageFile) -> &'static str {
    match std::fs::metadata(config.models_dir.join(&file.name)) {
        Ok(found) if found.len() == file.size_bytes => "here",
        Ok(_) => "wrong size",
        Err(_) if file.is_on_demand => "on demand",
        Err(_) => "missing",
    }
}

fn add(config: &Config, names: &[String]) -> Result<(), Box<dyn std::error::Error>> {
    let manifest = Manifest::built_in()?;
    let mut files = Vec::new();
    for name in names {
        files.extend(recognisers(&manifest, name)?);
    }
    // The words of a language come with it; the premium pipeline reads with them.
    let words: Vec<String> = files
        .iter()
        .map(|file| file.replacen("lstm-", "words-", 1))
        .filter(|file| manifest.file(file).is_some())
        .collect();
    files.extend(words);
    let fetcher = Fetcher {
        models_dir: &config.models_dir,
        downloads_dir: &config.models_dir.join(".downloads"),
        project_dir: Path::new("."),
        tessdata_dir: config.tessdata_dir.as_deref(),
        on_step: &|what| eprintln!("{what}"),
    };
    fetcher.fetch(&manifest, |file| files.contains(&file.name))?;
    let mut out = std::io::stdout().lock();
    for file in files {
        writeln!(out, "{}", config.models_dir.join(file).display())?;
    }
    Ok(())
}

/// The files of the recognisers that `name` asks for.
fn recognisers(manifest: &Manifest, name: &str) -> Result<Vec<String>, String> {
    if name == "all" {
        let all = manifest.recognisers().map(|(_, file)| file.name.clone());
        return Ok(all.collect());
    }
    if let Some(file) = manifest.recogniser(name) {
        return Ok(vec![file.name.clone()]);
    }
    let choice = ocr_chat_language::choose(name)
        .map_err(|error| error.to_string())?
        .ok_or("auto is no language; name languages or recognisers, or all")?;
    let file = own_recognisers(choice.language)
        .into_iter()
        .find_map(|name| manifest.recogniser(name))
        .ok_or_else(|| {
            format!(
                "{} is read by PP-OCR, which is here already",
                choice.language.name
            )
        })?;
    Ok(vec![file.name.clone()])
}

/// Recognisers of a language, its own first.
fn own_recognisers(language: &Language) -> Vec<&'static str> {
    let best = match language.reader {
        Reader::Lstm(name) => Some(name),
        Reader::PpOcr => None,
    };
    language.tesseract.into_iter().chain(best).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_or_a_recogniser_can_be_named() {
        let manifest = Manifest::built_in().unwrap();
        let files = |name: &str| recognisers(&manifest, name);
        assert_eq!(files("th"), Ok(vec!["lstm-tha.traineddata".to_owned()]));
        assert_eq!(files("tha"), files("th"));
        assert_eq!(files("Thai"), Ok(vec!["lstm-Thai.traineddata".to_owned()]));
        assert!(files("all").unwrap().len() > 150);
        assert!(files("ha").unwrap_err().contains("PP-OCR"));
        assert!(files("klingon").unwrap_err().contains("not known"));
    }
}
