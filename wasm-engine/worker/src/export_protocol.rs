//! The messages between the page and the export Worker. Apart from `protocol`: what they carry would make the OCR Worker larger for nothing.
//!
//! An export is one [`ToExporter::Begin`], a [`ToExporter::Page`] for each page, one [`ToExporter::Write`]; each is sent when the one before it is
//! answered, so that a long document is handed over in pieces while the page stays usable.

use ocr_chat_document::{Answer, Page};
use serde::{Deserialize, Serialize};

use crate::protocol::Raster;

/// From the page to the export Worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToExporter {
    /// Starts a document; one that was not written is forgotten. Part: the file it was read from, as a Blob. Answered by [`FromExporter::Taken`].
    Begin {
        /// The answer without its pages.
        answer: Box<Answer>,
    },
    /// Adds a page. Parts: for `raster` its RGB as a buffer, for `layer` its numbers as a buffer. Answered by [`FromExporter::Taken`].
    Page {
        /// The page, with its words.
        page: Box<Page>,
        /// What the pixels are, where the page has figures and this Worker cannot open its file: a PDF's, as the PDF Worker rendered it.
        raster: Option<Raster>,
        /// The characters of the text that the page brings along, where its own text was used.
        layer: Option<String>,
    },
    /// Writes the document and forgets it. Answered by [`FromExporter::Written`] or [`FromExporter::Failed`].
    Write {
        /// Name of the format, as the API has it.
        format: String,
    },
    /// Packs files into a zip archive. Parts: a Blob for each name. Answered by [`FromExporter::Written`] or [`FromExporter::Failed`].
    Pack {
        /// Names of the files, no two the same.
        names: Vec<String>,
        /// Whether the files are compressed inside already.
        is_packed: bool,
    },
}

/// From the export Worker to the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FromExporter {
    /// The Worker listens. What was sent before is lost.
    Ready,
    /// The message was taken.
    Taken,
    /// The file is written. Part: the file as a Blob.
    Written,
    /// The file could not be written.
    Failed {
        /// Why, as an English sentence.
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_survives_the_trip() {
        let message = ToExporter::Page {
            page: Box::new(Page::failed(3, "smudged")),
            raster: None,
            layer: Some("a".to_owned()),
        };
        let json = serde_json::to_string(&message).unwrap();
        assert!(json.starts_with(r#"{"type":"page","page":{"index":3,"#));
        assert_eq!(serde_json::from_str::<ToExporter>(&json).unwrap(), message);
    }
}
