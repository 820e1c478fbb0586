#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod options;

pub mod sources;

pub mod plain;

pub mod translated;

mod captions;

mod flow;

mod grid;

mod lists;

mod script;

mod words;

mod xml;

mod package;

pub mod archive;

mod theme;

mod number;

mod language;

mod pictures;

pub mod txt;

pub mod markdown;

pub mod csv;

pub mod xlsx;

pub mod docx;

pub mod html;

pub mod hocr;

pub mod alto;

pub mod pdf;

use std::io::Write;
use std::str::FromStr;

use ocr_chat_document::Answer;

pub use archive::Archive;
pub use markdown::{MappedAnswer, MarkdownMap, MarkdownSpan, markdown, markdown_map};
pub use options::{ExportOptions, TextLayout, UnknownLayout};
pub use pictures::figure_boxes;
pub use plain::{PlainFormat, export_plain};
pub use sources::{NoSources, PageSources};
pub use translated::{TextChoice, UnknownChoice, translated_text, with_text};

/// A format the API names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ExportFormat {
    /// Plain text.
    #[default]
    Txt,
    /// Markdown.
    Md,
    /// A web page of its own.
    Html,
    /// Word.
    Docx,
    /// Searchable PDF.
    Pdf,
    /// Comma-separated values.
    Csv,
    /// Excel.
    Xlsx,
    /// The answer as JSON.
    Json,
    /// hOCR 1.2.
    Hocr,
    /// ALTO 4.4.
    Alto,
}

impl ExportFormat {
    /// Every format the API names.
    pub const ALL: [Self; 10] = [
        Self::Txt,
        Self::Md,
        Self::Html,
        Self::Docx,
        Self::Pdf,
        Self::Csv,
        Self::Xlsx,
        Self::Json,
        Self::Hocr,
        Self::Alto,
    ];

    /// The name in `?format=`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Md => "md",
            Self::Html => "html",
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Json => "json",
            Self::Hocr => "hocr",
            Self::Alto => "alto",
        }
    }

    /// The extension of a file in this format, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Alto => "xml",
            other => other.name(),
        }
    }

    /// The MIME type, charset included where there is one.
    pub fn mime_type(self) -> &'static str {
        match self {
            Self::Txt => "text/plain; charset=utf-8",
            Self::Md => "text/markdown; charset=utf-8",
            Self::Html | Self::Hocr => "text/html; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Json => "application/json",
            Self::Alto => "application/xml",
        }
    }

    /// Whether it places words on the page, so that its answer should have them ([`ocr_chat_document::Detail::Words`]); without, it does with lines.
    pub fn wants_words(self) -> bool {
        matches!(self, Self::Pdf | Self::Hocr | Self::Alto)
    }

    /// Whether it shows pages or parts of them, so that it asks its [`PageSources`] for anything.
    pub fn wants_sources(self) -> bool {
        matches!(self, Self::Pdf | Self::Docx | Self::Html)
    }
}

impl FromStr for ExportFormat {
    type Err = ExportError;

    fn from_str(name: &str) -> Result<Self, ExportError> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| ExportError::UnknownFormat(name.to_owned()))
    }
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// No format of this name.
    #[error("unknown format {0:?}: it is one of {names}", names = format_names())]
    UnknownFormat(String),
    /// The file could not be written.
    #[error("the {format} export failed: {reason}")]
    Write {
        /// Name of the format.
        format: &'static str,
        /// What the writer said.
        reason: String,
    },
}

impl ExportError {
    /// A writer's `error` for `format`.
    #[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
    pub(crate) fn write(format: ExportFormat, error: impl ToString) -> Self {
        Self::Write {
            format: format.name(),
            reason: error.to_string(),
        }
    }
}

fn format_names() -> String {
    let names: Vec<&str> = ExportFormat::ALL
        .into_iter()
        .map(ExportFormat::name)
        .collect();
    names.join(", ")
}

/// Writes `answer` in `format` to `out`. `sources` gives the pictures and pages that formats show beside the text.
///
/// # Errors
/// [`ExportError::Write`] when a writer fails.
pub fn export(
    answer: &Answer,
    format: ExportFormat,
    options: &ExportOptions,
    sources: &dyn PageSources,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let failed = |error: std::io::Error| ExportError::write(format, error);
    match format {
        ExportFormat::Txt => export_plain(answer, PlainFormat::Txt, options, out),
        ExportFormat::Md => export_plain(answer, PlainFormat::Md, options, out),
        ExportFormat::Csv => export_plain(answer, PlainFormat::Csv, options, out),
        ExportFormat::Json => export_plain(answer, PlainFormat::Json, options, out),
        ExportFormat::Xlsx => xlsx::xlsx(answer, out).map_err(failed),
        ExportFormat::Docx => docx::docx(answer, sources, out).map_err(failed),
        ExportFormat::Html => html::html(answer, sources, out).map_err(failed),
        ExportFormat::Hocr => hocr::hocr(answer, out).map_err(failed),
        ExportFormat::Alto => alto::alto(answer, out).map_err(failed),
        ExportFormat::Pdf => pdf::pdf(answer, sources, out),
    }
}

/// [`export`] into memory.
///
/// # Errors
/// As [`export`].
pub fn export_to_vec(
    answer: &Answer,
    format: ExportFormat,
    options: &ExportOptions,
    sources: &dyn PageSources,
) -> Result<Vec<u8>, ExportError> {
    let mut bytes = Vec::new();
    export(answer, format, options, sources, &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
