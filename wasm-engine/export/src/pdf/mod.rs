//! Searchable PDF: the pages as they were sent, with their text laid under them.
//!
//! A PDF keeps its pages (see `original`), pictures become pages with their compressed data kept (see `picture`). The text is invisible, in
//! a font without outlines (see `font`), each word in its box. The bytes depend on the answer and the sources alone.

mod writer;

mod font;

mod runs;

mod text;

mod objects;

mod trailer;

mod invisible;

mod own_text;

mod original_page;

mod original;

mod picture;

mod pictures;

mod visible;

use std::io::Write;

use ocr_chat_document::Answer;

use crate::{ExportError, ExportFormat, PageSources};

/// A PDF of the pages of `answer` in which the text can be selected, searched and copied.
///
/// - Of a PDF in `sources` the pages stay as they are; those that were turned to be read are shown upright. A page whose own text was used gets
///   the lines that were recognised beside it ([`PageSources::own_text`]) and none of its own a second time, and invisible text that was found wanting is taken out. An encrypted file that [`PageSources::password`] opens is written without its encryption.
/// - Of a picture each page has the file's own compressed data where PDF knows the compression; else the page as
///   [`PageSources::picture`] gives it, packed without loss.
/// - Where a page was not kept, its words are painted in Helvetica at their places. Lines with letters that Helvetica does not have (beyond the
///   Windows code page 1252) are laid down invisibly and can be found and copied, but not seen.
///
/// # Errors
/// [`ExportError::Write`] when the writer fails.
pub fn pdf(
    answer: &Answer,
    sources: &dyn PageSources,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let failed = |error: std::io::Error| ExportError::write(ExportFormat::Pdf, error);
    if let Some(file) = sources.original().filter(|file| is_pdf(file)) {
        let written = original::write(answer, file, sources, out).map_err(failed)?;
        if written.is_some() {
            return Ok(());
        }
    }
    pictures::write(answer, sources, out).map_err(failed)
}

/// Whether the header stands among the first kilobyte, where readers look for it.
fn is_pdf(file: &[u8]) -> bool {
    const HEADER: &[u8] = b"%PDF-";
    file[..file.len().min(1024)]
        .windows(HEADER.len())
        .any(|window| window == HEADER)
}

#[cfg(test)]
mod tests;
