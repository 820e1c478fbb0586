//! The messages between the page and its Workers.
//!
//! A message is a JavaScript object `{ json, parts }`: `json` is one of the enums below, `parts` carries what JSON cannot
//! (Blobs by reference, pixels as transferred buffers), in the order that the variant documents.

use ocr_chat_document::{EngineInfo, Page, Warning};
use serde::{Deserialize, Serialize};

/// Number of a document in its page's life: Workers keep documents by it.
pub type DocumentId = u32;

/// From the page to a Worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ToWorker {
    /// Makes the models ready (OCR Worker only). Parts: detector, recogniser, dictionary, script classifier, language
    /// identification, each a Blob.
    Load {
        /// Name of the model as answers report it.
        model: String,
    },
    /// Puts LSTM recognisers to use that [`FromWorker::NeedsModels`] asked for. Parts: a Blob for each name; no Blob where it cannot
    /// be had.
    Provide {
        /// Names of the recognisers.
        names: Vec<String>,
    },
    /// Goes on with the page that [`FromWorker::NeedsModels`] stopped at. Answered like the page itself.
    Resume,
    /// Opens a document. Part: the file as a Blob.
    Open {
        /// The document.
        document: DocumentId,
    },
    /// Decodes a page of an open document: the OCR Worker reads it, the PDF Worker only renders it.
    Page {
        /// The document.
        document: DocumentId,
        /// The page, from 0.
        index: u32,
        /// What is wanted of it.
        want: Want,
        /// Code of the language the text is in, or `auto`.
        language: String,
    },
    /// Reads a page that the PDF Worker rendered. Parts: RGB as a buffer; where there is a layer, its numbers as a buffer.
    Pixels {
        /// The document.
        document: DocumentId,
        /// The page, from 0.
        index: u32,
        /// What the pixels are.
        raster: Raster,
        /// What is wanted of the page.
        want: Want,
        /// Code of the language the text is in, or `auto`.
        language: String,
        /// The characters of the text that the page brings along, as the PDF Worker told them.
        layer: Option<String>,
    },
    /// Tells the text that a page of an open document brings along, without rendering it (PDF Worker only). Answered by [`FromWorker::Layer`].
    Layer {
        /// The document.
        document: DocumentId,
        /// The page, from 0.
        index: u32,
    },
    /// Forgets a document.
    Close {
        /// The document.
        document: DocumentId,
    },
}

/// What is wanted of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Want {
    /// Its picture and its text.
    Text,
    /// Its picture only, answered by `Shown`: the server reads the page.
    Picture,
}

/// From a Worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FromWorker {
    /// The Worker listens. What was sent before is lost.
    Ready,
    /// The models are ready.
    Loaded {
        /// The engine, as answers report it.
        engine: EngineInfo,
    },
    /// The page is in scripts whose recognisers are not here: they should be provided, and reading be resumed.
    NeedsModels {
        /// Names of the recognisers.
        names: Vec<String>,
    },
    /// The recognisers are in use.
    Provided,
    /// The models cannot be used.
    LoadFailed {
        /// Why.
        message: String,
    },
    /// The document is open.
    Opened {
        /// The document.
        document: DocumentId,
        /// Its pages, at least 1.
        n_pages: u32,
        /// What opening has to tell.
        warnings: Vec<Warning>,
    },
    /// The document cannot be read.
    Refused {
        /// The document.
        document: DocumentId,
        /// Why, for machines.
        code: RefusalCode,
        /// Why, as an English sentence.
        message: String,
    },
    /// A rendered page (PDF Worker only). Parts: RGB, and the numbers of its layer where there is one, as transferred buffers.
    Rendered {
        /// The document.
        document: DocumentId,
        /// The page, from 0.
        index: u32,
        /// What the pixels are.
        raster: Raster,
        /// The characters of the text that the page brings along, where the page's text was wanted; only the OCR Worker understands them.
        layer: Option<String>,
    },
    /// The text that a page brings along (PDF Worker only). Part, where there is any: its numbers as a transferred buffer.
    Layer {
        /// The document.
        document: DocumentId,
        /// The page, from 0.
        index: u32,
        /// Its characters; only Workers with the engine understand them.
        layer: Option<String>,
    },
    /// The page's picture for the screen. Part: a Blob.
    Picture {
        /// The document.
        document: DocumentId,
        /// The page, from 0.
        index: u32,
        /// Width of the page in pixels; the picture may be smaller.
        width_px: u32,
        /// Height of the page in pixels.
        height_px: u32,
    },
    /// The page's picture was sent, or could not be made; no text was wanted.
    Shown {
        /// The document.
        document: DocumentId,
        /// The page, from 0.
        index: u32,
    },
    /// Reading has come to a stage.
    Stage {
        /// The document.
        document: DocumentId,
        /// The page, from 0.
        index: u32,
        /// The stage that starts.
        stage: ReadStage,
    },
    /// The page is read, or failed with its reason.
    Read {
        /// The document.
        document: DocumentId,
        /// The page.
        page: Page,
    },
}

/// A stage that takes long enough to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReadStage {
    /// Looking for text.
    Detect,
    /// Reading it.
    Recognise,
}

/// Size and origin of a page's pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Raster {
    /// Width in pixels.
    pub width_px: u32,
    /// Height in pixels.
    pub height_px: u32,
    /// Dots per inch, where known.
    pub dpi: Option<f32>,
    /// Degrees clockwise by which the stored page was turned.
    pub rotation: u16,
    /// What rendering has to tell.
    pub warnings: Vec<Warning>,
}

/// Why a document was refused; the same codes as the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusalCode {
    /// No bytes.
    EmptyFile,
    /// No format that is read.
    UnsupportedType,
    /// Too many bytes.
    FileTooLarge,
    /// Too many pages.
    TooManyPages,
    /// Too many pixels.
    TooManyPixels,
    /// A locked PDF.
    PasswordNeeded,
    /// Damaged beyond reading.
    DamagedFile,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_the_trip() {
        let message = FromWorker::Refused {
            document: 3,
            code: RefusalCode::PasswordNeeded,
            message: "locked".into(),
        };
        let json = serde_json::to_string(&message).unwrap();
        assert_eq!(
            json,
            r#"{"type":"refused","document":3,"code":"password_needed","message":"locked"}"#
        );
        assert_eq!(serde_json::from_str::<FromWorker>(&json).unwrap(), message);
    }
}
