//! The formats that are text alone. They show nothing but the answer and take little code: a browser writes them in its page and leaves the others to
//! a Worker that is fetched when the first of them is asked for.

use std::io::{self, Write};

use ocr_chat_document::Answer;

use crate::markdown::MappedAnswer;
use crate::{ExportError, ExportFormat, ExportOptions, csv, txt};

/// A format that is text alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlainFormat {
    /// Plain text.
    Txt,
    /// Markdown.
    Md,
    /// Comma-separated values.
    Csv,
    /// The answer as JSON.
    Json,
}

impl From<PlainFormat> for ExportFormat {
    fn from(format: PlainFormat) -> Self {
        match format {
            PlainFormat::Txt => Self::Txt,
            PlainFormat::Md => Self::Md,
            PlainFormat::Csv => Self::Csv,
            PlainFormat::Json => Self::Json,
        }
    }
}

impl ExportFormat {
    /// The format as one that is text alone; `None` where it is more.
    pub fn plain(self) -> Option<PlainFormat> {
        match self {
            Self::Txt => Some(PlainFormat::Txt),
            Self::Md => Some(PlainFormat::Md),
            Self::Csv => Some(PlainFormat::Csv),
            Self::Json => Some(PlainFormat::Json),
            _ => None,
        }
    }
}

/// Writes `answer` in `format` to `out`: what [`crate::export`] does for these formats, without the code of the others.
///
/// # Errors
/// [`ExportError::Write`] when a writer fails.
pub fn export_plain(
    answer: &Answer,
    format: PlainFormat,
    options: &ExportOptions,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let failed = |error: io::Error| ExportError::write(format.into(), error);
    match format {
        PlainFormat::Txt => txt::txt(answer, options.text_layout, out).map_err(failed),
        PlainFormat::Md => write_text(&answer.markdown, out).map_err(failed),
        PlainFormat::Csv => csv::csv(answer, out),
        PlainFormat::Json => {
            let written = if options.markdown_map {
                serde_json::to_writer_pretty(&mut *out, &MappedAnswer::new(answer))
            } else {
                serde_json::to_writer_pretty(&mut *out, answer)
            };
            written.map_err(|error| ExportError::write(format.into(), error))?;
            out.write_all(b"\n").map_err(failed)
        }
    }
}

fn write_text(text: &str, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    if !text.is_empty() && !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    Ok(())
}
