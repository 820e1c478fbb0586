#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod markdown;

pub mod csv;

use std::str::FromStr;

use ocr_chat_document::Answer;

pub use markdown::markdown;

/// A format the API names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ExportFormat {
    /// Plain text.
    #[default]
    Txt,
    /// Markdown.
    Md,
    /// Word; not available yet.
    Docx,
    /// Searchable PDF; not available yet.
    Pdf,
    /// Comma-separated values.
    Csv,
    /// The answer as JSON.
    Json,
}

impl ExportFormat {
    /// Every format the API names.
    pub const ALL: [Self; 6] = [
        Self::Txt,
        Self::Md,
        Self::Docx,
        Self::Pdf,
        Self::Csv,
        Self::Json,
    ];

    /// The name in `?format=`, which is also the file's extension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Md => "md",
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    /// The MIME type, charset included where there is one.
    pub fn mime_type(self) -> &'static str {
        match self {
            Self::Txt => "text/plain; charset=utf-8",
            Self::Md => "text/markdown; charset=utf-8",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    /// Whether [`export`] can write it.
    pub fn is_available(self) -> bool {
        !matches!(self, Self::Docx | Self::Pdf)
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
    #[error("unknown format {0:?}: it is one of txt, md, docx, pdf, csv, json")]
    UnknownFormat(String),
    /// A format the API names that is not built yet.
    #[error("the {} export is not available yet; use txt, md, csv or json", .0.name())]
    NotAvailable(ExportFormat),
    /// The values could not be written.
    #[error("the {format} export failed: {reason}")]
    Write {
        /// Name of the format.
        format: &'static str,
        /// What the writer said.
        reason: String,
    },
}

/// `answer` in `format`, as the bytes of a file.
///
/// # Errors
/// [`ExportError::NotAvailable`] for `docx` and `pdf`; [`ExportError::Write`] when a writer fails.
pub fn export(answer: &Answer, format: ExportFormat) -> Result<Vec<u8>, ExportError> {
    match format {
        ExportFormat::Txt => Ok(with_final_newline(&answer.text)),
        ExportFormat::Md => Ok(with_final_newline(&answer.markdown)),
        ExportFormat::Csv => csv::csv(answer),
        ExportFormat::Json => {
            let mut json =
                serde_json::to_vec_pretty(answer).map_err(|error| ExportError::Write {
                    format: "json",
                    reason: error.to_string(),
                })?;
            json.push(b'\n');
            Ok(json)
        }
        ExportFormat::Docx | ExportFormat::Pdf => Err(ExportError::NotAvailable(format)),
    }
}

fn with_final_newline(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    if !bytes.is_empty() && !text.ends_with('\n') {
        bytes.push(b'\n');
    }
    bytes
}
