//! What a page or a document has to tell beside its text.

use serde::{Deserialize, Serialize};

/// A machine-readable reason for a [`Warning`]; clients translate by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WarningCode {
    /// No text was found on the page.
    Blank,
    /// The mean confidence is low; the text should be checked.
    LowConfidence,
    /// The page could not be decoded or read; its text is missing.
    Unreadable,
    /// The file ends early; what was there has been read.
    Truncated,
    /// The page was rendered or read at a lower resolution than asked, to stay within the limits.
    Downscaled,
    /// More text regions were found than the limit allows; the rest was left out.
    TooManyRegions,
    /// The text is the document's own text layer and was not recognised.
    TextLayerUsed,
    /// The page has a text layer that does not agree with its picture; it was left aside.
    TextLayerIgnored,
    /// Some of the page is in a script or language whose recogniser is not installed; another one read it as well as it can.
    RecogniserMissing,
    /// The page was to be read by a model and was not; the local engine's reading stands, at its price.
    ModelFailed,
    /// A model belongs to another provider, and nobody agreed to send the document there; the local engine read it.
    ModelNotAllowed,
    /// Parts of a model's answer stand nowhere on the page and were left out.
    ModelTextDropped,
    /// Parts of the text are a model's alone; the local engine read something else there.
    ModelTextUnconfirmed,
    /// A model's answer breaks off or is damaged; some of the page may be missing.
    ModelAnswerDamaged,
    /// Formulas of the page are their pictures and the signs that were read: no model wrote them as LaTeX.
    FormulaNotWritten,
    /// Some of the text could not be translated and stands as it is.
    TranslationIncomplete,
}

/// Something a reader of the result should know; never a reason to lose a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Machine-readable reason.
    pub code: WarningCode,
    /// A short sentence in English.
    pub message: String,
}

impl Warning {
    /// A warning with its sentence.
    pub fn new(code: WarningCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}
