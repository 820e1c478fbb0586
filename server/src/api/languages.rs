//! `GET /api/v1/languages/`: the languages that are read, and what reads each on this server.

use std::path::Path;

use axum::Json;
use axum::extract::State;
use ocr_chat_document::Tier;
use ocr_chat_language::{Language, PpOcrSize, Reader};
use ocr_chat_models::recogniser_file;
use serde::Serialize;

use crate::app::AppState;

/// The list.
#[derive(Debug, Serialize)]
pub struct Languages {
    /// By English name.
    languages: Vec<Entry>,
}

/// A language.
#[derive(Debug, Serialize)]
struct Entry {
    /// The code that answers use: a BCP 47 tag.
    code: &'static str,
    /// ISO 639-3.
    iso639_3: &'static str,
    /// Other codes that are taken for it.
    aliases: Vec<&'static str>,
    /// English name.
    name: &'static str,
    /// Name in the language itself.
    native_name: &'static str,
    /// ISO 15924 code of its script.
    script: &'static str,
    /// `ltr` or `rtl`.
    direction: &'static str,
    /// What reads it here: `ppocr`, or the name of an LSTM recogniser.
    reader: &'static str,
    /// Whether `reader` is the one that reads it best; otherwise `ocr-chat models add` on `best_reader` adds that one.
    is_best_reader: bool,
    /// What reads it best.
    best_reader: &'static str,
}

/// All languages.
pub async fn languages(State(state): State<AppState>) -> Json<Languages> {
    let folder = &state.config.models_dir;
    let is_tiny = state
        .reader
        .info(Tier::Cpu)
        .models
        .iter()
        .any(|name| name.ends_with("tiny"));
    let size = if is_tiny {
        PpOcrSize::Tiny
    } else {
        PpOcrSize::Full
    };
    let languages = ocr_chat_language::all();
    Json(Languages {
        languages: languages
            .iter()
            .map(|language| entry(language, folder, size))
            .collect(),
    })
}

fn entry(language: &'static Language, models_dir: &Path, size: PpOcrSize) -> Entry {
    let is_here = |reader: &Reader| match reader {
        Reader::PpOcr => true,
        Reader::Lstm(name) => models_dir.join(recogniser_file(name)).is_file(),
    };
    let best = language.reader_beside(size);
    let others = language.script.readers(size).iter().copied();
    let reader = std::iter::once(best)
        .chain(others)
        .find(is_here)
        .unwrap_or(Reader::PpOcr);
    Entry {
        code: language.tag,
        iso639_3: language.iso639_3,
        aliases: language
            .tesseract
            .into_iter()
            .chain(language.aliases.iter().copied())
            .filter(|alias| *alias != language.tag)
            .collect(),
        name: language.name,
        native_name: language.native_name,
        script: language.script.code(),
        direction: language.script.direction().name(),
        reader: reader.name(),
        is_best_reader: reader == best,
        best_reader: best.name(),
    }
}
